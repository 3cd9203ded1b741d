//! Serves one connection of a [`Partner`], and does to its answers what the faults say.
//!
//! Effects and ledger share one lock, so that the ledger's order is the order of effects. What disturbs an exchange is
//! drawn once, after its body was read (before, for a reset that only needs the head); `ending` says what the client gets.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::armed::{Drawn, Faults};
use crate::fault::{Deed, Garble, Stage, Wait};
use crate::http::{Answer, Request, http_date};
use crate::ledger::{Entry, Verdict};
use crate::partner::{Call, Line, Partner, Reply};
use crate::wire::Wire;
use crate::{inspect, now};

/// What all connections of a mock share.
pub(crate) struct Shared<P> {
    pub(crate) partner: P,
    entries: Mutex<Vec<Arc<Entry>>>,
    faults: Mutex<Faults>,
    revision: watch::Sender<u64>,
    idle: Option<Duration>,
    /// Whether each connection is closed after its next answer.
    leaving: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic of another connection is that test's failure; this one goes on.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<P: Partner> Shared<P> {
    pub(crate) fn new(partner: P, idle: Option<Duration>) -> Self {
        Self {
            partner,
            entries: Mutex::default(),
            faults: Mutex::default(),
            revision: watch::Sender::new(0),
            idle,
            leaving: AtomicBool::new(false),
        }
    }

    /// How long an unused connection is kept.
    pub(crate) fn idle(&self) -> Option<Duration> {
        self.idle
    }

    /// From now on each connection is closed after its next answer.
    pub(crate) fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    pub(crate) fn stay(&self) {
        self.leaving.store(false, Ordering::Relaxed);
    }

    /// Wakes whoever waits for something to happen.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    pub(crate) fn entries(&self) -> Vec<Arc<Entry>> {
        lock(&self.entries).clone()
    }

    pub(crate) fn count(&self, operation: &str) -> usize {
        lock(&self.entries).iter().filter(|entry| entry.operation == operation).count()
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(crate) fn reset(&self) {
        lock(&self.entries).clear();
        self.faults().clear(None);
        self.partner.reset();
        self.changed();
    }

    pub(crate) fn changed(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    /// Lets the request take effect unless the deed forbids it, enters it, and says how the exchange ends.
    fn settle(&self, request: &Request, call: &Call, deed: Option<&Deed>) -> Ending {
        let mut entries = lock(&self.entries);
        let at = now();
        let number = u64::try_from(entries.len()).unwrap_or(u64::MAX) + 1;
        let mut entry = Entry::of(request, call, number, at);
        let reply = deed.is_none_or(Deed::takes_effect).then(|| self.partner.take(request, call, at));
        let (answer, verdict) = match reply {
            Some(Reply { answer, verdict }) => (Some(answer), verdict),
            None => (None, Verdict::NotTaken),
        };
        let ending = self.ending(deed, answer, request, call);
        entry.verdict = verdict;
        entry.fault = deed.map(Deed::kind);
        entry.status = ending.status();
        entries.push(Arc::new(entry));
        drop(entries);
        self.changed();
        ending
    }

    fn enter_unread(&self, head: &Request, call: &Call) {
        let mut entries = lock(&self.entries);
        let number = u64::try_from(entries.len()).unwrap_or(u64::MAX) + 1;
        let mut entry = Entry::of(head, call, number, now());
        entry.body = Bytes::new();
        entry.verdict = Verdict::NotRead;
        entry.fault = Some("reset");
        entries.push(Arc::new(entry));
        drop(entries);
        self.changed();
    }

    fn ending(&self, deed: Option<&Deed>, answer: Option<Answer>, request: &Request, call: &Call) -> Ending {
        let speak = |line: Line| Ending::Answer(self.partner.speak(&line, call, request));
        let untouched = || answer.clone().unwrap_or_else(|| Answer::text(500, "no answer"));
        let Some(deed) = deed else {
            return Ending::Answer(untouched());
        };
        match deed {
            Deed::Delay { .. } => Ending::Answer(untouched()),
            Deed::Status { status, body, .. } => Ending::Answer(Answer::text(*status, body.clone())),
            Deed::TooMany { wait } => {
                Ending::Answer(with_wait(Answer::text(429, "Too Many Requests"), *wait))
            }
            Deed::Unavailable { wait } => {
                Ending::Answer(with_wait(Answer::text(503, "Service Unavailable"), *wait))
            }
            Deed::Reset { .. } => Ending::Reset,
            Deed::Silence { .. } => Ending::Silence,
            Deed::HtmlPage { .. } => Ending::Answer(Answer::with_body(502, "text/html", HTML_PAGE)),
            Deed::Unreadable => Ending::Answer(Answer { body: UNREADABLE.into(), ..untouched() }),
            Deed::Garbled { with } => Ending::Answer(garbled(untouched(), *with)),
            Deed::HugeHead { bytes, .. } => {
                Ending::Answer(Answer::text(200, "").and_header("X-Filler", "x".repeat(*bytes)))
            }
            Deed::Huge { bytes, .. } => {
                Ending::Answer(Answer::with_body(200, "application/json", vec![b' '; *bytes]))
            }
            Deed::SessionExpired => speak(Line::SessionExpired),
            Deed::WrongCredentials => speak(Line::WrongCredentials),
            Deed::AlreadyExists => speak(Line::AlreadyExists),
            Deed::Refuse { code, message } => {
                speak(Line::Refusal { code: code.clone(), message: message.clone() })
            }
            Deed::Redirect { location } => {
                Ending::Answer(Answer::text(302, "").and_header("Location", location.clone()))
            }
            Deed::NotFound => Ending::Answer(Answer::text(404, "Not Found")),
            Deed::Slow { ms_per_byte } => {
                Ending::Slow { answer: untouched(), pause: Duration::from_millis(*ms_per_byte), head: false }
            }
            Deed::SlowHead { ms_per_byte } => {
                Ending::Slow { answer: untouched(), pause: Duration::from_millis(*ms_per_byte), head: true }
            }
        }
    }
}

const HTML_PAGE: &str =
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
const CAPTIVE_PAGE: &str =
    "<html><head><title>Welcome</title></head><body>Please accept the terms of use</body></html>";
const UNREADABLE: &str = "{\"error_code\":\"0\",\"mess\u{fffd}";

/// The answer, spoilt.
fn garbled(answer: Answer, with: Garble) -> Answer {
    let status = answer.status;
    match with {
        Garble::Empty => Answer { body: Bytes::new(), ..answer },
        Garble::Html => Answer::with_body(status, "text/html; charset=utf-8", CAPTIVE_PAGE),
        Garble::Null => Answer { body: "null".into(), ..answer },
        Garble::NullMembers => {
            let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            null_members(&mut body);
            Answer::json(status, &body)
        }
        Garble::Foreign => Answer::json(status, &json!({ "ok": true, "data": [] })),
        Garble::Utf16 => {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            let body: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            Answer::with_body(status, "application/json; charset=utf-16", body)
        }
        Garble::OtherType => Answer::with_body(status, "text/html; charset=utf-8", answer.body),
    }
}

/// Every member of the object, or of the objects of the list.
fn null_members(body: &mut Value) {
    match body {
        Value::Object(members) => members.values_mut().for_each(|member| *member = Value::Null),
        Value::Array(items) => items.iter_mut().for_each(null_members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn with_wait(answer: Answer, wait: Wait) -> Answer {
    match wait {
        Wait::None => answer,
        Wait::Seconds(seconds) => answer.and_header("Retry-After", seconds.to_string()),
        Wait::DateIn(seconds) => {
            // From the answer's own date, as a client counts it: the wait is whole seconds, whatever the moment.
            let at = now();
            let until = at + Duration::from_secs(seconds);
            answer.and_header("Date", http_date(at)).and_header("Retry-After", http_date(until))
        }
    }
}

/// How an exchange ends.
enum Ending {
    Answer(Answer),
    Slow {
        answer: Answer,
        pause: Duration,
        /// Whether the head drips as well.
        head: bool,
    },
    Reset,
    Silence,
}

impl Ending {
    fn status(&self) -> Option<u16> {
        match self {
            Self::Answer(answer) | Self::Slow { answer, .. } => Some(answer.status),
            Self::Reset | Self::Silence => None,
        }
    }
}

/// Serves one connection until one side ends it.
pub(crate) async fn serve<P: Partner>(mut wire: Wire, shared: Arc<Shared<P>>) -> io::Result<()> {
    while let Some(mut request) = wire.head().await? {
        let asks_to_close =
            request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let keep_alive = !asks_to_close && !shared.leaving.load(Ordering::Relaxed);
        if request.path.starts_with("/_mock/") {
            request.body = wire.body(&request).await?;
            wire.send(&inspect::answer(&shared, &request), keep_alive).await?;
        } else {
            let endpoint = shared.partner.endpoint(&request);
            let cut = shared.faults().draw_head(endpoint, Instant::now());
            if cut {
                shared.enter_unread(&request, &Call::unread(endpoint));
                wire.reset();
                return Ok(());
            }
            request.body = wire.body(&request).await?;
            match exchange(&shared, &request, endpoint).await {
                Ending::Answer(answer) => wire.send(&answer, keep_alive).await?,
                Ending::Slow { answer, pause, head } => return wire.drip(&answer, pause, head).await,
                Ending::Silence => {
                    wire.outwait().await;
                    return Ok(());
                }
                Ending::Reset => {
                    wire.reset();
                    return Ok(());
                }
            }
        }
        if !keep_alive {
            return Ok(());
        }
    }
    Ok(())
}

async fn exchange<P: Partner>(shared: &Shared<P>, request: &Request, endpoint: &'static str) -> Ending {
    let call = shared.partner.read(request);
    let Drawn { before, after, deed } = shared.faults().draw(endpoint, &call, Instant::now());
    if deed == Some(Deed::Reset { stage: Stage::BeforeReading }) {
        shared.enter_unread(request, &call);
        return Ending::Reset;
    }
    if !before.is_zero() {
        tokio::time::sleep(before).await;
    }
    let ending = shared.settle(request, &call, deed.as_ref());
    if !after.is_zero() {
        tokio::time::sleep(after).await;
    }
    ending
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_nulled_wherever_objects_stand() {
        let check = |body: Value, expected: Value| {
            let nulled = garbled(Answer::json(200, &body), Garble::NullMembers);
            assert_eq!(serde_json::from_slice::<Value>(&nulled.body).ok(), Some(expected), "{body}");
        };
        check(json!({ "a": 1, "b": { "c": 2 } }), json!({ "a": null, "b": null }));
        check(json!([{ "results": [] }]), json!([{ "results": null }]));
        check(json!("text"), json!("text"));
    }
}
