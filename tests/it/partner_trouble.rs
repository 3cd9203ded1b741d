//! Partners in trouble for longer than a call: what one attempt makes of a fault is `conformance`'s; here the whole
//! gateway lives through it, and the partners' ledgers judge: nothing lost, nothing doubled, order kept, no login hammered.

use crate::support::{AGENCY, AGENCY_2, DEADLINE, Dossier, Event, Options, Row, World, until};
use mock_kit::{Deed, Entry, Fault, Wait};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The life of a dossier whose result goes home by post.
const LIFE: [u8; 3] = [2, 4, 9];

/// Dossiers and what must be told of them.
struct Desk {
    dossiers: Vec<Dossier>,
    rows: Vec<Vec<Row>>,
    events: usize,
}

impl Desk {
    fn new(agency: &'static str, dossiers: usize) -> Self {
        let dossiers: Vec<Dossier> =
            (0..dossiers).map(|number| Dossier::of(agency, number).by_post()).collect();
        Self { rows: vec![Vec::new(); dossiers.len()], dossiers, events: 0 }
    }

    /// Everybody's next step.
    fn step(&mut self, status: u8) -> Vec<Event> {
        let events: Vec<Event> = self.dossiers.iter_mut().map(|dossier| dossier.status(status)).collect();
        for (rows, event) in self.rows.iter_mut().zip(&events) {
            rows.push(event.row());
        }
        self.events += events.len();
        events
    }

    /// Everybody's whole life.
    fn life(&mut self) -> Vec<Event> {
        LIFE.iter().flat_map(|status| self.step(*status)).collect()
    }

    /// Waits until nothing is left to do, and judges.
    async fn told(&self, world: &World) {
        world.settled(self.events, DEADLINE).await;
        self.judge(world);
    }

    /// Every row once and in order, the newest record, one parcel each.
    fn judge(&self, world: &World) {
        for (dossier, rows) in self.dossiers.iter().zip(&self.rows) {
            assert_eq!(once(world.rows(dossier)), [rows.clone(), rows.clone()], "{}", dossier.code);
            assert_eq!(world.record_status(dossier).as_deref(), Some("9"), "{}", dossier.code);
            assert_eq!(world.post.partner().parcels(&dossier.order("TRA")).len(), 1, "{}", dossier.code);
        }
        let unended = world.journal().lines("state NOT IN ('accepted', 'superseded')");
        assert!(unended.is_empty(), "{unended:#?}");
    }
}

/// Rows without repetitions, in the order in which each came first, and in that in which each came last: a call whose
/// answer was lost is made again, which `README.md` says, but never after a newer one.
fn once(rows: Vec<Row>) -> [Vec<Row>; 2] {
    let without_later = |rows: Vec<Row>| {
        let mut seen: Vec<Row> = Vec::new();
        for row in rows {
            if !seen.contains(&row) {
                seen.push(row);
            }
        }
        seen
    };
    let mut last = without_later(rows.iter().rev().cloned().collect());
    last.reverse();
    [without_later(rows), last]
}

/// Rows that stand twice are known to the gateway: nothing is doubled without its saying so.
fn check_doubled(world: &World) -> usize {
    assert_eq!(world.post.partner().doubled(), []);
    let told = world.journal().handoffs().into_iter().filter(|handoff| handoff.maybe_doubled).count();
    let doubled = world.portal.partner().doubled_rows().len();
    assert!(doubled <= told, "{doubled} rows stand twice, {told} were flagged");
    doubled
}

fn count(ledger: &[Arc<Entry>], operation: &str) -> usize {
    ledger.iter().filter(|entry| entry.operation == operation).count()
}

fn dead(world: &World) -> i64 {
    world.journal().count("SELECT count(*) FROM handoff WHERE state = 'dead'")
}

#[tokio::test]
async fn a_partner_that_flaps_every_second_gets_everything_once_and_in_order() {
    const FLAPS: usize = 6;
    let options = Options { number_unique: true, ..Options::default() };
    let world = World::with(options).await;
    let gateway = world.gateway().await;
    let mut desk = Desk::new(AGENCY, 24);
    // So that a flap finds calls under way, before and after they take effect.
    world.portal.fault(Fault::new(Deed::Delay { ms: 40, taken: true }));
    world.post.fault(Fault::new(Deed::Delay { ms: 40, taken: false }));
    let waves: Vec<Vec<Event>> = LIFE.iter().map(|status| desk.step(*status)).collect();
    for flap in 0..FLAPS {
        world.portal.go_down().await;
        world.post.go_down().await;
        if let Some(wave) = waves.get(flap) {
            world.publish(wave).await;
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
        world.portal.come_back().await.unwrap();
        world.post.come_back().await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    desk.told(&world).await;
    let doubled = check_doubled(&world);
    // A session outlives a flap; only a login that a flap cut off is made again.
    let logins = count(&world.portal.ledger(), "login") + count(&world.post.ledger(), "token");
    assert!(logins <= 2 + 2 * FLAPS, "{logins} logins");
    println!("{FLAPS} flaps, {logins} logins, {doubled} rows doubled and flagged");
    gateway.stop().await;
}

/// How a partner is out for longer than the budget would be.
#[derive(Clone, Debug)]
enum Outage {
    Down,
    Does(Deed),
}

/// An outage that lasts `lasting`, with a budget of three attempts, which are over after a second and a half.
async fn check_outage(outage: Outage, lasting: Duration) {
    let options =
        Options { number_unique: true, attempts: 3, deadline: "400ms", concurrency: 4, ..Options::default() };
    let world = World::with(options).await;
    let gateway = world.gateway().await;
    let mut before = Desk::new(AGENCY_2, 2);
    world.publish(&before.life()).await;
    before.told(&world).await;
    let (began, portal, post) = (Instant::now(), world.portal.ledger().len(), world.post.ledger().len());
    match &outage {
        Outage::Down => {
            world.portal.go_down().await;
            world.post.go_down().await;
        }
        Outage::Does(deed) => {
            for operation in ["DongBoHoSoMC", "CapNhatTienDoHoSoMC"] {
                world.portal.fault(Fault::new(deed.clone()).on(operation));
            }
            world.post.fault(Fault::new(deed.clone()).on("order"));
        }
    }
    let mut desk = Desk::new(AGENCY, 6);
    world.publish(&desk.life()).await;
    while began.elapsed() < lasting {
        assert_eq!(dead(&world), 0, "{outage:?}: something died of the outage");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let spent = world.journal().count("SELECT max(counted_attempts) FROM handoff");
    assert!(spent < 3, "{outage:?}: {spent} attempts were counted although nobody was there");
    let (logins, tokens) = (count(&world.portal.ledger(), "login"), count(&world.post.ledger(), "token"));
    // Questions whether they are back may be logins: two a second at most.
    assert!(logins <= 12 && tokens <= 12, "{outage:?}: {logins} logins, {tokens} tokens");
    let calls = world.portal.ledger().len() + world.post.ledger().len() - portal - post;
    world.portal.clear_faults();
    world.post.clear_faults();
    world.portal.come_back().await.unwrap();
    world.post.come_back().await.unwrap();
    desk.told(&world).await;
    check_doubled(&world);
    println!("{outage:?}: {lasting:?}, {calls} calls, {spent} counted");
    gateway.stop().await;
}

#[tokio::test]
async fn nothing_dies_of_an_outage_that_is_longer_than_its_budget() {
    let lasting = Duration::from_secs(6);
    let status = |status| Outage::Does(Deed::Status { status, body: "lỗi".to_owned(), taken: false });
    for outages in [
        [Outage::Down, Outage::Does(Deed::Unavailable { wait: Wait::None })],
        [Outage::Does(Deed::HtmlPage { taken: false }), status(500)],
        [Outage::Does(Deed::Silence { taken: false }), Outage::Does(Deed::TooMany { wait: Wait::None })],
    ] {
        let [one, other] = outages;
        tokio::join!(check_outage(one, lasting), check_outage(other, lasting));
    }
}

#[tokio::test]
async fn a_session_that_dies_in_the_middle_of_batches_costs_a_login_each_and_no_row() {
    const DEATHS: u32 = 4;
    let world = World::new().await;
    world.portal.go_down().await;
    let gateway = world.gateway().await;
    let mut desk = Desk::new(AGENCY, 12);
    // Statuses that follow each other in real processes; the last is 9, which the judge expects.
    for status in [2, 4, 4, 4, 4, 4, 9] {
        world.publish(&desk.step(status)).await;
    }
    until("all events are stored", DEADLINE, || {
        world.journal().events() == i64::try_from(desk.events).unwrap()
    })
    .await;
    let dying = Fault::new(Deed::SessionExpired).on("CapNhatTienDoHoSoMC").after(1);
    let fault = world.portal.fault(dying.times(DEATHS));
    world.portal.come_back().await.unwrap();
    desk.told(&world).await;
    assert_eq!(world.portal.hits(fault), Some(DEATHS));
    assert_eq!(world.portal.partner().doubled_rows(), []);
    let calls = world.portal.received("CapNhatTienDoHoSoMC");
    let batch = |entry: &Arc<Entry>| entry.json()["data"].as_array().map_or(0, Vec::len);
    let (largest, all) = (calls.iter().map(batch).max(), calls.len());
    assert!(largest > Some(1) && largest <= Some(10), "{largest:?} rows in a call");
    let logins = count(&world.portal.ledger(), "login");
    assert!(logins <= 1 + usize::try_from(DEATHS).unwrap(), "{logins} logins for {DEATHS} deaths");
    println!("{all} calls of at most {largest:?} rows, {DEATHS} deaths, {logins} logins");
    gateway.stop().await;
}

/// Whether everything of one desk is told while the other waits.
fn is_told(world: &World, desk: &Desk) -> bool {
    let told = |(dossier, rows): (&Dossier, &Vec<Row>)| {
        once(world.rows(dossier)) == [rows.clone(), rows.clone()]
            && world.post.partner().parcels(&dossier.order("TRA")).len() == 1
    };
    desk.dossiers.iter().zip(&desk.rows).all(told)
}

#[tokio::test]
async fn bytes_that_trickle_in_hold_up_their_own_account_alone() {
    let options = Options { number_unique: true, deadline: "1s", ..Options::default() };
    let world = World::with(options).await;
    let gateway = world.gateway().await;
    let (mut ours, mut theirs) = (Desk::new(AGENCY, 20), Desk::new(AGENCY_2, 20));
    // Far beyond the deadline, for the neighbour alone; what trickles has taken effect.
    let slowly = Deed::SlowHead { ms_per_byte: 50 };
    world.portal.fault(Fault::new(slowly.clone()).account(AGENCY_2));
    world.post.fault(Fault::new(slowly).on("order").account("LC_XA_TIENLOI"));
    // And within it, for ours.
    world.portal.fault(Fault::new(Deed::Slow { ms_per_byte: 2 }).account(AGENCY).times(10));
    world.publish(&theirs.life()).await;
    world.publish(&ours.life()).await;
    until("ours are told", DEADLINE, || is_told(&world, &ours)).await;
    assert!(!is_told(&world, &theirs), "theirs were not held up: the fault did nothing");
    let waiting = world.journal().count(
        "SELECT count(*) FROM handoff WHERE account LIKE '%tien-loi' AND state IN ('waiting', 'sending')",
    );
    assert!(waiting > 0);
    world.portal.clear_faults();
    world.post.clear_faults();
    theirs.told(&world).await;
    ours.judge(&world);
    check_doubled(&world);
    gateway.stop().await;
}

/// Calls of an account in a time after the first that was told to wait.
fn calls_between(ledger: &[Arc<Entry>], from: Duration, to: Duration) -> usize {
    let told =
        ledger.iter().find(|entry| entry.fault == Some("too-many")).expect("somebody was told to wait").at;
    let inside = |entry: &&Arc<Entry>| entry.at >= told + from && entry.at <= told + to;
    ledger.iter().filter(inside).count()
}

/// Lets one operation answer 429 with a date, and looks when its account speaks again.
async fn check_wait(operation: &str) {
    let world = World::with(Options { number_unique: true, ..Options::default() }).await;
    let wait = Deed::TooMany { wait: Wait::DateIn(5) };
    let at_portal = matches!(operation, "login" | "DongBoHoSoMC" | "CapNhatTienDoHoSoMC");
    let account = if at_portal { AGENCY } else { "LC_XA_TIENTHANH" };
    let fault = Fault::new(wait).on(operation).account(account).times(1);
    let number = if at_portal { world.portal.fault(fault) } else { world.post.fault(fault) };
    let gateway = world.gateway().await;
    let mut desk = Desk::new(AGENCY, 4);
    world.publish(&desk.life()).await;
    desk.told(&world).await;
    let hits = if at_portal { world.portal.hits(number) } else { world.post.hits(number) };
    assert_eq!(hits, Some(1), "{operation}");
    let ledger = if at_portal { world.portal.ledger() } else { world.post.ledger() };
    // The feed is a question of its own, and is read on.
    let asked =
        |entry: &Arc<Entry>| entry.operation != "tracking" && entry.account.as_deref() == Some(account);
    let ledger: Vec<_> = ledger.into_iter().filter(asked).collect();
    // What was under way when it was said is not called back. The wait is cut at the schedule's longest, two seconds.
    let (from, to) = (Duration::from_millis(400), Duration::from_millis(1_800));
    let told: Vec<_> = ledger.iter().map(|entry| (entry.at, entry.operation.clone(), entry.fault)).collect();
    assert_eq!(calls_between(&ledger, from, to), 0, "{operation}: {told:#?}");
    gateway.stop().await;
}

#[tokio::test]
async fn a_date_to_wait_for_silences_the_account_until_then() {
    for operation in ["DongBoHoSoMC", "CapNhatTienDoHoSoMC", "order", "login", "token"] {
        check_wait(operation).await;
    }
}
