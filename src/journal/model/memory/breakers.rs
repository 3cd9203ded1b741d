//! Breakers: what a call that ended says of its operation, and probes.

use super::Memory;
use crate::journal::{Answered, Probe, Want};
use jiff::Timestamp;
use lienthong_core::breaker::{Breaker, BreakerRules, Observed, Room, Sign};
use lienthong_core::handoff::HandoffKind;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use lienthong_core::schedule::later;

impl Memory {
    fn rules(&self, account: &AccountName) -> BreakerRules {
        self.partners.get(account).expect("all are configured").breaker.clone()
    }

    fn breaker(&self, account: &AccountName, kind: HandoffKind) -> Breaker {
        self.breakers.get(&(account.as_str().to_owned(), kind)).cloned().unwrap_or_default()
    }

    fn keep(&mut self, account: &AccountName, kind: HandoffKind, breaker: Breaker) {
        self.breakers.insert((account.as_str().to_owned(), kind), breaker);
    }

    pub(super) fn was_up_since(&self, account: &AccountName, kind: HandoffKind, since: Timestamp) -> bool {
        self.breaker(account, kind).was_up_since(since)
    }

    pub(super) fn observe(&mut self, answered: &Answered) {
        let handoff = &answered.call.handoffs[0];
        let account = self.partners.get(&handoff.account).expect("all are configured");
        let call = Observed {
            sign: Sign::of(&answered.sent.outcome),
            started_at: answered.call.started_at,
            ended_at: answered.ended_at,
            concurrency: u32::try_from(account.concurrency).expect("a handful"),
        };
        let rules = account.breaker.clone();
        let mut breaker = self.breaker(&handoff.account, handoff.kind());
        breaker.observe(&call, &rules);
        self.keep(&handoff.account, handoff.kind(), breaker);
    }

    /// Begins the probe of all operations of the account for which it is due.
    pub(super) fn begin_probe(&mut self, want: &Want, now: Timestamp) -> Option<Probe> {
        let rules = self.rules(&want.account);
        let kinds = HandoffKind::ALL.into_iter().filter(|kind| kind.partner() == want.partner);
        let due = |kind: &HandoffKind| self.breaker(&want.account, *kind).room(now, &rules) == Room::Probe;
        let kinds: Vec<_> = kinds.filter(due).collect();
        for kind in &kinds {
            let mut breaker = self.breaker(&want.account, *kind);
            breaker.begin_probe(now, &rules);
            self.keep(&want.account, *kind, breaker);
        }
        (!kinds.is_empty()).then(|| Probe { account: want.account.clone(), kinds })
    }

    pub(super) fn probed(&mut self, probe: &Probe, outcome: &Outcome, now: Timestamp) {
        let rules = self.rules(&probe.account);
        for kind in &probe.kinds {
            let mut breaker = self.breaker(&probe.account, *kind);
            breaker.end_probe(outcome, now, &rules);
            self.keep(&probe.account, *kind, breaker);
        }
        self.note_refused_call(&probe.account, outcome, now);
    }

    /// Blocks the account, or lets it wait, as the outcome says.
    pub(super) fn note_refused_call(&mut self, name: &AccountName, outcome: &Outcome, now: Timestamp) {
        let longest = self.partners.get(name).expect("all are configured").schedule.longest_wait;
        let account = self.account(name);
        match outcome {
            Outcome::Unavailable { wait: Some(asked), .. } => {
                let until = super::stored(later(now, (*asked).min(longest)));
                account.not_before = account.not_before.max(Some(until));
            }
            Outcome::Blocked(reason) => account.blocked = Some(reason.code.as_str().to_owned()),
            Outcome::Unavailable { wait: None, .. }
            | Outcome::Accepted(_)
            | Outcome::Rejected(_)
            | Outcome::Uncertain(_) => {}
        }
    }

    /// Somebody says that the partner is back.
    pub(super) fn hurry(&mut self, scope: &str, now: Timestamp) -> bool {
        let mut hurried = false;
        for ((account, kind), breaker) in &mut self.breakers {
            if (account == scope || kind.partner().name() == scope) && !breaker.is_closed() {
                breaker.hurry(now);
                hurried = true;
            }
        }
        hurried
    }
}
