//! Since when each account has had the same handoff at its head.

use super::{Alarm, Found, Watchdog};
use crate::ids::AccountName;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// The handoff that an account would take up next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whose.
    pub account: AccountName,
    /// Its row in the journal.
    pub handoff: i64,
}

/// Remembers since when each account has had the same head. An account that is busy changes its head, however long the
/// backlog; one that is paused or blocked has none.
#[derive(Debug, Default)]
pub struct Heads(BTreeMap<AccountName, (i64, Timestamp)>);

impl Heads {
    /// What was known when the alarms that stand were raised.
    pub fn remembered(standing: &[Alarm]) -> Self {
        let unclaimed = standing.iter().filter(|alarm| alarm.watchdog == Watchdog::Unclaimed);
        Self(
            unclaimed
                .filter_map(|alarm| Some((AccountName::new(&alarm.scope), (alarm.mark?, alarm.since))))
                .collect(),
        )
    }

    /// Notes the heads of the open accounts as they are now, and gives those that have stayed for too long.
    pub fn look(&mut self, heads: &[Head], patience: SignedDuration, now: Timestamp) -> Vec<Found> {
        let since = |head: &Head| match self.0.get(&head.account) {
            Some((handoff, since)) if *handoff == head.handoff => *since,
            Some(_) | None => now,
        };
        self.0 = heads.iter().map(|head| (head.account.clone(), (head.handoff, since(head)))).collect();
        let stayed = self
            .0
            .iter()
            .filter(|(_, (_, since))| patience.is_positive() && now.duration_since(*since) >= patience);
        stayed
            .map(|(account, (handoff, since))| Found {
                watchdog: Watchdog::Unclaimed,
                scope: account.to_string(),
                since: *since,
                count: 1,
                mark: Some(*handoff),
            })
            .collect()
    }
}
