//! Batching, order and acknowledgement without a broker: deliveries from a channel, time by a paused clock.

use super::hand::{End, Hand, Source, unless_given_up};
use super::*;
use futures_lite::future::poll_once;
use futures_lite::{Stream, StreamExt as _, stream};
use lapin::Acker;
use lapin::message::Delivery;
use lienthong_commune::Headers;
use lienthong_core::outcome::ReasonCode;
use std::sync::Mutex;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

/// Remembers what it was offered; each attempt takes one permit, and fails while there are failures left.
struct Store {
    offered: Mutex<Vec<Vec<String>>>,
    permits: Semaphore,
    failures: Mutex<usize>,
    closed: Mutex<Option<&'static str>>,
    seen: Mutex<Vec<String>>,
}

impl Admission for Store {
    fn admit(&self, batch: Vec<Arrival>) -> Admitting<'_> {
        Box::pin(async move {
            let keys = batch.iter().map(|arrival| arrival.routing_key.clone()).collect();
            self.offered.lock().unwrap().push(keys);
            self.permits.acquire().await.unwrap().forget();
            let mut failures = self.failures.lock().unwrap();
            if *failures > 0 {
                *failures -= 1;
                return Err(AdmissionError::new("disk full"));
            }
            Ok(AdmittedCounts { quarantined: batch.len(), ..AdmittedCounts::default() })
        })
    }

    fn open(&self) -> Result<(), &'static str> {
        self.closed.lock().unwrap().map_or(Ok(()), Err)
    }
}

impl IntakeWatch for Store {
    fn connected(&self, epoch: u64) {
        self.seen.lock().unwrap().push(format!("connected {epoch}"));
    }

    fn lost(&self, _reason: &'static str, cause: &str) {
        self.seen.lock().unwrap().push(format!("lost: {cause}"));
    }

    fn paused(&self, reason: &'static str) {
        self.seen.lock().unwrap().push(format!("paused: {reason}"));
    }
}

struct Bench {
    store: Arc<Store>,
    intake: Intake,
    sender: mpsc::Sender<lapin::Result<Delivery>>,
    receiver: Option<mpsc::Receiver<lapin::Result<Delivery>>>,
    stop: CancellationToken,
    sent: u64,
}

impl Bench {
    fn new(batch_most: usize, permits: usize) -> Self {
        let store = Arc::new(Store {
            offered: Mutex::default(),
            permits: Semaphore::new(permits),
            failures: Mutex::default(),
            closed: Mutex::default(),
            seen: Mutex::default(),
        });
        let settings = IntakeSettings {
            prefetch: 100,
            batch_most,
            batch_wait: Duration::from_millis(5),
            message_cap: 1024,
            quarantine_keep: 16,
            quarantine_days: 90,
            memory_ceiling: u64::MAX,
        };
        let decode = |_: &Headers<'_>, _: &[u8]| {
            let reason = ReasonCode::known("COMMUNE-NOT-JSON");
            Err(Refusal { reason, field: None, detail: "not read here".into(), dialect: None })
        };
        let intake = Intake {
            broker: link::tests::settings("amqp://localhost".into()),
            settings,
            admission: Arc::clone(&store) as Arc<dyn Admission>,
            watch: Arc::clone(&store) as Arc<dyn IntakeWatch>,
            decode: Arc::new(decode),
            now: || Timestamp::UNIX_EPOCH,
        };
        let (sender, receiver) = mpsc::channel(1_000);
        Self { store, intake, sender, receiver: Some(receiver), stop: CancellationToken::new(), sent: 0 }
    }

    /// Delivers so many messages, named after their tags, and gives their ackers.
    fn deliver(&mut self, count: u64) -> Vec<Acker> {
        let mut ackers = Vec::new();
        for _ in 0..count {
            self.sent += 1;
            let delivery =
                Delivery::mock(self.sent, "x".into(), self.sent.to_string().into(), false, b"?".to_vec());
            ackers.push(delivery.acker.clone());
            self.sender.try_send(Ok(delivery)).unwrap();
        }
        ackers
    }

    fn deliveries(&mut self) -> impl Stream<Item = lapin::Result<Delivery>> + Unpin + use<> {
        let receiver = self.receiver.take().expect("one consumer per test");
        Box::pin(stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|delivery| (delivery, receiver))
        }))
    }

    /// Gathers with a fresh hand while `during` looks on; gives the end and the hand.
    async fn gather<'a>(
        intake: &'a Intake,
        stop: &CancellationToken,
        deliveries: &mut (impl Stream<Item = lapin::Result<Delivery>> + Unpin),
        during: impl Future<Output = ()>,
    ) -> (End, Hand<'a>) {
        let mut hand = Hand::new(intake, 7);
        let mut events = stream::pending();
        let source = Source { deliveries, events: &mut events, is_up: &|| true };
        let (end, ()) = tokio::join!(hand.gather(source, stop), during);
        (end, hand)
    }
}

fn offered(store: &Store) -> Vec<Vec<String>> {
    store.offered.lock().unwrap().clone()
}

fn texts(batches: &[&[u64]]) -> Vec<Vec<String>> {
    batches.iter().map(|tags| tags.iter().map(ToString::to_string).collect()).collect()
}

/// Lets everything run that can run now; the paused clock moves by this millisecond only when nothing else can.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_gateway_waits_for_nothing() {
    let mut bench = Bench::new(100, 10);
    bench.intake.settings.batch_wait = Duration::from_secs(3_600);
    let acker = bench.deliver(1).remove(0);
    let mut deliveries = bench.deliveries();
    let began = Instant::now();
    Bench::gather(&bench.intake, &bench.stop, &mut deliveries, async {
        settle().await;
        assert!(!acker.usable(), "not acknowledged");
        bench.stop.cancel();
    })
    .await;
    assert!(began.elapsed() <= Duration::from_millis(1));
    assert_eq!(offered(&bench.store), texts(&[&[1]]));
}

#[tokio::test(start_paused = true)]
async fn what_is_there_already_goes_in_one_batch_up_to_the_most() {
    let mut bench = Bench::new(3, 10);
    let ackers = bench.deliver(7);
    let mut deliveries = bench.deliveries();
    Bench::gather(&bench.intake, &bench.stop, &mut deliveries, async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        bench.stop.cancel();
    })
    .await;
    assert_eq!(offered(&bench.store), texts(&[&[1, 2, 3], &[4, 5, 6], &[7]]));
    let acknowledged: Vec<bool> = ackers.iter().map(|acker| !acker.usable()).collect();
    // The last of each batch, with `multiple`.
    assert_eq!(acknowledged, [false, false, true, false, false, true, true]);
}

#[tokio::test(start_paused = true)]
async fn a_busy_gateway_collects_while_it_commits() {
    let mut bench = Bench::new(100, 0);
    let store = Arc::clone(&bench.store);
    let stop = bench.stop.clone();
    bench.deliver(2);
    let mut deliveries = bench.deliveries();
    let sender = bench.sender.clone();
    let late = |tag: u64| Delivery::mock(tag, "x".into(), tag.to_string().into(), false, Vec::new());
    Bench::gather(&bench.intake, &stop, &mut deliveries, async {
        settle().await;
        for tag in 3..=5 {
            sender.try_send(Ok(late(tag))).unwrap();
            settle().await;
        }
        assert_eq!(offered(&store), texts(&[&[1, 2]]), "one commitment at a time");
        store.permits.add_permits(1);
        settle().await;
        assert_eq!(offered(&store), texts(&[&[1, 2]]), "a busy gateway waits for more");
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(offered(&store), texts(&[&[1, 2], &[3, 4, 5]]));
        stop.cancel();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn only_what_is_committed_is_acknowledged() {
    let mut bench = Bench::new(2, 0);
    let store = Arc::clone(&bench.store);
    let stop = bench.stop.clone();
    let ackers = bench.deliver(4);
    let mut deliveries = bench.deliveries();
    Bench::gather(&bench.intake, &stop, &mut deliveries, async {
        settle().await;
        assert!(ackers.iter().all(Acker::usable), "acknowledged before it was stored");
        store.permits.add_permits(1);
        settle().await;
        assert!(!ackers[1].usable() && ackers[2].usable() && ackers[3].usable(), "more than was stored");
        store.permits.add_permits(1);
        settle().await;
        assert!(!ackers[3].usable());
        stop.cancel();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_cannot_be_stored_is_kept_and_nothing_overtakes_it() {
    let mut bench = Bench::new(2, 100);
    *bench.store.failures.lock().unwrap() = 3;
    let ackers = bench.deliver(3);
    let mut deliveries = bench.deliveries();
    Bench::gather(&bench.intake, &bench.stop, &mut deliveries, async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        bench.stop.cancel();
    })
    .await;
    assert_eq!(offered(&bench.store), texts(&[&[1, 2], &[1, 2], &[1, 2], &[1, 2], &[3]]));
    assert_eq!(*bench.store.seen.lock().unwrap(), ["paused: GATEWAY-STORE-FAILED", "connected 7"]);
    assert!(!ackers[1].usable() && !ackers[2].usable());
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_given_up_is_not_acknowledged_and_none_follows() {
    let mut bench = Bench::new(2, 100);
    *bench.store.failures.lock().unwrap() = 1_000;
    let ackers = bench.deliver(3);
    let mut deliveries = bench.deliveries();
    let (end, hand) = Bench::gather(&bench.intake, &bench.stop, &mut deliveries, async {
        settle().await;
        *bench.store.closed.lock().unwrap() = Some("GATEWAY-DISK-LOW");
    })
    .await;
    assert_eq!(end, End::Closed("GATEWAY-DISK-LOW"));
    *bench.store.failures.lock().unwrap() = 0;
    hand.give_up().await;
    assert!(ackers.iter().all(Acker::usable));
    assert!(offered(&bench.store).iter().all(|batch| batch == &["1", "2"]));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_under_way_may_still_succeed_when_given_up() {
    let mut bench = Bench::new(2, 0);
    let ackers = bench.deliver(3);
    let mut deliveries = bench.deliveries();
    let (_, hand) = Bench::gather(&bench.intake, &bench.stop, &mut deliveries, async {
        settle().await;
        bench.stop.cancel();
    })
    .await;
    bench.store.permits.add_permits(1);
    hand.give_up().await;
    assert!(!ackers[1].usable(), "stored, but not acknowledged");
    assert!(ackers[2].usable(), "acknowledged, but not stored");
}

#[tokio::test(start_paused = true)]
async fn stopping_commits_what_is_in_hand() {
    let mut bench = Bench::new(2, 0);
    let ackers = bench.deliver(3);
    let mut deliveries = bench.deliveries();
    let (end, hand) = Bench::gather(&bench.intake, &bench.stop, &mut deliveries, async {
        settle().await;
        bench.stop.cancel();
    })
    .await;
    assert_eq!(end, End::Stopped);
    bench.store.permits.add_permits(2);
    hand.finish().await;
    assert_eq!(offered(&bench.store), texts(&[&[1, 2], &[3]]));
    assert!(!ackers[1].usable() && !ackers[2].usable());
}

#[tokio::test(start_paused = true)]
async fn no_more_is_read_than_two_batches_while_the_store_fails() {
    let mut bench = Bench::new(2, 0);
    bench.deliver(10);
    let mut deliveries = bench.deliveries();
    Bench::gather(&bench.intake, &bench.stop, &mut deliveries, async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        bench.stop.cancel();
    })
    .await;
    let left = async {
        let mut left = Vec::new();
        while let Some(Ok(delivery)) = deliveries.next().await {
            left.push(delivery.delivery_tag);
        }
        left
    };
    drop(bench.sender);
    assert_eq!(left.await, [5, 6, 7, 8, 9, 10]);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_stream_tells_why() {
    async fn check(last: Option<lapin::Error>, expected: &str) {
        let mut bench = Bench::new(2, 100);
        if let Some(error) = last {
            bench.sender.try_send(Err(error)).unwrap();
        }
        let mut deliveries = bench.deliveries();
        drop(bench.sender);
        let (end, _) = Bench::gather(&bench.intake, &bench.stop, &mut deliveries, async {}).await;
        assert_eq!(end, End::Lost(Loss::of_connection(expected)));
    }
    check(None, "the broker cancelled the consumer").await;
    let error = lapin::Error::from(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
    check(Some(error.clone()), &chain(&error)).await;
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_blocks_us_is_a_reason_to_pause_until_it_unblocks() {
    let mut bench = Bench::new(2, 100);
    let mut deliveries = bench.deliveries();
    let mut hand = Hand::new(&bench.intake, 7);
    let blocked =
        [lapin::Event::ConnectionBlocked("low on memory".into()), lapin::Event::ConnectionUnblocked];
    let mut events = stream::iter(blocked).chain(stream::pending());
    let source = Source { deliveries: &mut deliveries, events: &mut events, is_up: &|| true };
    let gathered = tokio::time::timeout(Duration::from_millis(1), hand.gather(source, &bench.stop)).await;
    assert!(gathered.is_err(), "being blocked is no end");
    assert_eq!(*bench.store.seen.lock().unwrap(), ["paused: GATEWAY-BROKER-BLOCKED", "connected 7"]);
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_ends_while_nothing_is_read_from_it_is_noticed() {
    let mut bench = Bench::new(2, 0);
    bench.deliver(10);
    let mut deliveries = bench.deliveries();
    let mut hand = Hand::new(&bench.intake, 7);
    let began = Instant::now();
    let is_up = || began.elapsed() < Duration::from_secs(1);
    let mut events = stream::pending();
    let source = Source { deliveries: &mut deliveries, events: &mut events, is_up: &is_up };
    assert_eq!(hand.gather(source, &bench.stop).await, End::Lost(Loss::of_connection("the channel ended")));
}

#[tokio::test]
async fn an_acknowledgement_that_never_ends_does_not_keep_a_lost_connection() {
    let give_up = CancellationToken::new();
    let mut acknowledging = std::pin::pin!(unless_given_up(std::future::pending(), &give_up));
    assert_eq!(poll_once(&mut acknowledging).await, None);
    give_up.cancel();
    assert_eq!(poll_once(&mut acknowledging).await, Some(false));
    assert!(unless_given_up(std::future::ready(true), &give_up).await, "what has arrived has arrived");
}
