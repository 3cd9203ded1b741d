//! Dead orders and what brings them back.

use super::sample::{self, step, with};
use super::world::World;
use crate::event::{EventKind, Snapshot};
use crate::handoff::HandoffKind;
use crate::ids::{AgencyCode, UnitCode};
use crate::plan::Stage;

const ORDER: HandoffKind = HandoffKind::PostOrder;

/// What the post's lane holds.
fn lane(world: &World) -> Vec<String> {
    world.lanes().into_iter().filter(|line| line.starts_with("order") || line.starts_with("cancel")).collect()
}

#[test]
fn a_partners_refusal_is_cured_by_the_field_it_names() {
    let other = |path: &'static str| {
        move |snapshot: &mut Snapshot| {
            let address = snapshot.postal.return_to.as_mut().unwrap();
            match path {
                "phone" => address.phone = Some("0510000112".into()),
                _ => address.address = "5 Trần Phú".into(),
            }
        }
    };
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.refuse(ORDER, "POST-105", Some("postal.return.phone"));
    world.desk(&with(sample::event(2, EventKind::FeesChanged, 9), other("address")));
    assert_eq!(lane(&world), ["order TRA-1 DEAD"]);
    world.desk(&with(sample::event(3, EventKind::FeesChanged, 9), other("phone")));
    assert_eq!(lane(&world), ["order TRA-1"]);
    world.refuse(ORDER, "POST-105", Some("postal.return.phone"));
    world.desk(&with(sample::event(4, EventKind::FeesChanged, 9), other("phone")));
    assert_eq!(lane(&world), ["order TRA-1 DEAD"], "the same content is not tried again");
}

#[test]
fn what_was_corrected_while_the_order_was_in_flight_cures_its_refusal() {
    let mut world = World::new();
    world.desk(&step(1, 9));
    world.attempt(ORDER, Stage::Sending);
    let phone = with(sample::event(2, EventKind::FeesChanged, 9), |snapshot| {
        snapshot.postal.return_to.as_mut().unwrap().phone = Some("0510000112".into());
    });
    world.desk(&phone);
    world.refuse(ORDER, "POST-105", Some("postal.return.phone"));
    assert_eq!(lane(&world), ["order TRA-1"]);
}

#[test]
fn an_area_that_the_adapter_does_not_know_is_cured_at_the_desk() {
    let nowhere = |snapshot: &mut Snapshot| {
        snapshot.postal.return_to.as_mut().unwrap().province_code = UnitCode::new("99");
    };
    let mut world = World::new();
    world.desk(&with(step(1, 9), nowhere));
    assert_eq!(lane(&world), ["order TRA-1 DEAD"]);
    world.desk(&sample::event(2, EventKind::FeesChanged, 9));
    assert_eq!(lane(&world), ["order TRA-1"]);
}

#[test]
fn an_agency_without_a_profile_at_the_post_has_a_dead_order_until_it_gets_one() {
    let mut tables = sample::tables();
    let agency = AgencyCode::new("H11.01.07");
    tables.agencies.get_mut(&agency).unwrap().post_account = None;
    let mut world = World::with_tables(tables);
    let born = world.desk(&step(1, 9));
    assert!(world.story().contains("order TRA-1 DEAD GATEWAY-NO-AGENCY-PROFILE agency.code"));
    assert_eq!(born.handoffs.len(), 3);
    world.desk(&sample::event(2, EventKind::FeesChanged, 9));
    assert_eq!(lane(&world), ["order TRA-1 DEAD"]);
    world.tables = sample::tables();
    let cured = world.desk(&sample::event(3, EventKind::FeesChanged, 9));
    assert_eq!(lane(&world), ["order TRA-1"]);
    assert_eq!(cured.handoffs[0].account.as_str(), "post-tien-thanh");
}
