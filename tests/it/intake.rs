//! Intake against a real RabbitMQ, with a store in memory: nothing is acknowledged before it is stored, order is kept,
//! and whatever happens to the connection, the queue and the store, no message is lost.

use jiff::Timestamp;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use lienthong::config::settings::{BrokerSettings, IntakeSettings};
use lienthong::intake::{
    Admission, AdmissionError, AdmittedCounts, Admitting, Arrival, Intake, IntakeWatch, Read,
};
use lienthong::publisher::{self, Check};
use lienthong_commune::Limits;
use private_broker::{Broker, Vhost};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const QUEUE: &str = "lienthong.dossier-events";
const EXCHANGE: &str = "dossier.events";

/// Long enough for a busy machine; a condition that holds is seen within milliseconds.
const DEADLINE: Duration = Duration::from_secs(30);

/// Stores by routing key (the tests number it); takes one permit for each attempt.
struct Memory {
    stored: Mutex<Vec<(u32, bool)>>,
    refused: Mutex<Vec<(Vec<u8>, usize, String)>>,
    offers: Mutex<usize>,
    permits: Semaphore,
    failures: Mutex<usize>,
    closed: Mutex<Option<&'static str>>,
    seen: Mutex<Vec<String>>,
}

/// As many attempts as a test makes.
const FREE: usize = 1_000_000;

impl Memory {
    fn new(permits: usize) -> Arc<Self> {
        Arc::new(Self {
            stored: Mutex::default(),
            refused: Mutex::default(),
            offers: Mutex::default(),
            permits: Semaphore::new(permits),
            failures: Mutex::default(),
            closed: Mutex::default(),
            seen: Mutex::default(),
        })
    }

    fn numbers(&self) -> Vec<u32> {
        self.stored.lock().unwrap().iter().map(|(number, _)| *number).collect()
    }

    fn has_seen(&self, what: &str) -> bool {
        self.seen.lock().unwrap().iter().any(|seen| seen.contains(what))
    }

    fn keep(&self, arrival: &Arrival) {
        let number = arrival.routing_key.rsplit('.').next().and_then(|number| number.parse().ok());
        self.stored.lock().unwrap().push((number.unwrap_or_default(), arrival.redelivered));
        if let Read::Refused { refusal, bytes, size, .. } = &arrival.read {
            let refused = (bytes.clone(), *size, refusal.reason.to_string());
            self.refused.lock().unwrap().push(refused);
        }
    }
}

impl Admission for Memory {
    fn admit(&self, batch: Vec<Arrival>) -> Admitting<'_> {
        Box::pin(async move {
            *self.offers.lock().unwrap() += 1;
            self.permits.acquire().await.unwrap().forget();
            let mut failures = self.failures.lock().unwrap();
            if *failures > 0 {
                *failures -= 1;
                return Err(AdmissionError::new("the disk is full"));
            }
            batch.iter().for_each(|arrival| self.keep(arrival));
            Ok(AdmittedCounts { stored: batch.len(), ..AdmittedCounts::default() })
        })
    }

    fn open(&self) -> Result<(), &'static str> {
        self.closed.lock().unwrap().map_or(Ok(()), Err)
    }
}

impl IntakeWatch for Memory {
    fn connected(&self, epoch: u64) {
        self.seen.lock().unwrap().push(format!("connected {epoch}"));
    }

    fn lost(&self, cause: &str) {
        self.seen.lock().unwrap().push(format!("lost: {cause}"));
    }

    fn paused(&self, reason: &'static str) {
        self.seen.lock().unwrap().push(format!("paused: {reason}"));
    }
}

fn broker_settings(vhost: &Vhost) -> BrokerSettings {
    BrokerSettings {
        url: vhost.url.clone().into(),
        exchange: EXCHANGE.into(),
        queue: QUEUE.into(),
        bindings: vec!["#".into()],
        declare: true,
        connection_name: "lienthong-test".into(),
        reconnect_first: Duration::from_millis(50),
        reconnect_longest: Duration::from_millis(500),
        heartbeat: Duration::from_secs(10),
        authority: None,
    }
}

fn decode(
    content_type: Option<&str>,
    body: &[u8],
) -> Result<lienthong_core::event::Event, lienthong_commune::Refusal> {
    lienthong_commune::decode(content_type, body, &Limits::default())
}

#[expect(clippy::disallowed_methods, reason = "no decision of these tests looks at the time of arrival")]
fn intake(vhost: &Vhost, memory: &Arc<Memory>) -> Intake {
    Intake {
        broker: broker_settings(vhost),
        settings: IntakeSettings {
            prefetch: 50,
            batch_most: 10,
            batch_wait: Duration::from_millis(2),
            message_cap: 64 * 1024,
            quarantine_keep: 100,
            quarantine_days: 90,
            memory_ceiling: u64::MAX,
        },
        admission: Arc::clone(memory) as Arc<dyn Admission>,
        watch: Arc::clone(memory) as Arc<dyn IntakeWatch>,
        decode: Arc::new(decode),
        now: Timestamp::now,
    }
}

/// An intake that runs.
struct Running {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Running {
    fn start(intake: Intake, grace: Duration) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(intake.run(stop.clone(), grace));
        Self { stop, tasks }
    }

    /// Ends as on SIGTERM.
    async fn stop(mut self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(DEADLINE, self.tasks.join_next()).await;
        ended.expect("intake did not stop").expect("one task").expect("intake panicked");
    }

    /// Ends as in a crash: nothing more is said to the broker but what the socket says.
    async fn crash(mut self) {
        self.tasks.shutdown().await;
    }
}

/// The commune's side of one virtual host.
struct Desk {
    vhost: Vhost,
    channel: Channel,
    _connection: Connection,
}

impl Desk {
    async fn at(vhost: Vhost) -> Self {
        let connection = Connection::connect(&vhost.url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        Self { vhost, channel, _connection: connection }
    }

    async fn open() -> Self {
        Self::at(Broker::shared().await.unwrap().new_vhost().await.unwrap()).await
    }

    async fn publish(&self, numbers: std::ops::RangeInclusive<u32>) {
        for number in numbers {
            self.publish_body(number, b"not an event").await;
        }
    }

    async fn publish_body(&self, number: u32, body: &[u8]) {
        let key = format!("H11.01.07.{number}");
        let options = BasicPublishOptions { mandatory: true, ..Default::default() };
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type("application/cloudevents+json".into());
        let confirm =
            self.channel.basic_publish(EXCHANGE.into(), key.into(), options, body, properties).await.unwrap();
        assert_eq!(confirm.await.unwrap(), lapin::Confirmation::Ack(None), "message {number} was not routed");
    }

    /// Ready messages and consumers. Ready messages do not count those that a consumer holds unacknowledged.
    async fn queue(&self) -> (u32, u32) {
        let options = QueueDeclareOptions { passive: true, ..Default::default() };
        let queue = self.channel.queue_declare(QUEUE.into(), options, FieldTable::default()).await.unwrap();
        (queue.message_count(), queue.consumer_count())
    }

    async fn queue_becomes(&self, ready: u32, consumers: u32) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let queue = self.queue().await;
            if queue == (ready, consumers) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "(ready, consumers) is {queue:?}, not {:?}",
                (ready, consumers)
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "never came true: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn connected(memory: &Memory, epoch: u64) {
    until("connected", || memory.has_seen(&format!("connected {epoch}"))).await;
}

fn all(numbers: std::ops::RangeInclusive<u32>) -> Vec<u32> {
    numbers.collect()
}

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

/// One event as the commune publishes it.
fn event(number: u32) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"event-{number}","source":"urn:lienthong:commune:H11.01.07","type":"vn.dossier.status-changed","subject":"H11.01.07-220915-{number:04}","time":"2022-09-15T10:12:00+07:00","sequence":"5","datacontenttype":"application/json","dataschema":"urn:lienthong:schema:dossier-event:1","data":{{"agency":{{"code":"H11.01.07","name":"UBND xã Tiến Thành"}},"dossier":{{"code":"H11.01.07-220915-{number:04}","procedure_code":"1.004873","procedure_name":"Cấp giấy xác nhận tình trạng hôn nhân","field_code":"G15-TP03","field_name":"Hộ tịch","subject":"Xác nhận tình trạng hôn nhân","status":2,"channel":"direct","return_by_post":false,"submitted_at":null,"received_at":"2022-09-13T08:30:15+07:00","due_at":"2022-09-16T17:00:00+07:00","finished_at":null,"returned_at":null,"documents":null,"results":null,"supplements":[]}},"applicant":{{"kind":"citizen","name":"Lò Thị Bưởi","id_number":"999199000124","phone":"0510000111","email":null}},"step":{{"officer":"Hà Văn Mẫu","position":"Công chức","department":"Bộ phận Một cửa","text":"Đã tiếp nhận","started_at":null,"due_at":null}},"postal":{{"pickup":null,"forward":null,"return":null}},"fees":[]}}}}"#
    )
}

fn lines(path: &std::path::Path, lines: &[String]) {
    let mut file = std::fs::File::create(path).unwrap();
    lines.iter().for_each(|line| writeln!(file, "{line}").unwrap());
}

#[tokio::test]
async fn files_are_published_in_order_with_progress_and_arrive_as_events() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let (many, one) = (folder.path().join("many.jsonl"), folder.path().join("one.json"));
    lines(&many, &(1..=600).map(event).collect::<Vec<_>>());
    lines(&one, &[event(601)]);
    let mut progress = Vec::new();
    let settings = broker_settings(&desk.vhost);
    let report = publisher::publish_files(&settings, &[many, one], Check::Events, &decode, |done, total| {
        progress.push((done, total));
    })
    .await
    .unwrap();
    assert_eq!((report.published, report.failed), (601, 0));
    assert_eq!(progress, (1..=601).map(|done| (done, 601)).collect::<Vec<_>>());

    let memory = Memory::new(FREE);
    let running = Running::start(intake(&desk.vhost, &memory), DEADLINE);
    until("stored", || memory.numbers().len() >= 601).await;
    running.stop().await;
    assert_eq!(*memory.refused.lock().unwrap(), []);
}

#[tokio::test]
async fn nothing_is_published_when_one_line_is_no_event_unless_it_is_raw() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    lines(&path, &[event(1), String::new(), "{}".into()]);
    let settings = broker_settings(&desk.vhost);
    let files = [path];
    let error =
        publisher::publish_files(&settings, &files, Check::Events, &decode, |_, _| {}).await.unwrap_err();
    let publisher::Error::Unreadable { count: 1, first } = error else { panic!("{error}") };
    assert_eq!(first[0].origin.line, Some(3));

    let report = publisher::publish_files(&settings, &files, Check::Raw, &decode, |_, _| {}).await.unwrap();
    assert_eq!((report.published, report.failed), (2, 0));
    desk.queue_becomes(2, 0).await;
}

#[tokio::test]
async fn a_message_that_no_queue_wants_is_a_failure_with_its_name() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    lines(&path, &[event(1), event(2)]);
    let mut settings = broker_settings(&desk.vhost);
    settings.bindings = vec!["H99.#".into()];
    let report =
        publisher::publish_files(&settings, &[path], Check::Events, &decode, |_, _| {}).await.unwrap();
    assert_eq!((report.published, report.failed), (0, 2));
    let named: BTreeSet<_> = report.failures.iter().filter_map(|failure| failure.event.as_deref()).collect();
    assert_eq!(named, BTreeSet::from(["event-1", "event-2"]));
    assert!(report.failures.iter().all(|failure| matches!(failure.why, publisher::Why::Returned(_))));
}
