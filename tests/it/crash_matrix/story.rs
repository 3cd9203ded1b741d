//! What every cell lives through: three dossiers at two agencies, one death, one restart, a person who does what the
//! runbook says; and the judge, who reads what the partners hold.

use super::cell::{Cell, Place, Subject};
use crate::support::{AGENCY, AGENCY_2, DEADLINE, Dossier, Event, Gateway, Handoff, Options, Row, World};
use mock_kit::{Deed, Fault};
use mock_post::Step;
use private_broker::Vhost;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

/// The portal's number of the dossier that the cells are about, where it was lodged there.
const BORN: &str = "G22.99.1-220912-0142";

/// How often things are looked at.
const LOOK: Duration = Duration::from_millis(25);

/// One cell's world and dossiers.
pub(super) struct Story {
    pub(super) world: World,
    /// Its result goes home by post, and then does not: the cells are about this one.
    pub(super) main: Dossier,
    /// Its papers are collected at home.
    pickup: Dossier,
    /// Of another agency.
    neighbour: Dossier,
    /// The first one was lodged at the portal, which is told of it by a service of its own.
    is_born_there: bool,
    rows: BTreeMap<String, Vec<Row>>,
    events: usize,
}

impl Story {
    pub(super) async fn begin(vhost: Vhost, cell: &Cell) -> Self {
        let is_born_there = cell.subject == Subject::Status;
        let options = Options {
            uncertain_limit: "300ms",
            feed_silent: false,
            concurrency: 8,
            portal_lines: if is_born_there { "status_service = true" } else { "" },
            ..Options::default()
        };
        let mut pickup = Dossier::of(AGENCY, 2);
        pickup.pickup = true;
        let world = World::at(vhost, options).await;
        if is_born_there {
            world.portal.partner().bear(AGENCY, BORN);
        }
        Self {
            world,
            main: Dossier::of(AGENCY, 1).by_post(),
            pickup,
            neighbour: Dossier::of(AGENCY_2, 3),
            is_born_there,
            rows: BTreeMap::new(),
            events: 0,
        }
    }

    /// Tells the partners how to behave.
    pub(super) fn arm(&self, cell: &Cell) {
        let world = &self.world;
        if cell.subject == Subject::Batch {
            // Until all events are stored, so that the rows which follow each other are there to travel together.
            let late = Fault::new(Deed::Delay { ms: 250, taken: false });
            world.portal.fault(late.on("DongBoHoSoMC").key(&self.main.code).times(1));
        }
        for fault in cell.faults(&self.main) {
            if cell.subject.is_of_the_post() {
                world.post.fault(fault)
            } else {
                world.portal.fault(fault)
            };
        }
    }

    /// All three dossiers, up to the result that is to go home by post. With a gap, one event of the neighbour's never
    /// comes.
    pub(super) async fn publish(&mut self, gap: bool) {
        let mut events = self.main.statuses(&[2, 5, 4, 6, 9]);
        for event in events.iter_mut().filter(|_| self.is_born_there) {
            event.0["data"]["dossier"]["portal_code"] = json!(BORN);
            event.0["data"]["applicant"]["portal_id"] = json!("a81f-77c2");
        }
        let neighbours = self.neighbour.statuses(&[2, 4, 9]);
        events.extend(neighbours.into_iter().filter(|event| !gap || event.row().1 != "4"));
        events.push(self.pickup.status(2));
        for event in &events {
            self.rows.entry(event.dossier().to_owned()).or_default().push(event.row());
        }
        events.push(self.pickup.event("pickup-requested", 2));
        self.tell(&events).await;
    }

    /// The result is to be fetched at the desk after all.
    pub(super) async fn withdraw(&mut self) {
        let event = self.main.event("return-withdrawn", 9).set("/data/dossier/return_by_post", false);
        self.tell(&[event]).await;
    }

    async fn tell(&mut self, events: &[Event]) {
        self.world.publish(events).await;
        self.events += events.len();
    }

    /// Waits until the gateway has died as the cell wants it, and gives its last words.
    pub(super) async fn death(&mut self, mut gateway: Gateway, cell: &Cell) -> String {
        if cell.spot(&self.main).is_some() {
            let end = Instant::now() + DEADLINE;
            while gateway.runs() {
                assert!(Instant::now() < end, "the crash point is not reached\n{}", self.state());
                // Its points wait for a row; elsewhere the feed must not be faster than the question.
                if matches!(cell.place, Place::Anywhere(point) if point.starts_with("track.")) {
                    self.show_in_feed();
                    self.resume_blocked().await;
                }
                tokio::time::sleep(LOOK).await;
            }
            return gateway.last_words().await;
        }
        let (operation, key) = (cell.subject.operation(), cell.subject.key(&self.main));
        let wanted = usize::try_from(cell.subject.before_it()).unwrap() + 1;
        let count = |ledger: Vec<std::sync::Arc<mock_kit::Entry>>| {
            ledger.iter().filter(|entry| entry.operation == operation && entry.keys.contains(&key)).count()
        };
        let held = if cell.subject.is_of_the_post() {
            self.world.post.until(DEADLINE, |post| count(post.ledger()) == wanted).await
        } else {
            self.world.portal.until(DEADLINE, |portal| count(portal.ledger()) == wanted).await
        };
        assert!(held, "the call did not arrive\n{}", self.state());
        gateway.kill().await;
        format!("held {operation} {key}")
    }

    /// Runs until everything has ended; a person does meanwhile what the runbook says.
    pub(super) async fn drive(&self, gateway: &mut Gateway) {
        gateway.ready().await;
        let journal = self.world.journal();
        let end = Instant::now() + DEADLINE;
        loop {
            let open: Vec<Handoff> = journal.handoffs().into_iter().filter(|one| !one.is_final()).collect();
            if open.is_empty() && journal.events() >= i64::try_from(self.events).unwrap() {
                return;
            }
            assert!(Instant::now() < end, "not all has ended\n{}", self.state());
            self.show_in_feed();
            self.resume_blocked().await;
            for stopped in open.iter().filter(|one| one.state == "dead") {
                self.cure(stopped).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn resume_blocked(&self) {
        for account in self.world.journal().blocked() {
            self.command(&["resume", &account]).await;
        }
    }

    /// The post's feed shows every parcel that it does not show yet.
    pub(super) fn show_in_feed(&self) {
        let post = self.world.post.partner();
        for (number, order) in post.orders() {
            if order.parcels.iter().all(|parcel| parcel.step().is_none()) {
                post.advance_to(&number, Step::Accepted);
            }
        }
    }

    /// A person sets a refused handoff due again. About one in doubt the partner is asked: what is not there is sent
    /// again, a row that is there is done with, and an order that is there shows in the feed by itself.
    async fn cure(&self, stopped: &Handoff) {
        if stopped.code.as_deref() != Some("GATEWAY-UNCERTAIN") {
            self.command(&["dead-letters", "replay", &stopped.id]).await;
        } else if !self.is_there(stopped) {
            self.command(&["dead-letters", "replay", "--not-there", &stopped.id]).await;
        } else if stopped.number.is_none() {
            self.command(&["dead-letters", "dismiss", &stopped.id, "--reason", "thử"]).await;
        }
    }

    fn is_there(&self, handoff: &Handoff) -> bool {
        match &handoff.number {
            Some(number) => !self.world.post.partner().parcels(number).is_empty(),
            // Only a row with status 5 is ever in doubt.
            None => self.world.rows(&self.main).iter().any(|row| row.1 == "5"),
        }
    }

    /// Whether it works or the gateway was faster: the loop looks again.
    async fn command(&self, arguments: &[&str]) {
        let output = self.world.command(arguments).await;
        assert!(matches!(output.status.code(), Some(0 | 5)), "{arguments:?}: {output:?}");
    }

    /// What everything looks like, for a cell that fails.
    pub(super) fn state(&self) -> String {
        self.world.journal().lines("1 = 1").join("\n")
    }

    /// The judge: nothing missing, nothing twice that must not be, in order, and the queue is empty.
    pub(super) async fn judge(&self, cell: &Cell) {
        self.judge_orders();
        self.judge_statuses();
        let journal = self.world.journal();
        for (dossier, newest) in [(&self.main, "9"), (&self.pickup, "2"), (&self.neighbour, "9")] {
            assert_eq!(self.world.record_status(dossier).as_deref(), Some(newest), "{}", dossier.code);
            let arrived = self.world.rows(dossier);
            let (mut once, mut doubled): (Vec<Row>, BTreeSet<Row>) = Default::default();
            for row in arrived {
                if once.contains(&row) {
                    doubled.insert(row);
                } else {
                    once.push(row);
                }
            }
            assert_eq!(Some(&once), self.rows.get(&dossier.code), "rows of {}", dossier.code);
            let allowed = cell.may_double(dossier.code == self.main.code);
            assert!(doubled.iter().all(|row| allowed.contains(&row.1.as_str())), "{doubled:?} stand twice");
            let rows = journal.of(&dossier.code, "portal.progress");
            let marked = rows.iter().filter(|row| row.maybe_doubled).count();
            assert!(doubled.len() <= marked, "{doubled:?} stand twice, {marked} are marked");
        }
        assert_eq!(journal.quarantine(), [], "nothing belongs in the quarantine");
        assert_eq!(journal.events(), i64::try_from(self.events).unwrap());
        assert_eq!(self.world.publisher().await.waiting().await, 0, "the queue is not empty");
    }

    /// The portal's own copy was told the newest step last, and none behind a newer one; told twice it stands as told once.
    fn judge_statuses(&self) {
        let Some(birth) = self.world.portal.partner().born(BORN) else { return };
        assert_eq!(birth.local.as_deref(), Some(&*self.main.code));
        let times: Vec<&str> = birth.updates.iter().map(|update| update.time.as_str()).collect();
        let newest = self.rows[&self.main.code].last().map(|row| row.0.as_str());
        assert!(
            times.is_sorted() && times.last().copied() == newest,
            "{times:?}, and the newest is {newest:?}"
        );
    }

    fn judge_orders(&self) {
        let orders = self.world.post.partner().orders();
        let parcels: BTreeMap<&str, Vec<bool>> = orders
            .iter()
            .map(|(number, order)| {
                (number.as_str(), order.parcels.iter().map(mock_post::Parcel::is_cancelled).collect())
            })
            .collect();
        let (returned, collected) = (self.main.order("TRA"), self.pickup.order("GOM"));
        let expected = BTreeMap::from([(returned.as_str(), vec![true]), (collected.as_str(), vec![false])]);
        assert_eq!(parcels, expected, "orders, each with its parcels and whether they are cancelled");
    }
}

/// Lives one cell, and gives the last words of its death.
pub(super) async fn live(cell: &Cell, vhost: Vhost) -> String {
    let mut story = Story::begin(vhost, cell).await;
    let spot = cell.spot(&story.main);
    let mut gateway = match &spot {
        Some(spot) => story.world.spawn_to_die(spot),
        None => story.world.spawn(),
    };
    gateway.ready_or_dead().await;
    story.arm(cell);
    let gap = matches!(cell.place, Place::Anywhere(point) if point.starts_with("gaps."));
    let is_about_the_cancel = cell.subject == Subject::Cancel;
    let in_the_start = !gateway.runs();
    if !in_the_start {
        story.publish(gap).await;
        if is_about_the_cancel {
            story.drive(&mut gateway).await;
            story.withdraw().await;
        }
    }
    let mut words = story.death(gateway, cell).await;
    if let Place::AndAgain(point) = cell.place {
        let mut second = story.world.spawn_to_die(point);
        words = second.last_words().await;
    }
    let mut gateway = story.world.spawn();
    if in_the_start {
        gateway.ready().await;
        story.publish(gap).await;
    }
    story.drive(&mut gateway).await;
    if !is_about_the_cancel {
        story.withdraw().await;
        story.drive(&mut gateway).await;
    }
    gateway.stop().await;
    story.judge(cell).await;
    words
}
