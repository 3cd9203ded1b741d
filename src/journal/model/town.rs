//! Where small lives are led: two agencies, their accounts, the sources that speak for them, and what the partners'
//! interfaces can do, drawn anew for each life.

use crate::config::settings::Settings;
use crate::journal::tests::world;
use crate::partners::{Account, Partners};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::breaker::BreakerRules;
use lienthong_core::handoff::{Content, Handoff, Partner};
use lienthong_core::ids::{AccountName, AgencyCode, Source};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, ReasonText, gateway};
use lienthong_core::port::{
    Abilities, FeedPage, LookUp, LookUpAbility, Pending, Port, Sent, Uniqueness, Waybills,
};
use lienthong_core::schedule::Schedule;
use lienthong_core::status::Status;
use lienthong_core::tables::{CashOnDelivery, DoneMeans, SequenceRule, SourceRules, Tables};
use rand::Rng as _;
use rand::rngs::SmallRng;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(super) const AGENCIES: [&str; 2] = ["H11.01.07", "H11.01.08"];
pub(super) const PORTALS: [&str; 2] = ["portal-1", "portal-2"];
pub(super) const POSTS: [&str; 2] = ["post-1", "post-2"];
pub(super) const COMMUNES: [&str; 2] = ["commune-1", "commune-2"];
/// One source a rule of counting.
pub(super) const SOURCES: [&str; 3] = ["urn:model:contiguous", "urn:model:increasing", "urn:model:none"];
/// Statuses that the first portal takes in no service for dossiers that were lodged there; the second has no such service.
pub(super) const UNTOLD: [u8; 2] = [1, 5];
/// An area that the post's adapter does not know.
pub(super) const NOWHERE: &str = "99";
pub(super) const DEAD_ROW_HOLDS: SignedDuration = SignedDuration::from_hours(24);

/// The settings of one life.
pub(super) struct Town {
    pub(super) settings: Settings,
    pub(super) partners: Partners,
    /// What the post's accounts can do.
    pub(super) post: [Abilities; 2],
    pub(super) rows_per_call: usize,
    /// The second source's 10 says only that the parcel has left.
    pub(super) dispatched: bool,
}

impl Town {
    pub(super) fn draw(chance: &mut SmallRng, folder: &Path) -> Self {
        let post = [post_abilities(chance), post_abilities(chance)];
        let rows_per_call = [1, 3, 10][chance.random_range(0..3)];
        let dispatched = chance.random_bool(0.3);
        let attempts = if chance.random_bool(0.2) { 3 } else { 12 };
        let failures = if chance.random_bool(0.6) { 2 } else { 5 };
        let mut settings = world::settings(folder);
        let tables = Arc::new(tables(&settings.tables, dispatched));
        settings.tables = tables;
        let portal = Abilities { rows_per_call, ..portal_abilities() };
        let accounts =
            PORTALS.iter().map(|name| account(name, Partner::Portal, portal.clone(), attempts, failures));
        let posts = POSTS.iter().zip(&post);
        let posts = posts.map(|(name, able)| account(name, Partner::Post, able.clone(), attempts, failures));
        let communes = COMMUNES
            .iter()
            .map(|name| account(name, Partner::Commune, portal_abilities(), attempts, failures));
        let partners = Partners::of(accounts.chain(posts).chain(communes));
        Self { settings, partners, post, rows_per_call, dispatched }
    }

    pub(super) fn abilities(&self, account: &AccountName) -> Abilities {
        self.partners.get(account).expect("every account is configured").port.abilities()
    }
}

fn account(name: &str, partner: Partner, abilities: Abilities, attempts: u32, failures: u32) -> Account {
    let account = world::account(name, partner, Arc::new(Mute(abilities)));
    let breaker = BreakerRules { failures, ..BreakerRules::default() };
    Account { schedule: Schedule { attempts, ..Schedule::default() }, breaker, ..account }
}

fn portal_abilities() -> Abilities {
    Abilities { look_up: LookUpAbility::None, number_unique: Uniqueness::Unknown, ..world_abilities() }
}

fn world_abilities() -> Abilities {
    Abilities {
        look_up: LookUpAbility::PositiveOnly,
        number_unique: Uniqueness::No,
        rows_per_call: 1,
        visibility_delay: Duration::from_secs(60),
        absent_looks: 3,
        uncertain_limit: Duration::from_secs(6 * 3600),
        waybills: Waybills::Partner,
    }
}

fn post_abilities(chance: &mut SmallRng) -> Abilities {
    let (number_unique, look_up) = [
        (Uniqueness::Yes, LookUpAbility::None),
        (Uniqueness::No, LookUpAbility::PositiveOnly),
        (Uniqueness::No, LookUpAbility::Authoritative),
        (Uniqueness::Unknown, LookUpAbility::None),
        (Uniqueness::Unknown, LookUpAbility::Authoritative),
    ][chance.random_range(0..5)];
    Abilities { number_unique, look_up, ..world_abilities() }
}

fn tables(base: &Tables, dispatched: bool) -> Tables {
    let mut tables = base.clone();
    let profile = base.agencies.values().next().expect("the tests' world has an agency").clone();
    tables.agencies.clear();
    for (index, code) in AGENCIES.iter().enumerate() {
        let mut profile = profile.clone();
        profile.code = AgencyCode::new(*code);
        profile.portal_account = Some(AccountName::new(PORTALS[index]).into());
        profile.post_account = Some(AccountName::new(POSTS[index]).into());
        profile.commune_account = Some(AccountName::new(COMMUNES[index]).into());
        profile.cash = if index == 0 { CashOnDelivery::Off } else { CashOnDelivery::UnpaidFees };
        tables.agencies.insert(profile.code.clone(), profile);
    }
    let rules = [SequenceRule::Contiguous, SequenceRule::Increasing, SequenceRule::None];
    tables.sources.clear();
    for (name, sequence) in SOURCES.iter().zip(rules) {
        let done = sequence == SequenceRule::Increasing && dispatched;
        let rules = SourceRules {
            sequence,
            gap_hold: SignedDuration::from_mins(10),
            done_means: if done { DoneMeans::Dispatched } else { DoneMeans::HandedOver },
            agencies: AGENCIES.iter().map(|code| AgencyCode::new(*code)).collect(),
            user_id: None,
        };
        tables.sources.insert(Source::new(*name), rules);
    }
    tables.dead_row_holds = DEAD_ROW_HOLDS;
    let told = Status::ALL.into_iter().filter(|status| !UNTOLD.contains(&status.code())).collect();
    tables.status_services = [(AccountName::new(PORTALS[0]), told)].into();
    tables
}

/// The beginning of every life, and so many milliseconds later.
pub(super) fn moment(millis: i64) -> Timestamp {
    world::at(0) + SignedDuration::from_millis(millis)
}

/// A port that says what it can do; the test itself is the partner.
struct Mute(Abilities);

impl Port for Mute {
    fn abilities(&self) -> Abilities {
        self.0.clone()
    }

    fn translate(&self, contents: &[&Content]) -> Result<Value, Vec<Problem>> {
        let nowhere = |content: &&Content| match content {
            Content::Order(order) => order.to.province_code.as_str() == NOWHERE,
            Content::Record(_)
            | Content::Row(_)
            | Content::Status(_)
            | Content::Cancel(_)
            | Content::News(_) => false,
        };
        if contents.iter().any(nowhere) {
            return Err(vec![Problem::new(gateway::UNKNOWN_AREA, "postal.return.province_code")]);
        }
        Ok(Value::Null)
    }

    fn send<'a>(&'a self, _: &'a [Handoff], _: Option<&'a str>) -> Pending<'a, Sent> {
        Box::pin(async { panic!("the model sends by itself") })
    }

    fn look_up<'a>(&'a self, _: &'a Handoff) -> Pending<'a, LookUp> {
        Box::pin(async { LookUp::AskTheFeed })
    }

    fn inspect<'a>(&'a self, _: &'a Inspection) -> Pending<'a, Inspected> {
        Box::pin(async { Inspected::NoQuestion })
    }

    fn probe(&self) -> Pending<'_, Outcome> {
        Box::pin(async { Outcome::Accepted(world::reason("TEST-OK")) })
    }

    fn read_feed<'a>(&'a self, _: Option<&'a str>) -> Pending<'a, FeedPage> {
        Box::pin(async { FeedPage::NoFeed })
    }

    fn reasons(&self) -> &'static [ReasonText] {
        &[]
    }
}
