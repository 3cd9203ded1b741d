//! Which questions are asked next: one an account, as long as nothing closes it.
//!
//! In front of every question stand the same doors as in front of attempts: a block, a pause, maintenance, a wait that was
//! asked for, the breakers. Of a day's quota a comparison leaves half to the day's work.

use super::super::{Error, Journal, Surroundings, accounts, breakers, millis, quota, timestamp};
use super::{Run, ours, running, settle};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, DossierCode};
use lienthong_core::inspect::Inspection;
use lienthong_core::reconcile::AtPortal;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Dossiers passed over in one look, because there is nothing to compare.
const PASSED_OVER: usize = 200;

/// A question to a partner.
#[derive(Clone, Debug)]
pub struct Query {
    /// Through which account.
    pub account: AccountName,
    /// Whose it is.
    pub partner: Partner,
    /// What is asked.
    pub inspection: Inspection,
    pub(super) run: i64,
    /// The item that it is about; none for a page of a list.
    pub(super) name: Option<String>,
}

impl Journal {
    /// The next questions, `most` at most, none of them through an account that is `busy` with one. `by_night`: those of
    /// nightly runs too.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reconcile_queries(
        &self,
        busy: BTreeSet<AccountName>,
        most: usize,
        by_night: bool,
        now: Timestamp,
    ) -> Result<Vec<Query>, Error> {
        let around = Arc::clone(&self.around);
        let live: BTreeSet<AccountName> = around
            .partners
            .iter()
            .map(|account| account.name.clone())
            .filter(|name| self.is_live(name, now))
            .collect();
        self.writer
            .write(move |tx| {
                let looking = Looking { tx, around: &around, live: &live, now };
                let mut queries = Vec::new();
                for run in running(tx)? {
                    if run.state == "asking" && (run.night.is_none() || by_night) {
                        looking.of_run(&run, &busy, most, &mut queries)?;
                    }
                }
                Ok(queries)
            })
            .await
    }
}

struct Looking<'a> {
    tx: &'a Connection,
    around: &'a Surroundings,
    live: &'a BTreeSet<AccountName>,
    now: Timestamp,
}

impl Looking<'_> {
    fn of_run(
        &self,
        run: &Run,
        busy: &BTreeSet<AccountName>,
        most: usize,
        queries: &mut Vec<Query>,
    ) -> Result<(), Error> {
        let mut statement = self.tx.prepare_cached(
            "SELECT account, page FROM reconcile_part
             WHERE run = ?1 AND state = 'asking' AND ifnull(not_before, 0) <= ?2 ORDER BY account",
        )?;
        let parts: Vec<(String, Option<String>)> = statement
            .query_map(params![run.id, millis(self.now)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (account, page) in parts {
            let account = AccountName::new(account);
            if queries.len() >= most || busy.contains(&account) {
                continue;
            }
            if !self.live.contains(&account) {
                // Gone from the configuration, or only observed: nobody is asked through it.
                settle::part_state(self.tx, run.id, account.as_str(), "no-question")?;
            } else if self.is_open(run, &account)? {
                queries.extend(self.of_part(run, account, page)?);
            }
        }
        Ok(())
    }

    fn of_part(&self, run: &Run, account: AccountName, page: Option<String>) -> Result<Option<Query>, Error> {
        if run.partner == "post" {
            // What was ordered in the time of the run may have changed since.
            let to = timestamp(run.to_at.max(run.made_at)).checked_add(SignedDuration::from_hours(24));
            let to = to.unwrap_or(Timestamp::MAX);
            let inspection = Inspection::Orders { from: timestamp(run.from_at), to, after: page };
            return Ok(Some(Query { account, partner: Partner::Post, inspection, run: run.id, name: None }));
        }
        for _ in 0..PASSED_OVER {
            let next: Option<(String, Option<i64>)> = self
                .tx
                .prepare_cached(
                    "SELECT name, dossier FROM reconcile_item
                     WHERE run = ?1 AND account = ?2 AND left_out IS NULL ORDER BY name LIMIT 1",
                )?
                .query_row(params![run.id, account.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((name, dossier)) = next else {
                settle::part_state(self.tx, run.id, account.as_str(), "done")?;
                return Ok(None);
            };
            let (ours, _) = ours::at_portal(self.tx, self.around, dossier, self.now)?;
            if matches!(ours, AtPortal::NotOurs | AtPortal::UnderWay) {
                settle::conclude(self.tx, run.id, account.as_str(), &name, settle::Count::NotCompared)?;
                continue;
            }
            let inspection = Inspection::Dossier(DossierCode::new(&*name));
            let partner = Partner::Portal;
            return Ok(Some(Query { account, partner, inspection, run: run.id, name: Some(name) }));
        }
        Ok(None)
    }

    /// Whether the account may be asked now.
    fn is_open(&self, run: &Run, account: &AccountName) -> Result<bool, Error> {
        let partner = if run.partner == "post" { Partner::Post } else { Partner::Portal };
        if accounts::closed(self.tx, self.around, account, partner, self.now)?.is_some() {
            return Ok(false);
        }
        if breakers::standing(self.tx, account, partner)?.iter().any(|operation| operation.away) {
            return Ok(false);
        }
        match self.around.partners.get(account).and_then(|account| account.quota_per_day) {
            Some(limit) => Ok(quota::left(self.tx, account, limit, self.now)? > limit / 2),
            None => Ok(true),
        }
    }
}
