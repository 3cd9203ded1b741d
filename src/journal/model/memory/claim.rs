//! Claims, and the recovery of what was claimed by a process that died.

use super::{Attempt, Memory, next_id};
use crate::journal::{Call, Question, Want, Work};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::{Handoff, HandoffKind, Partner};
use lienthong_core::ids::AccountName;
use lienthong_core::lane;
use lienthong_core::receipt::Receipt;

/// When a question whose answer was never settled is asked again.
const QUESTION_LOOK: SignedDuration = SignedDuration::from_mins(3);

impl Memory {
    pub(super) fn claim_all(
        &mut self,
        wants: &[Want],
        heads: &[i64],
        now: Timestamp,
    ) -> Vec<(AccountName, Work)> {
        let mut claimed = Vec::new();
        for want in wants.iter().filter(|want| self.is_open(want, now)).collect::<Vec<_>>() {
            let probe = self.begin_probe(want, now).filter(|_| want.calls > 0);
            claimed.extend(probe.map(|probe| (want.account.clone(), Work::Probe(probe))));
            for id in heads {
                let row = &self.rows[id];
                if row.account == want.account && row.ready_at.is_some_and(|at| at <= now) {
                    claimed.push((want.account.clone(), self.claim_one(*id, want, now)));
                }
            }
        }
        claimed
    }

    fn is_open(&self, want: &Want, now: Timestamp) -> bool {
        let account = self.accounts.get(want.account.as_str());
        let shut = account.is_some_and(|account| {
            account.blocked.is_some() || account.not_before.is_some_and(|until| until > now)
        });
        let paused = [want.account.as_str(), want.partner.name()]
            .into_iter()
            .any(|scope| self.pauses.get(scope).is_some_and(|until| until.is_none_or(|until| until > now)));
        !shut && !paused
    }

    fn handoff(&self, id: i64) -> Handoff {
        let row = &self.rows[&id];
        let dossier = &self.dossiers[&row.dossier];
        Handoff {
            id: row.handoff.clone(),
            dossier: dossier.key.clone(),
            agency: dossier.agency.clone(),
            account: row.account.clone(),
            content: (*row.content).clone(),
            receipt: Receipt::default(),
        }
    }

    fn claim_one(&mut self, id: i64, want: &Want, now: Timestamp) -> Work {
        if self.rows[&id].state == "uncertain" {
            self.row(id).ready_at = Some(now + QUESTION_LOOK);
            return Work::Ask(Box::new(Question { handoff: self.handoff(id), row: id }));
        }
        let mut members = vec![id];
        if self.rows[&id].kind == HandoffKind::PortalProgress {
            members.extend(self.companions(id, want.rows_per_call, now));
        }
        let attempt = self.rows[&id].attempts + 1;
        let mut call = Call {
            handoffs: Vec::new(),
            attempts: Vec::new(),
            attempt,
            trace: None,
            traced: Vec::new(),
            started_at: now,
        };
        for id in members {
            call.handoffs.push(self.handoff(id));
            let row = self.row(id);
            (row.state, row.ready_at) = ("sending", None);
            row.attempts += 1;
            let attempt = next_id(&self.attempts);
            self.attempts.insert(attempt, Attempt { row: id, ended: false, outcome: None });
            call.attempts.push((id, attempt));
        }
        Work::Send(call)
    }

    pub(super) fn take_back(&mut self, call: &Call) {
        for (id, attempt) in &call.attempts {
            if self.attempts[attempt].ended {
                continue;
            }
            self.attempts.remove(attempt);
            let row = self.row(*id);
            if row.state == "sending" {
                row.state = "waiting";
                row.attempts -= 1;
            }
            let dossier = row.dossier;
            self.refresh(dossier);
        }
    }

    fn companions(&self, head: i64, most: usize, now: Timestamp) -> Vec<i64> {
        let row = &self.rows[&head];
        let open = self.open_rows(row.dossier).into_iter();
        let lane: Vec<_> = open.filter(|row| row.kind.partner() == Partner::Portal).collect();
        let entries: Vec<_> = lane.iter().map(|row| row.entry()).collect();
        let index = lane.iter().position(|other| other.id == head).expect("it is in its lane");
        let chosen = lane::companions(&entries, index, most, now).into_iter();
        chosen
            .map(|index| lane[index])
            .take_while(|other| other.account == row.account)
            .map(|row| row.id)
            .collect()
    }

    pub(super) fn recover_all(&mut self, now: Timestamp, draw: f64) -> super::Told<usize> {
        let mut recovered = 0;
        loop {
            let found = self.commit(|this| {
                let sending: Vec<_> =
                    this.rows.values().filter(|row| row.state == "sending").map(|row| row.id).collect();
                sending.iter().for_each(|row| this.interrupted(*row, now, draw));
                sending.len()
            })?;
            if found == 0 {
                break;
            }
            recovered += found;
        }
        self.commit(|this| {
            let asked = |row: &&super::Row| {
                row.state == "uncertain" && row.ready_at.is_none_or(|ready| ready > row.due_at)
            };
            let asked: Vec<_> = this.rows.values().filter(asked).map(|row| row.dossier).collect();
            asked.into_iter().for_each(|dossier| this.refresh(dossier));
            this.pauses.retain(|_, until| until.is_none_or(|until| until > now));
        })?;
        // The look for accounts that nobody has configured.
        self.commit(|_| ())?;
        Ok(recovered)
    }
}
