//! The matrix *postal state × incoming event* of `docs/postal-matrix.md`: each of its cells is planned and compared.
//!
//! The return leg stands for all, with cash on delivery. Every cell is a world of its own: brought into the state by what
//! happens in life, then told the event.

use super::sample::{self, CODE, step, with};
use super::world::World;
use crate::event::{Event, EventKind, Snapshot};
use crate::handoff::{Content, HandoffKind};
use crate::plan::{Born, Change, Open, Plan, Stage};
use crate::state::LegStage;
use crate::tracking::{Meaning, Money, TrackingState};

const DOCUMENT: &str = include_str!("../../../../docs/postal-matrix.md");
const ORDER: HandoffKind = HandoffKind::PostOrder;
const CANCEL: HandoffKind = HandoffKind::PostCancel;

type Bring = fn(&mut World);
type Happen = fn(&mut World) -> Plan;

/// Postal states of the return leg, and how it gets there.
const STATES: [(&str, Bring); 13] = [
    ("not registered", |world| drop(world.desk(&unregistered(1)))),
    ("not sent yet", |world| drop(world.desk(&done(1)))),
    ("refused for a field", |world| {
        world.desk(&done(1));
        world.refuse(ORDER, "POST-105", Some("postal.return.phone"));
    }),
    ("may be there", |world| {
        world.desk(&done(1));
        world.attempt(ORDER, Stage::Uncertain);
    }),
    ("ordered", ordered),
    ("cancel on its way", cancelling),
    ("cancelled", |world| {
        cancelling(world);
        world.accept(CANCEL);
    }),
    ("cancel refused", |world| {
        cancelling(world);
        world.refuse(CANCEL, "POST-104", None);
    }),
    ("called off by the post", |world| tracked(world, &[TrackingState::Cancelled])),
    ("collected", |world| tracked(world, &[TrackingState::Collected])),
    ("failed attempt", |world| tracked(world, &[TrackingState::Collected, TrackingState::FailedAttempt])),
    ("returned", |world| tracked(world, &[TrackingState::Collected, TrackingState::Returned])),
    ("delivered", |world| tracked(world, &[TrackingState::Collected, TrackingState::Delivered])),
];

/// What comes in.
const EVENTS: [(&str, Happen); 16] = [
    ("9 again", |world| told(world, EventKind::StatusChanged, 9, |_| {})),
    ("taken up again (4)", |world| told(world, EventKind::StatusChanged, 4, |_| {})),
    ("handed over (10)", |world| told(world, EventKind::StatusChanged, 10, |_| {})),
    ("return registered", |world| told(world, EventKind::ReturnRegistered, 9, |_| {})),
    ("… to another address", |world| told(world, EventKind::ReturnRegistered, 9, another_address)),
    ("return withdrawn", |world| told(world, EventKind::ReturnWithdrawn, 9, |_| {})),
    ("phone corrected", |world| told(world, EventKind::FeesChanged, 9, another_phone)),
    ("fees paid", |world| told(world, EventKind::FeesChanged, 9, |snapshot| pay(snapshot, true))),
    ("reorder requested", |world| told(world, EventKind::ReorderRequested, 9, |_| {})),
    ("tracking: collected", |world| reported(world, TrackingState::Collected)),
    ("tracking: failed attempt", |world| reported(world, TrackingState::FailedAttempt)),
    ("tracking: returned", |world| reported(world, TrackingState::Returned)),
    ("tracking: delivered", |world| reported(world, TrackingState::Delivered)),
    ("tracking: cancelled", |world| reported(world, TrackingState::Cancelled)),
    ("tracking: cash collected", |world| reported(world, Money::Collected)),
    ("tracking: cash settled", |world| reported(world, Money::Settled)),
];

fn pay(snapshot: &mut Snapshot, paid: bool) {
    snapshot.fees.iter_mut().flatten().for_each(|fee| fee.paid = paid);
}

/// A result that goes home by post, with a fee to collect.
fn done(n: u64) -> Event {
    with(step(n, 9), |snapshot| pay(snapshot, false))
}

fn unregistered(n: u64) -> Event {
    with(done(n), |snapshot| snapshot.dossier.return_by_post = false)
}

fn another_address(snapshot: &mut Snapshot) {
    snapshot.postal.return_to.as_mut().unwrap().address = "5 Trần Phú".to_owned();
}

fn another_phone(snapshot: &mut Snapshot) {
    snapshot.postal.return_to.as_mut().unwrap().phone = Some("0510000444".to_owned());
}

fn ordered(world: &mut World) {
    world.desk(&done(1));
    world.accept_all();
}

fn cancelling(world: &mut World) {
    ordered(world);
    world.desk(&with(sample::event(2, EventKind::ReturnWithdrawn, 9), |snapshot| pay(snapshot, false)));
    world.accept(HandoffKind::PortalRecord);
    world.attempt(CANCEL, Stage::Sending);
}

fn tracked(world: &mut World, reports: &[TrackingState]) {
    ordered(world);
    for (minute, report) in (100..).zip(reports) {
        world.track(&format!("{CODE}-TRA-1"), *report, minute);
    }
    world.accept_all();
}

/// The desk's next word; the return stays registered, or withdrawn, as it was, unless the event says otherwise.
fn told(world: &mut World, kind: EventKind, status: u8, change: fn(&mut Snapshot)) -> Plan {
    let before = world.basis.clone().unwrap();
    let event = with(sample::event(50, kind, status), |snapshot| {
        snapshot.dossier.return_by_post = before.dossier.return_by_post;
        pay(snapshot, false);
        change(snapshot);
    });
    world.desk(&event)
}

fn reported(world: &mut World, says: impl Into<Meaning>) -> Plan {
    world.track(&format!("{CODE}-TRA-1"), says, 300)
}

/// What a plan says of the post, of the desk and of a delivery; what the portal is told else follows from the status.
fn cell(world: &World, before: &[Open], plan: &Plan) -> String {
    let mut words = Vec::new();
    for change in &plan.changes {
        match change {
            Change::Annihilate { .. } => words.push("called off unsent".to_owned()),
            Change::Replan { born: Born::Due, .. } => words.push("order written anew".to_owned()),
            Change::Replan { .. } => words.push("order still refused".to_owned()),
            Change::Supersede { id } => {
                let ended = before
                    .iter()
                    .find(|open| open.id == *id)
                    .and_then(|open| Some((open.kind, open.number.as_ref()?)));
                words.extend(ended.map(|(kind, number)| {
                    let what = if kind == ORDER { "order" } else { "cancel" };
                    format!("{what} {} ends", short(number.as_str()))
                }));
            }
        }
    }
    for planned in &plan.handoffs {
        match &planned.content {
            Content::Order(order) => words.push(format!("order {}", short(order.number.as_str()))),
            Content::Cancel(cancel) => words.push(format!("cancel {}", short(cancel.number.as_str()))),
            Content::Record(record) if record.delivered_by_post => words.push("portal 10".to_owned()),
            Content::Row(row) if row.officer == world.tables.tracking_texts.officer => {
                words.push(format!("row {}", row.status.code()));
            }
            Content::Record(_) | Content::Row(_) | Content::Status(_) | Content::News(_) => {}
        }
    }
    let tasks = plan.flags.iter().filter(|flag| flag.task);
    words.extend(tasks.map(|flag| format!("task `{}`", flag.code)));
    if words.is_empty() { "–".to_owned() } else { words.join(", ") }
}

fn short(number: &str) -> &str {
    number.strip_prefix(&format!("{CODE}-")).unwrap()
}

/// One table an event, with a row for each state: the document as it should be.
fn tables() -> String {
    let mut text = String::new();
    for (event, happen) in EVENTS {
        text.push_str(&format!("\n### {event}\n\n| the return order is | then |\n|---|---|\n"));
        for (state, bring) in STATES {
            let mut world = World::new();
            bring(&mut world);
            let before = world.open.clone();
            let plan = happen(&mut world);
            text.push_str(&format!("| {state} | {} |\n", cell(&world, &before, &plan)));
        }
    }
    text
}

#[test]
fn each_cell_of_the_matrix_is_what_is_planned() {
    let (_, written) = DOCUMENT.split_once("<!-- matrix -->\n").expect("the document has its mark");
    let planned = tables();
    for (wanted, is) in written.lines().zip(planned.lines()) {
        assert_eq!(
            wanted, is,
            "docs/postal-matrix.md (left) says otherwise than the planner; all:\n{planned}"
        );
    }
    assert_eq!(written, planned, "all:\n{planned}");
}

/// A parcel in the post's hands is never called off, and nothing but a confirmed end makes room for a second order.
#[test]
fn no_cell_makes_a_second_parcel_or_calls_a_collected_one_off() {
    for (state, bring) in STATES {
        for (event, happen) in EVENTS {
            let mut world = World::new();
            bring(&mut world);
            let stage = world.state.legs.values().next().map(|leg| leg.stage);
            let plan = happen(&mut world);
            let orders = plan.handoffs.iter().filter(|planned| planned.content.kind() == ORDER).count();
            let cancels = plan.handoffs.iter().filter(|planned| planned.content.kind() == CANCEL).count();
            let over = matches!(
                stage,
                None | Some(
                    LegStage::Free
                        | LegStage::Cancelled
                        | LegStage::CancelledByPost
                        | LegStage::Returned
                        | LegStage::Delivered
                )
            );
            let ends = event == "tracking: cancelled" && state == "cancel on its way";
            assert!(orders == 0 || over || ends, "{state}, {event}: a second order");
            assert!(cancels == 0 || stage == Some(LegStage::Ordered), "{state}, {event}: a cancel");
        }
    }
}
