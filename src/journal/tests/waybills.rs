//! The pool of waybills: bound with the first claim, kept through everything, given back only when provably unused.

mod ends;
mod lives;

use super::id_of;
use super::world::{POST, World, abilities, at, event, partners_of, reason, take};
use crate::journal::Call;
use crate::journal::command::{Acted, CommandJournal, Imported, Refusal};
use crate::journal::report::{JournalReport, PoolLine, WaybillState};
use crate::partners::Partners;
use crate::watcher::Watcher;
use jiff::Timestamp;
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::ids::AccountName;
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, ReasonText};
use lienthong_core::port::{
    Abilities, FeedPage, LookUp, Pending, PoolRules, Port, Sent, Uniqueness, Waybills,
};
use lienthong_core::watch::Change;
use lienthong_core::waybill::{Waybill, range};
use std::sync::Arc;

/// A port of the world whose orders are told their waybills.
struct Pooled {
    inner: Arc<dyn Port>,
    number_unique: Uniqueness,
}

impl Port for Pooled {
    fn abilities(&self) -> Abilities {
        let rules = PoolRules { unusable: "TEST-105", not_taken: &["TEST-105", "TEST-NO"] };
        Abilities { number_unique: self.number_unique, waybills: Waybills::Pool(rules), ..abilities() }
    }

    fn translate(&self, contents: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
        self.inner.translate(contents)
    }

    fn send<'a>(&'a self, handoffs: &'a [Handoff], trace: Option<&'a str>) -> Pending<'a, Sent> {
        self.inner.send(handoffs, trace)
    }

    fn look_up<'a>(&'a self, handoff: &'a Handoff) -> Pending<'a, LookUp> {
        self.inner.look_up(handoff)
    }

    fn inspect<'a>(&'a self, inspection: &'a Inspection) -> Pending<'a, Inspected> {
        self.inner.inspect(inspection)
    }

    fn probe(&self) -> Pending<'_, Outcome> {
        self.inner.probe()
    }

    fn read_feed<'a>(&'a self, after: Option<&'a str>) -> Pending<'a, FeedPage> {
        self.inner.read_feed(after)
    }

    fn reasons(&self) -> &'static [ReasonText] {
        self.inner.reasons()
    }
}

/// The usual accounts; the post's has a pool, and nothing is left alone for its failures.
fn pooled(number_unique: Uniqueness) -> Partners {
    partners_of(|account| {
        account.breaker.failures = u32::MAX;
        if account.name.as_str() == POST {
            account.port = Arc::new(Pooled { inner: Arc::clone(&account.port), number_unique });
        }
    })
}

/// So many waybills, from this serial number on.
fn waybills(first: u32, count: u32) -> Vec<Waybill> {
    range(&format!("CH{first:08}VN"), &format!("CH{:08}VN", first + count - 1)).unwrap()
}

fn operator(world: &World) -> CommandJournal {
    CommandJournal::open(&world.settings, pooled(Uniqueness::Yes), "canbo").unwrap()
}

fn import(world: &World, first: u32, count: u32, now: Timestamp) -> Imported {
    operator(world).import_waybills(&AccountName::new(POST), &waybills(first, count), now).unwrap().unwrap()
}

fn pool(world: &World) -> PoolLine {
    JournalReport::open(&world.settings.journal.path).unwrap().waybill_pool(POST).unwrap()
}

/// How many are free, bound and retired, and how many orders wait.
fn counts(world: &World) -> (u32, u32, u32, u32) {
    let pool = pool(world);
    (pool.free, pool.bound, pool.retired, pool.waiting)
}

/// A world with so many waybills.
fn stocked(count: u32) -> World {
    let world = World::with(pooled(Uniqueness::Yes));
    import(&world, 1, count, at(0));
    world
}

fn waybill(call: &Call) -> String {
    call.handoffs[0].receipt.waybill.clone().expect("an order that is sent has its waybill")
}

fn down() -> Outcome {
    Outcome::Unavailable { reason: reason("TEST-503"), wait: None, unsent: false }
}

/// Claims the order that is due, alone among what is.
async fn order(world: &World, now: Timestamp) -> Call {
    take(&mut world.calls(now).await, "post.order")
}

#[tokio::test]
async fn the_first_claim_binds_and_every_retry_carries_the_same() {
    let world = stocked(3);
    world.admit([event(1, 1, 9)]).await;
    assert_eq!(counts(&world), (3, 0, 0, 0));
    let call = order(&world, at(1)).await;
    let first = waybill(&call);
    assert_eq!(counts(&world), (2, 1, 0, 0));
    world.settle(call, down(), at(2)).await;
    let call = order(&world, at(100)).await;
    assert_eq!(waybill(&call), first);
    world.settle(call, Outcome::Uncertain(reason("TEST-SILENT")), at(101)).await;
    let call = order(&world, at(1000)).await;
    assert_eq!((waybill(&call), call.attempt), (first, 3));
    world.settle(call, Outcome::Accepted(reason("TEST-OK")), at(1001)).await;
    assert_eq!(counts(&world), (2, 1, 0, 0));
}

#[tokio::test]
async fn claims_at_once_take_different_waybills() {
    let world = stocked(8);
    world.admit((1..=8).map(|dossier| event(dossier, 1, 9))).await;
    let (one, two) = tokio::join!(world.calls(at(1)), world.calls(at(1)));
    let mut taken: Vec<String> = one
        .iter()
        .chain(&two)
        .filter(|call| call.handoffs[0].kind().name() == "post.order")
        .map(waybill)
        .collect();
    taken.sort();
    let all: Vec<String> = waybills(1, 8).iter().map(Waybill::to_string).collect();
    assert_eq!(taken, all);
}

#[tokio::test]
async fn a_death_between_binding_and_sending_leaves_the_same_waybill() {
    let world = stocked(2);
    world.admit([event(1, 1, 9)]).await;
    let first = waybill(&order(&world, at(1)).await);
    let world = world.die_with(pooled(Uniqueness::Yes));
    assert_eq!(world.journal.recover(at(2), 0.5).await.unwrap(), 2, "the record's attempt and the order's");
    assert_eq!(waybill(&order(&world, at(3)).await), first);
    assert_eq!(counts(&world), (1, 1, 0, 0));
}

#[tokio::test]
async fn an_empty_pool_lets_the_order_wait_and_harms_nothing_else() {
    let world = stocked(1);
    world.admit([event(1, 1, 9), event(2, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    let bound = take(&mut calls, "post.order");
    assert_eq!(calls.len(), 2, "the records go; the second order waits");
    assert_eq!(counts(&world), (0, 1, 0, 1));
    let waiting = "SELECT count(*) FROM handoff WHERE code = 'GATEWAY-NO-WAYBILL' AND state = 'waiting' AND attempts = 0";
    assert_eq!(world.count(waiting), 1);
    // What has its waybill goes on although the pool is empty.
    world.settle(bound, down(), at(2)).await;
    let bound = order(&world, at(100)).await;
    assert_eq!(bound.attempt, 2);
    assert!(world.calls(at(100)).await.is_empty());
    import(&world, 2, 1, at(101));
    let call = order(&world, at(102)).await;
    assert_eq!((waybill(&call), call.attempt), (waybills(2, 1)[0].to_string(), 1));
    assert_eq!(world.count(waiting), 0);
    assert_eq!(counts(&world), (0, 2, 0, 0));
}

#[tokio::test]
async fn an_import_wakes_no_more_orders_than_it_can_provide_and_the_oldest_first() {
    let world = stocked(1);
    world.admit([event(1, 1, 9)]).await;
    order(&world, at(1)).await;
    for dossier in 2..=5 {
        world.admit_at(at(i64::try_from(dossier).unwrap()), [event(dossier, 1, 9)]).await;
        world.calls(at(10)).await;
    }
    assert_eq!(counts(&world), (0, 1, 0, 4));
    import(&world, 2, 2, at(20));
    assert_eq!(counts(&world), (2, 1, 0, 2));
    let sent = world.calls(at(21)).await;
    let numbers: Vec<String> = sent.iter().map(|call| call.handoffs[0].dossier.to_string()).collect();
    assert_eq!(numbers, ["H11.01.07-220915-0002", "H11.01.07-220915-0003"]);
    // Without a word to anybody they look again after a while.
    world
        .file()
        .execute("INSERT INTO waybill (code, account, imported_at) VALUES ('CH000000990VN', 'post-1', 1)", [])
        .unwrap();
    assert_eq!(world.calls(at(1000)).await.len(), 1);
}

#[tokio::test]
async fn what_was_imported_is_never_imported_anew() {
    let world = stocked(2);
    world.admit([event(1, 1, 9)]).await;
    let call = order(&world, at(1)).await;
    assert_eq!(import(&world, 1, 3, at(2)), Imported { new: 1, known: 2 });
    assert_eq!(counts(&world), (2, 1, 0, 0));
    let mut operator = operator(&world);
    let free = waybills(2, 1)[0].to_string();
    assert_eq!(operator.retire_waybill(&free, "in hỏng", at(3)).unwrap(), Acted::Done);
    assert_eq!(operator.retire_waybill(&free, "in hỏng", at(3)).unwrap(), Acted::Refused(Refusal::Unknown));
    let number = "H11.01.07-220915-0001-TRA-1".to_owned();
    let refused = Acted::Refused(Refusal::WaybillInUse(number));
    assert_eq!(operator.retire_waybill(&waybill(&call), "?", at(3)).unwrap(), refused);
    assert_eq!(import(&world, 1, 3, at(4)), Imported { new: 0, known: 3 });
    assert_eq!(counts(&world), (1, 1, 1, 0));
    let refused = operator.import_waybills(&AccountName::new("post-2"), &waybills(3, 2), at(5)).unwrap();
    let [third, _] = waybills(3, 2).try_into().unwrap();
    assert_eq!(refused, Err(Refusal::WaybillOfOther(third.to_string(), POST.to_owned())));
    assert_eq!(world.count("SELECT count(*) FROM waybill"), 3, "nothing of a refused import stands");
    let report = JournalReport::open(&world.settings.journal.path).unwrap();
    let retired = report.waybills(Some(POST), WaybillState::Retired, 10).unwrap();
    assert_eq!((retired.len(), retired[0].reason.as_deref()), (1, Some("hand")));
    let acts: Vec<String> = report.audit(at(-1000), 100).unwrap().into_iter().map(|act| act.act).collect();
    assert_eq!(acts, ["waybills-import", "waybills-import", "waybills-retire", "waybills-import"]);
}

#[tokio::test]
async fn a_pool_that_runs_low_is_told_before_it_is_empty() {
    let mut world = stocked(2);
    world.settings.watch.thresholds.waybills = 2;
    let mut watcher = Watcher::new(Arc::clone(&world.journal), &world.settings).await.unwrap();
    let mut said = async |now| {
        let changes = watcher.round(now).await.unwrap();
        let of_waybills = changes.into_iter().filter_map(|change| {
            let (word, alarm) = match change {
                Change::Raised(alarm) => ("raised", alarm),
                Change::Grown(alarm) => ("grown", alarm),
                Change::Cleared(alarm) => ("cleared", alarm),
            };
            let code = alarm.watchdog.code().strip_prefix("WATCH-WAYBILLS-")?;
            Some(format!("{word} {code} {} {}", alarm.scope, alarm.count))
        });
        of_waybills.collect::<Vec<_>>()
    };
    assert!(said(at(1)).await.is_empty());
    world.admit([event(1, 1, 9)]).await;
    order(&world, at(2)).await;
    assert_eq!(said(at(3)).await, ["raised LOW post-1 1"]);
    world.admit([event(2, 1, 9), event(3, 1, 9)]).await;
    world.calls(at(4)).await;
    assert_eq!(said(at(5)).await, ["raised OUT post-1 1"]);
    assert!(said(at(6)).await.is_empty());
    import(&world, 3, 3, at(7));
    world.calls(at(8)).await;
    assert_eq!(said(at(9)).await, ["cleared LOW post-1 1", "cleared OUT post-1 1"]);
}

#[tokio::test]
async fn the_store_itself_keeps_a_waybill_with_its_order() {
    let world = stocked(3);
    world.admit([event(1, 1, 9), event(2, 1, 9)]).await;
    world.calls(at(1)).await;
    for sql in [
        "UPDATE waybill SET number = 'X-TRA-1' WHERE code = (SELECT min(code) FROM waybill)",
        "UPDATE waybill SET number = (SELECT number FROM waybill WHERE number IS NOT NULL LIMIT 1) WHERE number IS NULL",
        "INSERT INTO waybill (code, account, imported_at) SELECT code, 'post-2', 1 FROM waybill LIMIT 1",
        "DELETE FROM waybill",
    ] {
        assert!(world.file().execute(sql, []).is_err(), "{sql}");
    }
    world.file().execute("UPDATE waybill SET retired_at = 1 WHERE number IS NULL", []).unwrap();
    assert!(world.file().execute("UPDATE waybill SET retired_at = NULL", []).is_err());
}
