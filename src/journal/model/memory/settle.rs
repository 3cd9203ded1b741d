//! Settlements, look-ups, storms.

use super::{Memory, stored};
use crate::journal::Answered;
use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::{Content, HandoffKind, Partner};
use lienthong_core::ids::HandoffId;
use lienthong_core::next::{self, Next, Situation};
use lienthong_core::outcome::{Outcome, Reason, gateway};
use lienthong_core::plan::{Cause, Ended, Follows, Settlement};
use lienthong_core::port::LookUp;
use std::convert::Infallible;

impl Memory {
    pub(super) fn settle_call(&mut self, answered: &Answered) {
        let (now, outcome) = (stored(answered.ended_at), &answered.sent.outcome);
        let mut open = Vec::new();
        for (row, attempt) in &answered.call.attempts {
            let attempt = self.attempts.get_mut(attempt).expect("attempts never vanish");
            if !attempt.ended {
                (attempt.ended, attempt.outcome) = (true, Some(outcome.name()));
                open.push(*row);
            }
        }
        if open.is_empty() {
            return;
        }
        self.observe(answered);
        for row in open {
            if self.rows[&row].state != "sending" {
                continue;
            }
            self.count_attempt(row, outcome, now);
            let size = answered.call.attempts.len();
            let next = self.next(row, size, now, answered.draw, |at| next::after_attempt(outcome, at));
            self.become_what(row, &next, now);
        }
        let name = &answered.call.handoffs[0].account;
        if let Outcome::Accepted(_) = outcome {
            let account = self.account(name);
            account.last_success = Some(now);
            account.storm.calm();
        }
        self.note_refused_call(name, outcome, now);
    }

    /// Attempts and age count only while the partner is up.
    fn count_attempt(&mut self, id: i64, outcome: &Outcome, now: Timestamp) {
        let failed = !matches!(outcome, Outcome::Accepted(_) | Outcome::Blocked(_));
        let row = &self.rows[&id];
        let since = row.last_attempt_at.unwrap_or(row.planned_at);
        let counted = failed && self.was_up_since(&row.account, row.kind, since);
        let age = match row.last_attempt_at.filter(|_| counted && row.failures > 0) {
            Some(last) => {
                let schedule = &self.partners.get(&row.account).expect("all are configured").schedule;
                let given = SignedDuration::try_from(schedule.wait(row.failures, 1.0)).expect("hours");
                now.duration_since(last).min(given)
            }
            None => SignedDuration::ZERO,
        };
        let row = self.row(id);
        row.failures += u32::from(failed);
        row.counted_attempts += u32::from(counted);
        row.counted_age += i64::try_from(age.as_millis().max(0)).expect("days");
        row.last_attempt_at = Some(now);
    }

    fn next(
        &self,
        id: i64,
        call_size: usize,
        now: Timestamp,
        draw: f64,
        decide: impl FnOnce(&Situation<'_>) -> Next,
    ) -> Next {
        let row = &self.rows[&id];
        let account = self.partners.get(&row.account).expect("all are configured");
        decide(&Situation {
            kind: row.kind,
            row_status: row.status,
            call_size,
            failures: row.failures,
            counted_attempts: row.counted_attempts,
            counted_age: SignedDuration::from_millis(row.counted_age),
            uncertain_since: row.uncertain_since,
            absent_looks: row.absent_looks,
            abilities: &account.port.abilities(),
            schedule: &account.schedule,
            now,
            draw,
        })
    }

    pub(super) fn interrupted(&mut self, id: i64, now: Timestamp, draw: f64) {
        for attempt in self.attempts.values_mut().filter(|attempt| attempt.row == id && !attempt.ended) {
            (attempt.ended, attempt.outcome) = (true, Some("uncertain"));
        }
        let next = self.next(id, 1, now, draw, next::after_restart);
        self.become_what(id, &next, now);
    }

    pub(super) fn look_up(&mut self, id: i64, answer: &LookUp, now: Timestamp, draw: f64) {
        if self.rows[&id].state != "uncertain" {
            return;
        }
        if matches!(answer, LookUp::Absent | LookUp::AskTheFeed) {
            self.row(id).absent_looks += 1;
        }
        let number = self.rows[&id].number.as_ref();
        let found = number.is_some_and(|number| self.tracking.contains_key(number.as_str()));
        let next = self.next(id, 1, now, draw, |at| next::after_look_up(answer, found, at));
        self.become_what(id, &next, now);
    }

    pub(super) fn become_what(&mut self, id: i64, next: &Next, now: Timestamp) {
        match next {
            Next::Accepted(reason) => {
                self.end(id, "accepted", Some(reason.code.as_str()));
                self.follow_up(id, Ended::Accepted(reason.clone()), now);
            }
            Next::Dead(reason) if self.waits_for_its_order(id, reason) => self.wait(id, now, false),
            Next::Dead(reason) => self.die_of(id, reason, now),
            Next::Again { due, maybe_doubled } => self.wait(id, stored(*due), *maybe_doubled),
            Next::Ask { due } => {
                let row = self.row(id);
                (row.state, row.due_at) = ("uncertain", stored(*due));
                row.uncertain_since = row.uncertain_since.or(Some(now));
            }
            Next::Block(reason) => {
                self.wait(id, now, false);
                self.block(id, reason.code.as_str());
            }
            Next::Split => {
                self.row(id).alone = true;
                self.wait(id, now, true);
            }
        }
        let dossier = self.rows[&id].dossier;
        self.refresh(dossier);
    }

    fn wait(&mut self, id: i64, due: Timestamp, maybe_doubled: bool) {
        let row = self.row(id);
        (row.state, row.due_at) = ("waiting", due);
        row.maybe_doubled |= maybe_doubled;
        (row.uncertain_since, row.absent_looks) = (None, 0);
    }

    fn block(&mut self, id: i64, code: &str) {
        let account = self.rows[&id].account.clone();
        self.account(&account).blocked = Some(code.to_owned());
    }

    /// A refused cancel says nothing while nobody knows whether its order is there.
    fn waits_for_its_order(&self, id: i64, reason: &Reason) -> bool {
        let cancel = &self.rows[&id];
        let mut rows = self.rows.values();
        cancel.kind == HandoffKind::PostCancel
            && !is_our_own(reason)
            && rows.any(|row| {
                row.kind == HandoffKind::PostOrder
                    && row.dossier == cancel.dossier
                    && row.number == cancel.number
                    && (row.state == "sending" || row.state == "uncertain")
            })
    }

    fn die_of(&mut self, id: i64, reason: &Reason, now: Timestamp) {
        if !is_our_own(reason) && self.ride_out(id, reason, now) {
            return;
        }
        let row = self.row(id);
        row.state = "dead";
        row.code = Some(reason.code.as_str().to_owned());
        row.field.clone_from(&reason.field);
        (row.dead_at, row.ready_at) = (Some(now), None);
        self.follow_up(id, Ended::Dead(reason.clone()), now);
    }

    /// Whether the refusal is a part of a storm: then what was refused goes back to due.
    fn ride_out(&mut self, id: i64, reason: &Reason, now: Timestamp) -> bool {
        let row = self.rows[&id].clone();
        let dossier = self.dossiers[&row.dossier].key.clone();
        let account = self.account(&row.account);
        let refused = if account.blocked.as_deref() == Some(gateway::STORM) {
            account.storm.weather(row.kind, reason, &row.handoff);
            Some(Vec::new())
        } else {
            account.storm.refuse(row.kind, reason, &dossier, &row.handoff)
        };
        let Some(refused) = refused else { return false };
        self.block(id, gateway::STORM);
        self.wait(id, now, false);
        self.forget_failures(id);
        refused.iter().for_each(|handoff| self.revive(handoff, now));
        true
    }

    fn revive(&mut self, handoff: &HandoffId, now: Timestamp) {
        let Some(id) = self.row_of(handoff).filter(|id| self.rows[id].state == "dead") else { return };
        let row = self.row(id);
        (row.state, row.due_at) = ("waiting", now);
        (row.dead_at, row.code, row.field) = (None, None, None);
        let dossier = row.dossier;
        self.forget_failures(id);
        self.refresh(dossier);
    }

    fn forget_failures(&mut self, id: i64) {
        let row = self.row(id);
        (row.failures, row.counted_attempts, row.counted_age) = (0, 0, 0);
    }

    pub(super) fn follow_up(&mut self, id: i64, ended: Ended, now: Timestamp) {
        let row = &self.rows[&id];
        let (dossier, inbox) = (row.dossier, row.inbox);
        let settlement = Settlement {
            handoff: row.handoff.clone(),
            kind: row.kind,
            leg: row.leg,
            number: row.number.clone(),
            status: match &*row.content {
                Content::Record(record) => Some(record.status),
                Content::Row(_)
                | Content::Status(_)
                | Content::Order(_)
                | Content::Cancel(_)
                | Content::News(_) => row.status,
            },
            at: now,
            ended,
        };
        let told = self.tables.account(&self.dossiers[&dossier].agency, Partner::Commune, now).is_some();
        let state = || Ok(self.dossiers[&dossier].state.clone());
        let Ok(follows) = settlement.follows(|| Ok::<_, Infallible>(told), state);
        if follows != Follows::Nothing {
            // A state that the journal writes without a plan is the one that planning says.
            self.plan(dossier, inbox, Cause::Settled(&settlement), now);
        }
    }
}

fn is_our_own(reason: &Reason) -> bool {
    reason.code.as_str().starts_with("GATEWAY-")
}
