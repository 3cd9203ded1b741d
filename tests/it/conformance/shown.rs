//! How what an adapter says is written down in the tables.

use lienthong_core::inspect::Inspected;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::{FeedPage, LookUp};

/// An outcome with its reason.
pub(crate) fn shown(outcome: &Outcome) -> String {
    let shown = format!("{} {}", outcome.name(), outcome.reason().code);
    match outcome {
        Outcome::Unavailable { wait: Some(wait), .. } => {
            format!("{shown} wait {}s", wait.as_millis().div_ceil(1000))
        }
        Outcome::Unavailable { unsent: true, .. } => format!("{shown} unsent"),
        Outcome::Unavailable { .. }
        | Outcome::Accepted(_)
        | Outcome::Rejected(_)
        | Outcome::Uncertain(_)
        | Outcome::Blocked(_) => shown,
    }
}

/// What a page of the feed brought.
pub(crate) fn shown_page(page: &FeedPage) -> String {
    match page {
        FeedPage::Rows { rows, unreadable, .. } => format!("rows {} unreadable {unreadable}", rows.len()),
        FeedPage::Failed(outcome) => shown(outcome),
        FeedPage::NoFeed => "no feed".to_owned(),
    }
}

/// What the comparison of both sides is shown.
pub(crate) fn shown_inspected(inspected: &Inspected) -> String {
    match inspected {
        Inspected::Held { things, unreadable, .. } => {
            format!("held {} unreadable {unreadable}", things.len())
        }
        Inspected::Failed(outcome) => shown(outcome),
        Inspected::NoQuestion => "no question".to_owned(),
    }
}

/// What a question about one handoff came to.
pub(crate) fn shown_look_up(look_up: LookUp) -> String {
    match look_up {
        LookUp::Found { same, .. } => format!("found same={same}"),
        LookUp::Absent => "absent".to_owned(),
        LookUp::CouldNotAsk(reason) => format!("could-not-ask {}", reason.code),
        LookUp::AskTheFeed => "ask the feed".to_owned(),
    }
}
