//! `lienthong publish` in trouble: what the broker refuses or returns is a failure with a name and an exit code, and a
//! broker under an alarm is waited for, aloud.

use crate::support::{DEADLINE, Dossier, Event, Options, World, until};
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties, ExchangeKind};
use private_broker::Broker;
use std::fs::File;
use std::path::PathBuf;

const EXCHANGE: &str = "dossier.events";
const QUEUE: &str = "lienthong.dossier-events";

fn file(world: &World, events: &[Event]) -> PathBuf {
    let path = world.file("events.jsonl");
    let lines: Vec<String> = events.iter().map(|event| event.0.to_string()).collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    path
}

/// Exchange and queue as an owner may declare them.
async fn declare(world: &World, key: &str, arguments: &[(&str, AMQPValue)]) {
    let connection = Connection::connect(&world.vhost.url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    let topic =
        channel.exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, durable, FieldTable::default());
    topic.await.unwrap();
    let mut table = FieldTable::default();
    for (name, value) in arguments {
        table.insert((*name).into(), value.clone());
    }
    channel.queue_declare(QUEUE.into(), QueueDeclareOptions::durable(), table).await.unwrap();
    let (exchange, key) = (EXCHANGE.into(), key.into());
    let bound =
        channel.queue_bind(QUEUE.into(), exchange, key, QueueBindOptions::default(), FieldTable::default());
    bound.await.unwrap();
    connection.close(200, "declared".into()).await.unwrap();
}

#[tokio::test]
async fn messages_that_the_broker_refuses_are_failures_with_exit_code_1() {
    let world = World::with(Options { declare: false, ..Options::default() }).await;
    let text = |text: &str| AMQPValue::LongString(text.into());
    let full = [("x-max-length", AMQPValue::LongInt(1)), ("x-overflow", text("reject-publish"))];
    declare(&world, "#", &full).await;
    let events: Vec<Event> = (0..20).map(|number| Dossier::new(number).status(1)).collect();
    let path = file(&world, &events);
    let output = world.command(&["publish", path.to_str().unwrap(), "--json"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let (published, failed) = (said["published"].as_u64().unwrap(), said["failed"].as_u64().unwrap());
    let waiting = u64::from(world.publisher().await.waiting().await);
    assert_eq!((published, published + failed), (waiting, 20), "{said}");
    assert!(failed > 0, "{said}");
    let failures = said["failures"].as_array().unwrap();
    assert!(failures.iter().all(|failure| failure["why"] == "broker từ chối"), "{said}");
    assert!(failures.iter().all(|failure| failure["event"].is_string()), "{said}");
}

#[tokio::test]
async fn messages_that_come_back_are_failures_with_exit_code_1() {
    let world = World::with(Options { bindings: "H99.#", ..Options::default() }).await;
    let events: Vec<Event> = (0..3).map(|number| Dossier::new(number).status(1)).collect();
    let path = file(&world, &events);
    let output = world.command(&["publish", path.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("Đã gửi 0, lỗi 3."), "{said}");
    assert_eq!(said.matches("không có hàng đợi nhận khóa định tuyến này").count(), 3, "{said}");
}

#[tokio::test]
async fn a_broker_under_an_alarm_is_waited_for_aloud() {
    let broker = Broker::start().await.unwrap();
    let world = World::at(broker.new_vhost().await.unwrap(), Options::default()).await;
    let gateway = world.gateway().await;
    let events: Vec<Event> = (0..300).map(|number| Dossier::new(number).status(1)).collect();
    let path = file(&world, &events);
    broker.set_memory_alarm(true).await.unwrap();
    let said = world.file("publish.txt");
    let mut publishing =
        world.start_command(&["publish", path.to_str().unwrap()], File::create(&said).unwrap());
    let has_said = |text: &str| std::fs::read_to_string(&said).unwrap().contains(text);
    until("it says that it waits", DEADLINE, || has_said("đang chờ")).await;
    assert!(publishing.try_wait().unwrap().is_none(), "it gave up");
    let journal = world.journal();
    assert_eq!(journal.events(), 0, "the broker took messages under its alarm");
    broker.set_memory_alarm(false).await.unwrap();
    let status = tokio::time::timeout(DEADLINE, publishing.wait()).await.expect("it ends").unwrap();
    assert!(status.success(), "{status}");
    assert!(
        has_said("gửi tiếp") && has_said("Đã gửi 300, lỗi 0."),
        "{}",
        std::fs::read_to_string(&said).unwrap()
    );
    world.settled(300, DEADLINE).await;
    gateway.stop().await;
    broker.shutdown().await.unwrap();
}
