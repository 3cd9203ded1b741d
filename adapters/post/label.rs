//! What stands on a parcel, whichever interface is spoken: pure.
//!
//! The direction of a parcel has no field anywhere: it is only who is sender and who is receiver. The label tells what the
//! parcel is for and never what the paper is (QĐ 45/2016/QĐ-TTg). The commune's name stands in the address. Every problem
//! found is reported, each with the event's field to correct; what is wrong with the desk's own end is for the
//! administrator and names `agency.code`.

use lienthong_core::handoff::{Leg, Order, Party};
use lienthong_core::outcome::{Problem, gateway};
use lienthong_core::text;

/// Who can correct an end of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// The administrator, in the agency's profile.
    Desk,
    /// The officer, in the event, under this path.
    Event(&'static str),
}

impl Field {
    /// Who can correct the sender's end of a leg, and who the receiver's.
    pub(crate) fn ends(leg: Leg) -> (Self, Self) {
        let (desk, citizen) = (Self::Desk, Self::Event(path(leg)));
        match leg {
            Leg::Pickup => (citizen, desk),
            Leg::Return | Leg::PapersBack | Leg::Forward => (desk, citizen),
        }
    }

    /// A problem with a member of this end.
    pub(crate) fn problem(self, code: &'static str, member: &str) -> Problem {
        match (self, code) {
            (Self::Desk, gateway::UNKNOWN_AREA) => Problem::new(code, "agency.code"),
            (Self::Desk, _) => Problem::new(gateway::NO_AGENCY_PROFILE, "agency.code"),
            (Self::Event(path), _) => Problem::new(code, format!("{path}.{member}")),
        }
    }
}

/// Where the event says the citizen's end of a leg. Papers go back to where they were collected.
fn path(leg: Leg) -> &'static str {
    match leg {
        Leg::Pickup | Leg::PapersBack => "postal.pickup",
        Leg::Return => "postal.return",
        Leg::Forward => "postal.forward",
    }
}

/// One end of an order, without the post's numbers of its area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) address: String,
    pub(crate) email: Option<String>,
}

impl End {
    /// Reads an end and reports what is missing.
    pub(crate) fn read(party: &Party, field: Field, problems: &mut Vec<Problem>) -> Self {
        let name = text::normalise(&party.name);
        if name.is_empty() {
            problems.push(field.problem(gateway::MISSING_FIELD, "name"));
        }
        let phone = text::phone(&party.phone).unwrap_or_default();
        if phone.is_empty() {
            problems.push(field.problem(gateway::NO_PHONE, "phone"));
        }
        if party.address.trim().is_empty() {
            problems.push(field.problem(gateway::NO_ADDRESS, "address"));
        }
        let email = party.email.clone().filter(|email| !email.trim().is_empty());
        Self { name, phone, address: address(party), email }
    }
}

/// What is in the parcel, in neutral words.
pub(crate) fn papers(leg: Leg) -> &'static str {
    match leg {
        Leg::Return => "Kết quả TTHC",
        Leg::Pickup | Leg::PapersBack | Leg::Forward => "Hồ sơ TTHC",
    }
}

/// The parts joined by `||` that OpenCPS 3.0 writes for people (event classes, read 08/2026), in neutral words.
pub(crate) fn contents(order: &Order) -> String {
    let service = match order.leg {
        Leg::Pickup => "Thu gom hồ sơ tại nhà",
        Leg::Return | Leg::PapersBack => "Trả hồ sơ tại nhà",
        Leg::Forward => "Chuyển hồ sơ giữa các cơ quan",
    };
    let papers = papers(order.leg);
    format!("Mã hồ sơ: {}||Thành phần hồ sơ 1: {papers}||Tên dịch vụ: {service}", order.label)
}

/// The note for the postman, where there is one.
pub(crate) fn note(order: &Order) -> Option<String> {
    order.note.as_deref().map(text::normalise).filter(|note| !note.is_empty())
}

/// The address with the commune's name in it, once.
fn address(party: &Party) -> String {
    let address = text::normalise(&party.address);
    match party.commune_name.as_deref().map(text::normalise) {
        Some(commune) if !names(&address, &commune) => format!("{address}, {commune}"),
        Some(_) | None => address,
    }
}

/// Whether the address names the commune as a part of its own: "Bản Nà Khoang" does not name "Nà Khoa".
fn names(address: &str, commune: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (address, commune) = (words(address), words(commune));
    commune.is_empty() || address.windows(commune.len()).any(|part| part == commune)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ngsp::testing;

    #[test]
    fn the_commune_stands_in_the_address_once() {
        fn check(address: &str, commune: Option<&str>, expected: &str) {
            let party = Party {
                address: address.to_owned(),
                commune_name: commune.map(str::to_owned),
                ..testing::citizen()
            };
            assert_eq!(super::address(&party), expected);
        }
        check("12 Lạc Long Quân", Some("Xã Tiến Thành"), "12 Lạc Long Quân, Xã Tiến Thành");
        check("12 Lạc Long Quân, xã Tiến Thành", Some("Xã Tiến Thành"), "12 Lạc Long Quân, xã Tiến Thành");
        check("Xã Tiến  Thành - Phan Thiết", Some("xã Tiến Thành"), "Xã Tiến  Thành - Phan Thiết");
        check("12 phố Phường Mới", Some("Phường Mớ"), "12 phố Phường Mới, Phường Mớ");
        check("Thôn 3", None, "Thôn 3");
        // Composed and decomposed letters are the same letters.
        check("Ba\u{309}n Na\u{300}", Some("xã Nà"), "Bản Nà, xã Nà");
    }

    #[test]
    fn the_label_never_tells_what_the_paper_is() {
        for (leg, expected) in [
            (Leg::Pickup, "Mã hồ sơ: M1||Thành phần hồ sơ 1: Hồ sơ TTHC||Tên dịch vụ: Thu gom hồ sơ tại nhà"),
            (Leg::Return, "Mã hồ sơ: M1||Thành phần hồ sơ 1: Kết quả TTHC||Tên dịch vụ: Trả hồ sơ tại nhà"),
            (Leg::PapersBack, "Mã hồ sơ: M1||Thành phần hồ sơ 1: Hồ sơ TTHC||Tên dịch vụ: Trả hồ sơ tại nhà"),
            (
                Leg::Forward,
                "Mã hồ sơ: M1||Thành phần hồ sơ 1: Hồ sơ TTHC||Tên dịch vụ: Chuyển hồ sơ giữa các cơ quan",
            ),
        ] {
            let order = Order { leg, label: "M1".to_owned(), ..testing::return_order() };
            assert_eq!(contents(&order), expected);
        }
    }
}
