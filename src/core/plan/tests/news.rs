//! What the commune's own system is told, and that its echo causes nothing.

use super::sample::{self, CODE, step, with};
use super::world::World;
use crate::event::{Event, EventKind, ForwardAddress};
use crate::handoff::{Content, HandoffKind, Partner};
use crate::ids::{AccountName, AgencyCode, HandoffId};
use crate::outcome::{Reason, ReasonCode};
use crate::plan::{Cause, Ended, Plan, Settlement, Stage, plan};
use crate::tables::{Reporter, Tables};
use crate::tracking::TrackingState;
use std::collections::BTreeSet;

const NEWS: HandoffKind = HandoffKind::CommuneEvent;

fn tables() -> Tables {
    let mut tables = sample::tables();
    for agency in tables.agencies.values_mut() {
        agency.commune_account = Some(AccountName::new("commune-tien-thanh").into());
    }
    tables
}

fn world() -> World {
    World::with_tables(tables())
}

/// What waits to be told, and is told with that.
fn hear(world: &mut World) -> Vec<String> {
    let news: Vec<_> = world.lanes().into_iter().filter(|line| line.starts_with("news")).collect();
    for _ in &news {
        let made = world.accept(NEWS);
        assert!(made.handoffs.is_empty(), "news causes no news");
    }
    news
}

fn delivered(world: &mut World) {
    world.desk(&step(1, 9));
    world.accept_all();
    world.track(&format!("{CODE}-TRA-1"), TrackingState::Delivered, 200);
    world.accept_all();
}

/// The commune's system takes over that the result was delivered, and its own publisher sees a change.
fn echo(n: u64) -> Event {
    with(step(n, 10), |snapshot| snapshot.dossier.returned_at = Some(sample::minute(200)))
}

fn causes_nothing(made: &Plan) -> bool {
    made.handoffs.is_empty() && made.changes.is_empty() && made.flags.is_empty()
}

#[test]
fn the_commune_is_told_what_its_partners_took() {
    let mut world = world();
    world.desk(&step(1, 9));
    assert_eq!(hear(&mut world), [""; 0], "what is due is told when it has ended");
    world.accept(HandoffKind::PortalRecord);
    world.accept(HandoffKind::PortalProgress);
    world.accept(HandoffKind::PostOrder);
    world.track(&format!("{CODE}-TRA-1"), TrackingState::Collected, 100);
    assert_eq!(
        hear(&mut world),
        [
            "news 1: Record 9 Accepted",
            "news 2: Progress 9 Accepted",
            "news 3: Order TRA-1 Accepted",
            "news 4: Parcel TRA-1 collected"
        ]
    );
}

#[test]
fn the_commune_is_told_what_stopped_and_where_to_correct_it() {
    let mut world = world();
    let unknown = with(step(1, 9), |snapshot| {
        snapshot.postal.return_to.as_mut().unwrap().province_code = crate::ids::UnitCode::new("99");
    });
    world.desk(&unknown);
    assert_eq!(
        hear(&mut world),
        ["news 1: Order TRA-1 stopped GATEWAY-UNKNOWN-AREA postal.return.province_code"]
    );
    world.refuse(HandoffKind::PortalRecord, "PORTAL-12", Some("dossier.subject"));
    assert_eq!(hear(&mut world), ["news 2: Record 9 stopped PORTAL-12 dossier.subject"]);
}

#[test]
fn an_order_called_off_before_it_left_is_told_and_so_is_a_failed_delivery() {
    let mut world = world();
    world.desk(&step(1, 9));
    world.desk(&sample::event(2, EventKind::ReturnWithdrawn, 9));
    assert_eq!(hear(&mut world), ["news 1: Order TRA-1 CalledOff"]);
    world.desk(&sample::event(3, EventKind::ReturnRegistered, 9));
    world.accept_all();
    hear(&mut world);
    let made = world.track(&format!("{CODE}-TRA-1"), TrackingState::Returned, 300);
    let flag = made.flags.first().unwrap().code.to_string();
    let heard = hear(&mut world);
    let told: Vec<_> = heard.iter().map(|line| line.split_once(": ").unwrap().1).collect();
    assert_eq!(told, ["Parcel TRA-1 returned".to_owned(), format!("Notice {flag} (task)")]);
}

#[test]
fn papers_that_were_forwarded_earlier_are_told_of_until_they_arrive() {
    let mut world = world();
    let forwarded = |n| {
        with(sample::event(n, EventKind::PapersForwarded, 4), |snapshot| {
            snapshot.postal.forward = Some(ForwardAddress {
                agency_code: AgencyCode::new("H11.01.08"),
                address: sample::address(),
            });
        })
    };
    world.desk(&step(1, 4));
    world.desk(&forwarded(2));
    world.accept_all();
    world.desk(&forwarded(3));
    world.accept_all();
    hear(&mut world);
    world.track(&format!("{CODE}-CHUYEN-1"), TrackingState::Delivered, 400);
    let told = hear(&mut world).remove(0);
    assert!(told.ends_with("Parcel CHUYEN-1 delivered"), "{told}");
}

#[test]
fn who_has_no_account_for_it_is_told_nothing() {
    let mut world = World::new();
    delivered(&mut world);
    assert_eq!(world.state.told, 0);
}

#[test]
fn where_a_ministry_reports_the_post_is_told_of_all_the_same() {
    let mut tables = tables();
    for rows in tables.procedures.values_mut() {
        rows.iter_mut().for_each(|row| row.reported_by = Reporter::Ministry);
    }
    let mut world = World::with_tables(tables);
    world.desk(&with(step(1, 9), |snapshot| {
        snapshot.dossier.procedure_code = crate::ids::ProcedureCode::new("2.000635");
    }));
    world.accept_all();
    assert_eq!(world.state.told, 1, "the order alone");
}

#[test]
fn the_same_end_twice_is_told_twice_under_two_names() {
    let mut world = world();
    world.desk(&step(1, 9));
    let settlement = |ended| Settlement {
        handoff: HandoffId::new("row"),
        kind: HandoffKind::PortalProgress,
        leg: None,
        number: None,
        status: None,
        at: sample::minute(50),
        ended,
    };
    let stopped = Ended::Dead(Reason::new(ReasonCode::known("PORTAL-9")).saying("Lò Thị Bưởi không hợp lệ"));
    let mut ids = BTreeSet::new();
    for ended in [stopped.clone(), stopped, Ended::ByHand, Ended::Reopened, Ended::ByHand] {
        let made = plan(
            Cause::Settled(&settlement(ended)),
            &world.known(),
            &world.tables,
            &sample::Strict,
            world.now,
        );
        assert!(!format!("{:?}", made.handoffs).contains("Bưởi"), "no partner's own words");
        let planned = made.handoffs.first().unwrap();
        assert!(ids.insert(planned.id.clone()));
        world.state = made.state;
    }
    assert_eq!(ids.len(), 5);
}

#[test]
fn a_delivery_that_comes_back_as_the_desks_own_word_causes_nothing() {
    let mut world = world();
    delivered(&mut world);
    let told = world.state.told;
    let made = world.desk(&echo(2));
    assert!(causes_nothing(&made), "{:?}", made.handoffs);
    assert_eq!(world.state.told, told);
    // Said once more, by the desk itself, it is a repeated step: its row may be wanted, and ends nothing.
    let own = with(step(3, 10), |snapshot| snapshot.dossier.subject.push_str(" (bản sao)"));
    let made = world.desk(&own);
    let kinds: Vec<_> = made.handoffs.iter().map(|planned| planned.content.kind()).collect();
    assert!(kinds.contains(&HandoffKind::PortalRecord), "{kinds:?}");
}

#[test]
fn a_step_under_the_gateways_own_name_causes_nothing() {
    let mut world = world();
    world.desk(&step(1, 9));
    world.accept_all();
    world.track(&format!("{CODE}-TRA-1"), TrackingState::Collected, 100);
    world.accept_all();
    let officer = world.tables.tracking_texts.officer.clone();
    let made = world.desk(&with(step(2, 9), |snapshot| snapshot.step.officer.clone_from(&officer)));
    assert!(causes_nothing(&made), "{:?}", made.handoffs);
    // The desk's own repeated step is told, as ever.
    let made = world.desk(&step(3, 9));
    assert!(!made.handoffs.is_empty());
}

#[test]
fn an_echo_that_says_more_is_the_desks_own_word() {
    let mut world = world();
    delivered(&mut world);
    let made = world.desk(&with(echo(2), |snapshot| snapshot.applicant.phone = Some("0510000999".into())));
    let records = made.handoffs.iter().filter(|planned| planned.content.kind() == HandoffKind::PortalRecord);
    assert_eq!(records.count(), 1);
}

#[test]
fn dead_news_holds_no_later_news() {
    let mut world = world();
    world.desk(&step(1, 9));
    world.accept(HandoffKind::PortalRecord);
    world.accept(HandoffKind::PortalProgress);
    world.refuse(NEWS, "GATEWAY-BUDGET-SPENT", None);
    let stages: Vec<_> = world.open.iter().filter(|open| open.kind == NEWS).map(|open| open.stage).collect();
    assert_eq!(stages, [Stage::Dead, Stage::Waiting], "a stop of news is no news");
    let agency = AgencyCode::new("H11.01.07");
    assert!(world.tables.account(&agency, Partner::Commune, world.now).is_some());
    assert!(
        world.open.iter().all(|open| open.kind != NEWS || matches!(open.content, Some(Content::News(_))))
    );
}
