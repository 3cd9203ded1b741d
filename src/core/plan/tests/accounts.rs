//! Accounts that an agency changes at midnight of Việt Nam, and agencies on different accounts at once.

use super::sample::{self, CODE, minute, step, with};
use super::world::World;
use crate::dated::Dated;
use crate::event::EventKind;
use crate::handoff::HandoffKind;
use crate::ids::{AccountName, AgencyCode};
use crate::plan::{Change, Plan, Stage};
use crate::tables::Tables;
use crate::tracking::TrackingState;
use jiff::civil::date;

const ORDER: HandoffKind = HandoffKind::PostOrder;
const CANCEL: HandoffKind = HandoffKind::PostCancel;
/// The last minute of 15 September 2022 in Việt Nam.
const EVE: u64 = 959;
/// The first one of the day after.
const MIDNIGHT: u64 = 960;

fn changing(old: &str, new: &str) -> Option<Dated<AccountName>> {
    Some(Dated::of(AccountName::new(old), [(date(2022, 9, 16), AccountName::new(new))].into()))
}

/// The agency has other accounts from 16 September 2022 on.
fn tables() -> Tables {
    let mut tables = sample::tables();
    for agency in tables.agencies.values_mut() {
        agency.post_account = changing("post-old", "post-new");
        agency.portal_account = changing("portal-old", "portal-new");
        agency.commune_account = changing("commune-old", "commune-new");
    }
    tables
}

fn world_at(minute: u64) -> World {
    let mut world = World::with_tables(tables());
    world.now = sample::minute(minute);
    world
}

/// Kind and account of what was planned, news aside.
fn planned(plan: &Plan) -> Vec<String> {
    let told = plan.handoffs.iter().filter(|planned| planned.content.kind() != HandoffKind::CommuneEvent);
    told.map(|planned| format!("{} {}", planned.content.kind().name(), planned.account)).collect()
}

fn tra(n: u32) -> String {
    format!("{CODE}-TRA-{n}")
}

/// The fees are known to be unpaid.
fn unpaid(n: u64) -> crate::event::Event {
    with(sample::event(n, EventKind::FeesChanged, 9), |snapshot| {
        snapshot.fees.iter_mut().flatten().for_each(|fee| fee.paid = false);
    })
}

#[test]
fn what_is_planned_goes_through_the_account_in_force_when_it_is_planned() {
    for (now, account) in [(EVE, "old"), (MIDNIGHT, "new")] {
        // The event is one of the day before, whenever it comes.
        let plan = world_at(now).desk(&step(1, 9));
        let expected = [
            format!("portal.record portal-{account}"),
            format!("portal.progress portal-{account}"),
            format!("post.order post-{account}"),
        ];
        assert_eq!(planned(&plan), expected, "{now}");
    }
}

#[test]
fn news_goes_through_the_account_in_force_when_it_comes_about() {
    for (now, account) in [(EVE, "commune-old"), (MIDNIGHT, "commune-new")] {
        let mut world = world_at(EVE);
        world.desk(&step(1, 9));
        world.now = minute(now);
        let accepted = world.accept(ORDER);
        assert_eq!(accepted.handoffs[0].account.as_str(), account, "{now}");
    }
}

#[test]
fn the_cancel_of_an_order_goes_to_the_account_that_took_it_and_the_next_order_to_the_new_one() {
    let mut world = world_at(EVE);
    world.desk(&step(1, 9));
    world.accept_all();
    world.now = minute(MIDNIGHT);
    let withdrawn = world.desk(&sample::event(2, EventKind::ReturnWithdrawn, 9));
    assert_eq!(planned(&withdrawn), ["portal.record portal-new", "post.cancel post-old"]);
    world.accept_all();
    let again = world.desk(&sample::event(3, EventKind::ReturnRegistered, 9));
    assert_eq!(planned(&again), ["portal.record portal-new", "post.order post-new"]);
    assert_eq!(world.state.legs.values().next().unwrap().number.as_str(), tra(2));
}

#[test]
fn an_order_that_never_left_moves_to_the_new_account_under_its_number() {
    let mut world = world_at(EVE);
    world.desk(&step(1, 9));
    world.now = minute(MIDNIGHT);
    let moved = world.desk(&sample::event(2, EventKind::FeesChanged, 9));
    assert!(planned(&moved).contains(&"post.order post-new".to_owned()), "{:?}", planned(&moved));
    assert!(matches!(moved.changes[..], [Change::Annihilate { .. }]), "{:?}", moved.changes);
    let state = world.state.legs.values().next().unwrap();
    assert_eq!((state.number.as_str(), state.account.as_str()), (tra(1).as_str(), "post-new"));
    let settled = world.desk(&sample::event(3, EventKind::FeesChanged, 9));
    assert!(settled.changes.is_empty(), "it moves once: {:?}", settled.changes);
}

#[test]
fn a_refused_order_moves_to_the_new_account_and_one_that_may_be_taken_stays() {
    fn check(code: &'static str, expected: &str) {
        let mut world = world_at(EVE);
        world.desk(&step(1, 9));
        world.refuse(ORDER, code, None);
        world.now = minute(MIDNIGHT);
        world.desk(&sample::event(2, EventKind::FeesChanged, 9));
        assert_eq!(world.state.legs.values().next().unwrap().account.as_str(), expected, "{code}");
    }
    check("POST-102", "post-new");
    check("GATEWAY-UNCERTAIN", "post-old");
}

#[test]
fn an_order_under_way_keeps_its_account_whatever_the_desk_changes() {
    let mut world = world_at(EVE);
    world.desk(&step(1, 9));
    world.attempt(ORDER, Stage::Sending);
    world.now = minute(MIDNIGHT);
    let changed = world.desk(&unpaid(2));
    assert!(planned(&changed).contains(&"post.cancel post-old".to_owned()), "{:?}", planned(&changed));
    world.accept(ORDER);
    let cancelled = world.accept(CANCEL);
    assert_eq!(planned(&cancelled), ["post.order post-new"]);
}

#[test]
fn reports_of_an_old_order_are_planned_and_the_portal_is_told_through_the_new_account() {
    let mut world = world_at(EVE);
    world.desk(&step(1, 9));
    world.accept_all();
    world.now = minute(MIDNIGHT + 100);
    let delivered = world.track(&tra(1), TrackingState::Delivered, MIDNIGHT + 50);
    assert_eq!(planned(&delivered), ["portal.record portal-new", "portal.progress portal-new"]);
}

#[test]
fn a_record_of_the_new_account_takes_the_place_of_one_that_the_old_one_never_sent() {
    let mut world = world_at(EVE);
    world.desk(&step(1, 2));
    world.desk(&step(2, 4));
    world.now = minute(MIDNIGHT);
    let newest = world.desk(&step(3, 9));
    assert!(planned(&newest).contains(&"portal.record portal-new".to_owned()));
    let portal: Vec<_> = world.lanes().into_iter().filter(|line| !line.starts_with("order")).collect();
    assert_eq!(portal, ["record 2", "row 2", "row 4", "record 9", "row 9"]);
}

#[test]
fn agencies_are_on_different_accounts_at_once() {
    let mut tables = sample::tables();
    let mut neighbour = sample::profile();
    neighbour.code = AgencyCode::new("H11.01.08");
    neighbour.post_account = Some(AccountName::new("post-elsewhere").into());
    tables.agencies.insert(neighbour.code.clone(), neighbour);
    let theirs = with(step(1, 9), |snapshot| snapshot.agency.code = AgencyCode::new("H11.01.08"));
    for (event, account) in [(step(1, 9), "post-tien-thanh"), (theirs, "post-elsewhere")] {
        let plan = World::with_tables(tables.clone()).desk(&event);
        assert_eq!(planned(&plan).last().unwrap(), &format!("post.order {account}"));
    }
}
