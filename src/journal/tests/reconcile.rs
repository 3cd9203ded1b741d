//! Comparisons of both sides: what is gathered, asked, found and repaired, with a partner that answers what a test says.

mod orders;

use super::commands::operator;
use super::world::{PORTAL, World, at, code, event, reason};
use crate::journal::report::{FindingLine, JournalReport, RunLine};
use crate::journal::{Asked, Query, Scope};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::inspect::{Inspected, Inspection, Theirs};
use lienthong_core::outcome::Outcome;
use lienthong_core::reconcile::Kind;
use std::collections::BTreeSet;
use std::time::Duration;

const HOUR: i64 = 3600;

fn scope(partner: Partner) -> Scope {
    Scope {
        partner,
        agency: None,
        accounts: Vec::new(),
        from: at(-HOUR),
        to: at(50 * HOUR),
        visible_before: at(48 * HOUR),
        listed: None,
    }
}

fn begin(world: &World, scope: &Scope) -> i64 {
    let Asked::Begun(run) = operator(world).begin_reconciliation(scope, at(50 * HOUR)).unwrap() else {
        panic!("another runs")
    };
    run
}

async fn queries(world: &World, now: Timestamp) -> Vec<Query> {
    world.journal.reconcile_queries(BTreeSet::new(), 8, false, now).await.unwrap()
}

/// Moves everything forward until nothing is left to be done, each question answered; gives the codes asked for.
async fn run_to_end(world: &World, now: Timestamp, answer: impl Fn(&str) -> Inspected) -> Vec<String> {
    let (mut asked, mut idle) = (Vec::new(), 0);
    // The round that finds nothing to ask any more lets the next one end the run.
    while idle < 2 {
        let more = world.journal.advance_reconciliation(true, now).await.unwrap();
        let queries = queries(world, now).await;
        idle = if more || !queries.is_empty() { 0 } else { idle + 1 };
        for query in queries {
            let name = match &query.inspection {
                Inspection::Dossier(code) => code.as_str().to_owned(),
                Inspection::Orders { after, .. } => format!("page {}", after.as_deref().unwrap_or("-")),
            };
            let answer = answer(&name);
            asked.push(name);
            world.journal.settle_query(query, answer, now).await.unwrap();
        }
    }
    asked
}

fn held(things: Vec<Theirs>) -> Inspected {
    Inspected::Held { things, unreadable: 0, next: None }
}

fn nine(name: &str) -> Inspected {
    held(vec![Theirs::dossier(name, Some("9".to_owned()))])
}

fn report(world: &World) -> JournalReport {
    JournalReport::open(&world.settings.journal.path).unwrap()
}

fn line(world: &World, run: i64) -> RunLine {
    report(world).reconciliation(run).unwrap().unwrap()
}

fn findings(world: &World, run: i64) -> Vec<FindingLine> {
    report(world).findings(run, None).unwrap()
}

/// Name, kind and repair of every finding.
fn told(world: &World, run: i64) -> Vec<(String, String, String)> {
    let findings = findings(world, run).into_iter();
    findings.map(|found| (found.name, found.kind, found.repair)).collect()
}

fn expected(name: String, kind: Kind, repair: &str) -> (String, String, String) {
    (name, kind.name().to_owned(), repair.to_owned())
}

#[tokio::test]
async fn the_portal_is_asked_once_about_each_dossier_and_four_kinds_are_found() {
    let world = World::open();
    for dossier in 1..=5 {
        world.admit([event(dossier, 1, 4), event(dossier, 2, 9)]).await;
    }
    world.accept_all(at(1)).await;
    // One whose record was refused, and one whose record is under way.
    world.admit([event(6, 1, 9)]).await;
    for call in world.calls(at(2)).await {
        world.settle(call, Outcome::Rejected(reason("TEST-7")), at(2)).await;
    }
    world.admit([event(7, 1, 9)]).await;
    let run = begin(&world, &scope(Partner::Portal));
    let asked = run_to_end(&world, at(51 * HOUR), |name| match name {
        name if name == code(2) => held(Vec::new()),
        name if name == code(3) => held(vec![Theirs::dossier(name, Some("4".to_owned()))]),
        name if name == code(4) => held(vec![Theirs::dossier(name, None), Theirs::dossier(name, None)]),
        name => nine(name),
    })
    .await;
    assert_eq!(asked, (1..=6).map(code).collect::<Vec<_>>(), "7 is under way: there is nothing to compare");
    let found = [
        expected(code(3), Kind::Differs, "send-record"),
        expected(code(4), Kind::DoubleThere, "ask-portal"),
        expected(code(6), Kind::MissingHere, "cure"),
        expected(code(2), Kind::MissingThere, "send-record"),
    ];
    assert_eq!(told(&world, run), found);
    let ended = line(&world, run);
    let part = &ended.parts[0];
    assert_eq!((ended.state.as_str(), part.total, part.agreed), ("done", 7, 2));
    assert_eq!((part.differing, part.not_compared, part.left_out), (4, 1, 0));
    assert_eq!(ended.open, 4, "what was asked for by hand repairs nothing by itself");
    assert_eq!(world.count("SELECT count(*) FROM reconcile_item"), 0);
}

#[tokio::test]
async fn the_night_sends_a_record_that_is_missing_there_and_nothing_else() {
    let world = World::open();
    for dossier in 1..=3 {
        world.admit([event(dossier, 1, 9)]).await;
    }
    world.accept_all(at(1)).await;
    let night = "2022-09-15".parse().unwrap();
    let begun = world.journal.begin_night(scope(Partner::Portal), night, at(50 * HOUR)).await.unwrap();
    let run = begun.unwrap();
    assert_eq!(world.journal.begin_night(scope(Partner::Portal), night, at(50 * HOUR)).await.unwrap(), None);
    while world.journal.advance_reconciliation(true, at(50 * HOUR)).await.unwrap() {}
    assert!(queries(&world, at(50 * HOUR)).await.is_empty(), "by day nobody is asked for it");
    let by_night = |busy| world.journal.reconcile_queries(busy, 8, true, at(50 * HOUR));
    for _ in 0..3 {
        let queries = by_night(BTreeSet::new()).await.unwrap();
        assert!(by_night([AccountName::new(PORTAL)].into()).await.unwrap().is_empty(), "one at once");
        for query in queries {
            let Inspection::Dossier(asked) = &query.inspection else { panic!("{query:?}") };
            let answer = if asked.as_str() == code(1) {
                held(Vec::new())
            } else {
                held(vec![Theirs::dossier(asked.as_str(), Some("4".to_owned()))])
            };
            world.journal.settle_query(query, answer, at(50 * HOUR)).await.unwrap();
        }
    }
    assert!(by_night(BTreeSet::new()).await.unwrap().is_empty());
    while world.journal.advance_reconciliation(true, at(50 * HOUR)).await.unwrap() {}
    let calls = world.calls(at(50 * HOUR)).await;
    assert_eq!(calls.len(), 1, "two differ, and nobody has said what is to be done");
    assert_eq!(calls[0].handoffs[0].dossier.as_str(), code(1));
    assert_eq!(calls[0].handoffs[0].kind().name(), "portal.record");
    for call in calls {
        world.settle(call, Outcome::Accepted(reason("TEST-OK")), at(51 * HOUR)).await;
    }
    while world.journal.advance_reconciliation(true, at(51 * HOUR)).await.unwrap() {}
    let missing = report(&world).findings(run, Some(Kind::MissingThere)).unwrap();
    assert_eq!((missing[0].result.as_deref(), missing.len()), (Some("accepted"), 1));
    assert_eq!(line(&world, run).open, 2);
    let audit = "SELECT count(*) FROM audit WHERE act = 'repair' AND who = 'lienthong (nightly)'";
    assert_eq!(world.count(audit), 1);
}

#[tokio::test]
async fn a_repair_survives_a_restart_is_planned_once_and_stands_in_the_audit() {
    let world = World::open();
    for dossier in 1..=2 {
        world.admit([event(dossier, 1, 9)]).await;
    }
    world.accept_all(at(1)).await;
    let run = begin(&world, &scope(Partner::Portal));
    run_to_end(&world, at(50 * HOUR), |_| held(Vec::new())).await;
    // One of them is told anew meanwhile.
    world.admit_at(at(51 * HOUR), [event(2, 2, 10)]).await;
    world.accept_all(at(51 * HOUR)).await;
    let mut officer = operator(&world);
    assert_eq!(officer.repair(run, Some(Kind::Differs), None, at(52 * HOUR)).unwrap(), 0);
    assert_eq!(officer.repair(run, None, Some("đã thống nhất"), at(52 * HOUR)).unwrap(), 2);
    drop(officer);
    let world = world.die();
    world.journal.advance_reconciliation(true, at(52 * HOUR)).await.unwrap();
    let world = world.die();
    for _ in 0..3 {
        world.journal.advance_reconciliation(true, at(52 * HOUR)).await.unwrap();
    }
    let records = "SELECT count(*) FROM handoff WHERE kind = 'portal.record' AND state = 'waiting'";
    assert_eq!(world.count(records), 1);
    world.accept_all(at(53 * HOUR)).await;
    world.journal.advance_reconciliation(true, at(53 * HOUR)).await.unwrap();
    let results: Vec<_> =
        findings(&world, run).into_iter().map(|found| (found.name, found.result.unwrap())).collect();
    assert_eq!(results, [(code(1), "accepted".to_owned()), (code(2), "overtaken".to_owned())]);
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE act = 'repair'"), 1);
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE act = 'reconcile-repair'"), 1);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'portal.progress'"), 3, "no row again");
}

#[tokio::test]
async fn a_run_that_a_death_cuts_off_asks_again_what_it_was_asking_and_no_more() {
    let world = World::open();
    for dossier in 1..=4 {
        world.admit([event(dossier, 1, 9)]).await;
    }
    world.accept_all(at(1)).await;
    let run = begin(&world, &scope(Partner::Portal));
    while world.journal.advance_reconciliation(true, at(50 * HOUR)).await.unwrap() {}
    let first = queries(&world, at(50 * HOUR)).await.remove(0);
    world.journal.settle_query(first, nine(&code(1)), at(50 * HOUR)).await.unwrap();
    let second = queries(&world, at(50 * HOUR)).await.remove(0);
    drop(second);
    let world = world.die();
    let asked = run_to_end(&world, at(50 * HOUR), nine).await;
    assert_eq!(asked, [code(2), code(3), code(4)]);
    assert_eq!(line(&world, run).parts[0].agreed, 4);
}

#[tokio::test]
async fn nobody_is_asked_through_an_account_that_is_closed_and_refusals_slow_it_down() {
    let world = World::open();
    for dossier in 1..=2 {
        world.admit([event(dossier, 1, 9)]).await;
    }
    world.accept_all(at(1)).await;
    let run = begin(&world, &scope(Partner::Portal));
    let now = 50 * HOUR;
    while world.journal.advance_reconciliation(true, at(now)).await.unwrap() {}
    operator(&world).pause(PORTAL, "bảo trì", None, at(now)).unwrap();
    assert!(queries(&world, at(now)).await.is_empty());
    assert!(operator(&world).resume(PORTAL, None, at(now)).unwrap());
    let away = || {
        let wait = Some(Duration::from_secs(120));
        Inspected::Failed(Outcome::Unavailable { reason: reason("TEST-AWAY"), wait, unsent: true })
    };
    let query = queries(&world, at(now)).await.remove(0);
    world.journal.settle_query(query, away(), at(now)).await.unwrap();
    assert!(queries(&world, at(now + 119)).await.is_empty());
    assert_eq!(line(&world, run).parts[0].code.as_deref(), Some("TEST-AWAY"));
    let query = queries(&world, at(now + 121)).await.remove(0);
    let refused = Inspected::Failed(Outcome::Rejected(reason("TEST-9")));
    world.journal.settle_query(query, refused, at(now + 121)).await.unwrap();
    let query = queries(&world, at(now + 122)).await.remove(0);
    let blocked = Inspected::Failed(Outcome::Blocked(reason("TEST-401")));
    world.journal.settle_query(query, blocked, at(now + 122)).await.unwrap();
    assert!(queries(&world, at(now + 9999)).await.is_empty(), "until somebody acts");
    assert!(operator(&world).resume(PORTAL, None, at(now + 9999)).unwrap());
    let asked = run_to_end(&world, at(now + 9999), nine).await;
    assert_eq!(asked, [code(2)]);
    let part = line(&world, run).parts.remove(0);
    assert_eq!((part.left_out, part.agreed), (1, 1));
    let left_out = report(&world).left_out(run).unwrap();
    assert_eq!(left_out, [(code(1), PORTAL.to_owned(), "TEST-9".to_owned())]);
}

#[tokio::test]
async fn a_list_of_codes_is_compared_alone() {
    let world = World::open();
    world.admit([event(1, 1, 9), event(2, 1, 9)]).await;
    world.accept_all(at(1)).await;
    let codes = vec![code(1), "H11.01.07-220915-9998".to_owned(), "H11.01.07-220915-9999".to_owned()];
    let listed = Some((AccountName::new(PORTAL), codes.clone()));
    let run = begin(&world, &Scope { listed, ..scope(Partner::Portal) });
    let asked =
        run_to_end(
            &world,
            at(51 * HOUR),
            |name| {
                if name.ends_with("9999") { held(Vec::new()) } else { nine(name) }
            },
        )
        .await;
    assert_eq!(asked, codes);
    let found = [
        expected(codes[1].clone(), Kind::MissingHere, "publish"),
        expected(codes[2].clone(), Kind::MissingThere, "publish"),
    ];
    assert_eq!(told(&world, run), found);
    assert_eq!(operator(&world).repair(run, None, None, at(51 * HOUR)).unwrap(), 2);
    world.journal.advance_reconciliation(true, at(51 * HOUR)).await.unwrap();
    assert!(findings(&world, run).iter().all(|found| found.result.as_deref() == Some("by-hand")));
    assert!(world.calls(at(51 * HOUR)).await.is_empty());
}

#[tokio::test]
async fn a_comparison_leaves_half_of_a_quota_to_the_day() {
    let world = World::with(super::world::partners_of(|account| account.quota_per_day = Some(4)));
    world.admit([event(1, 1, 9)]).await;
    world.accept_all(at(1)).await;
    begin(&world, &scope(Partner::Portal));
    let now = at(50 * HOUR);
    while world.journal.advance_reconciliation(true, now).await.unwrap() {}
    let account = AccountName::new(PORTAL);
    world.journal.count_call(&account, now).await.unwrap();
    assert_eq!(queries(&world, now).await.len(), 1);
    world.journal.count_call(&account, now).await.unwrap();
    assert!(queries(&world, now).await.is_empty());
    let tomorrow = now.checked_add(SignedDuration::from_hours(24)).unwrap();
    assert_eq!(queries(&world, tomorrow).await.len(), 1);
}
