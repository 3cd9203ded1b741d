//! Rounds of reading against a feed that answers what it was told to.

use super::*;
use crate::intake::Admission as _;
use crate::journal::tests::world::{POST, World, account, arrival, event, partners, reason};
use lienthong_core::handoff::{Content, Handoff, Partner};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Problem, ReasonText};
use lienthong_core::port::{Abilities, LookUp, Pending, Port, Sent};
use lienthong_core::tracking::TrackingState;
use std::collections::VecDeque;
use std::sync::Mutex;

/// A feed that answers what it was told to, and remembers after what it was asked.
#[derive(Default)]
struct Feed {
    pages: Mutex<VecDeque<FeedPage>>,
    asked: Mutex<Vec<Option<String>>>,
}

impl Port for Feed {
    fn abilities(&self) -> Abilities {
        crate::journal::tests::world::abilities()
    }

    fn translate(&self, _: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
        Ok(serde_json::Value::Null)
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

    fn read_feed<'a>(&'a self, after: Option<&'a str>) -> Pending<'a, FeedPage> {
        self.asked.lock().unwrap().push(after.map(str::to_owned));
        let page = self.pages.lock().unwrap().pop_front().unwrap_or(FeedPage::NoFeed);
        Box::pin(async { page })
    }

    fn reasons(&self) -> &'static [ReasonText] {
        &[]
    }
}

fn reader(world: &World, pages: impl IntoIterator<Item = FeedPage>) -> (Reader, Arc<Feed>) {
    let feed = Arc::new(Feed { pages: Mutex::new(pages.into_iter().collect()), asked: Mutex::default() });
    let account = account(POST, Partner::Post, Arc::<Feed>::clone(&feed));
    let gates = Arc::new(Gates::new(&Partners::of([account.clone()])));
    let nudged = Arc::default();
    (Reader { journal: Arc::clone(&world.journal), account, gates, nudged }, feed)
}

fn page(cursor: &str, more: bool) -> FeedPage {
    page_of(cursor, 0, more)
}

fn page_of(cursor: &str, unreadable: usize, more: bool) -> FeedPage {
    FeedPage::Rows { rows: Vec::new(), cursor: Some(cursor.to_owned()), unreadable, more }
}

/// Whether the account's feed counts as stuck.
fn is_stuck(world: &World) -> bool {
    world.count("SELECT count(*) FROM account WHERE feed_stuck_at IS NOT NULL") == 1
}

/// Reads to the end of a round.
async fn round(reader: &Reader) {
    let mut walk = Walk::default();
    while let Round::More(further) = reader.round(std::mem::take(&mut walk)).await {
        walk = further;
    }
}

#[tokio::test]
async fn the_feed_is_read_often_only_while_orders_are_under_way() {
    let world = World::with(partners());
    let (reader, _feed) = reader(&world, []);
    assert_eq!(reader.interval().await, reader.account.feed_idle);
    let now = clock::now();
    world.journal.admit(vec![arrival(event(1, 1, 9), now)]).await.unwrap();
    world.accept_all(now).await;
    assert_eq!(reader.interval().await, reader.account.feed_busy);
}

#[tokio::test]
async fn a_refused_feed_blocks_its_account_and_is_not_asked_again() {
    let world = World::with(partners());
    let (reader, feed) =
        reader(&world, [FeedPage::Failed(Outcome::Blocked(reason("TEST-401"))), page("a1", false)]);
    assert!(matches!(reader.round(Walk::default()).await, Round::Later));
    assert_eq!(world.count("SELECT count(*) FROM account WHERE blocked_code = 'TEST-401'"), 1);
    assert!(matches!(reader.round(Walk::default()).await, Round::Later));
    assert_eq!(feed.asked.lock().unwrap().len(), 1, "a login is not hammered");
}

#[tokio::test]
async fn a_wait_that_the_partner_asks_for_is_honoured() {
    let world = World::with(partners());
    let wait = Some(Duration::from_secs(7));
    let busy = Outcome::Unavailable { reason: reason("TEST-429"), wait, unsent: false };
    let (reader, feed) = reader(&world, [FeedPage::Failed(busy)]);
    assert!(matches!(reader.round(Walk::default()).await, Round::After(asked) if Some(asked) == wait));
    // The wait holds the whole account: the feed is not asked meanwhile.
    assert!(matches!(reader.round(Walk::default()).await, Round::Later));
    assert_eq!(feed.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_feed_that_is_down_is_read_again_later() {
    let world = World::with(partners());
    let down = Outcome::Unavailable { reason: reason("TEST-503"), wait: None, unsent: false };
    let (reader, _feed) = reader(&world, [FeedPage::Failed(down)]);
    assert!(matches!(reader.round(Walk::default()).await, Round::Later));
    assert!(matches!(reader.round(Walk::default()).await, Round::NoFeed));
}

#[tokio::test]
async fn a_full_page_is_followed_by_the_next_and_a_new_round_begins_at_the_mark() {
    let world = World::with(partners());
    let (reader, feed) = reader(&world, [page("a1", true), page("a2", false), page("a3", false)]);
    let Round::More(next) = reader.round(Walk::default()).await else { panic!("the page was full") };
    assert!(matches!(reader.round(next).await, Round::Later));
    reader.round(Walk::default()).await;
    let asked = feed.asked.lock().unwrap().clone();
    assert_eq!(asked, [None, Some("a1".to_owned()), Some("a2".to_owned())]);
}

#[tokio::test]
async fn a_full_page_behind_which_the_cursor_stays_ends_the_round_and_is_stuck() {
    let world = World::with(partners());
    let stays = [page("a1", true), page("a1", true), page("a1", true), page("a1", true)];
    let (reader, feed) = reader(&world, stays.into_iter().chain([page("a2", true), page("a3", false)]));
    for asked in [2, 4] {
        round(&reader).await;
        assert!(is_stuck(&world));
        assert_eq!(feed.asked.lock().unwrap().len(), asked, "it is not walked on the spot");
    }
    round(&reader).await;
    assert!(!is_stuck(&world), "a round reached the end");
}

#[tokio::test]
async fn an_interface_that_makes_its_rounds_itself_may_begin_where_the_last_was_left() {
    let world = World::with(partners());
    let round_of = || [page("2022-09-15/0", true), page("2022-09-15/0+1", true), page("2022-09-15/0", false)];
    let (reader, feed) = reader(&world, round_of().into_iter().chain(round_of()));
    for asked in [3, 6] {
        round(&reader).await;
        assert_eq!((is_stuck(&world), feed.asked.lock().unwrap().len()), (false, asked));
    }
}

#[tokio::test]
async fn a_feed_that_leads_in_a_circle_is_stuck() {
    let world = World::with(partners());
    let pages = ["a1", "a2", "a3", "a1"].map(|cursor| page(cursor, true));
    let (reader, feed) = reader(&world, pages);
    round(&reader).await;
    assert!(is_stuck(&world));
    assert_eq!(feed.asked.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_full_page_without_a_cursor_is_stuck() {
    let world = World::with(partners());
    let full = FeedPage::Rows { rows: Vec::new(), cursor: None, unreadable: 3, more: true };
    let (reader, feed) = reader(&world, [page("a1", true), full]);
    round(&reader).await;
    assert!(is_stuck(&world));
    assert_eq!(feed.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn unreadable_rows_are_stuck_only_where_the_cursor_stays_before_them() {
    let world = World::with(partners());
    let pages =
        [page("a1", false), page_of("a1", 2, false), page_of("a2", 2, false), page_of("a1", 0, false)];
    let (reader, _feed) = reader(&world, pages);
    for (stuck, what) in
        [(false, "nothing yet"), (true, "before them"), (false, "passed by"), (false, "an empty end")]
    {
        round(&reader).await;
        assert_eq!(is_stuck(&world), stuck, "{what}");
    }
}

#[tokio::test]
async fn a_cursor_that_the_partner_refuses_is_stuck_until_a_round_ends_well() {
    let world = World::with(partners());
    let refused = FeedPage::Failed(Outcome::Rejected(reason("TEST-400")));
    let (reader, _feed) = reader(&world, [refused, page("a1", false)]);
    round(&reader).await;
    assert!(is_stuck(&world));
    round(&reader).await;
    assert!(!is_stuck(&world));
}

#[tokio::test]
async fn a_feed_that_is_away_is_not_stuck() {
    let world = World::with(partners());
    let down = Outcome::Unavailable { reason: reason("TEST-503"), wait: None, unsent: false };
    let lost = Outcome::Uncertain(reason("TEST-NO-ANSWER"));
    let (reader, _feed) = reader(&world, [down, lost].map(FeedPage::Failed));
    round(&reader).await;
    round(&reader).await;
    assert!(!is_stuck(&world));
}

#[tokio::test]
async fn a_page_of_more_rows_than_any_document_allows_is_stored_in_parts_and_none_is_lost() {
    let rows: Vec<_> = (0..2 * MOST_ROWS + 1)
        .map(|n| crate::journal::tests::feed::row(&format!("{n:06}"), TrackingState::InTransit, 500))
        .collect();
    let huge =
        || FeedPage::Rows { rows: rows.clone(), cursor: Some("end".to_owned()), unreadable: 0, more: false };
    let world = World::with(partners());
    let (reader, _feed) = reader(&world, [huge(), huge()]);
    round(&reader).await;
    let stored = || world.count("SELECT count(*) FROM tracking_row");
    assert_eq!(stored(), i64::try_from(rows.len()).unwrap());
    assert_eq!(world.journal.feed_cursor(&reader.account.name).await.unwrap().as_deref(), Some("end"));
    round(&reader).await;
    assert_eq!(stored(), i64::try_from(rows.len()).unwrap(), "nor is one told twice");
}

#[tokio::test]
async fn the_cursor_comes_with_the_last_part_of_a_page() {
    let world = World::with(partners());
    let (reader, _feed) = reader(&world, [page("a1", false)]);
    round(&reader).await;
    let first = FeedReading {
        account: reader.account.name.clone(),
        rows: vec![crate::journal::tests::feed::row("000001", TrackingState::InTransit, 500)],
        cursor: None,
        more: true,
        stuck: false,
        read_at: clock::now(),
    };
    // The process dies behind the first part.
    world.journal.track(first, 0.5).await.unwrap();
    assert_eq!(world.journal.feed_cursor(&reader.account.name).await.unwrap().as_deref(), Some("a1"));
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_hints_causes_one_reading_some_seconds_after_the_last() {
    let (reader, _feed) = reader(&World::with(partners()), []);
    for _ in 0..3 {
        let before = tokio::time::Instant::now();
        (0..100).for_each(|_| reader.nudged.notify_one());
        reader.hurried().await;
        assert_eq!(before.elapsed(), NUDGE_WAIT);
    }
    let unasked = tokio::time::timeout(NUDGE_WAIT * 100, reader.hurried()).await;
    assert!(unasked.is_err(), "nobody said that there is news");
}
