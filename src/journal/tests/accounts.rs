//! An agency that changes its accounts at midnight of Việt Nam: what was planned before goes on through the old ones, and
//! both serve at once.

use super::feed;
use super::world::{PORTAL, POST, World, account, at, event, partners, reason};
use crate::config::settings::Settings;
use crate::journal::{Call, FeedReading, Want, Work};
use crate::partners::Partners;
use jiff::Timestamp;
use jiff::civil::date;
use lienthong_core::dated::Dated;
use lienthong_core::event::EventKind;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use lienthong_core::tracking::TrackingState;
use std::sync::Arc;

const PORTAL_2: &str = "portal-2";
const POST_2: &str = "post-2";
const ACCOUNTS: [(&str, Partner); 4] =
    [(PORTAL, Partner::Portal), (PORTAL_2, Partner::Portal), (POST, Partner::Post), (POST_2, Partner::Post)];
/// Seconds from the beginning, 11:00 in Việt Nam, to the last second of that day.
const EVE: i64 = 13 * 3600 - 1;
const MIDNIGHT: i64 = 13 * 3600;

fn changing(old: &str, new: &str) -> Option<Dated<AccountName>> {
    Some(Dated::of(AccountName::new(old), [(date(2022, 9, 16), AccountName::new(new))].into()))
}

fn change(settings: &mut Settings) {
    let tables = Arc::make_mut(&mut settings.tables);
    for agency in tables.agencies.values_mut() {
        agency.portal_account = changing(PORTAL, PORTAL_2);
        agency.post_account = changing(POST, POST_2);
    }
}

/// A journal of an agency that has other accounts from 16 September 2022 on.
fn world() -> World {
    let like = partners();
    let port = Arc::clone(&like.iter().next().unwrap().port);
    let accounts = ACCOUNTS.map(|(name, partner)| account(name, partner, Arc::clone(&port)));
    World::changed(Partners::of(accounts), change)
}

async fn calls(world: &World, now: Timestamp) -> Vec<Call> {
    let want = |(name, partner)| Want {
        account: AccountName::new(name),
        partner,
        calls: 100,
        ahead: 0,
        rows_per_call: 10,
    };
    let claimed = world.journal.claim(ACCOUNTS.map(want).into(), now).await.unwrap();
    let work = claimed.work.into_iter().map(|(_, work)| work);
    work.filter_map(|work| if let Work::Send(call) = work { Some(call) } else { None }).collect()
}

/// Kinds and accounts of calls, in order.
fn told(calls: &[Call]) -> Vec<String> {
    let told = |call: &Call| {
        let kinds: Vec<_> = call.handoffs.iter().map(|handoff| handoff.kind().name()).collect();
        format!("{} {}", call.handoffs[0].account, kinds.join(" "))
    };
    let mut told: Vec<_> = calls.iter().map(told).collect();
    told.sort();
    told
}

/// Sends what is ready until nothing is; says what went out, wave by wave.
async fn accepted(world: &World, now: Timestamp) -> Vec<Vec<String>> {
    let mut waves = Vec::new();
    loop {
        let calls = calls(world, now).await;
        if calls.is_empty() {
            return waves;
        }
        waves.push(told(&calls));
        for call in calls {
            world.settle(call, Outcome::Accepted(reason("TEST-OK")), now).await;
        }
    }
}

#[tokio::test]
async fn what_was_planned_before_midnight_goes_through_the_old_account_and_both_serve_at_once() {
    let world = world();
    world.admit_at(at(EVE), [event(1, 1, 9)]).await;
    world.admit_at(at(MIDNIGHT), [event(2, 1, 9)]).await;
    let waves = accepted(&world, at(MIDNIGHT)).await;
    let first =
        ["portal-1 portal.record", "portal-2 portal.record", "post-1 post.order", "post-2 post.order"];
    assert_eq!(waves[0], first);
    assert_eq!(waves[1], ["portal-1 portal.progress", "portal-2 portal.progress"]);
}

#[tokio::test]
async fn the_cancel_of_an_old_order_goes_to_the_account_that_took_it() {
    let world = world();
    world.admit_at(at(EVE), [event(1, 1, 9)]).await;
    accepted(&world, at(EVE)).await;
    let mut withdrawn = event(1, 2, 9);
    withdrawn.kind = EventKind::ReturnWithdrawn;
    world.admit_at(at(MIDNIGHT), [withdrawn]).await;
    let waves = accepted(&world, at(MIDNIGHT)).await;
    assert_eq!(waves, [["portal-2 portal.record", "post-1 post.cancel"]]);
}

#[tokio::test]
async fn rows_of_a_dossier_stay_in_order_across_the_change_and_share_no_call() {
    let world = world();
    world.admit_at(at(EVE), [event(1, 1, 2), event(1, 2, 4)]).await;
    world.admit_at(at(MIDNIGHT), [event(1, 3, 4)]).await;
    let waves = accepted(&world, at(MIDNIGHT)).await;
    let expected = [
        "portal-1 portal.record",
        "portal-1 portal.progress portal.progress",
        "portal-2 portal.record",
        "portal-2 portal.progress",
    ];
    assert_eq!(waves.concat(), expected);
}

#[tokio::test]
async fn reports_of_both_accounts_are_read_side_by_side() {
    let world = world();
    world.admit_at(at(EVE), [event(1, 1, 9)]).await;
    world.admit_at(at(MIDNIGHT), [event(2, 1, 9)]).await;
    accepted(&world, at(MIDNIGHT)).await;
    for (name, dossier) in [(POST, 1), (POST_2, 2)] {
        let row = feed::row_of(dossier, "same-id", TrackingState::Collected, MIDNIGHT + 60);
        let reading = FeedReading {
            account: AccountName::new(name),
            rows: vec![row],
            cursor: Some(format!("{name}-cursor")),
            more: false,
            stuck: false,
            read_at: at(MIDNIGHT + 90),
        };
        assert_eq!(world.journal.track(reading, 0.5).await.unwrap().new, 1, "{name}");
        let cursor = world.journal.feed_cursor(&AccountName::new(name)).await.unwrap();
        assert_eq!(cursor, Some(format!("{name}-cursor")));
    }
    // Each dossier has one more row: collected.
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'portal.progress'"), 4);
}

#[tokio::test]
async fn an_account_makes_no_call_before_its_first_day_and_goes_on_after_its_last() {
    let world = world();
    for (name, partner) in ACCOUNTS {
        let account = AccountName::new(name);
        let is_new = name.ends_with('2');
        let may = |now| world.journal.may_call(&account, partner, now);
        assert_eq!(may(at(EVE)).await.unwrap(), !is_new, "{name}");
        assert!(may(at(MIDNIGHT)).await.unwrap(), "{name}");
    }
}
