//! What the tests of the adapters share; no part of the gateway.
//!
//! [`StandIn`] answers as a test tells it and remembers what it saw. [`Answers`] are the recorded answers of an
//! interface's `fixtures/answers`: each must mean what its file says, each row of the table must have one, and each of
//! them a row. Compiled for tests only: the feature `testing` is enabled by dev-dependencies alone.

use crate::classify::{Cure, Table, Usual, Verdict};
use crate::{Answer, ClientSettings, Failure, FailureKind};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use lienthong_core::outcome::{Outcome, ReasonText};
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How tests call: with deadlines long enough for a busy machine.
pub fn client_settings() -> ClientSettings {
    ClientSettings {
        deadline: Duration::from_secs(20),
        connect_deadline: Duration::from_secs(10),
        body_cap: 1 << 20,
        authorities: Vec::new(),
        identity: None,
    }
}

/// A request as it arrived.
#[derive(Debug)]
pub struct Arrived {
    /// Method and target, as in `GET /cancel?v=1`.
    pub line: String,
    /// The other end of its connection.
    pub peer: SocketAddr,
    /// The body.
    pub body: Vec<u8>,
    headers: HeaderMap,
}

impl Arrived {
    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }
}

/// What an adapter's tests keep of a request.
pub trait Seen: Clone + Send + Sync + 'static {
    /// Reads it.
    fn read(arrived: Arrived) -> Self;
    /// What it asks for: requests of the same kind are counted together.
    fn what(&self) -> String;
}

/// An answer of the stand-in.
#[derive(Clone, Debug)]
pub struct Says {
    /// Status; 0 closes the connection without an answer.
    pub status: u16,
    /// Seconds of `Retry-After`.
    pub wait: Option<u64>,
    /// The body: a text as it is, all else as JSON.
    pub body: Value,
}

impl From<(u16, Value)> for Says {
    fn from((status, body): (u16, Value)) -> Self {
        Self { status, wait: None, body }
    }
}

impl From<(u16, Option<u64>, Value)> for Says {
    fn from((status, wait, body): (u16, Option<u64>, Value)) -> Self {
        Self { status, wait, body }
    }
}

type Script<S> = dyn Fn(&S, usize) -> Says + Send + Sync;

struct Stage<S> {
    script: Arc<Script<S>>,
    seen: Arc<Mutex<Vec<S>>>,
}

impl<S> Clone for Stage<S> {
    fn clone(&self) -> Self {
        Self { script: Arc::clone(&self.script), seen: Arc::clone(&self.seen) }
    }
}

/// A stand-in for a partner on a free port; it ends when it is dropped.
pub struct StandIn<S> {
    /// Its base address.
    pub url: String,
    seen: Arc<Mutex<Vec<S>>>,
    _server: JoinSet<()>,
}

impl<S: Seen> StandIn<S> {
    /// Answers each request with what `script` says; it is told how many requests of the kind came before.
    ///
    /// # Panics
    /// When the machine has no free port.
    pub async fn start<R: Into<Says>>(script: impl Fn(&S, usize) -> R + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener has an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script<S>> = Arc::new(move |seen, before| script(seen, before).into());
        let router =
            axum::Router::new().fallback(answer::<S>).with_state(Stage { script, seen: seen.clone() });
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, service).await.expect("axum serves for ever") });
        Self { url, seen, _server: server }
    }

    /// Every request so far, in order.
    pub fn seen(&self) -> Vec<S> {
        lock(&self.seen).clone()
    }

    /// What the requests so far asked for, in order.
    pub fn calls(&self) -> Vec<String> {
        self.seen().iter().map(Seen::what).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer<S: Seen>(
    State(stage): State<Stage<S>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let seen = S::read(Arrived { line: format!("{method} {uri}"), peer, body: body.to_vec(), headers });
    let before = {
        let mut all = lock(&stage.seen);
        let before = all.iter().filter(|other| other.what() == seen.what()).count();
        all.push(seen.clone());
        before
    };
    let Says { status, wait, body } = (stage.script)(&seen, before);
    // No status has the number 0: the panic closes the connection without an answer.
    let status = StatusCode::from_u16(status).expect("a status, or a connection that is closed");
    let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
    let mut response = (status, text).into_response();
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait.into());
    }
    response
}

/// A recorded answer and what it must mean.
#[derive(Debug)]
pub struct Recorded {
    file: String,
    fields: Value,
}

impl Recorded {
    /// A member that is a text.
    ///
    /// # Panics
    /// When the file lacks it.
    pub fn text(&self, key: &str) -> &str {
        self.fields[key].as_str().unwrap_or_else(|| panic!("{}: {key}", self.file))
    }

    fn wait(&self) -> Option<Duration> {
        self.fields["retry_after_seconds"].as_u64().map(Duration::from_secs)
    }

    /// What the client brought home.
    ///
    /// # Errors
    /// The failure, where it brought no answer.
    ///
    /// # Panics
    /// When the file has neither a status nor a failure that exists.
    pub fn answer(&self) -> Result<Answer, Failure> {
        if let Some(name) = self.fields["failure"].as_str() {
            let kind = FAILURES.into_iter().find(|kind| kind.name() == name);
            return Err(Failure::new(kind.unwrap_or_else(|| panic!("{}: {name}", self.file)), None, None));
        }
        let status = self.fields["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        let body = &self.fields["body"];
        Ok(Answer {
            status: status.unwrap_or_else(|| panic!("{}: status", self.file)),
            content_type: None,
            retry_after: self.wait(),
            body: body.as_str().map_or_else(|| body.to_string(), str::to_owned).into(),
        })
    }

    /// What it means: the operation that the file names was answered, or failed.
    ///
    /// # Panics
    /// When none of the operations has that name.
    pub fn verdict<O: Copy>(
        &self,
        operations: &[O],
        name: impl Fn(O) -> &'static str,
        answered: impl FnOnce(O, &Answer) -> Verdict,
        failed: impl FnOnce(O, &Failure) -> Verdict,
    ) -> Verdict {
        let named = self.text("operation");
        let operation = operations.iter().copied().find(|operation| name(*operation) == named);
        let operation = operation.unwrap_or_else(|| panic!("{}: no operation is {named}", self.file));
        match self.answer() {
            Ok(answer) => answered(operation, &answer),
            Err(failure) => failed(operation, &failure),
        }
    }

    fn check(&self, verdict: Verdict) {
        let file = &self.file;
        assert_eq!(verdict.row.text.code, self.text("row"), "{file}");
        let cure = match verdict.row.cure {
            Cure::Nothing => "nothing",
            Cure::OtherHalf => "other-half",
            Cure::Renew => "renew",
        };
        assert_eq!(cure, self.text("cure"), "{file}");
        let outcome = verdict.outcome();
        assert_eq!(outcome.name(), self.text("outcome"), "{file}");
        assert_eq!(outcome.reason().code.as_str(), self.text("code"), "{file}");
        if let Outcome::Unavailable { wait, unsent, .. } = &outcome {
            assert_eq!(*wait, self.wait(), "{file}");
            assert_eq!(*unsent, self.text("row").ends_with("-UNREACHABLE"), "{file}");
        }
        assert!(!self.text("source").is_empty(), "{file}");
    }
}

const FAILURES: [FailureKind; 10] = [
    FailureKind::Unbuildable,
    FailureKind::NameNotFound,
    FailureKind::Refused,
    FailureKind::ConnectTimedOut,
    FailureKind::Tls,
    FailureKind::NotConnected,
    FailureKind::Deadline,
    FailureKind::ClosedEarly,
    FailureKind::BodyTooLarge,
    FailureKind::Malformed,
];

/// The recorded answers of an interface.
#[derive(Debug)]
pub struct Answers(Vec<Recorded>);

impl Answers {
    /// Reads `fixtures/answers` of an interface, given its folder.
    ///
    /// # Panics
    /// When a file cannot be read.
    pub fn of(folder: &str) -> Self {
        let folder = PathBuf::from(folder).join("fixtures/answers");
        let files = std::fs::read_dir(&folder).expect("the folder of recorded answers");
        let read = |path: PathBuf| {
            let text = std::fs::read_to_string(&path).expect("a recorded answer");
            let fields =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            Recorded { file: path.display().to_string(), fields }
        };
        let mut all: Vec<Recorded> = files.map(|file| read(file.expect("a file").path())).collect();
        all.sort_by(|a, b| a.file.cmp(&b.file));
        Self(all)
    }

    /// Each means what its file says.
    ///
    /// # Panics
    /// When one does not.
    pub fn check_meanings(&self, classify: impl Fn(&Recorded) -> Verdict) {
        for recorded in &self.0 {
            recorded.check(classify(recorded));
        }
    }

    /// Each row has an answer, each answer a row, and no row stands twice.
    ///
    /// # Panics
    /// When it is not so.
    pub fn check_rows(&self, table: &Table) {
        let rows: BTreeSet<&str> = table.rows.iter().map(|row| row.text.code).collect();
        let answered: BTreeSet<&str> = self.0.iter().map(|recorded| recorded.text("row")).collect();
        assert_eq!(rows, answered);
        assert_eq!(rows.len(), table.rows.len(), "a code stands twice");
    }
}

/// A table is complete: every usual row is there, every row has its source, its line in the README with its outcome, and
/// every reason its own code and both sentences.
///
/// # Panics
/// When something is missing.
pub fn check_table(table: &Table, reasons: &[ReasonText], readme: &str) {
    let in_front = format!("{}-", table.prefix);
    for usual in Usual::ALL {
        let code = format!("{in_front}{}", usual.suffix());
        assert!(table.rows.iter().any(|row| row.text.code == code), "{code}");
    }
    for row in table.rows {
        let (code, ends) = (row.text.code, format!("| {:?} |", row.ends));
        assert!(!row.source.is_empty(), "{code}");
        let line = readme.lines().find(|line| line.starts_with(&format!("| `{code}` |")));
        assert!(line.is_some_and(|line| line.contains(&ends)), "README: {code} {ends}");
    }
    let codes: BTreeSet<&str> = reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(codes.len(), reasons.len(), "a code stands twice");
    assert!(table.rows.iter().all(|row| codes.contains(row.text.code)), "a row without its sentences");
    for reason in reasons {
        assert!(reason.code.starts_with(&in_front), "{}", reason.code);
        assert!(!reason.vi.is_empty() && !reason.en.is_empty(), "{}", reason.code);
    }
}
