//! Who waits for whom, and when a reading ends.

use super::*;
use crate::journal::tests::world::{World, partners};
use std::sync::mpsc;
use tokio::time::{advance, pause, timeout};
use tokio_util::task::TaskTracker;

/// Nothing here takes as long.
const SOON: Duration = Duration::from_secs(60);

fn desk() -> (World, Desk) {
    let world = World::changed(partners(), |settings| settings.users = crate::admin::tests::users());
    let desk = Desk::where_configured(&world.settings, &partners(), &Arc::new(Health::new())).unwrap();
    (world, desk)
}

/// A counting that has begun and goes on until the sender is dropped.
async fn held(desk: &Desk) -> (mpsc::SyncSender<()>, tokio::task::JoinHandle<Result<(), Trouble>>) {
    let (hold, held) = mpsc::sync_channel::<()>(1);
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let desk = desk.clone();
    let counting = TaskTracker::new().spawn(async move {
        let read = move |_report: &JournalReport| {
            begun.send(()).unwrap();
            assert!(held.recv().is_err(), "nothing is sent");
            Ok(())
        };
        desk.read(Weight::Count, read).await
    });
    has_begun.await.unwrap();
    (hold, counting)
}

#[tokio::test]
async fn whoever_looks_does_not_wait_for_whoever_counts() {
    let (_world, desk) = desk();
    let (hold, counting) = held(&desk).await;
    for _look in 0..2 * AT_ONCE {
        desk.report(|report| report.newest_event()).await.unwrap();
    }
    drop(hold);
    counting.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_second_counting_waits_for_the_first_and_not_for_ever() {
    let (_world, desk) = desk();
    let (hold, counting) = held(&desk).await;
    let second = TaskTracker::new().spawn({
        let desk = desk.clone();
        async move { desk.read(Weight::Count, |report| report.newest_event()).await }
    });
    tokio::task::yield_now().await;
    assert!(!second.is_finished());
    drop(hold);
    counting.await.unwrap().unwrap();
    second.await.unwrap().unwrap();

    let (hold, counting) = held(&desk).await;
    pause();
    let third = TaskTracker::new().spawn({
        let desk = desk.clone();
        async move { desk.read(Weight::Count, |report| report.newest_event()).await }
    });
    tokio::task::yield_now().await;
    advance(TURN_TO_COUNT + Duration::from_secs(1)).await;
    assert_eq!(third.await.unwrap(), Err(Trouble::Busy));
    drop(hold);
    counting.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_reading_ends_when_nobody_waits_for_it_and_gives_its_place_back_then() {
    let (_world, desk) = desk();
    let gone = timeout(Duration::from_millis(100), desk.read(Weight::Count, JournalReport::endless));
    assert!(gone.await.is_err());
    // The only place is free again because the store was interrupted: its question has no end.
    let next = timeout(SOON, desk.read(Weight::Count, |report| report.newest_event()));
    next.await.expect("the reading ended").unwrap();
}

#[tokio::test]
async fn a_reading_that_takes_too_long_is_ended_and_said_so() {
    let (_world, desk) = desk();
    pause();
    let looking = TaskTracker::new().spawn({
        let desk = desk.clone();
        async move { desk.read(Weight::Look, JournalReport::endless).await }
    });
    tokio::task::yield_now().await;
    advance(LONGEST_LOOK + Duration::from_secs(1)).await;
    assert_eq!(looking.await.unwrap(), Err(Trouble::TooLong));
    let room = Arc::clone(&desk.0.room);
    let all = u32::try_from(AT_ONCE).unwrap();
    drop(room.acquire_many(all).await.unwrap());
}

#[test]
fn a_year_or_a_province_is_counted_and_the_rest_is_looked_at() {
    fn check(agencies: usize, days: usize, weight: Weight) {
        assert_eq!(Weight::of(agencies, days), weight, "{agencies} agencies, {days} days");
    }
    check(1, 31, Weight::Look);
    check(1, 92, Weight::Look);
    check(1, 365, Weight::Count);
    check(4, 31, Weight::Look);
    check(130, 31, Weight::Count);
    check(130, 1, Weight::Count);
    check(0, 31, Weight::Look);
}
