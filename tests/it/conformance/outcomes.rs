//! The port of a commune's own system before a real broker: everything that can become of an outcome on its way.
//!
//! It is no HTTP partner, so its troubles are the broker's: a message that comes back, a queue that is full, rights, an
//! exchange that is not there, a network that hides the confirm. Asserted are the outcome with its reason, and what a
//! reader hears: each outcome under one id, however often it was sent.

use super::shown::shown;
use crate::support::{AGENCY, DEADLINE, until};
use lapin::options::{
    BasicGetOptions, ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use lienthong::config::settings::{ConnectionSettings, OutcomesSettings};
use lienthong::publisher::OutcomePort;
use lienthong_core::handoff::{Content, Handoff, Leg};
use lienthong_core::ids::{AccountName, AgencyCode, DossierCode, DossierKey, HandoffId, OrderNumber};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::news::{News, ParcelNews, Told};
use lienthong_core::port::Port as _;
use lienthong_core::receipt::Receipt;
use lienthong_core::tracking::TrackingState;
use mock_commune::Listener;
use private_broker::{Broker, Network, Proxy, Vhost};
use std::collections::BTreeSet;
use std::time::Duration;

const EXCHANGE: &str = "dossier.outcomes";
const TOLD: &str = "accepted COMMUNE-TOLD";
const BACK: &str = "unavailable COMMUNE-UNROUTED";
const UNCONFIRMED: &str = "uncertain COMMUNE-UNCONFIRMED";
const AWAY: &str = "unavailable COMMUNE-AWAY unsent";
const REFUSED: &str = "blocked COMMUNE-REFUSED";

/// Longer than a busy broker needs; what is to be missed is missed by a shorter one.
const PATIENT: Duration = Duration::from_secs(60);
/// For a confirm that does not come.
const SHORT: Duration = Duration::from_secs(2);

/// A broker behind a network, and the reader's side of it.
struct Stage {
    vhost: Vhost,
    proxy: Proxy,
    reader: Channel,
    // The channel ends with its connection.
    _connection: Connection,
}

/// How a port differs from the usual one.
#[derive(Clone, Copy)]
struct Setup<'a> {
    user: &'a str,
    declare: bool,
    deadline: Duration,
}

const USUAL: Setup<'_> = Setup { user: "guest:guest", declare: true, deadline: PATIENT };

impl Stage {
    async fn set() -> Self {
        let broker = Broker::shared().await.unwrap();
        Self::at(broker, broker.new_vhost().await.unwrap()).await
    }

    async fn at(broker: &Broker, vhost: Vhost) -> Self {
        let proxy = Proxy::start(broker.address().unwrap()).await.unwrap();
        let connection = Connection::connect(&vhost.url, ConnectionProperties::default()).await.unwrap();
        let reader = connection.create_channel().await.unwrap();
        Self { vhost, proxy, reader, _connection: connection }
    }

    fn port(&self, setup: Setup<'_>) -> OutcomePort {
        let url = self.proxy.url(&self.vhost.url).replace("guest:guest", setup.user);
        let settings = OutcomesSettings {
            connection: ConnectionSettings {
                url: url.into(),
                heartbeat: Duration::from_secs(30),
                authority: None,
            },
            exchange: EXCHANGE.to_owned(),
            declare: setup.declare,
            connection_name: "lienthong.outcomes".to_owned(),
            deadline: setup.deadline,
        };
        OutcomePort::new(settings, |_code| None)
    }

    async fn exchange(&self, kind: ExchangeKind) {
        let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
        self.reader.exchange_declare(EXCHANGE.into(), kind, options, FieldTable::default()).await.unwrap();
    }

    async fn delete_exchange(&self) {
        self.reader.exchange_delete(EXCHANGE.into(), ExchangeDeleteOptions::default()).await.unwrap();
    }

    /// A queue that takes one message and refuses more.
    async fn queue_of_one(&self) {
        let mut arguments = FieldTable::default();
        arguments.insert("x-max-length".into(), AMQPValue::LongInt(1));
        arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
        let (queue, options) = ("hang-mot".into(), QueueDeclareOptions::durable());
        self.reader.queue_declare(queue, options, arguments).await.unwrap();
        let (queue, none) = ("hang-mot".into(), FieldTable::default());
        let bound =
            self.reader.queue_bind(queue, EXCHANGE.into(), "#".into(), QueueBindOptions::default(), none);
        bound.await.unwrap();
    }

    /// Takes a message out of the queue of one.
    async fn take(&self) -> Option<String> {
        let taken = self.reader.basic_get("hang-mot".into(), BasicGetOptions { no_ack: true }).await.unwrap();
        Some(taken?.properties.message_id().as_ref()?.to_string())
    }

    async fn listen(&self) -> Listener {
        Listener::bind(&self.vhost.url, "#").await.unwrap()
    }
}

fn id(number: u32) -> String {
    format!("{number:020x}")
}

/// An outcome of this number; `waybill` makes it as large as one likes.
fn outcome(number: u32, waybill: &str) -> Handoff {
    let code = DossierCode::new(format!("{AGENCY}-220915-{number:04}"));
    let told = Told::Parcel(ParcelNews {
        leg: Some(Leg::Return),
        number: OrderNumber::new(format!("{}-TRA-1", code.as_str())),
        state: TrackingState::Delivered,
        waybill: Some(waybill.to_owned()),
    });
    Handoff {
        id: HandoffId::new(id(number)),
        dossier: DossierKey::of_code(&code),
        agency: AgencyCode::new(AGENCY),
        account: AccountName::new("he-thong-xa"),
        content: Content::News(News { sequence: number, at: "2022-09-16T03:20:00Z".parse().unwrap(), told }),
        receipt: Receipt::default(),
    }
}

/// Tells it once, and says what is known afterwards.
async fn tell(port: &OutcomePort, number: u32) -> String {
    shown(&port.send(&[outcome(number, "EN980000015VN")], None).await.outcome)
}

/// Tells it until it is confirmed, as the dispatcher does, and says what was known on the way.
async fn tell_until_told(port: &OutcomePort, number: u32) -> Vec<String> {
    let mut known = Vec::new();
    while known.last().is_none_or(|last| last != TOLD) {
        assert!(known.len() < 10, "{known:?}");
        known.push(tell(port, number).await);
    }
    known
}

/// Waits until the reader has heard these outcomes, and then that it heard no other and each under one id.
async fn hears(listener: &Listener, numbers: impl IntoIterator<Item = u32>) {
    let expected: BTreeSet<String> = numbers.into_iter().map(id).collect();
    let ids = || listener.all().into_iter().map(|one| one.id).collect::<BTreeSet<_>>();
    until("all are heard", DEADLINE, || ids().is_superset(&expected)).await;
    assert_eq!(ids(), expected);
    for one in listener.all() {
        assert_eq!((one.body["id"].as_str(), one.persistent), (Some(one.id.as_str()), true), "{}", one.body);
        let sequence: u32 = one.body["sequence"].as_str().unwrap().parse().unwrap();
        assert_eq!(one.id, id(sequence), "one outcome under two ids");
    }
}

#[tokio::test]
async fn told_means_that_a_queue_has_it() {
    let stage = Stage::set().await;
    let port = stage.port(USUAL);
    assert_eq!(tell(&port, 1).await, BACK, "no queue is bound");
    assert_eq!(tell(&port, 1).await, BACK);
    stage.queue_of_one().await;
    assert_eq!(tell(&port, 1).await, TOLD, "the same connection goes on");
    for _ in 0..2 {
        assert_eq!(tell(&port, 2).await, "unavailable COMMUNE-NACK", "the queue is full");
    }
    assert_eq!(stage.take().await, Some(id(1)));
    assert_eq!(tell(&port, 2).await, TOLD);
    assert_eq!((stage.take().await, stage.take().await), (Some(id(2)), None), "each once");
}

#[tokio::test]
async fn a_system_that_only_listens_has_no_question_for_the_comparison() {
    let port = Stage::set().await.port(USUAL);
    let dossier = Inspection::Dossier(DossierCode::new("H11.01.07-220915-0041"));
    assert_eq!(port.inspect(&dossier).await, Inspected::NoQuestion);
}

#[tokio::test]
async fn a_large_outcome_arrives_whole() {
    let stage = Stage::set().await;
    let (listener, port) = (stage.listen().await, stage.port(USUAL));
    // Many frames; an outcome carries codes and has some hundred bytes.
    let waybill = "0123456789abcdef".repeat(64 * 1024);
    let sent = port.send(&[outcome(1, &waybill)], None).await;
    assert_eq!(shown(&sent.outcome), TOLD);
    hears(&listener, [1]).await;
    assert_eq!(listener.all()[0].body["data"]["parcel"]["waybill"], waybill.as_str());
    assert_eq!(tell(&port, 2).await, TOLD);
    hears(&listener, [1, 2]).await;
}

#[tokio::test]
async fn what_a_password_or_a_right_forbids_stops_the_account() {
    let stage = Stage::set().await;
    let listener = stage.listen().await;
    let broker = Broker::shared().await.unwrap();
    let (name, vhost) = (format!("bao-{}", stage.vhost.name), stage.vhost.name.as_str());
    let (right, wrong) = (format!("{name}:dung-7421"), format!("{name}:sai-7422"));
    broker.ctl(&["add_user", &name, "dung-7421"]).await.unwrap();
    let check = async |user: &str, declare, expected: &str, why: &str| {
        let port = stage.port(Setup { user, declare, ..USUAL });
        assert_eq!(tell(&port, 1).await, expected, "{why}");
    };
    check(&wrong, true, REFUSED, "a wrong password").await;
    check(&right, true, REFUSED, "no right to enter the virtual host").await;
    let allow = async |configure: &str, write: &str| {
        broker.ctl(&["set_permissions", "-p", vhost, &name, configure, write, "^$"]).await.unwrap();
    };
    allow(".*", "^$").await;
    check(&right, true, REFUSED, "no right to write").await;
    check(&right, false, REFUSED, "no right to write").await;
    allow("^$", ".*").await;
    check(&right, true, REFUSED, "no right to declare").await;
    assert_eq!(listener.all().len(), 0);
    check(&right, false, TOLD, "the right to write is enough").await;
    hears(&listener, [1]).await;
    broker.ctl(&["delete_user", &name]).await.unwrap();
}

#[tokio::test]
async fn an_exchange_that_is_missing_or_another_is_waited_for() {
    let stage = Stage::set().await;
    let foreign = stage.port(Setup { declare: false, ..USUAL });
    assert_eq!(tell(&foreign, 1).await, "unavailable COMMUNE-EXCHANGE unsent", "it is not there");
    stage.exchange(ExchangeKind::Fanout).await;
    let own = stage.port(USUAL);
    assert_eq!(tell(&own, 1).await, "unavailable COMMUNE-EXCHANGE unsent", "it is of another kind");
    stage.delete_exchange().await;
    let listener = stage.listen().await;
    assert_eq!((&*tell(&foreign, 1).await, &*tell(&own, 2).await), (TOLD, TOLD));
    // It goes while a connection is kept: the broker closes the channel because of the next message.
    stage.delete_exchange().await;
    assert_eq!(tell(&foreign, 3).await, "unavailable COMMUNE-EXCHANGE");
    assert_eq!(tell(&own, 4).await, "unavailable COMMUNE-EXCHANGE");
    assert_eq!(tell(&own, 4).await, BACK, "it is declared anew, and nobody has bound a queue");
    assert_eq!(tell(&foreign, 3).await, BACK);
    hears(&listener, [1, 2]).await;
}

#[tokio::test]
async fn a_connection_that_ends_loses_no_outcome() {
    let stage = Stage::set().await;
    let (listener, port) = (stage.listen().await, stage.port(USUAL));
    assert_eq!(tell(&port, 1).await, TOLD);
    // Before the publish: found out before it or with it.
    for number in [2, 3] {
        if number == 2 {
            stage.proxy.cut();
        } else {
            Broker::shared().await.unwrap().close_connections(&stage.vhost).await.unwrap();
        }
        let known = tell_until_told(&port, number).await;
        assert!(known.len() == 1 || known == [UNCONFIRMED, TOLD], "{known:?}");
    }
    // The reader's connection went with the others.
    let listener_again = stage.listen().await;
    assert_eq!(tell(&port, 4).await, TOLD);
    // After it: the queue has the message, and the confirm is lost with the connection.
    stage.proxy.set(Network::DOWNWARD_SILENT);
    let cut = async {
        until("the queue has it", DEADLINE, || listener_again.all().iter().any(|one| one.id == id(5))).await;
        stage.proxy.cut();
    };
    assert_eq!(tokio::join!(tell(&port, 5), cut).0, UNCONFIRMED);
    stage.proxy.heal();
    assert_eq!(tell_until_told(&port, 5).await.last().unwrap(), TOLD);
    until("it came twice", DEADLINE, || {
        listener_again.all().iter().filter(|one| one.id == id(5)).count() == 2
    })
    .await;
    let first: BTreeSet<String> = listener.all().into_iter().map(|one| one.id).collect();
    let second: BTreeSet<String> = listener_again.all().into_iter().map(|one| one.id).collect();
    let all: BTreeSet<String> = (1..=5).map(id).collect();
    assert_eq!(&first | &second, all);
}

#[tokio::test]
async fn a_network_that_is_silent_or_closed_is_told_apart() {
    let stage = Stage::set().await;
    let listener = stage.listen().await;
    // Nobody was reached.
    let port = stage.port(USUAL);
    stage.proxy.set(Network::REFUSING);
    assert_eq!(tell(&port, 1).await, AWAY);
    stage.proxy.set(Network::HANGING);
    assert_eq!(tell(&port, 1).await, AWAY, "accepted, and nothing follows");
    // Up to the confirm nobody knows whether the broker has it.
    let silent = [Network::UPWARD_SILENT, Network::DOWNWARD_SILENT, Network::BLACK_HOLE];
    for (network, number) in silent.into_iter().zip([2, 4, 6]) {
        stage.proxy.heal();
        let port = stage.port(USUAL);
        assert_eq!(tell(&port, number).await, TOLD);
        let short = stage.port(Setup { deadline: SHORT, ..USUAL });
        // A connection of its own that stands when the network goes silent.
        tell_until_told(&short, number).await;
        stage.proxy.set(network);
        assert_eq!(tell(&short, number + 1).await, UNCONFIRMED, "{network:?}");
        stage.proxy.heal();
        assert_eq!(tell_until_told(&port, number + 1).await.last().unwrap(), TOLD, "{network:?}");
    }
    assert_eq!(tell(&stage.port(USUAL), 1).await, TOLD);
    hears(&listener, 1..=7).await;
}

#[tokio::test]
async fn a_broker_under_an_alarm_or_killed_gets_it_later() {
    let mut broker = Broker::start().await.unwrap();
    let stage = Stage::at(&broker, broker.new_vhost().await.unwrap()).await;
    let (listener, port) = (stage.listen().await, stage.port(USUAL));
    assert_eq!(tell(&port, 1).await, TOLD);
    broker.set_memory_alarm(true).await.unwrap();
    // The alarm stops who publishes, from the first message on.
    let short = stage.port(Setup { deadline: SHORT, ..USUAL });
    let known = tell(&short, 2).await;
    assert!([UNCONFIRMED, AWAY].contains(&&*known), "{known}");
    broker.set_memory_alarm(false).await.unwrap();
    assert_eq!(tell_until_told(&port, 2).await.last().unwrap(), TOLD);
    hears(&listener, [1, 2]).await;

    broker.kill_node().await.unwrap();
    let known = tell(&port, 3).await;
    assert!([UNCONFIRMED, AWAY].contains(&&*known), "{known}");
    assert_eq!(tell(&port, 3).await, AWAY);
    broker.start_again().await.unwrap();
    let listener = stage.listen().await;
    assert_eq!(tell_until_told(&port, 3).await.last().unwrap(), TOLD);
    hears(&listener, [3]).await;
    broker.shutdown().await.unwrap();
}
