//! Tells of the begin and the end of pauses and maintenance: one line each, whoever caused it and however it ends.
//!
//! What holds is decided where calls are claimed, each time anew; this only watches. After a restart it tells again of what
//! holds then.

use crate::journal::{Error, Hold, Journal};
use jiff::Timestamp;

/// What held when it was looked at last.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    seen: Vec<Hold>,
}

impl Holds {
    /// Looks at what holds now, and tells what has changed.
    ///
    /// # Errors
    /// When the store fails; the change is told the next time.
    pub(crate) async fn look(&mut self, journal: &Journal, now: Timestamp) -> Result<(), Error> {
        let holds = journal.holds(now).await?;
        for hold in without(&holds, &self.seen) {
            let until = hold.until.map(|until| until.to_string()).unwrap_or_default();
            tracing::info!(scope = hold.scope, cause = hold.cause, until, "sending is paused");
        }
        for hold in without(&self.seen, &holds) {
            tracing::info!(scope = hold.scope, cause = hold.cause, "a pause of sending has ended");
        }
        self.seen = holds;
        Ok(())
    }
}

/// Those of which there is none of the same scope and cause among the others: another end is the same pause.
fn without<'a>(holds: &'a [Hold], others: &'a [Hold]) -> impl Iterator<Item = &'a Hold> {
    let same = |hold: &Hold, other: &Hold| hold.scope == other.scope && hold.cause == other.cause;
    holds.iter().filter(move |hold| !others.iter().any(|other| same(hold, other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(scope: &str, cause: &'static str, until: Option<i64>) -> Hold {
        let until = until.map(|second| Timestamp::from_second(second).unwrap());
        Hold { scope: scope.to_owned(), cause, until }
    }

    #[test]
    fn another_end_is_the_same_pause_and_another_cause_is_not() {
        let before = [hold("post", "operator", Some(5)), hold("portal", "operator", None)];
        let after = [hold("post", "operator", Some(9)), hold("post", "maintenance", Some(9))];
        let begun: Vec<_> = without(&after, &before).collect();
        assert_eq!(begun, [&after[1]]);
        let ended: Vec<_> = without(&before, &after).collect();
        assert_eq!(ended, [&before[1]]);
    }
}
