//! 20,000 events through every trouble in turn.

use super::desk::Desk;
use crate::support::{DEADLINE, Dossier, Event, Gateway, Options, World, until};
use lapin::options::QueueDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use private_broker::{Broker, Network, Proxy};
use serde_json::Value;
use std::time::Duration;

const QUEUE: &str = "lienthong.dossier-events";
const LOST: &str = "GATEWAY-BROKER-LOST";

const DOSSIERS: usize = 5_000;
const LIFE: [u8; 4] = [1, 2, 4, 9];
const EVENTS: usize = DOSSIERS * LIFE.len();

/// For the rest, on a machine that does other things as well.
const DRAIN: Duration = Duration::from_secs(600);

/// One dossier in so many sends its result home by post.
const BY_POST: usize = 5;

/// Stored of what comes with a trouble before it strikes.
const HEAD_START: i64 = 100;

/// What happens, and how many lines the gateway may write about it.
const TROUBLES: [(Trouble, usize); 14] = [
    (Trouble::ConnectionsClosed, 10),
    (Trouble::ConsumerCancelled, 3),
    (Trouble::Cut, 3),
    (Trouble::Slow, 0),
    (Trouble::MemoryAlarm, 0),
    (Trouble::BlackHole, 3),
    (Trouble::ApplicationStopped, 6),
    (Trouble::UpwardSilent, 3),
    (Trouble::NodeKilled, 6),
    (Trouble::DownwardSilent, 3),
    (Trouble::QueueDeleted, 3),
    (Trouble::Refusing, 4),
    (Trouble::DiskAlarm, 0),
    (Trouble::Hanging, 4),
];

/// How often the broker closes all connections, as soon as the consumer is back.
const CLOSED: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    ConnectionsClosed,
    ApplicationStopped,
    NodeKilled,
    MemoryAlarm,
    DiskAlarm,
    QueueDeleted,
    ConsumerCancelled,
    Cut,
    BlackHole,
    UpwardSilent,
    DownwardSilent,
    Slow,
    Hanging,
    Refusing,
}

/// How the gateway's broker is while a trouble lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum During {
    /// Not ready, until the trouble is over.
    Lost,
    /// Over at once, and seen.
    Seen,
    /// Ready all the time: what the broker has confirmed goes on.
    Ready,
}

impl Trouble {
    fn during(self) -> During {
        match self {
            Self::ApplicationStopped
            | Self::NodeKilled
            | Self::BlackHole
            | Self::UpwardSilent
            | Self::DownwardSilent
            | Self::Hanging
            | Self::Refusing => During::Lost,
            Self::ConnectionsClosed | Self::QueueDeleted | Self::ConsumerCancelled | Self::Cut => {
                During::Seen
            }
            Self::MemoryAlarm | Self::DiskAlarm | Self::Slow => During::Ready,
        }
    }
}

struct Stage {
    broker: Broker,
    proxy: Proxy,
    world: World,
    gateway: Gateway,
    desk: Desk,
}

/// The events in the order in which they are published: each status of 1,250 dossiers before the next status of any, so
/// that the life of a dossier is spread over the troubles.
fn events(dossiers: &mut [Dossier]) -> Vec<Event> {
    let quarter = DOSSIERS / LIFE.len();
    let mut events = Vec::with_capacity(EVENTS);
    for status in LIFE {
        for part in dossiers.chunks_mut(quarter) {
            events.extend(part.iter_mut().map(|dossier| dossier.status(status)));
        }
    }
    events
}

fn dossiers() -> Vec<Dossier> {
    let dossier = |number: usize| {
        let dossier = Dossier::new(number);
        if number.is_multiple_of(BY_POST) { dossier.by_post() } else { dossier }
    };
    (0..DOSSIERS).map(dossier).collect()
}

impl Stage {
    async fn set(events: &[Event]) -> Self {
        let broker = Broker::start().await.unwrap();
        let vhost = broker.new_vhost().await.unwrap();
        let proxy = Proxy::start(broker.address().unwrap()).await.unwrap();
        let options = Options {
            broker: Some(proxy.url(&vhost.url)),
            heartbeat: "1s",
            log_filter: "warn,lienthong::intake=info,lienthong::run=info",
            ..Options::default()
        };
        let world = World::at(vhost, options).await;
        let gateway = world.gateway().await;
        let desk = Desk::open(&world.vhost.url, events);
        Self { broker, proxy, world, gateway, desk }
    }

    /// One trouble, from its beginning until everything that came with it is stored.
    async fn meet(&mut self, trouble: Trouble, lines_at_most: usize, events: usize) {
        let (before, lines) = (self.broker_says().await, self.gateway.lines().len());
        let stored = self.world.journal().events();
        let allowed = i64::try_from(self.desk.allow(events)).unwrap();
        let journal = self.world.journal();
        until("some of it is stored", DEADLINE, || journal.events() >= stored + HEAD_START).await;
        self.strike(trouble, lines).await;
        match trouble.during() {
            During::Lost => self.is_lost().await,
            During::Seen => {}
            During::Ready => self.goes_on().await,
        }
        self.heal(trouble).await;
        self.gateway.ready().await;
        until("everything is stored", DEADLINE, || journal.events() >= allowed).await;
        let after = self.broker_says().await;
        assert_eq!(after["ready"], true, "{trouble:?}");
        let told = after["since"] != before["since"];
        assert_eq!(told, trouble.during() != During::Ready, "{trouble:?}: {before} became {after}");
        let said: Vec<String> = self.gateway.lines().iter().skip(lines).map(Value::to_string).collect();
        assert!(said.len() <= lines_at_most, "{trouble:?}: {} lines:\n{}", said.len(), said.join("\n"));
        assert_eq!(self.desk.confirmed(), usize::try_from(allowed).unwrap(), "{trouble:?}");
    }

    /// `lines` were written before it began.
    async fn strike(&mut self, trouble: Trouble, lines: usize) {
        match trouble {
            Trouble::ConnectionsClosed => self.close_connections().await,
            Trouble::ApplicationStopped => self.broker.stop_app().await.unwrap(),
            Trouble::NodeKilled => self.broker.kill_node().await.unwrap(),
            Trouble::MemoryAlarm => self.broker.set_memory_alarm(true).await.unwrap(),
            Trouble::DiskAlarm => self.broker.set_disk_alarm(true).await.unwrap(),
            Trouble::QueueDeleted => self.delete_queue(lines).await,
            Trouble::ConsumerCancelled => {
                self.broker.cancel_consumers(&self.world.vhost).await.unwrap();
                self.hears("the broker cancelled the consumer", lines).await;
            }
            Trouble::Cut => {
                self.proxy.cut();
                self.hears("connection to the broker lost", lines).await;
            }
            Trouble::BlackHole => self.proxy.set(Network::BLACK_HOLE),
            Trouble::UpwardSilent => self.proxy.set(Network::UPWARD_SILENT),
            Trouble::DownwardSilent => self.proxy.set(Network::DOWNWARD_SILENT),
            Trouble::Slow => self.proxy.set(Network::SLOW),
            Trouble::Hanging => {
                self.proxy.set(Network::HANGING);
                self.proxy.cut();
            }
            Trouble::Refusing => {
                self.proxy.set(Network::REFUSING);
                self.proxy.cut();
            }
        }
    }

    async fn heal(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::ApplicationStopped => self.broker.start_app().await.unwrap(),
            Trouble::NodeKilled => self.broker.start_again().await.unwrap(),
            Trouble::MemoryAlarm => self.broker.set_memory_alarm(false).await.unwrap(),
            Trouble::DiskAlarm => self.broker.set_disk_alarm(false).await.unwrap(),
            Trouble::BlackHole | Trouble::UpwardSilent | Trouble::DownwardSilent | Trouble::Slow => {
                self.proxy.heal();
            }
            Trouble::Hanging | Trouble::Refusing => {
                self.proxy.heal();
                self.proxy.cut();
            }
            Trouble::ConnectionsClosed
            | Trouble::QueueDeleted
            | Trouble::ConsumerCancelled
            | Trouble::Cut => {}
        }
    }

    async fn close_connections(&mut self) {
        for _ in 0..CLOSED {
            self.gateway.ready().await;
            self.broker.close_connections(&self.world.vhost).await.unwrap();
        }
    }

    /// The queue goes when it is empty: with it go the messages that it has.
    async fn delete_queue(&mut self, lines: usize) {
        let journal = self.world.journal();
        let desk = &self.desk;
        let stored = || usize::try_from(journal.events()).unwrap();
        // What is allowed is confirmed and stored first: nobody can keep what a deleted queue had.
        until("everything is stored", DEADLINE, || stored() == desk.allow(0)).await;
        let connection =
            Connection::connect(&self.world.vhost.url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.queue_delete(QUEUE.into(), QueueDeleteOptions::default()).await.unwrap();
        self.hears("connection to the broker lost", lines).await;
    }

    /// Waits until a line after so many says so, in its message or cause.
    async fn hears(&self, what: &str, lines: usize) {
        let gateway = &self.gateway;
        let said = |line: &Value| {
            [&line["message"], &line["cause"]]
                .iter()
                .any(|text| text.as_str().is_some_and(|text| text.contains(what)))
        };
        until(what, DEADLINE, || gateway.lines().iter().skip(lines).any(said)).await;
    }

    /// `/ready` says no, why, and since when.
    async fn is_lost(&mut self) {
        let answer = self.gateway.until_readiness(503).await;
        let broker = &answer["dependencies"]["broker"];
        assert_eq!(broker["reason"], LOST, "{answer}");
        assert!(broker["since"].is_string(), "{answer}");
        assert_eq!(answer["dependencies"]["journal"]["ready"], true, "{answer}");
    }

    /// The broker takes nothing more, and what it has goes on; or it goes on slowly.
    async fn goes_on(&mut self) {
        let journal = self.world.journal();
        let before = journal.events();
        let desk = &self.desk;
        let stored =
            || journal.events() > before || journal.events() >= i64::try_from(desk.confirmed()).unwrap();
        until("what the broker has is stored", DEADLINE, stored).await;
        assert_eq!(self.broker_says().await["ready"], true);
    }

    async fn broker_says(&mut self) -> Value {
        let (_, answer) = self.gateway.ask("/ready").await.unwrap();
        answer["dependencies"]["broker"].clone()
    }

    /// A counter of the gateway's metrics.
    async fn measured(&mut self, name: &str) -> u64 {
        let (_, text) = self.gateway.ask("/metrics").await.unwrap();
        let line = text.as_str().unwrap().lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.map_or(0, |value| value.parse().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_events_arrive_once_through_every_trouble_of_the_broker() {
    let mut dossiers = dossiers();
    let events = events(&mut dossiers);
    let mut stage = Stage::set(&events).await;
    let begun = tokio::time::Instant::now();
    let each = EVENTS / TROUBLES.len();
    for (trouble, lines_at_most) in TROUBLES {
        let at = begun.elapsed();
        stage.meet(trouble, lines_at_most, each).await;
        let (now, open) = (begun.elapsed(), stage.world.journal().unfinished());
        println!(
            "{:>6.1} s  {trouble:?} took {:.1} s, {open} handoffs wait",
            now.as_secs_f64(),
            (now - at).as_secs_f64()
        );
    }
    stage.desk.allow(EVENTS - each * TROUBLES.len());
    stage.world.settled(EVENTS, DRAIN).await;
    assert_eq!(stage.desk.confirmed(), EVENTS);
    assert_eq!(stage.world.journal().events(), i64::try_from(EVENTS).unwrap());
    let redelivered = stage.measured("lienthong_intake_redelivered_total").await;
    println!("{redelivered} messages came again, the desk began again {} times", stage.desk.failures());
    assert!(redelivered > 0, "no trouble met a message that was not acknowledged");
    check_partners(&stage.world, &dossiers, &events);
    let Stage { broker, gateway, .. } = stage;
    gateway.stop().await;
    broker.shutdown().await.unwrap();
}

/// Every row, record and order is there, once and in order.
fn check_partners(world: &World, dossiers: &[Dossier], events: &[Event]) {
    let (portal, post) = (world.portal.partner(), world.post.partner());
    assert_eq!((portal.counts().rows, portal.doubled_rows()), (events.len(), vec![]));
    assert_eq!((post.taken(), post.doubled()), (DOSSIERS / BY_POST, vec![]));
    let held = portal.dossiers();
    for dossier in dossiers {
        let held = &held[&dossier.code];
        assert_eq!(held.versions.last().unwrap().status, "9", "{}", dossier.code);
        let rows: Vec<&str> = held.rows.iter().map(|row| row.status.as_str()).collect();
        assert_eq!(rows, ["1", "2", "4", "9"], "{}", dossier.code);
    }
    assert_eq!(world.journal().count("SELECT count(*) FROM quarantine"), 0);
}
