//! One node, two nodes, killed nodes.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use futures_lite::StreamExt as _;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use private_broker::Broker;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::processes;

async fn connect(url: &str) -> (Connection, Channel) {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}

/// A durable quorum queue, and one persistent message in it that the broker has confirmed.
async fn publish(url: &str, queue: &str, message: &str) {
    let (connection, channel) = connect(url).await;
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments).await.unwrap();
    channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let persistent = BasicProperties::default().with_delivery_mode(2);
    let confirm = channel.basic_publish("".into(), queue.into(), options, message.as_bytes(), persistent);
    let confirm = confirm.await.unwrap().await.unwrap();
    assert!(confirm.is_ack());
    assert_eq!(confirm.take_message(), None, "returned");
    connection.close(200, "done".into()).await.unwrap();
}

async fn consume(url: &str, queue: &str) -> String {
    let (connection, channel) = connect(url).await;
    let options = BasicConsumeOptions::default();
    let mut consumer =
        channel.basic_consume(queue.into(), "".into(), options, FieldTable::default()).await.unwrap();
    let delivery = tokio::time::timeout(Duration::from_secs(30), consumer.next()).await;
    let delivery = delivery.expect("a message within 30 s").unwrap().unwrap();
    delivery.ack(BasicAckOptions::default()).await.unwrap();
    connection.close(200, "done".into()).await.unwrap();
    String::from_utf8(delivery.data).unwrap()
}

#[tokio::test]
async fn a_message_goes_in_and_comes_out() {
    let vhost = Broker::shared().await.unwrap().new_vhost().await.unwrap();
    publish(&vhost.url, "letters", "có kết quả").await;
    assert_eq!(consume(&vhost.url, "letters").await, "có kết quả");
}

#[tokio::test]
async fn every_caller_gets_a_virtual_host_of_its_own() {
    let broker = Broker::shared().await.unwrap();
    let mut names = BTreeSet::new();
    // More than were created with the node.
    for _ in 0..20 {
        let vhost = broker.new_vhost().await.unwrap();
        assert_eq!(vhost.url, broker.amqp_url(&vhost.name));
        names.insert(vhost.name);
    }
    assert_eq!(names.len(), 20);
    let printed = broker.ctl(&["list_vhosts", "--quiet"]).await.unwrap();
    let existing: BTreeSet<String> = printed.lines().map(str::to_owned).collect();
    assert!(names.is_subset(&existing), "{names:?} are not all in {existing:?}");
}

#[tokio::test]
async fn a_wrong_call_of_rabbitmqctl_is_an_error_that_quotes_it() {
    let broker = Broker::shared().await.unwrap();
    let error = broker.ctl(&["delete_vhost", "no-such-host"]).await.unwrap_err().to_string();
    assert!(error.contains("`rabbitmqctl delete_vhost no-such-host` ended with"), "{error}");
    assert!(error.contains("does not exist"), "{error}");
}

#[tokio::test]
async fn a_quorum_queue_keeps_its_message_when_the_node_is_killed() {
    let mut broker = Broker::start().await.unwrap();
    let vhost = broker.new_vhost().await.unwrap();
    publish(&vhost.url, "letters", "lasting").await;

    broker.kill_node().await.unwrap();
    let refused = Connection::connect(&vhost.url, ConnectionProperties::default()).await;
    assert!(refused.is_err(), "a killed node accepts nobody");
    broker.start_again().await.unwrap();
    assert_eq!(consume(&vhost.url, "letters").await, "lasting");

    let running = broker.start_again().await.unwrap_err().to_string();
    assert_eq!(running, "the node still runs; kill it first");
    broker.stop_app().await.unwrap();
    broker.start_app().await.unwrap();
    publish(&vhost.url, "letters", "second").await;
    assert_eq!(consume(&vhost.url, "letters").await, "second");
}

#[tokio::test]
async fn two_brokers_live_side_by_side_and_one_ends_alone() {
    let first = Broker::shared().await.unwrap();
    let second = Broker::start().await.unwrap();
    let (here, there) = (first.new_vhost().await.unwrap(), second.new_vhost().await.unwrap());
    publish(&here.url, "letters", "first").await;
    publish(&there.url, "letters", "second").await;
    let stranger = Connection::connect(&first.amqp_url(&there.name), ConnectionProperties::default()).await;
    assert!(stranger.is_err(), "the first broker knows no virtual host of the second");

    let folder = processes::of_broker(&there.url).pop().expect("a living broker").1;
    second.shutdown().await.unwrap();
    processes::are_gone(&there.url, &folder).await;
    assert_eq!(consume(&here.url, "letters").await, "first");
}

#[tokio::test]
async fn the_broker_ends_with_a_process_that_is_killed() {
    let mut process = tokio::process::Command::new(env!("CARGO_BIN_EXE_private-broker"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().expect("the program prints a URL");
    publish(&url, "letters", "lost with the broker").await;
    let living = processes::of_broker(&url);
    for part in ["beam.smp", "epmd", "rabbitmq-server", "inet_gethost", "read -r _"] {
        assert!(living.iter().any(|(command, _)| command.contains(part)), "no {part} in {living:?}");
    }

    // Signal 9 to the process alone: neither its destructors nor a handler run.
    process.kill().await.unwrap();
    processes::are_gone(&url, &living[0].1).await;
}
