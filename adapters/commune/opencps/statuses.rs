//! What the statuses of OpenCPS mean at the portal.
//!
//! Source: the status words of OpenCPS 3 (`DossierTerm`), with the portal's codes of a province's connector that maps
//! them (`FormatTrangThaiHoSoDVCQG`). Sub-statuses are free per process, written `<status>_<number>`; a site says in its
//! configuration what its own mean.

use crate::refusal::{DRAFT, Fault, UNMAPPED_STATUS, quoted};
use lienthong_core::status::Status;
use std::collections::BTreeMap;

/// What a status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The portal has it.
    Portal(Status),
    /// A draft: not lodged yet, nothing to report.
    Draft,
    /// The portal has none for it, and another one would be untrue: refused, until the site says what it means.
    Unmapped,
}

/// Every status that OpenCPS has.
pub const STATUSES: [(&str, Meaning); 16] = [
    ("", Meaning::Draft),
    ("receiving", Meaning::Portal(Status::Lodged)),
    ("new", Meaning::Portal(Status::Received)),
    ("denied", Meaning::Portal(Status::Refused)),
    ("processing", Meaning::Portal(Status::Processing)),
    // At another agency. The connector has no code; the dossier is being processed.
    ("interoperating", Meaning::Portal(Status::Processing)),
    ("waiting", Meaning::Portal(Status::SupplementAsked)),
    ("paying", Meaning::Portal(Status::PaymentAsked)),
    ("cancelled", Meaning::Portal(Status::Withdrawn)),
    ("unresolved", Meaning::Portal(Status::Stopped)),
    ("releasing", Meaning::Portal(Status::Done)),
    ("done", Meaning::Portal(Status::Returned)),
    // The clock stands still, which no status of the portal says.
    ("pausing", Meaning::Unmapped),
    // Something is announced in public; the connector has no code.
    ("posting", Meaning::Unmapped),
    // The applicant asks for a correction, or to withdraw: the desk has not answered.
    ("correcting", Meaning::Unmapped),
    ("cancelling", Meaning::Unmapped),
];

/// Whether a site may say what this status means: a sub-status, or a status that has no meaning by itself.
pub fn is_mappable(word: &str) -> bool {
    match word.split_once('_') {
        Some((status, number)) => {
            let digits = !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit());
            digits && !status.is_empty() && meaning(status).is_some()
        }
        None => meaning(word) == Some(Meaning::Unmapped),
    }
}

/// The portal's status: by the sub-status where the site says what it means, else by the status.
pub(super) fn judge(
    status: &str,
    sub_status: Option<&str>,
    own: &BTreeMap<String, Status>,
) -> Result<Status, Fault> {
    let meant = sub_status.and_then(|sub_status| own.get(sub_status)).or_else(|| own.get(status));
    match (meant, meaning(status)) {
        // A draft has no sub-status worth believing.
        (_, Some(Meaning::Draft)) => Err(Fault::at(DRAFT, "dossierStatus", "a draft is not reported")),
        (Some(meant), _) => Ok(*meant),
        (None, Some(Meaning::Portal(status))) => Ok(status),
        (None, Some(Meaning::Unmapped) | None) => {
            let detail = format!("the portal has no status for {}", quoted(status));
            Err(Fault::at(UNMAPPED_STATUS, "dossierStatus", detail))
        }
    }
}

fn meaning(status: &str) -> Option<Meaning> {
    STATUSES.iter().find(|(word, _)| *word == status).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(status: &str, sub_status: Option<&str>, own: &[(&str, u8)]) -> String {
        let own = own.iter().map(|(word, code)| ((*word).to_owned(), Status::try_from(*code).unwrap()));
        match judge(status, sub_status, &own.collect()) {
            Ok(status) => status.code().to_string(),
            Err(fault) => fault.refusal(None).reason.to_string(),
        }
    }

    #[test]
    fn each_status_has_its_code_or_a_reason() {
        fn check(status: &str, expected: &str) {
            assert_eq!(code(status, None, &[]), expected, "{status}");
        }
        check("", "COMMUNE-DRAFT");
        check("new", "2");
        check("receiving", "1");
        check("processing", "4");
        check("waiting", "5");
        check("paying", "6");
        check("interoperating", "4");
        check("pausing", "COMMUNE-UNMAPPED-STATUS");
        check("posting", "COMMUNE-UNMAPPED-STATUS");
        check("correcting", "COMMUNE-UNMAPPED-STATUS");
        check("cancelling", "COMMUNE-UNMAPPED-STATUS");
        check("releasing", "9");
        check("denied", "3");
        check("unresolved", "8");
        check("cancelled", "7");
        check("done", "10");
        check("archived", "COMMUNE-UNMAPPED-STATUS");
        check("Done", "COMMUNE-UNMAPPED-STATUS");
    }

    #[test]
    fn a_sub_status_of_the_site_wins() {
        fn check(status: &str, sub_status: Option<&str>, expected: &str) {
            let own = [("processing_200", 5), ("pausing", 4), ("pausing_2", 6)];
            assert_eq!(code(status, sub_status, &own), expected, "{status} {sub_status:?}");
        }
        check("processing", Some("processing_200"), "5");
        check("processing", Some("processing_201"), "4");
        check("processing", None, "4");
        check("pausing", None, "4");
        check("pausing", Some("pausing_1"), "4");
        check("pausing", Some("pausing_2"), "6");
        check("posting", Some("posting_1"), "COMMUNE-UNMAPPED-STATUS");
        check("", Some("processing_200"), "COMMUNE-DRAFT");
    }

    #[test]
    fn a_site_says_only_what_its_own_words_mean() {
        for word in ["processing_200", "new_1", "done_99", "pausing", "cancelling"] {
            assert!(is_mappable(word), "{word}");
        }
        for word in ["", "processing", "done", "processing_", "processing_a", "_1", "archived", "archived_1"]
        {
            assert!(!is_mappable(word), "{word}");
        }
    }
}
