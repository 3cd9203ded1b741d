//! Intake against a real RabbitMQ, with a store in memory: nothing is acknowledged before it is stored, order is kept,
//! and whatever happens to the connection, the queue and the store, no message is lost.

mod publishing;
mod stage;

use lapin::options::QueueDeleteOptions;
use private_broker::{Broker, Vhost};
use stage::{DEADLINE, Desk, FREE, Memory, QUEUE, Running, all, connected, intake, until};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn a_message_is_acknowledged_only_after_it_is_stored() {
    let desk = Desk::open().await;
    let memory = Memory::new(0);
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    connected(&memory, 1).await;
    desk.publish(1..=5).await;
    desk.queue_becomes(0, 1).await;
    until("offered", || *memory.offers.lock().unwrap() > 0).await;
    running.crash().await;
    desk.queue_becomes(5, 0).await;
    assert!(memory.numbers().is_empty());

    memory.permits.add_permits(FREE);
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    until("stored", || memory.numbers().len() >= 5).await;
    running.stop().await;
    assert_eq!(memory.numbers(), all(1..=5));
    desk.queue_becomes(0, 0).await;
}

#[tokio::test]
async fn a_thousand_messages_arrive_in_order_and_once() {
    let desk = Desk::open().await;
    let memory = Memory::new(FREE);
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    connected(&memory, 1).await;
    desk.publish(1..=1_000).await;
    until("stored", || memory.numbers().len() >= 1_000).await;
    running.stop().await;
    assert_eq!(memory.numbers(), all(1..=1_000));
    desk.queue_becomes(0, 0).await;
}

#[tokio::test]
async fn a_store_that_fails_three_times_loses_nothing() {
    let desk = Desk::open().await;
    let memory = Memory::new(FREE);
    *memory.failures.lock().unwrap() = 3;
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    connected(&memory, 1).await;
    desk.publish(1..=25).await;
    until("stored", || memory.numbers().len() >= 25).await;
    running.stop().await;
    assert_eq!(memory.numbers(), all(1..=25));
    assert!(memory.has_seen("paused: GATEWAY-STORE-FAILED"));
    desk.queue_becomes(0, 0).await;
}

#[tokio::test]
async fn a_connection_closed_by_the_broker_is_opened_again_and_duplicates_are_marked() {
    let broker = Broker::shared().await.unwrap();
    let mut desk = Desk::open().await;
    let memory = Memory::new(0);
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    connected(&memory, 1).await;
    desk.publish(1..=30).await;
    until("offered", || *memory.offers.lock().unwrap() > 0).await;
    broker.ctl(&["close_all_connections", "--vhost", &desk.vhost.name, "maintenance"]).await.unwrap();
    // The batch under way is stored, but its acknowledgement has no channel any more.
    memory.permits.add_permits(FREE);
    connected(&memory, 2).await;
    desk = Desk::at(desk.vhost).await;
    desk.publish(31..=40).await;
    until("stored", || memory.numbers().contains(&40)).await;
    running.stop().await;
    desk.queue_becomes(0, 0).await;

    assert!(memory.has_seen("lost: "), "{:?}", memory.seen.lock().unwrap());
    let distinct: BTreeSet<u32> = memory.numbers().into_iter().collect();
    assert_eq!(distinct, (1..=40).collect());
    let stored = memory.stored.lock().unwrap();
    let again: Vec<u32> =
        stored.iter().filter(|(_, redelivered)| *redelivered).map(|(number, _)| *number).collect();
    assert_eq!(again, all(1..=30), "all that was unacknowledged comes again, in order, marked");
}

#[tokio::test]
async fn a_broker_that_stops_and_starts_is_waited_for() {
    let mut broker = Broker::start().await.unwrap();
    let vhost = broker.new_vhost().await.unwrap();
    let memory = Memory::new(FREE);
    let running = Running::start(intake(&vhost, &memory), DEADLINE);
    connected(&memory, 1).await;
    Desk::at(vhost.clone()).await.publish(1..=10).await;
    until("stored", || memory.numbers().len() >= 10).await;
    broker.stop_app().await.unwrap();
    until("lost", || memory.has_seen("lost: ")).await;
    broker.start_app().await.unwrap();
    let desk = Desk::at(vhost).await;
    until("connected again", || {
        memory.seen.lock().unwrap().last().is_some_and(|s| s.starts_with("connected"))
    })
    .await;
    desk.publish(11..=20).await;
    until("stored", || memory.numbers().contains(&20)).await;
    running.stop().await;
    let distinct: BTreeSet<u32> = memory.numbers().into_iter().collect();
    assert_eq!(distinct, (1..=20).collect());
    broker.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_deleted_queue_cancels_the_consumer_and_is_declared_again() {
    let desk = Desk::open().await;
    let memory = Memory::new(FREE);
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    connected(&memory, 1).await;
    desk.channel.queue_delete(QUEUE.into(), QueueDeleteOptions::default()).await.unwrap();
    until("cancelled", || memory.has_seen("lost: the broker cancelled the consumer")).await;
    connected(&memory, 2).await;
    desk.publish(1..=5).await;
    until("stored", || memory.numbers().len() >= 5).await;
    running.stop().await;
    assert_eq!(memory.numbers(), all(1..=5));
}

#[tokio::test]
async fn a_closed_intake_leaves_the_backlog_in_the_queue_and_resumes_in_order() {
    let desk = Desk::open().await;
    let memory = Memory::new(FREE);
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    connected(&memory, 1).await;
    desk.publish(1..=10).await;
    until("stored", || memory.numbers().len() >= 10).await;
    *memory.closed.lock().unwrap() = Some("GATEWAY-DISK-LOW");
    desk.queue_becomes(0, 0).await;
    desk.publish(11..=40).await;
    desk.queue_becomes(30, 0).await;
    assert!(memory.has_seen("paused: GATEWAY-DISK-LOW"));
    *memory.closed.lock().unwrap() = None;
    until("stored", || memory.numbers().len() >= 40).await;
    running.stop().await;
    assert_eq!(memory.numbers(), all(1..=40));
}

#[tokio::test]
async fn what_a_failing_store_holds_goes_back_in_order_when_intake_closes() {
    let desk = Desk::open().await;
    let memory = Memory::new(FREE);
    *memory.failures.lock().unwrap() = usize::MAX;
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    connected(&memory, 1).await;
    desk.publish(1..=80).await;
    until("paused", || memory.has_seen("paused: GATEWAY-STORE-FAILED")).await;
    *memory.closed.lock().unwrap() = Some("GATEWAY-STORE-FAILED");
    desk.queue_becomes(80, 0).await;
    *memory.failures.lock().unwrap() = 0;
    *memory.closed.lock().unwrap() = None;
    until("stored", || memory.numbers().len() >= 80).await;
    running.stop().await;
    assert_eq!(memory.numbers(), all(1..=80));
}

#[tokio::test]
async fn an_unreadable_message_is_stored_with_its_bytes_and_acknowledged() {
    let desk = Desk::open().await;
    let memory = Memory::new(FREE);
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    connected(&memory, 1).await;
    desk.publish_body(1, b"{ \"half\": ").await;
    desk.publish_body(2, b"").await;
    desk.publish_body(3, &vec![b'x'; 70_000]).await;
    until("stored", || memory.numbers().len() >= 3).await;
    running.stop().await;
    desk.queue_becomes(0, 0).await;
    let refused = memory.refused.lock().unwrap();
    assert_eq!(refused[0].0, b"{ \"half\": ");
    assert_eq!((refused[1].0.len(), refused[1].1), (0, 0));
    assert_eq!((refused[2].0.len(), refused[2].1, refused[2].2.as_str()), (100, 70_000, "COMMUNE-TOO-LARGE"));
}

#[tokio::test]
async fn a_shutdown_stores_what_is_in_hand_and_gives_the_rest_back() {
    let desk = Desk::open().await;
    let memory = Memory::new(0);
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    connected(&memory, 1).await;
    desk.publish(1..=100).await;
    // The prefetch is reached: two batches of at most ten in hand, the rest of the fifty in the client's buffer.
    desk.queue_becomes(50, 1).await;
    running.stop.cancel();
    memory.permits.add_permits(FREE);
    running.stop().await;
    let stored = memory.numbers();
    let count = u32::try_from(stored.len()).unwrap();
    assert!((2..=20).contains(&count), "{stored:?}");
    assert_eq!(stored, all(1..=count));
    desk.queue_becomes(100 - count, 0).await;

    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    until("stored", || memory.numbers().len() >= 100).await;
    running.stop().await;
    assert_eq!(memory.numbers(), all(1..=100));
}

#[tokio::test]
async fn a_shutdown_ends_with_its_grace_and_the_broker_keeps_the_rest() {
    let desk = Desk::open().await;
    let memory = Memory::new(0);
    let running = Running::start(intake(&desk.vhost, &memory), Duration::from_millis(200));
    connected(&memory, 1).await;
    desk.publish(1..=30).await;
    until("offered", || *memory.offers.lock().unwrap() > 0).await;
    running.stop().await;
    desk.queue_becomes(30, 0).await;
    assert!(memory.numbers().is_empty());
}

#[tokio::test]
async fn without_declaring_a_missing_queue_is_waited_for_and_said() {
    let desk = Desk::open().await;
    let memory = Memory::new(FREE);
    let mut undeclared = intake(&desk.vhost, &memory);
    undeclared.broker.declare = false;
    let running = Running::start(undeclared, DEADLINE);
    until("said", || memory.has_seen("NOT_FOUND")).await;
    let other = Memory::new(FREE);
    let declaring = Running::start(intake(&desk.vhost, &other), DEADLINE);
    connected(&other, 1).await;
    declaring.stop().await;
    until("connected", || memory.has_seen("connected ")).await;
    desk.publish(1..=3).await;
    until("stored", || memory.numbers().len() >= 3).await;
    running.stop().await;
}

#[tokio::test]
async fn stopping_while_there_is_no_broker_takes_no_grace() {
    let vhost = Vhost { name: "none".into(), url: "amqp://127.0.0.1:1/none".into() };
    let memory = Memory::new(FREE);
    let mut unreachable = intake(&vhost, &memory);
    unreachable.broker.reconnect_longest = Duration::from_secs(3_600);
    unreachable.broker.reconnect_first = Duration::from_secs(3_600);
    let running = Running::start(unreachable, DEADLINE);
    until("lost", || memory.has_seen("lost: ")).await;
    running.stop().await;
}
