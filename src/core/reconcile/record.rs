//! A dossier here and at the portal.

use super::{Difference, Grade, Kind, Repair, codes};
use crate::inspect::Theirs;
use crate::status::Status;
use jiff::Timestamp;

/// What we hold of a dossier at the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtPortal {
    /// It is reported by another system, or by none: nothing is compared.
    NotOurs,
    /// A record is under way: what the portal shows is about to change.
    UnderWay,
    /// The portal accepted a record.
    Told {
        /// The status of the newest record that it accepted, where that is still known.
        status: Option<Status>,
        /// When it accepted it.
        since: Timestamp,
    },
    /// There is a dossier, and the portal accepted no record of it: the state of the newest, or that there is none.
    Untold(&'static str),
    /// The gateway never heard of it.
    Unknown,
}

/// Compares. `listed`: somebody says that the portal has it. What was accepted after `visible_before` may not show yet.
///
/// Answers with more than one element of the dossier stand before a status that differs: which of them would be compared?
pub fn compare_record(
    ours: &AtPortal,
    theirs: &[Theirs],
    listed: bool,
    visible_before: Timestamp,
) -> Option<Difference> {
    let firm = |kind, code, ours: String, theirs: String, repair| {
        Some(Difference { kind, code, grade: Grade::Firm, ours, theirs, repair })
    };
    let absent = || "absent".to_owned();
    let (kind, code, repair) = match (ours, theirs) {
        (AtPortal::NotOurs | AtPortal::UnderWay, _) => return None,
        (_, [_, _, ..]) => {
            return firm(
                Kind::DoubleThere,
                codes::RECORD_DOUBLE,
                held(ours),
                shown(theirs),
                Repair::AskPortal,
            );
        }
        (AtPortal::Told { since, .. }, []) if *since > visible_before => return None,
        (AtPortal::Told { .. }, []) => (Kind::MissingThere, codes::RECORD_ABSENT, Repair::SendRecord),
        (AtPortal::Told { status, .. }, [one]) => {
            let differs = matches!((status, status_of(one)), (Some(ours), Some(theirs)) if *ours != theirs);
            if !differs {
                return None;
            }
            (Kind::Differs, codes::RECORD_STATUS, Repair::SendRecord)
        }
        (AtPortal::Untold(_), [_]) => (Kind::MissingHere, codes::RECORD_UNTOLD, Repair::Cure),
        (AtPortal::Untold(_), []) if listed => (Kind::MissingThere, codes::RECORD_STOPPED, Repair::Cure),
        (AtPortal::Unknown, [_]) => (Kind::MissingHere, codes::DOSSIER_UNKNOWN, Repair::Publish),
        (AtPortal::Unknown, []) if listed => (Kind::MissingThere, codes::DOSSIER_NOWHERE, Repair::Publish),
        // A dead letter has its own alarm, and what nobody says is there is missed by nobody.
        (AtPortal::Untold(_) | AtPortal::Unknown, []) => return None,
    };
    let theirs = if theirs.is_empty() { absent() } else { shown(theirs) };
    firm(kind, code, held(ours), theirs, repair)
}

/// The status that an element shows; one that is none of the ten says nothing.
fn status_of(theirs: &Theirs) -> Option<Status> {
    let code: u8 = theirs.status.as_deref()?.trim().parse().ok()?;
    Status::try_from(code).ok()
}

fn held(ours: &AtPortal) -> String {
    match ours {
        AtPortal::Told { status: Some(status), .. } => format!("accepted, status {}", status.code()),
        AtPortal::Told { status: None, .. } => "accepted".to_owned(),
        AtPortal::Untold(state) => (*state).to_owned(),
        AtPortal::Unknown => "unknown".to_owned(),
        AtPortal::NotOurs => "not reported here".to_owned(),
        AtPortal::UnderWay => "under way".to_owned(),
    }
}

fn shown(theirs: &[Theirs]) -> String {
    let one = |theirs: &Theirs| match &theirs.status {
        Some(status) => format!("status {}", kept(status)),
        None => "there".to_owned(),
    };
    let all: Vec<String> = theirs.iter().take(MOST_SHOWN).map(one).collect();
    match theirs.len() {
        1 => all.concat(),
        count => format!("{count} times: {}", all.join(", ")),
    }
}

/// Elements of one dossier that a finding names.
const MOST_SHOWN: usize = 5;

/// Longest code that is kept: shorter than a phone number.
const LONGEST_CODE: usize = 8;

/// A code as it is kept: a partner that puts a text where a code belongs puts nobody's name into a report.
pub(super) fn kept(code: &str) -> &str {
    let is_of_a_code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let code = code.trim();
    let is_one = !code.is_empty() && code.chars().all(is_of_a_code) && code.len() <= LONGEST_CODE;
    if is_one { code } else { "?" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::codes::{
        DOSSIER_NOWHERE, DOSSIER_UNKNOWN, RECORD_ABSENT, RECORD_DOUBLE, RECORD_STATUS, RECORD_STOPPED,
        RECORD_UNTOLD,
    };
    use Kind::{Differs, DoubleThere, MissingHere, MissingThere};
    use Repair::{AskPortal, Cure, Publish, SendRecord};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn told(status: Option<Status>) -> AtPortal {
        AtPortal::Told { status, since: at(100) }
    }

    type Expected = Option<(Kind, &'static str, Repair)>;

    #[track_caller]
    fn check(ours: &AtPortal, theirs: &[Option<&str>], listed: bool, expected: Expected) {
        let shown: Vec<Theirs> =
            theirs.iter().map(|status| Theirs::dossier("H56-1", status.map(str::to_owned))).collect();
        let found = compare_record(ours, &shown, listed, at(200));
        let seen = found.map(|found| (found.kind, found.code, found.repair));
        assert_eq!(seen, expected, "{ours:?} {theirs:?} {listed}");
    }

    #[test]
    fn a_record_that_was_accepted_is_there_once_with_its_status() {
        let nine = told(Some(Status::Done));
        check(&nine, &[Some("9")], false, None);
        check(&nine, &[Some("09")], false, None);
        check(&nine, &[Some(" 9 ")], false, None);
        check(&nine, &[None], false, None);
        check(&nine, &[Some("Đã xử lý xong")], false, None);
        check(&nine, &[Some("11")], false, None);
        check(&told(None), &[Some("4")], false, None);
        check(&nine, &[Some("4")], false, Some((Differs, RECORD_STATUS, SendRecord)));
        for listed in [false, true] {
            check(&nine, &[], listed, Some((MissingThere, RECORD_ABSENT, SendRecord)));
            check(&told(None), &[], listed, Some((MissingThere, RECORD_ABSENT, SendRecord)));
            check(&nine, &[Some("9"), Some("4")], listed, Some((DoubleThere, RECORD_DOUBLE, AskPortal)));
        }
    }

    #[test]
    fn what_was_never_accepted_is_not_there_either() {
        for state in ["none", "dead", "held", "dismissed", "observed"] {
            let untold = AtPortal::Untold(state);
            check(&untold, &[], false, None);
            check(&untold, &[], true, Some((MissingThere, RECORD_STOPPED, Cure)));
            check(&untold, &[Some("9")], false, Some((MissingHere, RECORD_UNTOLD, Cure)));
            check(&untold, &[None, None], false, Some((DoubleThere, RECORD_DOUBLE, AskPortal)));
        }
        check(&AtPortal::Unknown, &[], false, None);
        check(&AtPortal::Unknown, &[], true, Some((MissingThere, DOSSIER_NOWHERE, Publish)));
        check(&AtPortal::Unknown, &[Some("2")], true, Some((MissingHere, DOSSIER_UNKNOWN, Publish)));
    }

    #[test]
    fn what_is_not_ours_or_about_to_change_is_not_compared() {
        for ours in [AtPortal::NotOurs, AtPortal::UnderWay] {
            check(&ours, &[], true, None);
            check(&ours, &[Some("4")], true, None);
            check(&ours, &[Some("4"), Some("4")], true, None);
        }
    }

    #[test]
    fn what_was_accepted_a_moment_ago_may_not_show_yet() {
        let young = AtPortal::Told { status: Some(Status::Done), since: at(201) };
        check(&young, &[], false, None);
        check(&young, &[Some("4")], false, Some((Differs, RECORD_STATUS, SendRecord)));
    }

    #[test]
    fn a_finding_holds_codes_and_no_text_of_the_partner() {
        for (said, shown) in
            [("Lò Thị Bưởi", "?"), ("0510000111", "?"), ("", "?"), (" 4 ", "4"), ("S-11", "S-11")]
        {
            let theirs = Theirs::dossier("H56-1", Some(said.to_owned()));
            let found = compare_record(&AtPortal::Untold("dead"), &[theirs], false, at(200)).unwrap();
            assert_eq!((found.ours.as_str(), found.theirs), ("dead", format!("status {shown}")));
        }
    }
}
