//! The two accounts and their ports, which say what a test wants.

use super::{PORTAL, POST, reason};
use crate::partners::{Account, Partners};
use lienthong_core::breaker::BreakerRules;
use lienthong_core::handoff::{Content, Handoff, Partner};
use lienthong_core::ids::AccountName;
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, ReasonText};
use lienthong_core::port::{
    Abilities, FeedPage, LookUp, LookUpAbility, Pending, Port, Sent, Uniqueness, Waybills,
};
use lienthong_core::schedule::Schedule;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Looks at what is planned; it may break.
pub(crate) trait Planning: Send + Sync {
    fn look_at(&self, content: &Content);
}

struct Sound;

impl Planning for Sound {
    fn look_at(&self, _: &Content) {}
}

/// A port that is asked what it can do, and to look at what is planned.
struct Mute(Arc<dyn Planning>);

impl Port for Mute {
    fn abilities(&self) -> Abilities {
        abilities()
    }

    fn translate(&self, contents: &[&Content]) -> Result<Value, Vec<Problem>> {
        contents.iter().for_each(|content| self.0.look_at(content));
        Ok(Value::Null)
    }

    fn send<'a>(&'a self, _: &'a [Handoff], _: Option<&'a str>) -> Pending<'a, Sent> {
        Box::pin(async { panic!("nobody sends here") })
    }

    fn look_up<'a>(&'a self, _: &'a Handoff) -> Pending<'a, LookUp> {
        Box::pin(async { LookUp::AskTheFeed })
    }

    fn inspect<'a>(&'a self, _: &'a Inspection) -> Pending<'a, Inspected> {
        Box::pin(async { Inspected::NoQuestion })
    }

    fn probe(&self) -> Pending<'_, Outcome> {
        Box::pin(async { Outcome::Accepted(reason("TEST-OK")) })
    }

    fn read_feed<'a>(&'a self, _: Option<&'a str>) -> Pending<'a, FeedPage> {
        Box::pin(async { FeedPage::NoFeed })
    }

    fn reasons(&self) -> &'static [ReasonText] {
        &[]
    }
}

/// Numbers that are not unique, and a feed that proves only what it shows.
pub(crate) fn abilities() -> Abilities {
    Abilities {
        look_up: LookUpAbility::PositiveOnly,
        number_unique: Uniqueness::No,
        rows_per_call: 10,
        visibility_delay: Duration::from_secs(60),
        absent_looks: 3,
        uncertain_limit: Duration::from_secs(3600),
        waybills: Waybills::Partner,
    }
}

pub(crate) fn account(name: &str, partner: Partner, port: Arc<dyn Port>) -> Account {
    Account {
        name: AccountName::new(name),
        partner,
        port,
        schedule: Schedule { jitter_percent: 0, ..Schedule::default() },
        concurrency: 8,
        rate: 1000,
        quota_per_day: None,
        breaker: BreakerRules::default(),
        feed_busy: Duration::from_secs(60),
        feed_idle: Duration::from_secs(900),
    }
}

pub(crate) fn partners() -> Partners {
    partners_with(Arc::new(Sound))
}

pub(crate) fn partners_with(planning: Arc<dyn Planning>) -> Partners {
    let mute = || Arc::new(Mute(Arc::clone(&planning)));
    Partners::of([account(PORTAL, Partner::Portal, mute()), account(POST, Partner::Post, mute())])
}

/// The usual accounts, changed.
pub(crate) fn partners_of(change: impl Fn(&mut Account)) -> Partners {
    let accounts = partners().iter().cloned().collect::<Vec<_>>();
    Partners::of(accounts.into_iter().map(|mut account| {
        change(&mut account);
        account
    }))
}
