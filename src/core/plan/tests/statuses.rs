//! Statuses of dossiers that were lodged at the portal: when one is planned, and what it makes needless.

use super::sample::{self, at_desk, step, with};
use super::world::World;
use crate::event::{Event, EventKind};
use crate::handoff::{Content, HandoffKind};
use crate::ids::{AccountName, PortalAccountId, PortalCode};
use crate::plan::{Plan, Stage};
use crate::status::Status;
use crate::tables::Tables;
use crate::tracking::TrackingState;

/// The account takes each status but 1 and 5.
pub(super) fn tables() -> Tables {
    let taken = Status::ALL.into_iter().filter(|status| !matches!(status.code(), 1 | 5)).collect();
    let mut tables = sample::tables();
    tables.status_services = [(AccountName::new("portal-tien-thanh"), taken)].into();
    tables
}

fn world() -> World {
    World::with_tables(tables())
}

/// A step of a dossier that was lodged at the portal.
fn lodged(n: u64, status: u8) -> Event {
    with(at_desk(step(n, status)), |snapshot| {
        snapshot.dossier.portal_code = Some(PortalCode::new("G22.99.1-261030-0142"));
        snapshot.applicant.portal_id = Some(PortalAccountId::new("a81f-77c2"));
    })
}

fn statuses(plan: &Plan) -> Vec<u8> {
    let told = plan.handoffs.iter().filter_map(|planned| match &planned.content {
        Content::Status(standing) => Some(standing.status.code()),
        Content::Record(_) | Content::Row(_) | Content::Order(_) | Content::Cancel(_) | Content::News(_) => {
            None
        }
    });
    told.collect()
}

#[test]
fn a_step_tells_the_portals_own_copy_after_the_record_and_the_row() {
    let mut world = world();
    let plan = world.desk(&lodged(1, 2));
    assert_eq!(world.lanes(), ["record 2", "row 2", "status 2"]);
    let Content::Status(standing) = &plan.handoffs[2].content else { panic!("no status") };
    assert_eq!(standing.portal_code.as_str(), "G22.99.1-261030-0142");
    assert_eq!(standing.dossier.as_str(), sample::CODE);
    assert_eq!(standing.applicant.as_ref().map(PortalAccountId::as_str), Some("a81f-77c2"));
    assert_eq!((standing.at, standing.text.is_empty()), (sample::minute(10), false));
}

#[test]
fn nothing_is_planned_without_the_number_the_service_or_a_code() {
    assert_eq!(statuses(&world().desk(&at_desk(step(1, 2)))), [0; 0]);
    assert_eq!(statuses(&World::new().desk(&lodged(1, 2))), [0; 0]);
    for status in Status::ALL {
        let expected = usize::from(!matches!(status.code(), 1 | 5));
        assert_eq!(statuses(&world().desk(&lodged(1, status.code()))).len(), expected, "{status:?}");
    }
}

#[test]
fn the_number_is_remembered_by_events_that_do_not_know_it() {
    let mut world = world();
    world.desk(&lodged(1, 2));
    assert_eq!(statuses(&world.desk(&at_desk(step(2, 4)))), [4]);
}

#[test]
fn a_newer_status_makes_those_needless_that_have_not_left() {
    let mut world = world();
    world.desk(&lodged(1, 2));
    world.accept_all();
    world.desk(&lodged(2, 4));
    world.desk(&lodged(3, 9));
    assert_eq!(world.lanes(), ["row 4", "record 9", "row 9", "status 9"]);
}

#[test]
fn a_status_that_was_attempted_goes_before_the_newer_one() {
    for stage in [Stage::Sending, Stage::Uncertain] {
        let mut world = world();
        world.desk(&lodged(1, 2));
        world.accept(HandoffKind::PortalRecord);
        world.accept(HandoffKind::PortalProgress);
        world.attempt(HandoffKind::PortalStatus, stage);
        world.desk(&lodged(2, 4));
        assert_eq!(world.lanes().len(), 4, "{:?}", world.lanes());
        world.accept(HandoffKind::PortalStatus);
        assert_eq!(world.lanes(), ["record 4", "row 4", "status 4"]);
    }
}

#[test]
fn a_status_that_is_refused_while_a_newer_one_waits_asks_nobody_to_act() {
    let mut world = world();
    world.desk(&lodged(1, 2));
    world.attempt(HandoffKind::PortalStatus, Stage::Sending);
    world.desk(&lodged(2, 4));
    let plan = world.refuse(HandoffKind::PortalStatus, "PORTAL-57", None);
    assert_eq!(plan.changes.len(), 1);
    assert!(!world.state.portal.status_stopped);
    assert_eq!(world.lanes(), ["record 2", "row 2", "record 4", "row 4", "status 4"]);
}

#[test]
fn a_refused_status_is_replaced_by_the_next_and_holds_nothing_meanwhile() {
    let mut world = world();
    world.desk(&lodged(1, 2));
    world.accept(HandoffKind::PortalRecord);
    world.accept(HandoffKind::PortalProgress);
    world.refuse(HandoffKind::PortalStatus, "PORTAL-57", None);
    assert_eq!(world.lanes(), ["status 2 DEAD"]);
    world.desk(&lodged(2, 4));
    assert_eq!(world.lanes(), ["record 4", "row 4", "status 4"]);
}

#[test]
fn a_late_step_says_nothing_of_where_the_dossier_stands() {
    let mut world = world();
    world.desk(&lodged(3, 9));
    assert_eq!(statuses(&world.desk(&lodged(2, 4))), [0; 0]);
}

#[test]
fn a_status_whose_step_was_lost_or_came_late_is_caught_up_with() {
    let mut world = world();
    world.desk(&lodged(1, 2));
    let fees =
        |n| with(lodged(n, 4), |snapshot| snapshot.fees.iter_mut().flatten().for_each(|fee| fee.paid = true));
    let changed = Event { kind: EventKind::FeesChanged, ..fees(3) };
    assert_eq!(statuses(&world.desk(&changed)), [4]);
    assert_eq!(statuses(&world.desk(&Event { kind: EventKind::FeesChanged, ..fees(4) })), [0; 0]);
    assert_eq!(statuses(&world.desk(&lodged(2, 4))), [0; 0], "the newest status is told");
}

#[test]
fn a_delivery_is_told_as_the_10_that_it_is() {
    let mut world = world();
    world.desk(&with(step(1, 9), |snapshot| {
        snapshot.dossier.portal_code = Some(PortalCode::new("G22.99.1-261030-0142"));
    }));
    world.accept_all();
    let number = format!("{}-TRA-1", sample::CODE);
    assert_eq!(statuses(&world.track(&number, TrackingState::Collected, 20)), [0; 0]);
    assert_eq!(statuses(&world.track(&number, TrackingState::Delivered, 30)), [10]);
}

#[test]
fn the_commune_hears_of_a_status_that_stops_and_of_its_end_after_that() {
    let mut tables = tables();
    let agency = tables.agencies.values_mut().next().unwrap();
    agency.commune_account = Some(AccountName::new("xa").into());
    let mut world = World::with_tables(tables);
    let news = |plan: &Plan| {
        plan.handoffs.iter().filter(|one| one.content.kind() == HandoffKind::CommuneEvent).count()
    };
    world.desk(&lodged(1, 2));
    world.accept(HandoffKind::PortalRecord);
    world.accept(HandoffKind::PortalProgress);
    assert_eq!(news(&world.accept(HandoffKind::PortalStatus)), 0);
    world.desk(&lodged(2, 4));
    assert_eq!(news(&world.refuse(HandoffKind::PortalStatus, "PORTAL-57", None)), 1);
    world.desk(&lodged(3, 9));
    assert_eq!(news(&world.accept(HandoffKind::PortalStatus)), 1);
    world.desk(&lodged(4, 10));
    assert_eq!(news(&world.accept(HandoffKind::PortalStatus)), 0);
}

#[test]
fn a_status_that_cannot_be_written_is_born_a_dead_letter_and_takes_nothing_away() {
    let mut world = world();
    world.desk(&lodged(1, 2));
    world.desk(&with(lodged(2, 4), |snapshot| snapshot.step.text.clear()));
    assert_eq!(world.lanes(), ["record 2", "row 2", "status 2", "record 4", "row 4", "status 4 DEAD"]);
    world.desk(&lodged(3, 9));
    assert_eq!(world.lanes(), ["record 2", "row 2", "row 4", "record 9", "row 9", "status 9"]);
}
