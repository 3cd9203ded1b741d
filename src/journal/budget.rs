//! What an attempt takes from its handoff's budget: attempts and age count only while the partner is up.
//!
//! The breaker of account and operation is the clock: a failure counts when the operation is not left alone and has
//! answered somebody since the handoff's failure before. So an outage, however long, costs nothing, not even the failures
//! that open the breaker; and what fails alone, while nobody else shows that the partner is up, is never given up, and is
//! seen by its age.

use super::rows::HandoffRow;
use super::settle::Settling;
use super::{Error, millis};
use jiff::SignedDuration;
use lienthong_core::outcome::Outcome;
use rusqlite::params;

impl Settling<'_> {
    /// Counts an attempt that ended, in the store and in the row.
    pub(super) fn count_attempt(&self, row: &mut HandoffRow, outcome: &Outcome) -> Result<(), Error> {
        let failed = !matches!(outcome, Outcome::Accepted(_) | Outcome::Blocked(_));
        let counted = failed && self.partner_was_up(row)?;
        let age = if counted { self.waited(row) } else { SignedDuration::ZERO };
        let age = i64::try_from(age.as_millis().max(0)).unwrap_or(i64::MAX);
        self.tx
            .prepare_cached(
                "UPDATE handoff SET failures = failures + ?2, counted_attempts = counted_attempts + ?3,
                     counted_age_ms = counted_age_ms + ?4, last_attempt_at = ?5 WHERE id = ?1",
            )?
            .execute(params![row.id, failed, counted, age, millis(self.now)])?;
        row.failures += u32::from(failed);
        row.counted_attempts += u32::from(counted);
        row.counted_age = row.counted_age.saturating_add(SignedDuration::from_millis(age));
        row.last_attempt_at = Some(self.now);
        Ok(())
    }

    /// The time since the failure before, at most the wait that the schedule gave it: a pause, a block, a stopped gateway
    /// or a lane that was held is no age.
    fn waited(&self, row: &HandoffRow) -> SignedDuration {
        let Some(last) = row.last_attempt_at.filter(|_| row.failures > 0) else {
            return SignedDuration::ZERO;
        };
        let given =
            self.around.partners.get(&row.account).map(|account| account.schedule.wait(row.failures, 1.0));
        let given = given.and_then(|wait| SignedDuration::try_from(wait).ok()).unwrap_or(SignedDuration::MAX);
        self.now.duration_since(last).min(given)
    }
}
