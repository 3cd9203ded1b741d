use super::*;
use crate::journal::tests::world::{POST, World, partners};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Judges by the first byte.
#[derive(Debug)]
struct ByFirst;

impl Judge for ByFirst {
    fn judge(&self, body: &[u8]) -> Judged {
        match body.first() {
            Some(b'S') => Judged::Signed,
            Some(b'U') => Judged::Unsigned,
            Some(b'F') => Judged::Forged,
            Some(_) | None => Judged::Unreadable,
        }
    }
}

struct Stage {
    world: World,
    address: SocketAddr,
    nudges: Nudges,
    stop: tokio_util::sync::DropGuard,
    served: tokio_util::task::TaskTracker,
}

impl Stage {
    async fn new() -> Self {
        let world = World::with(partners());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let nudges = Nudges::new(&partners());
        let judge: Arc<dyn Judge> = Arc::new(ByFirst);
        let webhooks =
            Webhooks::new(Arc::clone(&world.journal), nudges.clone(), [(AccountName::new(POST), judge)], 64);
        let (stop, served) = (CancellationToken::new(), tokio_util::task::TaskTracker::new());
        served.spawn(serve(listener, webhooks, stop.clone()));
        Self { world, address, nudges, stop: stop.drop_guard(), served }
    }

    /// Sends a request as it stands; says status and body.
    async fn sends(&self, request: &str) -> (u16, serde_json::Value) {
        let mut stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let status = answer.split_whitespace().nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    async fn posts(&self, account: &str, body: &str) -> (u16, serde_json::Value) {
        let length = body.len();
        self.sends(&format!(
            "POST /webhooks/{account} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
        .await
    }

    fn stored(&self) -> i64 {
        self.world.count("SELECT count(*) FROM webhook JOIN payload ON payload.id = webhook.payload")
    }

    /// Whether the reader of the feed was nudged since it was last asked.
    async fn nudged(&self) -> bool {
        let nudge = self.nudges.of(&AccountName::new(POST));
        // A hint that was given is there at once.
        futures_lite::future::poll_once(nudge.notified()).await.is_some()
    }
}

#[tokio::test]
async fn a_webhook_is_answered_for_only_when_it_is_stored() {
    let stage = Stage::new().await;
    let (status, answer) = stage.posts(POST, "S one").await;
    assert_eq!((status, &answer["success"], stage.stored()), (200, &json!(true), 1));
    assert!(stage.nudged().await);
    assert_eq!(stage.posts(POST, "U two").await.0, 200);
    assert_eq!(stage.world.count("SELECT count(*) FROM webhook WHERE signature = 'unsigned'"), 1);
    assert!(stage.nudged().await);
}

#[tokio::test]
async fn a_webhook_that_comes_again_is_answered_and_causes_nothing() {
    let stage = Stage::new().await;
    assert_eq!(stage.posts(POST, "S one").await.0, 200);
    assert!(stage.nudged().await);
    for _ in 0..3 {
        assert_eq!(stage.posts(POST, "S one").await.0, 200);
    }
    assert_eq!(stage.stored(), 1);
    assert!(!stage.nudged().await);
}

#[tokio::test]
async fn what_is_refused_is_stored_nowhere_and_causes_nothing() {
    let stage = Stage::new().await;
    let (status, answer) = stage.posts(POST, "Forged").await;
    assert_eq!((status, &answer["success"]), (401, &json!(false)));
    assert_eq!(stage.posts(POST, "what").await.0, 400);
    assert_eq!(stage.posts(POST, "").await.0, 400);
    assert_eq!(stage.posts("nobody", "S one").await.0, 404);
    assert_eq!(stage.posts(POST, &"S".repeat(65)).await.0, 413);
    let get = format!("GET /webhooks/{POST} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(stage.sends(&get).await.0, 405);
    assert_eq!(stage.world.count("SELECT count(*) FROM webhook"), 0);
    assert!(!stage.nudged().await);
}

#[tokio::test]
async fn a_store_that_fails_is_not_answered_for() {
    let stage = Stage::new().await;
    let refuses = "CREATE TRIGGER broken BEFORE INSERT ON webhook BEGIN SELECT RAISE(ABORT, 'broken'); END";
    stage.world.file().execute_batch(refuses).unwrap();
    let (status, answer) = stage.posts(POST, "S one").await;
    assert_eq!((status, &answer["success"]), (503, &json!(false)));
    assert!(!stage.nudged().await);
}

#[tokio::test]
async fn more_than_anybody_needs_is_put_off() {
    let stage = Stage::new().await;
    for n in 0..60 {
        assert_eq!(stage.posts(POST, &format!("S {n}")).await.0, 200);
    }
    assert_eq!(stage.posts(POST, "S more").await.0, 429);
    assert_eq!(stage.stored(), 60);
}

#[tokio::test]
async fn the_listener_ends_when_it_is_told_to() {
    let Stage { stop, served, address, .. } = Stage::new().await;
    drop(stop);
    served.close();
    tokio::time::timeout(Duration::from_secs(20), served.wait()).await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn what_a_webhook_said_is_erased_at_its_time_and_still_known() {
    let stage = Stage::new().await;
    assert_eq!(stage.posts(POST, "S one").await.0, 200);
    let later = clock::now() + jiff::SignedDuration::from_hours(24 * 31);
    stage.world.journal.erase(later).await.unwrap();
    assert_eq!((stage.stored(), stage.world.count("SELECT count(*) FROM webhook")), (0, 1));
    assert_eq!(stage.posts(POST, "S one").await.0, 200);
    assert_eq!(stage.stored(), 0);
}
