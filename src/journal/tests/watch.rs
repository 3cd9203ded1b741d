//! Watchdogs on a journal, with a clock that is moved: each condition raises its alarm once and clears it once.

use super::gaps::slip_pickup;
use super::world::{POST, World, at, event, reason, take};
use crate::journal::FeedReading;
use crate::journal::command::CommandJournal;
use crate::watcher::Watcher;
use jiff::SignedDuration;
use jiff::civil::{Time, Weekday};
use lienthong_core::calendar::Calendar;
use lienthong_core::ids::{AccountName, Source};
use lienthong_core::outcome::Outcome;
use lienthong_core::watch::{Change, Thresholds};
use std::sync::Arc;

const HOUR: i64 = 3600;

/// A world in which only some watchdogs look, and every hour is a working hour.
fn world(thresholds: impl FnOnce(&mut Thresholds)) -> World {
    let mut world = World::open();
    let zero = SignedDuration::ZERO;
    let mut off = Thresholds {
        unclaimed: zero,
        uncertain: zero,
        unanswered: zero,
        old: zero,
        due_soon: zero,
        stopped: false,
        quarantine: zero,
        gap: zero,
        feed_unread: zero,
        feed_silent: zero,
        feed_stuck: zero,
        source_silent: zero,
        calendar: zero,
        nights: None,
        waybills: 0,
    };
    thresholds(&mut off);
    world.settings.watch.thresholds = off;
    let always = Calendar {
        hours: vec![(Time::midnight(), Time::MAX)].into(),
        week: Weekday::Monday.cycle_forward().take(7).collect::<Vec<_>>().into(),
        ..Calendar::default()
    };
    (world.settings.calendars.agencies, world.settings.calendars.post) = (always.clone(), always);
    world
}

/// Watches a world through restarts of the watcher; says what changed in words.
struct Watched {
    world: World,
    watcher: Option<Watcher>,
}

impl Watched {
    async fn over(world: World) -> Self {
        let mut watched = Self { world, watcher: None };
        watched.restart().await;
        watched
    }

    /// A new process takes up what the journal holds.
    async fn restart(&mut self) {
        self.watcher = None;
        let watcher = Watcher::new(Arc::clone(&self.world.journal), &self.world.settings).await.unwrap();
        self.watcher = Some(watcher);
    }

    async fn at(&mut self, seconds: i64) -> Vec<String> {
        let changes = self.watcher.as_mut().unwrap().round(at(seconds)).await.unwrap();
        changes
            .iter()
            .map(|change| {
                let (what, alarm) = match change {
                    Change::Raised(alarm) => ("raised", alarm),
                    Change::Grown(alarm) => ("grown", alarm),
                    Change::Cleared(alarm) => ("cleared", alarm),
                };
                format!("{what} {} {} {}", alarm.watchdog.code(), alarm.scope, alarm.count)
            })
            .collect()
    }

    /// Nothing is said now, nor after a restart.
    async fn quiet(&mut self, seconds: i64) {
        assert_eq!(self.at(seconds).await, [""; 0], "at {seconds} s");
        self.restart().await;
        assert_eq!(self.at(seconds).await, [""; 0], "at {seconds} s, after a restart");
    }
}

const fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

#[tokio::test]
async fn every_handoff_that_has_not_ended_raises_an_alarm_by_its_age() {
    let world = world(|limits| limits.old = hours(8));
    world.admit([event(1, 1, 9), event(2, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    // One order is refused, one is in doubt; the portal's lanes wait.
    world.settle(take(&mut calls, "post.order"), Outcome::Rejected(reason("TEST-150")), at(1)).await;
    world.settle(take(&mut calls, "post.order"), Outcome::Uncertain(reason("TEST-NO-ANSWER")), at(1)).await;
    for call in calls {
        let outcome = Outcome::Unavailable { reason: reason("TEST-DOWN"), wait: None, unsent: true };
        world.settle(call, outcome, at(1)).await;
    }
    let mut watched = Watched::over(world).await;
    watched.quiet(8 * HOUR - 60).await;
    let mut said = watched.at(8 * HOUR + 60).await;
    said.sort();
    assert_eq!(
        said,
        [
            "raised WATCH-HANDOFF-OLD portal-1 under-way 4",
            "raised WATCH-HANDOFF-OLD post-1 stopped 1",
            "raised WATCH-HANDOFF-OLD post-1 under-way 1"
        ]
    );
    watched.quiet(9 * HOUR).await;
    let calls = watched.world.calls(at(9 * HOUR)).await;
    assert_eq!(calls.len(), 2, "two records are being sent");
    watched.quiet(9 * HOUR + 1).await;
    for call in calls {
        watched.world.settle(call, Outcome::Accepted(reason("TEST-OK")), at(9 * HOUR + 2)).await;
    }
    watched.world.accept_all(at(9 * HOUR + 2)).await;
    let said = watched.at(10 * HOUR).await;
    assert_eq!(said, ["cleared WATCH-HANDOFF-OLD portal-1 under-way 4"]);
    watched.quiet(10 * HOUR).await;
}

#[tokio::test]
async fn a_paused_or_blocked_account_does_not_silence_the_age_of_its_handoffs() {
    let world = world(|limits| (limits.old, limits.unclaimed) = (hours(8), SignedDuration::from_mins(10)));
    world.admit([event(1, 1, 2)]).await;
    let mut command = CommandJournal::open(&world.settings, super::world::partners(), "test").unwrap();
    command.pause("portal", "bảo trì", None, at(0)).unwrap();
    let mut watched = Watched::over(world).await;
    watched.quiet(HOUR).await;
    assert_eq!(watched.at(9 * HOUR).await, ["raised WATCH-HANDOFF-OLD portal-1 under-way 2"]);
    watched.quiet(10 * HOUR).await;
}

#[tokio::test]
async fn a_promised_date_that_is_near_is_told_before_it_has_passed() {
    let world = world(|limits| limits.due_soon = hours(4));
    // Promised for 30 hours after the beginning.
    world.admit([event(1, 1, 2), event(2, 1, 2)]).await;
    let mut watched = Watched::over(world).await;
    watched.quiet(26 * HOUR - 1).await;
    assert_eq!(watched.at(26 * HOUR).await, ["raised WATCH-DUE-SOON portal-1 2"]);
    watched.quiet(31 * HOUR).await;
    watched.world.accept_all(at(32 * HOUR)).await;
    assert_eq!(watched.at(32 * HOUR).await, ["cleared WATCH-DUE-SOON portal-1 2"]);
    // What is just being sent is no alarm, however near the date is.
    watched.world.admit_at(at(33 * HOUR), [event(1, 2, 4)]).await;
    watched.quiet(33 * HOUR + 60).await;
    assert_eq!(watched.at(34 * HOUR).await, ["raised WATCH-DUE-SOON portal-1 1"]);
}

#[tokio::test]
async fn a_due_handoff_of_an_open_account_that_nobody_takes_is_told_once() {
    let world = world(|limits| limits.unclaimed = SignedDuration::from_mins(10));
    world.admit([event(1, 1, 2)]).await;
    let mut watched = Watched::over(world).await;
    assert_eq!(watched.at(1).await, [""; 0]);
    assert_eq!(watched.at(600).await, [""; 0]);
    assert_eq!(watched.at(601).await, ["raised WATCH-UNCLAIMED portal-1 1"]);
    watched.quiet(700).await;
    watched.world.accept_all(at(701)).await;
    assert_eq!(watched.at(702).await, ["cleared WATCH-UNCLAIMED portal-1 1"]);
    watched.quiet(9000).await;
}

#[tokio::test]
async fn doubt_is_told_before_it_goes_to_a_person_and_after() {
    let world =
        world(|limits| (limits.uncertain, limits.unanswered) = (SignedDuration::from_mins(30), hours(4)));
    world.admit([event(1, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take(&mut calls, "post.order"), Outcome::Uncertain(reason("TEST-NO-ANSWER")), at(1)).await;
    let mut watched = Watched::over(world).await;
    watched.quiet(1800).await;
    assert_eq!(watched.at(1801).await, ["raised WATCH-UNCERTAIN post-1 1"]);
    watched.quiet(1900).await;
    // At its limit it goes to a person.
    for question in watched.world.questions(at(HOUR + 10)).await {
        let answer = lienthong_core::port::LookUp::AskTheFeed;
        watched.world.journal.settle_look_up(&question, answer, at(HOUR + 10), 0.5).await.unwrap();
    }
    assert_eq!(watched.world.state("post.order"), "dead");
    assert_eq!(watched.at(HOUR + 20).await, ["cleared WATCH-UNCERTAIN post-1 1"]);
    watched.quiet(5 * HOUR).await;
    assert_eq!(watched.at(5 * HOUR + 11).await, ["raised WATCH-UNANSWERED post-1 1"]);
    watched.quiet(6 * HOUR).await;
    let id = super::id_of(&watched.world, "post.order");
    let mut command =
        CommandJournal::open(&watched.world.settings, super::world::partners(), "test").unwrap();
    command.dismiss(&id, "thử", at(6 * HOUR)).unwrap();
    assert_eq!(watched.at(6 * HOUR + 1).await, ["cleared WATCH-UNANSWERED post-1 1"]);
}

#[tokio::test]
async fn a_new_group_of_dead_letters_is_told_and_again_when_it_grows_tenfold() {
    let mut watched = Watched::over(world(|limits| limits.stopped = true)).await;
    for dossier in 1..=21 {
        // Each refusal is followed by a success: no storm.
        watched.world.admit([event(dossier, 1, 9), event(dossier + 100, 1, 9)]).await;
        let mut calls = watched.world.calls(at(1)).await;
        let refused = Outcome::Rejected(reason(if dossier % 2 == 0 { "TEST-150" } else { "TEST-151" }));
        watched.world.settle(take(&mut calls, "post.order"), refused, at(1)).await;
        for call in calls {
            watched.world.settle(call, Outcome::Accepted(reason("TEST-OK")), at(1)).await;
        }
        let said = watched.at(2).await;
        match dossier {
            1 => assert_eq!(said, ["raised WATCH-DEAD-LETTERS post-1 post.order TEST-151 1"]),
            2 => assert_eq!(said, ["raised WATCH-DEAD-LETTERS post-1 post.order TEST-150 1"]),
            19 => assert_eq!(said, ["grown WATCH-DEAD-LETTERS post-1 post.order TEST-151 10"]),
            20 => assert_eq!(said, ["grown WATCH-DEAD-LETTERS post-1 post.order TEST-150 10"]),
            _ => assert_eq!(said, [""; 0], "{dossier}"),
        }
    }
    watched.quiet(3).await;
}

#[tokio::test]
async fn messages_set_aside_are_told_until_none_came_for_a_while() {
    let mut watched = Watched::over(world(|limits| limits.quarantine = hours(24))).await;
    let conflict = [event(1, 1, 2), super::world::saying(event(1, 1, 2), "Khác")];
    watched.world.admit(conflict).await;
    assert_eq!(watched.at(1).await, ["raised WATCH-QUARANTINE COMMUNE-CONFLICT 1"]);
    watched.quiet(24 * HOUR - 1).await;
    assert_eq!(watched.at(24 * HOUR).await, ["cleared WATCH-QUARANTINE COMMUNE-CONFLICT 1"]);
}

#[tokio::test]
async fn a_gap_that_is_not_given_up_and_a_silent_source_are_told() {
    let source = "urn:lienthong:commune:H11.01.07";
    let mut world = world(|limits| limits.gap = SignedDuration::from_mins(5));
    world.settings.watch.sources =
        [(Source::new(source), hours(16)), (Source::new("urn:new"), hours(1))].into();
    world.admit([event(1, 1, 2), event(1, 3, 4)]).await;
    let mut watched = Watched::over(world).await;
    watched.quiet(899).await;
    assert_eq!(watched.at(900).await, ["raised WATCH-GAP inbox 1"]);
    watched.world.journal.release_gaps(at(901)).await.unwrap();
    assert_eq!(watched.at(901).await, ["cleared WATCH-GAP inbox 1"]);
    assert_eq!(watched.at(17 * HOUR).await, [format!("raised WATCH-SOURCE-SILENT {source} 1")]);
    watched.quiet(18 * HOUR).await;
    let arrival = super::world::arrival(slip_pickup("S-1", 1), at(18 * HOUR));
    watched.world.journal.admit_batch(vec![arrival]).await.unwrap();
    assert_eq!(watched.at(18 * HOUR + 1).await, [format!("cleared WATCH-SOURCE-SILENT {source} 1")]);
}

#[tokio::test]
async fn a_feed_that_is_not_read_or_brings_nothing_is_told_while_orders_are_under_way() {
    let world = world(|limits| (limits.feed_unread, limits.feed_silent) = (hours(1), hours(16)));
    let read = async |world: &World, seconds, rows| {
        let reading = FeedReading {
            account: AccountName::new(POST),
            rows,
            cursor: None,
            more: false,
            stuck: false,
            read_at: at(seconds),
        };
        world.journal.track(reading, 0.5).await.unwrap();
    };
    let mut watched = Watched::over(world).await;
    watched.quiet(100 * HOUR).await;
    watched.world.admit([event(1, 1, 9)]).await;
    watched.world.accept_all(at(1)).await;
    assert_eq!(watched.at(HOUR).await, ["raised WATCH-FEED-UNREAD post-1 1"]);
    watched.quiet(2 * HOUR).await;
    read(&watched.world, 2 * HOUR, vec![]).await;
    assert_eq!(watched.at(2 * HOUR).await, ["cleared WATCH-FEED-UNREAD post-1 1"]);
    read(&watched.world, 16 * HOUR, vec![]).await;
    assert_eq!(watched.at(16 * HOUR + 1).await, ["raised WATCH-FEED-SILENT post-1 1"]);
    watched.quiet(16 * HOUR + 2).await;
    let collected = super::feed::row("a1", lienthong_core::tracking::TrackingState::Collected, 500);
    read(&watched.world, 16 * HOUR + 3, vec![collected]).await;
    assert_eq!(watched.at(16 * HOUR + 4).await, ["cleared WATCH-FEED-SILENT post-1 1"]);
    let delivered = super::feed::row("a2", lienthong_core::tracking::TrackingState::Delivered, 600);
    read(&watched.world, 16 * HOUR + 5, vec![delivered]).await;
    watched.quiet(400 * HOUR).await;
}

#[tokio::test]
async fn a_feed_that_answers_and_does_not_move_on_is_told_and_nothing_else_of_it() {
    let world = world(|limits| (limits.feed_unread, limits.feed_stuck) = (hours(1), hours(1)));
    world.admit([event(1, 1, 9)]).await;
    world.accept_all(at(1)).await;
    let account = AccountName::new(POST);
    let read = async |world: &World, seconds, stuck| {
        let reading = FeedReading {
            account: account.clone(),
            rows: vec![],
            cursor: Some("a1".to_owned()),
            more: stuck,
            stuck,
            read_at: at(seconds),
        };
        world.journal.track(reading, 0.5).await.unwrap();
    };
    let mut watched = Watched::over(world).await;
    read(&watched.world, 60, true).await;
    watched.quiet(61).await;
    read(&watched.world, HOUR, true).await;
    watched.quiet(HOUR + 59).await;
    assert_eq!(watched.at(HOUR + 60).await, ["raised WATCH-FEED-STUCK post-1 1"]);
    // It counts as unread by now, too; that is the same trouble.
    watched.quiet(3 * HOUR).await;
    read(&watched.world, 3 * HOUR, false).await;
    assert_eq!(watched.at(3 * HOUR + 1).await, ["cleared WATCH-FEED-STUCK post-1 1"]);
    // A refused cursor is the same trouble.
    watched.world.journal.note_refused_cursor(&account, at(3 * HOUR + 2)).await.unwrap();
    watched.world.journal.note_refused_cursor(&account, at(4 * HOUR)).await.unwrap();
    assert_eq!(watched.at(4 * HOUR + 2).await, ["raised WATCH-FEED-STUCK post-1 1"]);
}

#[tokio::test]
async fn what_the_store_did_not_take_is_said_once_and_kept_later() {
    let world = world(|limits| limits.old = hours(8));
    world.admit([event(1, 1, 2)]).await;
    let mut watched = Watched::over(world).await;
    let other = watched.world.file();
    other.execute_batch("ALTER TABLE alarm RENAME TO elsewhere").unwrap();
    let watcher = watched.watcher.as_mut().unwrap();
    assert!(watcher.round(at(9 * HOUR)).await.is_err(), "it was said and is not stored");
    other.execute_batch("ALTER TABLE elsewhere RENAME TO alarm").unwrap();
    assert_eq!(watched.at(9 * HOUR + 10).await, [""; 0], "it is not said again");
    assert_eq!(watched.world.count("SELECT count(*) FROM alarm"), 1);
    watched.quiet(9 * HOUR + 20).await;
}
