//! Settlement: what an attempt or a look-up led to, in one transaction with the follow-up plan.

use super::rows::{self, HandoffRow};
use super::writer::Written;
use super::{
    Call, Error, Journal, Question, Surroundings, Transition, accounts, known, lanes, millis, quota, receipts,
};
use jiff::Timestamp;
use lienthong_core::handoff::HandoffKind;
use lienthong_core::ids::{AccountName, OrderNumber};
use lienthong_core::next::{self, Next, Situation};
use lienthong_core::outcome::{Outcome, Reason, ReasonCode, gateway};
use lienthong_core::plan::Ended;
use lienthong_core::port::{Abilities, LookUp, LookUpAbility, Sent, Uniqueness, Waybills};
use lienthong_core::receipt::Receipt;
use lienthong_core::schedule::Schedule;
use rusqlite::{Connection, params};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// An attempt that has ended.
#[derive(Debug)]
pub struct Answered {
    /// The call.
    pub call: Call,
    /// What it left behind.
    pub sent: Sent,
    /// When it ended.
    pub ended_at: Timestamp,
    /// A random number in 0..1 for jitter.
    pub draw: f64,
}

/// An answer that the journal has taken in, on its way to the disk.
#[must_use = "what was not written is taken in again"]
pub struct TakenIn<'a> {
    written: Written<Vec<Transition>>,
    wake: &'a Notify,
}

impl TakenIn<'_> {
    /// Waits until it is written down. The answer lists what changed, for the log.
    ///
    /// # Errors
    /// When the store fails; the attempts stay open then, and the caller tries again.
    ///
    /// # Cancel safety
    /// It is written whether or not the answer is awaited.
    pub async fn written(self) -> Result<Vec<Transition>, Error> {
        let transitions = self.written.written().await?;
        self.wake.notify_one();
        Ok(transitions)
    }
}

impl Journal {
    /// Takes in the answer of a call: a claim that is asked for afterwards sees what it leads to, in the same commit or a
    /// later one.
    ///
    /// # Errors
    /// When the journal is closed; the attempts stay open then.
    ///
    /// # Cancel safety
    /// A dropped future has taken nothing in.
    pub async fn take_in(&self, answered: Arc<Answered>) -> Result<TakenIn<'_>, Error> {
        let around = Arc::clone(&self.around);
        let written = self
            .writer
            .hand_over(move |tx| {
                let settling = Settling { tx, around: &around, now: answered.ended_at, draw: answered.draw };
                let transitions = settling.call(&answered)?;
                crash_point!("settle.before_commit", &answered.call.name(), answered.sent.outcome.name());
                Ok(transitions)
            })
            .await?;
        Ok(TakenIn { written, wake: &self.wake })
    }

    /// Settles a call and waits until it is written down.
    #[cfg(test)]
    pub(super) async fn settle(&self, answered: Arc<Answered>) -> Result<Vec<Transition>, Error> {
        self.take_in(answered).await?.written().await
    }

    /// Settles a look-up.
    ///
    /// # Errors
    /// When the store fails; the question is asked again at the next scan after a restart.
    pub async fn settle_look_up(
        &self,
        question: &Question,
        answer: LookUp,
        now: Timestamp,
        draw: f64,
    ) -> Result<Vec<Transition>, Error> {
        let around = Arc::clone(&self.around);
        let row = question.row;
        let transitions = self
            .writer
            .write(move |tx| {
                let transitions = Settling { tx, around: &around, now, draw }.look_up(row, &answer)?;
                crash_point!("look_up.before_commit");
                Ok(transitions)
            })
            .await?;
        crash_point!("look_up.after_commit");
        self.wake.notify_one();
        Ok(transitions)
    }
}

/// What an account can do that is not there.
const NO_ABILITIES: Abilities = Abilities {
    look_up: LookUpAbility::None,
    number_unique: Uniqueness::Unknown,
    rows_per_call: 1,
    visibility_delay: Duration::ZERO,
    absent_looks: u32::MAX,
    uncertain_limit: Duration::from_secs(24 * 3600),
    waybills: Waybills::Partner,
};

/// Settling within one transaction.
pub(super) struct Settling<'a> {
    pub(super) tx: &'a Connection,
    pub(super) around: &'a Surroundings,
    pub(super) now: Timestamp,
    pub(super) draw: f64,
}

impl Settling<'_> {
    fn call(&self, answered: &Answered) -> Result<Vec<Transition>, Error> {
        let mut transitions = Vec::new();
        let mut open = Vec::new();
        for (row, attempt) in &answered.call.attempts {
            // One that was closed before (settled, or counted as made by a start): another attempt may be under way now,
            // and this answer says nothing about that one.
            if self.close_attempt(*attempt, answered)? {
                open.push(*row);
            }
        }
        let Some(handoff) = answered.call.handoffs.first().filter(|_| !open.is_empty()) else {
            return Ok(transitions);
        };
        self.note_on_breaker(handoff, answered)?;
        let mut changed = None;
        for row in open {
            let mut row = rows::handoff_row(self.tx, row)?;
            self.keep_receipt(&row, &answered.sent.receipt)?;
            if row.state != "sending" {
                // Somebody settled it meanwhile (the feed, a person): the attempt is kept as evidence, no more.
                continue;
            }
            if let Outcome::Accepted(_) = answered.sent.outcome {
                // Nothing is counted, and the end of the handoff writes the time down.
                row.last_attempt_at = Some(self.now);
            } else {
                self.count_attempt(&mut row, &answered.sent.outcome)?;
            }
            if let Some(settled) = self.settle_unusable_waybill(&row, &answered.sent.outcome)? {
                transitions.extend(settled);
                continue;
            }
            let size = answered.call.attempts.len();
            let next = self.next(&row, size, |at| next::after_attempt(&answered.sent.outcome, at));
            transitions.extend(self.write_down(&row, &next)?);
            changed = Some(row.dossier);
        }
        // What travelled together is of one dossier: its lanes are read once.
        changed.map_or(Ok(()), |dossier| lanes::refresh(self.tx, dossier, &self.around.tables))?;
        self.note_on_account(&handoff.account, &answered.sent.outcome)?;
        Ok(transitions)
    }

    /// Whatever state the handoff is in by now: what the partner gave for the order is wanted by its cancel.
    fn keep_receipt(&self, row: &HandoffRow, receipt: &Receipt) -> Result<(), Error> {
        match &row.number {
            Some(number) => receipts::keep(self.tx, &row.account, number, receipt),
            None => Ok(()),
        }
    }

    fn note_on_account(&self, account: &AccountName, outcome: &Outcome) -> Result<(), Error> {
        match outcome {
            Outcome::Accepted(_) => accounts::succeeded(self.tx, account, self.now),
            Outcome::Unavailable { .. } if sabotaged!("retry-after") => Ok(()),
            Outcome::Unavailable { .. }
            | Outcome::Rejected(_)
            | Outcome::Uncertain(_)
            | Outcome::Blocked(_) => {
                accounts::note_refused_call(self.tx, self.around, account, outcome, self.now)
            }
        }
    }

    fn look_up(&self, row: i64, answer: &LookUp) -> Result<Vec<Transition>, Error> {
        let row = rows::handoff_row(self.tx, row)?;
        if *answer == LookUp::AskTheFeed {
            // Nobody was called.
            quota::give_back(self.tx, &row.account, self.now)?;
        }
        if let LookUp::Found { receipt, .. } = answer {
            self.keep_receipt(&row, receipt)?;
        }
        if row.state != "uncertain" {
            return Ok(Vec::new());
        }
        if matches!(answer, LookUp::Absent | LookUp::AskTheFeed) {
            self.tx
                .prepare_cached("UPDATE handoff SET absent_looks = absent_looks + 1 WHERE id = ?1")?
                .execute([row.id])?;
        }
        let row = rows::handoff_row(self.tx, row.id)?;
        let found_in_feed = match &row.number {
            Some(number) => self
                .tx
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM tracking WHERE number = ?1)")?
                .query_row([number.as_str()], |row| row.get(0))?,
            None => false,
        };
        let next = self.next(&row, 1, |at| next::after_look_up(answer, found_in_feed, at));
        self.become_what(&row, &next)
    }

    /// Settles a handoff whose attempt was open when the process died.
    pub(super) fn interrupted(&self, row: i64) -> Result<Vec<Transition>, Error> {
        let row = rows::handoff_row(self.tx, row)?;
        self.tx
            .prepare_cached(
                "UPDATE attempt SET ended_at = ?2, outcome = 'uncertain', code = ?3 WHERE handoff = ?1 AND ended_at IS NULL",
            )?
            .execute(params![row.id, millis(self.now), gateway::INTERRUPTED])?;
        let next = self.next(&row, 1, next::after_restart);
        self.become_what(&row, &next)
    }

    /// Decides what becomes of a handoff; `call_size` is how many travelled together.
    pub(super) fn next(
        &self,
        row: &HandoffRow,
        call_size: usize,
        decide: impl FnOnce(&Situation<'_>) -> Next,
    ) -> Next {
        // An account that is no longer configured promises nothing; the start must not fail for it.
        let account = self.around.partners.get(&row.account);
        let mut abilities = account.map_or(NO_ABILITIES, |account| account.port.abilities());
        if sabotaged!("look-up") {
            abilities.number_unique = Uniqueness::Yes;
        }
        let schedule = account.map_or_else(Schedule::default, |account| account.schedule.clone());
        decide(&Situation {
            kind: row.kind,
            row_status: row.row_status.filter(|_| !sabotaged!("row-5")),
            call_size: if sabotaged!("batch-split") { 1 } else { call_size },
            failures: row.failures,
            counted_attempts: row.counted_attempts,
            counted_age: row.counted_age,
            uncertain_since: row.uncertain_since,
            absent_looks: row.absent_looks,
            abilities: &abilities,
            schedule: &schedule,
            now: self.now,
            draw: self.draw,
        })
    }

    /// Closes an attempt; says whether it was open.
    fn close_attempt(&self, attempt: i64, answered: &Answered) -> Result<bool, Error> {
        let reason = answered.sent.outcome.reason();
        let said = reason.said.as_ref().map(|said| rows::put_payload(self.tx, said)).transpose()?;
        let duration = self.now.duration_since(answered.call.started_at).as_millis().max(0);
        let closed = self
            .tx
            .prepare_cached(
                "UPDATE attempt SET ended_at = ?2, outcome = ?3, code = ?4, http_status = ?5, steps = ?6,
                     duration_ms = ?7, said = ?8 WHERE id = ?1 AND ended_at IS NULL",
            )?
            .execute(params![
                attempt,
                millis(self.now),
                answered.sent.outcome.name(),
                reason.code.as_str(),
                answered.sent.http_status,
                answered.sent.steps.join(" "),
                i64::try_from(duration).unwrap_or(i64::MAX),
                said,
            ])?;
        Ok(closed > 0)
    }

    /// Writes down what becomes of a handoff, plans what follows, and frees its lane.
    pub(super) fn become_what(&self, row: &HandoffRow, next: &Next) -> Result<Vec<Transition>, Error> {
        let transitions = self.write_down(row, next)?;
        lanes::refresh(self.tx, row.dossier, &self.around.tables)?;
        Ok(transitions)
    }

    /// Writes down what becomes of a handoff and plans what follows.
    fn write_down(&self, row: &HandoffRow, next: &Next) -> Result<Vec<Transition>, Error> {
        let mut transitions = Vec::new();
        match next {
            Next::Accepted(reason) => {
                rows::accept(self.tx, row, &reason.code, self.now)?;
                transitions.push(self.transition(row, "accepted", Some(reason.clone()))?);
                transitions.extend(self.follow_up(row, Ended::Accepted(reason.clone()))?);
            }
            Next::Dead(reason) if self.waits_for_its_order(row, reason)? => {
                self.wait(row, self.now, false)?;
                transitions.push(self.transition(row, "waiting", Some(reason.clone()))?);
            }
            Next::Dead(reason) => transitions.extend(self.die(row, reason)?),
            Next::Again { due, maybe_doubled } => {
                self.wait(row, *due, *maybe_doubled)?;
                transitions.push(self.transition(row, "waiting", None)?);
            }
            Next::Ask { due } => {
                self.tx
                    .prepare_cached(
                        "UPDATE handoff SET state = 'uncertain', due_at = ?2,
                             uncertain_since = coalesce(uncertain_since, ?3) WHERE id = ?1",
                    )?
                    .execute(params![row.id, millis(*due), millis(self.now)])?;
                transitions.push(self.transition(row, "uncertain", None)?);
            }
            Next::Block(reason) => {
                self.wait(row, self.now, false)?;
                self.block(row, &reason.code)?;
                transitions.push(self.transition(row, "waiting", Some(reason.clone()))?);
            }
            Next::Split => {
                self.tx.prepare_cached("UPDATE handoff SET alone = 1 WHERE id = ?1")?.execute([row.id])?;
                self.wait(row, self.now, true)?;
                transitions.push(self.transition(row, "waiting", None)?);
            }
        }
        Ok(transitions)
    }

    pub(super) fn wait(&self, row: &HandoffRow, due: Timestamp, maybe_doubled: bool) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "UPDATE handoff SET state = 'waiting', due_at = ?2, maybe_doubled = maybe_doubled OR ?3,
                     uncertain_since = NULL, absent_looks = 0 WHERE id = ?1",
            )?
            .execute(params![row.id, millis(due), maybe_doubled])?;
        Ok(())
    }

    pub(super) fn block(&self, row: &HandoffRow, code: &ReasonCode) -> Result<(), Error> {
        accounts::block(self.tx, &row.account, code, self.now)
    }

    /// Whether a refused cancel is asked again once its order is settled: while nobody knows whether the order is there,
    /// the refusal says nothing.
    fn waits_for_its_order(&self, row: &HandoffRow, reason: &Reason) -> Result<bool, Error> {
        if row.kind != HandoffKind::PostCancel || reason.code.as_str().starts_with("GATEWAY-") {
            return Ok(false);
        }
        Ok(self
            .tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM handoff WHERE dossier = ?1 AND partner = 'post' AND kind = 'post.order'
                     AND number = ?2 AND state IN ('sending', 'uncertain'))",
            )?
            .query_row(params![row.dossier, row.number.as_ref().map(OrderNumber::as_str)], |row| row.get(0))?)
    }

    fn die(&self, row: &HandoffRow, reason: &Reason) -> Result<Vec<Transition>, Error> {
        let is_our_own = reason.code.as_str().starts_with("GATEWAY-");
        if !is_our_own
            && !sabotaged!("storm-guard")
            && let Some(transitions) = self.ride_out(row, reason)?
        {
            return Ok(transitions);
        }
        rows::bury(self.tx, row.id, reason, self.now)?;
        let mut transitions = vec![self.transition(row, "dead", Some(reason.clone()))?];
        transitions.extend(self.follow_up(row, Ended::Dead(reason.clone()))?);
        Ok(transitions)
    }

    pub(super) fn transition(
        &self,
        row: &HandoffRow,
        state: &'static str,
        reason: Option<Reason>,
    ) -> Result<Transition, Error> {
        Ok(Transition {
            handoff: row.handoff_id.clone(),
            dossier: known::key(self.tx, row.dossier)?,
            kind: row.kind,
            account: row.account.as_str().to_owned(),
            state,
            reason,
            attempt: row.attempts,
        })
    }
}
