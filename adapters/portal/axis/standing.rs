//! The status of a dossier that was lodged at the portal, for `DongBoTrangThaiHoSo`: pure.
//!
//! The service has a short code list of its own, of which no document is public: which of the ten statuses has which code
//! is configuration. A status without a code is planned for nobody; one that lost its code since is refused here.

use super::classify::codes;
use super::wire::StatusNote;
use crate::translate::{date, known, required};
use lienthong_core::handoff::Standing;
use lienthong_core::ids::PortalAccountId;
use lienthong_core::outcome::Problem;
use lienthong_core::status::Status;
use std::collections::BTreeMap;

/// What kind of message it is; the one public client knows no other.
pub(super) const KIND: &str = "2";

/// Translates a status.
///
/// # Errors
/// Every problem, each with the event's field to correct.
pub(super) fn note(
    standing: &Standing,
    codes: &BTreeMap<Status, String>,
) -> Result<StatusNote, Vec<Problem>> {
    let mut problems = Vec::new();
    let code = codes.get(&standing.status).cloned().unwrap_or_else(|| {
        problems.push(Problem::new(codes::NO_STATUS_CODE, "dossier.status"));
        String::new()
    });
    let note = StatusNote {
        ma_ho_so: required(standing.portal_code.as_str(), "dossier.portal_code", &mut problems),
        ma_ho_so_don_vi: required(standing.dossier.as_str(), "dossier.code", &mut problems),
        ma_doi_tuong: known(standing.applicant.as_ref().map(PortalAccountId::as_str)),
        noi_dung: required(&standing.text, "step.text", &mut problems),
        ngay_xu_ly: date(Some(standing.at)),
        trang_thai: code,
        tai_lieu_xu_ly: Vec::new(),
    };
    if problems.is_empty() { Ok(note) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::config::defaults;
    use crate::testing::standing;
    use serde_json::Value;

    fn codes() -> BTreeMap<Status, String> {
        defaults::STATUS_CODES.iter().map(|(status, code)| (*status, (*code).to_owned())).collect()
    }

    #[test]
    fn a_status_is_the_contracts_sample_word_for_word() {
        let sample: Value = serde_json::from_str(include_str!("fixtures/sample-status.json")).unwrap();
        let ours = serde_json::to_value(note(&standing(), &codes()).unwrap()).unwrap();
        assert_eq!(ours, sample["data"]);
        assert_eq!(sample["type"], KIND);
    }

    #[test]
    fn each_status_has_its_code_or_none() {
        fn check(status: Status, expected: Option<&str>) {
            let noted = note(&Standing { status, ..standing() }, &codes());
            assert_eq!(noted.ok().map(|note| note.trang_thai).as_deref(), expected, "{status:?}");
        }
        check(Status::Lodged, None);
        check(Status::Received, Some("2"));
        check(Status::Refused, Some("5"));
        check(Status::Processing, Some("2"));
        check(Status::SupplementAsked, None);
        check(Status::PaymentAsked, Some("2"));
        check(Status::Withdrawn, Some("5"));
        check(Status::Stopped, Some("5"));
        check(Status::Done, Some("2"));
        check(Status::Returned, Some("2"));
    }

    #[test]
    fn what_is_missing_is_named_all_at_once() {
        let standing = Standing { status: Status::Lodged, text: " ".to_owned(), ..standing() };
        let problems = note(&standing, &codes()).unwrap_err();
        let found: Vec<(&str, &str)> =
            problems.iter().map(|problem| (problem.code.as_str(), problem.field.as_str())).collect();
        assert_eq!(
            found,
            [("PORTAL-NO-STATUS-CODE", "dossier.status"), ("GATEWAY-MISSING-FIELD", "step.text")]
        );
    }
}
