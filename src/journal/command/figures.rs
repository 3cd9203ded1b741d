//! What the national report says, as an operator imports it.

use super::super::{Error, millis};
use super::{Acted, CommandJournal};
use jiff::Timestamp;
use lienthong_core::figures::Reported;
use rusqlite::{OptionalExtension, params};

/// What an import changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// Agencies and periods that had no count.
    pub new: usize,
    /// Those that had another.
    pub changed: usize,
    /// Those that had the same.
    pub same: usize,
}

impl CommandJournal {
    /// Takes the counts over, each in place of the one that there was; the audit keeps what it was.
    ///
    /// # Errors
    /// When the store fails; nothing is imported then.
    pub fn import_reported(
        &mut self,
        counts: &[Reported],
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<Brought, Error> {
        let mut brought = Brought::default();
        self.act("figures-import", now, |acting| {
            for count in counts {
                let Some(period) = count.period.name() else { continue };
                let key = params![count.agency.as_str(), period];
                let before: Option<u32> = acting
                    .tx
                    .prepare_cached("SELECT received FROM reported WHERE agency = ?1 AND period = ?2")?
                    .query_row(key, |row| row.get(0))
                    .optional()?;
                let detail = match before {
                    Some(before) if before == count.received => {
                        brought.same += 1;
                        continue;
                    }
                    Some(before) => {
                        brought.changed += 1;
                        format!("{period}: {}, was {before}", count.received)
                    }
                    None => {
                        brought.new += 1;
                        format!("{period}: {}", count.received)
                    }
                };
                acting
                    .tx
                    .prepare_cached(
                        "INSERT INTO reported (agency, period, received, imported_at) VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (agency, period) DO UPDATE SET received = ?3, imported_at = ?4",
                    )?
                    .execute(params![count.agency.as_str(), period, count.received, millis(acting.now)])?;
                acting.note_on(count.agency.as_str(), None, reason, Some(&detail))?;
            }
            Ok(Acted::Done)
        })?;
        Ok(brought)
    }
}
