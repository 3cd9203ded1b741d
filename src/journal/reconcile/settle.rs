//! What an answer says: a finding, or that both sides agree; or that the question is asked again.

use super::super::{Error, Journal, Surroundings, accounts, millis, timestamp};
use super::questions::Query;
use super::{Run, ours, running};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::inspect::{Inspected, Theirs};
use lienthong_core::outcome::Outcome;
use lienthong_core::reconcile::{AtPortal, Difference, Unanswered, compare_record, unanswered};
use lienthong_core::schedule::later;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

impl Journal {
    /// Settles a question: what the answer leads to is one transaction.
    ///
    /// # Errors
    /// When the store fails; it is asked again then.
    pub async fn settle_query(
        &self,
        query: Query,
        inspected: Inspected,
        now: Timestamp,
    ) -> Result<(), Error> {
        let around = Arc::clone(&self.around);
        self.writer
            .write(move |tx| {
                // A run that was stopped meanwhile wants no answer.
                let Some(run) = running(tx)?.into_iter().find(|run| run.id == query.run) else {
                    return Ok(());
                };
                let settling = Settling { tx, around: &around, run: &run, query: &query, now };
                settling.settle(&inspected)?;
                crash_point!("reconcile.before_commit", "answer");
                Ok(())
            })
            .await
    }
}

/// What an item is counted as.
#[derive(Clone, Copy)]
pub(super) enum Count {
    Agreed,
    Differing,
    NotCompared,
}

/// Ends an item: it is counted, and gone.
pub(super) fn conclude(
    tx: &Connection,
    run: i64,
    account: &str,
    name: &str,
    count: Count,
) -> Result<(), Error> {
    let gone = tx
        .prepare_cached("DELETE FROM reconcile_item WHERE run = ?1 AND account = ?2 AND name = ?3")?
        .execute(params![run, account, name])?;
    let sql = match count {
        Count::Agreed => "UPDATE reconcile_part SET agreed = agreed + ?3 WHERE run = ?1 AND account = ?2",
        Count::Differing => {
            "UPDATE reconcile_part SET differing = differing + ?3 WHERE run = ?1 AND account = ?2"
        }
        Count::NotCompared => {
            "UPDATE reconcile_part SET not_compared = not_compared + ?3 WHERE run = ?1 AND account = ?2"
        }
    };
    tx.prepare_cached(sql)?.execute(params![run, account, count_of(gone)])?;
    Ok(())
}

/// Sets the state of a part.
pub(super) fn part_state(tx: &Connection, run: i64, account: &str, state: &str) -> Result<(), Error> {
    tx.prepare_cached("UPDATE reconcile_part SET state = ?3 WHERE run = ?1 AND account = ?2")?
        .execute(params![run, account, state])?;
    Ok(())
}

/// A difference as it is written down.
pub(super) struct Finding<'a> {
    pub(super) run: i64,
    pub(super) account: &'a str,
    pub(super) dossier: Option<i64>,
    pub(super) name: &'a str,
    pub(super) since: Option<i64>,
    pub(super) basis: Option<i64>,
}

/// Writes a difference down, once a run.
pub(super) fn write(tx: &Connection, finding: &Finding<'_>, found: &Difference) -> Result<(), Error> {
    tx.prepare_cached(
        "INSERT INTO reconcile_finding (run, account, agency, dossier, name, kind, code, grade, ours, theirs, since, repair,
             basis) VALUES (?1, ?2, (SELECT agency FROM dossier WHERE id = ?3), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        finding.run,
        finding.account,
        finding.dossier,
        finding.name,
        found.kind.name(),
        found.code,
        found.grade.name(),
        found.ours,
        found.theirs,
        finding.since,
        found.repair.name(),
        finding.basis,
    ])?;
    Ok(())
}

struct Settling<'a> {
    tx: &'a Connection,
    around: &'a Surroundings,
    run: &'a Run,
    query: &'a Query,
    now: Timestamp,
}

impl Settling<'_> {
    fn settle(&self, inspected: &Inspected) -> Result<(), Error> {
        match (inspected, &self.query.name) {
            (Inspected::Held { things, unreadable, .. }, Some(name)) => {
                self.tell_unreadable(*unreadable);
                self.answered()?;
                self.compare(name, things)
            }
            (Inspected::Held { things, unreadable, next }, None) => {
                self.tell_unreadable(*unreadable);
                self.answered()?;
                self.keep(things, next.as_deref())
            }
            (Inspected::NoQuestion, Some(_)) => self.part_state("no-question"),
            (Inspected::NoQuestion, None) => self.part_state("strangers"),
            (Inspected::Failed(outcome), name) => self.failed(outcome, name.as_deref()),
        }
    }

    fn account(&self) -> &str {
        self.query.account.as_str()
    }

    fn part_state(&self, state: &str) -> Result<(), Error> {
        part_state(self.tx, self.run.id, self.account(), state)
    }

    fn tell_unreadable(&self, unreadable: usize) {
        if unreadable > 0 {
            tracing::warn!(
                account = self.account(),
                things = unreadable,
                "things that a partner shows cannot be read"
            );
        }
    }

    fn answered(&self) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "UPDATE reconcile_part SET failures = 0, not_before = NULL, code = NULL
                 WHERE run = ?1 AND account = ?2 AND (failures > 0 OR code IS NOT NULL)",
            )?
            .execute(params![self.run.id, self.account()])?;
        Ok(())
    }

    fn compare(&self, name: &str, things: &[Theirs]) -> Result<(), Error> {
        let item: Option<(Option<i64>, bool)> = self
            .tx
            .prepare_cached(
                "SELECT dossier, listed FROM reconcile_item WHERE run = ?1 AND account = ?2 AND name = ?3",
            )?
            .query_row(params![self.run.id, self.account(), name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((dossier, listed)) = item else { return Ok(()) };
        // Asked while nothing was under way: what was planned meanwhile is seen by the next run.
        let (ours, basis) = ours::at_portal(self.tx, self.around, dossier, self.now)?;
        let delay = self.around.partners.get(&self.query.account).map_or(SignedDuration::ZERO, |account| {
            SignedDuration::try_from(account.port.abilities().visibility_delay).unwrap_or(SignedDuration::MAX)
        });
        let visible_before = self.now.checked_sub(delay).unwrap_or(Timestamp::MIN);
        let count = match (compare_record(&ours, things, listed, visible_before), &ours) {
            (Some(found), _) => {
                let since =
                    if let AtPortal::Told { since, .. } = &ours { Some(millis(*since)) } else { None };
                let finding =
                    Finding { run: self.run.id, account: self.account(), dossier, name, since, basis };
                write(self.tx, &finding, &found)?;
                Count::Differing
            }
            (None, AtPortal::NotOurs | AtPortal::UnderWay) => Count::NotCompared,
            // What was accepted a moment ago may not show yet.
            (None, AtPortal::Told { .. }) if things.is_empty() => Count::NotCompared,
            (None, AtPortal::Told { .. } | AtPortal::Untold(_) | AtPortal::Unknown) => Count::Agreed,
        };
        conclude(self.tx, self.run.id, self.account(), name, count)
    }

    /// Keeps a page of a list.
    fn keep(&self, things: &[Theirs], next: Option<&str>) -> Result<(), Error> {
        for thing in things {
            let text = serde_json::to_string(thing)
                .map_err(|source| Error::Unreadable { what: "an entry of a partner's list", source })?;
            self.tx
                .prepare_cached(
                    "INSERT INTO reconcile_theirs (run, account, name, thing) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![self.run.id, self.account(), thing.name, text])?;
        }
        let page: Option<String> = self
            .tx
            .prepare_cached("SELECT page FROM reconcile_part WHERE run = ?1 AND account = ?2")?
            .query_row(params![self.run.id, self.account()], |row| row.get(0))?;
        match next {
            // A page that leads to itself would be read for ever, and the rest of the list is not known.
            Some(next) if page.as_deref() == Some(next) => self.end_of_list(false),
            Some(next) => {
                self.tx
                    .prepare_cached("UPDATE reconcile_part SET page = ?3 WHERE run = ?1 AND account = ?2")?
                    .execute(params![self.run.id, self.account(), next])?;
                Ok(())
            }
            None => self.end_of_list(true),
        }
    }

    fn end_of_list(&self, complete: bool) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "UPDATE reconcile_part SET state = 'strangers', page = NULL, listed = ?3 WHERE run = ?1 AND account = ?2",
            )?
            .execute(params![self.run.id, self.account(), complete])?;
        Ok(())
    }

    fn failed(&self, outcome: &Outcome, name: Option<&str>) -> Result<(), Error> {
        let (id, account) = (self.run.id, self.account());
        let code = outcome.reason().code.as_str();
        accounts::note_refused_call(self.tx, self.around, &self.query.account, outcome, self.now)?;
        let in_a_row: u32 = self
            .tx
            .prepare_cached(
                "UPDATE reconcile_part SET failures = failures + 1, code = ?3 WHERE run = ?1 AND account = ?2
                 RETURNING failures",
            )?
            .query_row(params![id, account, code], |row| row.get(0))?;
        let tries = match name {
            Some(name) => self.tried(name)?,
            None => in_a_row,
        };
        match (unanswered(outcome, tries, in_a_row), name) {
            (Unanswered::Closed, _) => Ok(()),
            (Unanswered::Again(wait), _) => {
                self.tx
                    .prepare_cached(
                        "UPDATE reconcile_part SET not_before = ?3 WHERE run = ?1 AND account = ?2",
                    )?
                    .execute(params![id, account, millis(later(self.now, wait))])?;
                Ok(())
            }
            (Unanswered::LeftOut, Some(name)) => self.leave_out(name, code),
            // Without its list the account is compared by its feed alone.
            (Unanswered::LeftOut, None) => self.end_of_list(false),
        }
    }

    fn tried(&self, name: &str) -> Result<u32, Error> {
        let tries: Option<u32> = self
            .tx
            .prepare_cached(
                "UPDATE reconcile_item SET tries = tries + 1 WHERE run = ?1 AND account = ?2 AND name = ?3
                 RETURNING tries",
            )?
            .query_row(params![self.run.id, self.account(), name], |row| row.get(0))
            .optional()?;
        Ok(tries.unwrap_or(0))
    }

    fn leave_out(&self, name: &str, code: &str) -> Result<(), Error> {
        let changed = self
            .tx
            .prepare_cached(
                "UPDATE reconcile_item SET left_out = ?4 WHERE run = ?1 AND account = ?2 AND name = ?3 AND left_out IS NULL",
            )?
            .execute(params![self.run.id, self.account(), name, code])?;
        self.tx
            .prepare_cached(
                "UPDATE reconcile_part SET left_out = left_out + ?3 WHERE run = ?1 AND account = ?2",
            )?
            .execute(params![self.run.id, self.account(), count_of(changed)])?;
        Ok(())
    }
}

/// Rows changed, as they are stored.
fn count_of(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// An order that was accepted later may not show yet.
pub(super) fn visible_before(run: &Run) -> Timestamp {
    timestamp(run.visible_before)
}
