//! 10,000 events at once: everything arrives once, and memory does not grow with the backlog.

use crate::support::{Dossier, Event, Options, Row, World, until};
use std::time::Duration;

const DOSSIERS: usize = 2_500;
const LIFE: [u8; 4] = [1, 2, 4, 9];

/// Dossiers whose handoffs wait when memory is first looked at: four rows each, and a record or more.
const WAITING_DOSSIERS: usize = 200;

/// What memory may grow by, in KiB.
const GROWTH: u64 = 8 * 1024;

const DEADLINE: Duration = Duration::from_secs(120);

/// The events of some dossiers, status by status: each status of all dossiers before the next of any.
fn events(dossiers: &mut [Dossier]) -> Vec<Event> {
    LIFE.iter()
        .flat_map(|status| dossiers.iter_mut().map(|dossier| dossier.status(*status)).collect::<Vec<_>>())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_events_at_once_arrive_once_each_and_memory_stays_flat() {
    let world = World::with(Options { log_filter: "warn,lienthong::run=info", ..Options::default() }).await;
    let gateway = world.gateway().await;
    let journal = world.journal();
    let mut dossiers: Vec<Dossier> = (0..DOSSIERS).map(|number| Dossier::new(number).by_post()).collect();
    let (first, rest) = dossiers.split_at_mut(WAITING_DOSSIERS);
    let (first, rest) = (events(first), events(rest));
    let rows: Vec<(String, Row)> =
        first.iter().chain(&rest).map(|event| (event.dossier().to_owned(), event.row())).collect();

    // Both partners are away, so that handoffs wait. What is compared is resident memory: now, with 1,000 handoffs and
    // more waiting, against the highest ever (VmHWM), which covers taking in 10,000 events and sending all of them. The
    // binary is the debug build, which needs more than a release build does, so the bound is the stricter one.
    world.portal.go_down().await;
    world.post.go_down().await;
    world.publish(&first).await;
    let waiting = "SELECT count(*) FROM handoff WHERE state IN ('waiting', 'sending')";
    until("1,000 handoffs wait", DEADLINE, || journal.events() == 800 && journal.count(waiting) >= 1_000)
        .await;
    let before = gateway.memory("VmRSS");
    world.publish(&rest).await;
    until("all events are stored", DEADLINE, || journal.events() == 10_000).await;
    world.portal.come_back().await.unwrap();
    world.post.come_back().await.unwrap();
    world.settled(10_000, DEADLINE).await;
    let highest = gateway.memory("VmHWM");

    assert_eq!(world.publisher().await.waiting().await, 0);
    assert_eq!(world.portal.partner().counts().rows, rows.len());
    assert_eq!(world.portal.partner().doubled_rows(), []);
    let held = world.portal.partner().dossiers();
    for (dossier, (time, status, text)) in &rows {
        let rows = &held[dossier].rows;
        assert!(
            rows.iter().any(|row| row.time == *time && row.status == *status && row.text == *text),
            "{dossier}"
        );
    }
    for dossier in &dossiers {
        assert_eq!(held[&dossier.code].versions.last().unwrap().status, "9", "{}", dossier.code);
        assert!(held[&dossier.code].rows.iter().map(|row| row.status.as_str()).eq(["1", "2", "4", "9"]));
    }
    assert_eq!((world.post.partner().taken(), world.post.partner().doubled()), (DOSSIERS, vec![]));
    assert!(highest <= before + GROWTH, "{highest} KiB at most, {before} KiB with 1,000 waiting");
    println!("resident: {before} KiB with 1,000 waiting, {highest} KiB at most");
    gateway.stop().await;
}
