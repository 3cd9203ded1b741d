//! Back-pressure on a journal: what closes intake, and that it opens again by itself.

use super::world::{World, at, event, partners, settings};
use crate::intake::Admission;
use crate::journal::Journal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const MIB: u64 = 1 << 20;

/// What the system is made to say.
struct Dials {
    free: Arc<AtomicU64>,
    resident: Arc<AtomicU64>,
}

fn journal() -> (Journal, Dials, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    settings.journal.disk_floor = 100 * MIB;
    settings.intake.memory_ceiling = 100 * MIB;
    let dials = Dials { free: Arc::new(AtomicU64::new(500 * MIB)), resident: Arc::new(AtomicU64::new(MIB)) };
    let (free, resident) = (Arc::clone(&dials.free), Arc::clone(&dials.resident));
    let read = |dial: &AtomicU64| Some(dial.load(Ordering::Relaxed)).filter(|value| *value > 0);
    let senses = Box::new(move || (read(&free), read(&resident)));
    (Journal::sensing(&settings, partners(), at(0), senses).unwrap(), dials, folder)
}

#[tokio::test]
async fn intake_closes_for_disk_and_memory_says_why_and_opens_by_itself() {
    let (journal, dials, _folder) = journal();
    let check = async |free: u64, resident: u64, expected: Result<(), &'static str>| {
        dials.free.store(free * MIB, Ordering::Relaxed);
        dials.resident.store(resident * MIB, Ordering::Relaxed);
        assert_eq!(journal.open(), expected, "{free} MiB free, {resident} MiB used");
        assert_eq!(journal.standing(at(1)).await.unwrap().intake, expected.err());
    };
    check(100, 100, Ok(())).await;
    check(99, 1, Err("GATEWAY-DISK-FULL")).await;
    check(105, 1, Err("GATEWAY-DISK-FULL")).await;
    check(110, 1, Ok(())).await;
    check(105, 1, Ok(())).await;
    check(0, 1, Err("GATEWAY-DISK-UNKNOWN")).await;
    check(100, 101, Err("GATEWAY-MEMORY")).await;
    check(100, 95, Err("GATEWAY-MEMORY")).await;
    check(100, 90, Ok(())).await;
}

#[tokio::test]
async fn what_is_stored_goes_on_while_intake_is_closed() {
    let (journal, dials, folder) = journal();
    let arrival = super::world::arrival(event(1, 1, 9), at(0));
    journal.admit_batch(vec![arrival]).await.unwrap();
    dials.free.store(MIB, Ordering::Relaxed);
    let settings = settings(folder.path());
    let world = World { journal: Arc::new(journal), settings, folder };
    assert_eq!(world.journal.open(), Err("GATEWAY-DISK-FULL"));
    world.accept_all(at(1)).await;
    assert_eq!(world.states().iter().filter(|state| state.ends_with("accepted")).count(), 3);
}

#[tokio::test]
async fn a_commit_that_takes_too_long_closes_intake_until_a_probe_is_fast() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    settings.journal.commit_limit = Duration::from_millis(400);
    let journal = Arc::new(Journal::open(&settings, partners(), at(0)).unwrap());
    let world = World { journal, settings, folder };
    let other = world.file();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let admitting = world.admit([event(1, 1, 2)]);
    let watching = async {
        let end = Instant::now() + Duration::from_secs(8);
        while world.journal.open().is_ok() {
            assert!(Instant::now() < end, "a commit that stands still is seen while it stands");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(world.journal.open(), Err("GATEWAY-STORE-SLOW"));
        let counted = world.journal.standing(at(1)).await.unwrap();
        assert_eq!(counted.intake, Some("GATEWAY-STORE-SLOW"), "counting waits for no commit");
        other.execute_batch("COMMIT").unwrap();
    };
    tokio::join!(admitting, watching);
    assert_eq!(world.journal.open(), Err("GATEWAY-STORE-SLOW"), "the last commit was slow");
    world.journal.probe(at(2)).await.unwrap();
    assert_eq!(world.journal.open(), Ok(()));
    assert_eq!(world.count("SELECT count(*) FROM inbox"), 1);
    assert_eq!(world.count("SELECT at FROM probe"), at(2).as_millisecond());
    world.journal.probe(at(3)).await.unwrap();
    assert_eq!(world.count("SELECT at FROM probe"), at(2).as_millisecond(), "a sound store is not probed");
}

/// Lets the journal's file grow by no page more, or by as many as it likes.
async fn may_grow(world: &World, grow: bool) {
    let limited = world.journal.writer.write(move |tx| {
        let pages: i64 = tx.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let most = if grow { i64::from(u32::MAX) - 1 } else { pages };
        tx.pragma_update_and_check(None, "max_page_count", most, |_row| Ok(()))?;
        Ok(())
    });
    limited.await.unwrap();
}

#[tokio::test]
async fn a_store_that_cannot_grow_is_told_and_works_again_when_it_can() {
    let world = World::open();
    may_grow(&world, false).await;
    let big = "Nội dung ".repeat(40_000);
    let arrival = || vec![super::world::arrival(super::world::saying(event(1, 1, 2), &big), at(0))];
    assert!(world.journal.admit_batch(arrival()).await.is_err());
    assert_eq!(world.count("SELECT count(*) FROM inbox"), 0, "nothing of the batch stands");
    assert_eq!(world.journal.standing(at(1)).await.unwrap().intake, Some("GATEWAY-STORE-FAILED"));
    assert_eq!(world.journal.open(), Ok(()), "a store that fails is waited for a little");
    assert!(world.journal.probe(at(2)).await.is_err());
    assert_eq!(world.journal.standing(at(3)).await.unwrap().intake, Some("GATEWAY-STORE-FAILED"));

    may_grow(&world, true).await;
    world.journal.probe(at(4)).await.unwrap();
    assert_eq!(world.journal.standing(at(5)).await.unwrap().intake, None);
    world.journal.admit_batch(arrival()).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM inbox"), 1);
    assert_eq!(world.count("SELECT count(*) FROM probe WHERE filling IS NOT NULL"), 0);
}
