//! What keeps a gateway from beginning, or ends its queue for good: said once, on `/ready` and in the log, tried again
//! with growing waits, and over without a person at the gateway.

use crate::support::{DEADLINE, Dossier, Gateway, Options, World, until};
use lapin::options::{QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties};
use private_broker::{Broker, Network, Proxy, Vhost};
use serde_json::Value;
use std::time::Duration;

const QUEUE: &str = "lienthong.dossier-events";

/// Attempts to connect after which a trouble counts as lasting.
const ATTEMPTS: usize = 8;

/// What so many attempts take at least: the waits are 100, 200, 400, 500, 500 … ms, each 20 % shorter at most.
const ATTEMPTS_TAKE: Duration = Duration::from_millis(2_150);

/// A gateway whose way to the broker goes through a proxy.
struct Stage {
    vhost: Vhost,
    proxy: Proxy,
    world: World,
}

impl Stage {
    async fn set(options: Options) -> Self {
        Self::with_user("guest:guest", options).await
    }

    /// The gateway logs in as this user; everybody else as the usual one.
    async fn with_user(user: &str, options: Options) -> Self {
        let broker = Broker::shared().await.unwrap();
        let vhost = broker.new_vhost().await.unwrap();
        let proxy = Proxy::start(broker.address().unwrap()).await.unwrap();
        let url = proxy.url(&vhost.url).replace("guest:guest", user);
        let world = World::at(vhost.clone(), Options { broker: Some(url), ..options }).await;
        Self { vhost, proxy, world }
    }

    async fn channel(&self) -> (Connection, Channel) {
        let connection = Connection::connect(&self.vhost.url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        (connection, channel)
    }

    /// The trouble lasts: `/ready` says so with its reason, since the first attempt that failed so; the log has said it
    /// once; and attempts do not come faster than their waits.
    async fn lasts(&self, gateway: &mut Gateway, reason: &str, cause: &str, lines_at_most: usize) {
        let before = self.proxy.accepted().len();
        until("it is tried again and again", DEADLINE, || self.proxy.accepted().len() >= before + ATTEMPTS)
            .await;
        let answer = gateway.until_readiness(503).await;
        let broker = &answer["dependencies"]["broker"];
        assert_eq!(broker["reason"], reason, "{answer}");
        let lines = gateway.lines();
        let told: Vec<&Value> = lines.iter().filter(|line| line["reason"] == reason).collect();
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0]["cause"].as_str().unwrap().contains(cause), "{told:#?}");
        assert!(lines.len() <= lines_at_most, "{lines:#?}");
        // `since` is the moment of that line, to the millisecond or so, and does not move with each attempt.
        let seconds = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        let apart = seconds(&broker["since"]).duration_since(seconds(&told[0]["timestamp"]));
        assert!(apart.abs() < jiff::SignedDuration::from_secs(1), "{broker} but {}", told[0]);
        let accepted = self.proxy.accepted();
        let took = accepted[before + ATTEMPTS - 1] - accepted[before];
        assert!(took >= ATTEMPTS_TAKE, "{ATTEMPTS} attempts in {took:?}");
    }

    /// The trouble is over: an event goes through.
    async fn is_over(&self, mut gateway: Gateway) {
        gateway.ready().await;
        let events = Dossier::new(1).statuses(&[1, 2]);
        self.world.publish(&events).await;
        self.world.settled(events.len(), DEADLINE).await;
        assert_eq!(self.world.portal.partner().counts().rows, events.len());
        gateway.stop().await;
    }
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_waited_for() {
    let stage = Stage::set(Options::default()).await;
    stage.proxy.set(Network::REFUSING);
    let mut gateway = stage.world.spawn();
    stage.lasts(&mut gateway, "GATEWAY-BROKER-LOST", "reset", 3).await;
    stage.proxy.heal();
    stage.is_over(gateway).await;
}

#[tokio::test]
async fn a_refused_password_is_said_and_tried_again_with_growing_waits() {
    let broker = Broker::shared().await.unwrap();
    let stage = Stage::with_user("gateway:cu-7411", Options::default()).await;
    broker.ctl(&["add_user", "gateway", "moi-7412"]).await.unwrap();
    broker.ctl(&["set_permissions", "-p", &stage.vhost.name, "gateway", ".*", ".*", ".*"]).await.unwrap();
    let mut gateway = stage.world.spawn();
    stage.lasts(&mut gateway, "GATEWAY-BROKER-REFUSED", "ACCESS_REFUSED", 3).await;
    assert!(!gateway.log().contains("7411"), "the log has the password");
    broker.ctl(&["change_password", "gateway", "cu-7411"]).await.unwrap();
    stage.is_over(gateway).await;
}

#[tokio::test]
async fn a_queue_with_other_arguments_is_said_and_left_alone() {
    let stage = Stage::set(Options::default()).await;
    let (_connection, channel) = stage.channel().await;
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(QUEUE.into(), durable, FieldTable::default()).await.unwrap();
    let mut gateway = stage.world.spawn();
    stage.lasts(&mut gateway, "GATEWAY-BROKER-QUEUE", "PRECONDITION_FAILED", 3).await;
    channel.queue_delete(QUEUE.into(), QueueDeleteOptions::default()).await.unwrap();
    stage.is_over(gateway).await;
}

#[tokio::test]
async fn a_queue_that_only_its_owner_may_declare_is_missed_aloud_and_found_again() {
    // A first gateway stands for the owner.
    let owner = Stage::set(Options::default()).await;
    owner.world.gateway().await.stop().await;
    let url = owner.proxy.url(&owner.vhost.url);
    let options = Options { declare: false, broker: Some(url), ..Options::default() };
    let world = World::at(owner.vhost.clone(), options).await;
    let stage = Stage { world, ..owner };
    let mut gateway = stage.world.gateway().await;
    let (_connection, channel) = stage.channel().await;
    channel.queue_delete(QUEUE.into(), QueueDeleteOptions::default()).await.unwrap();
    // Start, consuming, the cancelled consumer, and why there is no other.
    stage.lasts(&mut gateway, "GATEWAY-BROKER-QUEUE", "NOT_FOUND", 4).await;
    let mut quorum = FieldTable::default();
    quorum.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    channel.queue_declare(QUEUE.into(), QueueDeclareOptions::durable(), quorum).await.unwrap();
    let (exchange, all) = ("dossier.events".into(), "#".into());
    let bound =
        channel.queue_bind(QUEUE.into(), exchange, all, QueueBindOptions::default(), FieldTable::default());
    bound.await.unwrap();
    stage.is_over(gateway).await;
}
