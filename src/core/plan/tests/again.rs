//! What a comparison of both sides may have sent: one whole record, or nothing.

use super::sample::{self, step};
use super::world::World;
use crate::handoff::{Content, HandoffKind};
use crate::outcome::ReasonCode;
use crate::plan::again::{self, NotAgain};
use crate::plan::{Flag, Stage};
use crate::reconcile::codes;
use crate::status::Status;
use crate::tracking::TrackingState;

fn told() -> World {
    let mut world = World::new();
    world.desk(&step(1, 2));
    world.desk(&step(2, 9));
    world.accept_all();
    world
}

fn record(world: &World) -> Result<crate::plan::Plan, NotAgain> {
    again::record("7", &world.known(), &world.tables, &sample::Strict, world.now)
}

#[test]
fn a_repair_plans_a_record_and_nothing_else() {
    let mut world = told();
    world.track(&format!("{}-TRA-1", sample::CODE), TrackingState::Delivered, 50);
    world.accept_all();
    let plan = record(&world).unwrap();
    let [planned] = plan.handoffs.as_slice() else { panic!("{plan:?}") };
    let Content::Record(record) = &planned.content else { panic!("{planned:?}") };
    assert_eq!(record.status, Status::Returned, "the lasting facts stay");
    assert!(plan.changes.is_empty() && plan.flags.is_empty() && plan.basis.is_none());
    let again = again::record("7", &world.known(), &world.tables, &sample::Strict, world.now).unwrap();
    let other = again::record("8", &world.known(), &world.tables, &sample::Strict, world.now).unwrap();
    assert_eq!(again.handoffs[0].id, planned.id, "the same repair is the same handoff");
    assert_ne!(other.handoffs[0].id, planned.id);
}

#[test]
fn nothing_is_planned_while_a_record_is_under_way_or_stopped_or_cannot_be_made() {
    for stage in [Stage::Waiting, Stage::Sending, Stage::Uncertain] {
        let mut world = told();
        world.desk(&step(3, 10));
        world.attempt(HandoffKind::PortalRecord, stage);
        assert_eq!(record(&world).unwrap_err(), NotAgain::UnderWay, "{stage:?}");
    }
    let mut world = told();
    world.desk(&step(3, 10));
    world.refuse(HandoffKind::PortalRecord, "PORTAL-7", None);
    assert_eq!(record(&world).unwrap_err(), NotAgain::Stopped);
    let mut world = told();
    world.basis = None;
    assert_eq!(record(&world).unwrap_err(), NotAgain::NoSnapshot);
    let mut world = told();
    for agency in world.tables.agencies.values_mut() {
        agency.portal_account = None;
    }
    assert_eq!(record(&world).unwrap_err(), NotAgain::NotReported);
}

#[test]
fn a_task_is_asked_for_and_nothing_is_planned() {
    let world = told();
    let plan = again::task(codes::ORDER_UNSEEN, &world.known(), &world.tables, &sample::Strict, world.now);
    let asked = Flag { code: ReasonCode::known(codes::ORDER_UNSEEN), task: true };
    assert_eq!(plan.flags, [asked]);
    assert!(plan.handoffs.is_empty() && plan.changes.is_empty());
    assert_eq!(plan.state, world.state);
}
