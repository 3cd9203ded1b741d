//! Bulk replays: frozen, starting small, stopping themselves, surviving a restart.

use super::commands::operator;
use super::world::{World, at, event, reason};
use crate::journal::command::{Acted, Refusal};
use crate::journal::report::{JournalReport, TaskLine};
use crate::users::Agencies;
use lienthong_core::outcome::Outcome;

const GROUP: &str = "post.order/rejected/TEST-150/-";

fn rejected() -> Outcome {
    Outcome::Rejected(reason("TEST-150"))
}

fn accepted() -> Outcome {
    Outcome::Accepted(reason("TEST-OK"))
}

/// So many dossiers whose orders were refused, each after a success of another.
async fn dead(first: usize, count: usize, world: &World) {
    for dossier in first..first + count {
        world.admit([event(dossier, 1, 9)]).await;
        for call in world.calls(at(1)).await {
            let outcome =
                if call.handoffs[0].kind().name() == "post.order" { rejected() } else { accepted() };
            world.settle(call, outcome, at(1)).await;
        }
        // Else five of them would be a storm.
        world.file().execute("UPDATE account SET storm = '{}'", []).unwrap();
    }
    world.accept_all(at(1)).await;
}

fn report(world: &World) -> JournalReport {
    JournalReport::open(&world.settings.journal.path).unwrap()
}

fn start(world: &World) -> i64 {
    let members: Vec<i64> =
        report(world).members(GROUP, &Agencies::all()).unwrap().iter().map(|member| member.row).collect();
    operator(world).start_task(GROUP, &members, Some("bưu điện đã sửa"), at(10)).unwrap().unwrap()
}

fn task(world: &World, task: i64) -> TaskLine {
    report(world).task(task, &Agencies::all()).unwrap().unwrap()
}

/// One step of the daemon; gives how many calls became ready.
async fn step(world: &World, outcome: impl Fn(usize) -> Outcome) -> usize {
    world.journal.advance_replays(at(20)).await.unwrap();
    let calls = world.calls(at(20)).await;
    let count = calls.len();
    for (index, call) in calls.into_iter().enumerate() {
        world.settle(call, outcome(index), at(20)).await;
    }
    count
}

#[tokio::test]
async fn a_bulk_replay_goes_in_growing_batches_and_none_goes_twice() {
    let world = World::open();
    dead(1, 40, &world).await;
    let id = start(&world);
    // What stops afterwards is shown and not taken along.
    dead(101, 2, &world).await;
    assert_eq!(task(&world, id).new_since, 2);
    let mut sizes = Vec::new();
    for _ in 0..4 {
        sizes.push(step(&world, |_| accepted()).await);
    }
    assert_eq!(sizes, [1, 5, 25, 9]);
    assert!(world.journal.advance_replays(at(21)).await.unwrap());
    assert!(!world.journal.advance_replays(at(22)).await.unwrap(), "it has ended");
    let task = task(&world, id);
    assert_eq!((task.state.as_str(), task.total, task.results["accepted"]), ("done", 40, 40));
    let twice = "SELECT count(*) FROM handoff WHERE kind = 'post.order' AND attempts > 2";
    assert_eq!(world.count(twice), 0);
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE act = 'replay'"), 40);
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE act = 'task-start'"), 1);
    assert_eq!(report(&world).members(GROUP, &Agencies::all()).unwrap().len(), 2);
}

#[tokio::test]
async fn a_bulk_replay_stops_after_the_first_when_the_cause_is_still_there() {
    let world = World::open();
    dead(1, 10, &world).await;
    let id = start(&world);
    assert_eq!(step(&world, |_| rejected()).await, 1);
    assert_eq!(step(&world, |_| rejected()).await, 0);
    let task = task(&world, id);
    assert_eq!((task.state.as_str(), task.stopped_by.as_deref()), ("stopped", Some("same-failure")));
    assert_eq!(task.results["failed-again"], 1);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'post.order' AND attempts > 1"), 1);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'dead'"), 10);
}

#[tokio::test]
async fn more_than_a_fifth_of_a_batch_stops_it_and_is_no_storm() {
    let world = World::open();
    dead(1, 31, &world).await;
    let id = start(&world);
    step(&world, |_| accepted()).await;
    step(&world, |_| accepted()).await;
    assert_eq!(step(&world, |index| if index < 6 { rejected() } else { accepted() }).await, 25);
    assert_eq!(step(&world, |_| accepted()).await, 0);
    assert_eq!(task(&world, id).stopped_by.as_deref(), Some("same-failure"));
    assert_eq!(world.count("SELECT count(*) FROM account WHERE blocked_code IS NOT NULL"), 0);
}

#[tokio::test]
async fn the_next_batch_waits_for_the_one_before_and_a_restart_goes_on() {
    let world = World::open();
    dead(1, 8, &world).await;
    let id = start(&world);
    world.journal.advance_replays(at(20)).await.unwrap();
    world.journal.advance_replays(at(20)).await.unwrap();
    assert_eq!(task(&world, id).under_way, 1, "the first has not ended");
    let world = world.die();
    assert_eq!(step(&world, |_| accepted()).await, 1);
    assert_eq!(step(&world, |_| accepted()).await, 5);
    let world = world.die();
    assert_eq!(step(&world, |_| accepted()).await, 2);
    step(&world, |_| accepted()).await;
    assert_eq!(task(&world, id).state, "done");
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'post.order' AND attempts = 2"), 8);
}

#[tokio::test]
async fn what_is_no_dead_letter_any_more_is_passed_over_and_a_group_has_one_task() {
    let world = World::open();
    dead(1, 3, &world).await;
    let id = start(&world);
    let members = report(&world).members(GROUP, &Agencies::all()).unwrap();
    let rows: Vec<i64> = members.iter().map(|member| member.row).collect();
    let second = operator(&world).start_task(GROUP, &rows, None, at(11)).unwrap();
    assert_eq!(second, Err(Refusal::TaskRuns(id)));
    let first = lienthong_core::ids::HandoffId::new(members[0].handoff.as_str());
    operator(&world).dismiss(&first, "trả tại quầy", at(12)).unwrap();
    assert_eq!(step(&world, |_| accepted()).await, 1, "the canary is one that can go");
    assert_eq!(step(&world, |_| accepted()).await, 1);
    step(&world, |_| accepted()).await;
    let task = task(&world, id);
    assert_eq!((task.results["refused-not-dead"], task.results["accepted"]), (1, 2));
}

#[tokio::test]
async fn a_task_is_stopped_by_hand_and_what_is_under_way_ends_by_itself() {
    let world = World::open();
    dead(1, 4, &world).await;
    let id = start(&world);
    world.journal.advance_replays(at(20)).await.unwrap();
    assert_eq!(operator(&world).stop_task(id, None, at(21)).unwrap(), Acted::Done);
    assert_eq!(operator(&world).stop_task(id, None, at(21)).unwrap(), Acted::Refused(Refusal::Unknown));
    assert_eq!(step(&world, |_| accepted()).await, 1);
    assert_eq!(step(&world, |_| accepted()).await, 0);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE state = 'dead'"), 3);
    assert_eq!(task(&world, id).stopped_by.as_deref(), Some("hand"));
}

#[tokio::test]
async fn what_waits_in_a_paused_lane_does_not_hold_the_task_up() {
    let world = World::open();
    dead(1, 3, &world).await;
    let dossier = report(&world).dossier_row("H11.01.07-220915-0001").unwrap().unwrap();
    let post = [lienthong_core::handoff::Partner::Post];
    operator(&world).pause_lanes(dossier, &post, "chờ", None, at(9)).unwrap();
    let id = start(&world);
    assert_eq!(step(&world, |_| accepted()).await, 0);
    assert_eq!(step(&world, |_| accepted()).await, 2);
    step(&world, |_| accepted()).await;
    assert_eq!(task(&world, id).results["held-back"], 1);
    assert_eq!(task(&world, id).state, "done");
}
