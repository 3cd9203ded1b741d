//! Word lists of the event: each word once, for reading, writing and the JSON Schema.

use lienthong_core::event::{ApplicantKind, Channel, EventKind};

/// The version of CloudEvents that is read.
pub(crate) const SPECVERSION: &str = "1.0";
/// The schema of the event, and the namespace of its XML.
pub(crate) const DATASCHEMA: &str = "urn:lienthong:schema:dossier-event:1";
/// What all versions of the schema begin with.
pub(crate) const DATASCHEMA_FAMILY: &str = "urn:lienthong:schema:dossier-event:";
/// What a `subject` begins with while there is only a sending slip (phiếu gửi).
pub(crate) const SLIP_PREFIX: &str = "phieu:";

const TYPE_PREFIX: &str = "vn.dossier.";

/// How a dossier was lodged.
pub(crate) const CHANNELS: [(&str, Channel); 3] =
    [("direct", Channel::Direct), ("online", Channel::Online), ("post", Channel::Post)];

/// Kinds of applicant.
pub(crate) const APPLICANT_KINDS: [(&str, ApplicantKind); 4] = [
    ("citizen", ApplicantKind::Citizen),
    ("business", ApplicantKind::Business),
    ("state", ApplicantKind::State),
    ("organisation", ApplicantKind::Organisation),
];

/// What a word means.
pub(crate) fn meaning<T: Copy>(list: &[(&str, T)], word: &str) -> Option<T> {
    list.iter().find(|(listed, _)| *listed == word).map(|(_, value)| *value)
}

/// The word for a value.
pub(crate) fn word<T: PartialEq>(list: &[(&'static str, T)], value: &T) -> &'static str {
    list.iter().find(|(_, listed)| listed == value).map(|(word, _)| *word).expect("the list has every value")
}

/// The words of a list, in its order.
pub(crate) fn listed<T>(list: &[(&'static str, T)]) -> Vec<&'static str> {
    list.iter().map(|(word, _)| *word).collect()
}

/// The kind behind a CloudEvents `type`.
pub(crate) fn kind_of(event_type: &str) -> Option<EventKind> {
    let name = event_type.strip_prefix(TYPE_PREFIX)?;
    EventKind::ALL.into_iter().find(|kind| kind.name() == name)
}

/// The CloudEvents `type` of a kind.
pub(crate) fn type_of(kind: EventKind) -> String {
    format!("{TYPE_PREFIX}{}", kind.name())
}

/// All CloudEvents types.
pub(crate) fn types() -> Vec<String> {
    EventKind::ALL.into_iter().map(type_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_type_that_reads_back() {
        for kind in EventKind::ALL {
            assert_eq!(kind_of(&type_of(kind)), Some(kind));
        }
        assert_eq!(kind_of("status-changed"), None);
        assert_eq!(kind_of("vn.dossier.archived"), None);
    }
}
