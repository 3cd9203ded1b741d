//! Comparisons of both sides as they are begun, stopped and repaired by hand.

use super::super::replay::Refusal;
use super::super::{Error, reconcile};
use super::{Acted, CommandJournal, refused};
use crate::journal::{Asked, Scope};
use jiff::Timestamp;
use lienthong_core::reconcile::Kind;

impl CommandJournal {
    /// Begins a comparison; the daemon moves it forward.
    ///
    /// # Errors
    /// When the store fails.
    pub fn begin_reconciliation(&mut self, scope: &Scope, now: Timestamp) -> Result<Asked, Error> {
        let mut asked = Asked::Runs(0);
        self.act("reconcile", now, |acting| {
            asked = reconcile::begin(acting.tx, scope, None, acting.who, now)?;
            let run = match asked {
                Asked::Begun(run) => run,
                Asked::Runs(run) => return refused(Refusal::TaskRuns(run)),
            };
            acting.note_on(&run.to_string(), None, None, Some(scope.partner.name()))?;
            Ok(Acted::Done)
        })?;
        Ok(asked)
    }

    /// Stops a comparison: nobody is asked any more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn stop_reconciliation(
        &mut self,
        run: i64,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<Acted, Error> {
        self.act("reconcile-stop", now, |acting| {
            if !reconcile::stop(acting.tx, run, now)? {
                return refused(Refusal::Unknown);
            }
            acting.note_on(&run.to_string(), None, reason, None)?;
            Ok(Acted::Done)
        })
    }

    /// Has what a comparison found repaired, all of it or one kind; the daemon does it. Says how many.
    ///
    /// # Errors
    /// When the store fails.
    pub fn repair(
        &mut self,
        run: i64,
        kind: Option<Kind>,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<usize, Error> {
        let mut chosen = 0;
        self.act("reconcile-repair", now, |acting| {
            chosen = reconcile::choose(acting.tx, run, kind, (acting.who, reason))?;
            if chosen == 0 {
                return refused(Refusal::Unknown);
            }
            let kind = kind.map_or("all", Kind::name);
            let detail = format!("{chosen} findings, {kind}");
            acting.note_on(&run.to_string(), None, reason, Some(&detail))?;
            Ok(Acted::Done)
        })?;
        Ok(chosen)
    }
}
