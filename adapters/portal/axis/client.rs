//! One attempt at the portal's adapter: the only IO of this crate.
//!
//! An attempt may take several calls, each recorded as a step: a login when there is no session, one renewed login when
//! an answer says that the session is dead, and the other half of the pair create/update when the portal says that it
//! has, or has not, the dossier ([`crate::pair`]). Each of these follows only an answer that means *not written*. Rows
//! travel on connections that answered just now or are new, because a second row is a second row. Nothing here repeats a call that the
//! portal may have taken; the dispatcher decides on that.

use super::classify::{Operation, Phrases, TABLE, classify, codes};
use super::config::{AxisSettings, DstcodePlace, Endpoints};
use super::inspect::inspected;
use super::standing::KIND;
use super::wire::{Envelope, LoginCall};
use crate::pair::{Half, Memory};
use crate::wire::Reply;
use bytes::Bytes;
use lienthong_core::handoff::Record;
use lienthong_core::ids::DossierCode;
use lienthong_core::inspect::Inspected;
use lienthong_core::outcome::{Outcome, Reason, ReasonCode};
use lienthong_core::port::{LookUp, Sent};
use lienthong_core::receipt::Receipt;
use lienthong_http::classify::{Cure, Ends, Usual, Verdict};
use lienthong_http::credential::{Credential, Granted, Held};
use lienthong_http::{Body, Client, Connection, Method, Request};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Speaks for one account.
pub(crate) struct Caller {
    settings: AxisSettings,
    endpoints: Endpoints,
    phrases: Phrases,
    http: Client,
    session: Credential,
    memory: Memory,
}

/// What one attempt did so far.
struct Attempt<'a> {
    trace: Option<&'a str>,
    /// Which connection carries rows.
    rows: Connection,
    steps: Vec<&'static str>,
    http_status: Option<u16>,
    renewed: bool,
}

/// What goes into an envelope beside the session.
pub(crate) struct Draft<'a> {
    pub(crate) service: &'static str,
    pub(crate) kind: Option<&'static str>,
    pub(crate) data: Option<&'a RawValue>,
    pub(crate) mahoso: Option<&'a str>,
}

impl Caller {
    /// Ready to call; nothing is sent yet.
    pub(crate) fn new(settings: AxisSettings, endpoints: Endpoints, http: Client) -> Self {
        Self {
            phrases: Phrases::new(&settings),
            session: Credential::new(settings.login_quiet),
            memory: Memory::default(),
            settings,
            endpoints,
            http,
        }
    }

    /// Writes one dossier, as new or as an update, whichever the portal takes.
    pub(crate) async fn write_record(&self, code: &str, data: &RawValue, trace: Option<&str>) -> Sent {
        let mut attempt = Attempt::new(trace);
        let outcome = self.converge(&mut attempt, code, data).await;
        attempt.ended(outcome)
    }

    /// Appends progress rows.
    pub(crate) async fn append_rows(
        &self,
        data: &RawValue,
        connection: Connection,
        trace: Option<&str>,
    ) -> Sent {
        let mut attempt = Attempt::new(trace);
        attempt.rows = connection;
        let draft = Draft::rows(data);
        let outcome = match self.ask(&mut attempt, Operation::AppendRows, &draft).await {
            Ok((verdict, _)) => verdict.outcome(),
            Err(outcome) => outcome,
        };
        attempt.ended(outcome)
    }

    /// Asks what the portal has under a code.
    pub(crate) async fn inspect(&self, code: &DossierCode) -> Inspected {
        let mut attempt = Attempt::new(None);
        match self.ask(&mut attempt, Operation::LookUp, &Draft::question(code.as_str())).await {
            Ok((verdict, body)) => inspected(verdict, &body, code),
            Err(outcome) => Inspected::Failed(outcome),
        }
    }

    /// Sets the status of a dossier that was lodged at the portal.
    pub(crate) async fn set_status(&self, data: &RawValue, trace: Option<&str>) -> Sent {
        let mut attempt = Attempt::new(trace);
        let outcome = match self.ask(&mut attempt, Operation::SetStatus, &Draft::status(data)).await {
            Ok((verdict, _)) => verdict.outcome(),
            Err(outcome) => outcome,
        };
        attempt.ended(outcome)
    }

    /// Asks whether the portal has the dossier.
    pub(crate) async fn look_up(&self, code: &str, record: &Record) -> LookUp {
        let mut attempt = Attempt::new(None);
        match self.ask(&mut attempt, Operation::LookUp, &Draft::question(code)).await {
            Ok((verdict, body)) => looked_up(verdict, &body, code, record),
            Err(outcome) => LookUp::CouldNotAsk(outcome.reason().clone()),
        }
    }

    /// Logs in.
    pub(crate) async fn probe(&self) -> Outcome {
        let mut attempt = Attempt::new(None);
        match self.session.proven(self.log_in(&mut attempt, "login")).await {
            Ok(_) => Outcome::Accepted(Reason::new(ReasonCode::known(codes::OK))),
            Err(outcome) => outcome,
        }
    }

    async fn converge(&self, attempt: &mut Attempt<'_>, code: &str, data: &RawValue) -> Outcome {
        let draft = Draft::record(data);
        let mut pair = self.memory.pair(code);
        loop {
            let operation = match pair.half() {
                Half::Create => Operation::Create,
                Half::Update => Operation::Update,
            };
            let verdict = match self.ask(attempt, operation, &draft).await {
                Ok((verdict, _)) => verdict,
                Err(outcome) => return outcome,
            };
            if let Some(outcome) = pair.answered(verdict) {
                return outcome;
            }
        }
    }

    /// Calls a service, with at most one renewed login an attempt. A login that fails is the error.
    async fn ask(
        &self,
        attempt: &mut Attempt<'_>,
        operation: Operation,
        draft: &Draft<'_>,
    ) -> Result<(Verdict, Bytes), Outcome> {
        let session = self.session.current(self.log_in(attempt, "login")).await?;
        let answered = self.call_service(attempt, operation, draft, &session).await;
        match answered.0.row.cure {
            Cure::Renew if !attempt.renewed => {
                attempt.renewed = true;
                let session = self.session.renewed(&session, self.log_in(attempt, "renew")).await?;
                Ok(self.call_service(attempt, operation, draft, &session).await)
            }
            Cure::Renew | Cure::Nothing | Cure::OtherHalf => Ok(answered),
        }
    }

    async fn call_service(
        &self,
        attempt: &mut Attempt<'_>,
        operation: Operation,
        draft: &Draft<'_>,
        session: &Held,
    ) -> (Verdict, Bytes) {
        let envelope = self.envelope(operation, draft, Some(session.secret.expose_secret()));
        self.call(attempt, operation, operation.name(), &envelope).await
    }

    async fn log_in(&self, attempt: &mut Attempt<'_>, step: &'static str) -> Result<Granted, Outcome> {
        let login =
            LoginCall { username: &self.settings.username, password: self.settings.password.expose_secret() };
        let (verdict, body) = self.call(attempt, Operation::Login, step, &login).await;
        if verdict.row.ends != Ends::Accepted {
            return Err(verdict.outcome());
        }
        let reply = Reply::read(&body);
        match reply.as_ref().and_then(Reply::session) {
            Some(session) => {
                Ok(Granted { secret: SecretString::from(session), good_for: self.settings.session_life })
            }
            None => Err(TABLE.usual(Operation::Login.effect(), Usual::Unreadable).outcome()),
        }
    }

    /// Makes one call and says what its answer means.
    async fn call(
        &self,
        attempt: &mut Attempt<'_>,
        operation: Operation,
        step: &'static str,
        message: &(impl Serialize + Sync),
    ) -> (Verdict, Bytes) {
        attempt.steps.push(step);
        let body = serde_json::to_vec(message).expect("messages have string keys only");
        let (verdict, status, body) = match self.http.call(self.request(operation, body, attempt)).await {
            Ok(answer) => (classify(operation, &answer, &self.phrases), Some(answer.status), answer.body),
            Err(failure) => (TABLE.failed(operation.effect(), &failure), failure.status, Bytes::new()),
        };
        attempt.http_status = status;
        tracing::debug!(
            partner = "portal",
            step,
            status,
            reason = verdict.row.text.code,
            "the portal was called"
        );
        (verdict, body)
    }

    fn request(&self, operation: Operation, body: Vec<u8>, attempt: &Attempt<'_>) -> Request {
        let url = match operation {
            Operation::Login => &self.endpoints.auth,
            Operation::Create | Operation::Update | Operation::AppendRows | Operation::SetStatus => {
                &self.endpoints.integration
            }
            Operation::LookUp => &self.endpoints.share,
        };
        let mut headers = vec![("Accept", "application/json".to_owned()), ("Charset", "utf-8".to_owned())];
        if self.settings.dstcode_place == DstcodePlace::Header && !self.settings.dstcode.is_empty() {
            headers.push(("dstcode", self.settings.dstcode.clone()));
        }
        Request {
            method: Method::Post,
            url: url.clone(),
            headers,
            secret_headers: Vec::new(),
            body: Body::Json(body.into()),
            connection: if operation == Operation::AppendRows { attempt.rows } else { Connection::Kept },
            trace: attempt.trace.map(str::to_owned),
        }
    }

    /// The envelope of a call; without a session where it is only shown.
    pub(crate) fn envelope<'a>(
        &'a self,
        operation: Operation,
        draft: &Draft<'a>,
        session: Option<&'a str>,
    ) -> Envelope<'a> {
        let is_updating = match operation {
            Operation::Create => Some("False"),
            Operation::Update => Some("True"),
            Operation::Login | Operation::AppendRows | Operation::SetStatus | Operation::LookUp => None,
        };
        Envelope {
            session,
            madonvi: &self.settings.madonvi,
            service: draft.service,
            is_updating,
            kind: draft.kind,
            data: draft.data,
            mahoso: draft.mahoso,
        }
    }
}

impl<'a> Draft<'a> {
    /// One dossier.
    pub(crate) fn record(data: &'a RawValue) -> Self {
        Self { service: "DongBoHoSoMC", kind: None, data: Some(data), mahoso: None }
    }

    /// A dossier's code.
    fn question(code: &'a str) -> Self {
        Self { service: "TraCuuHoSo", kind: None, data: None, mahoso: Some(code) }
    }

    /// Progress rows.
    pub(crate) fn rows(data: &'a RawValue) -> Self {
        Self { service: "CapNhatTienDoHoSoMC", kind: None, data: Some(data), mahoso: None }
    }

    /// A status.
    pub(crate) fn status(data: &'a RawValue) -> Self {
        Self { service: "DongBoTrangThaiHoSo", kind: Some(KIND), data: Some(data), mahoso: None }
    }
}

impl<'a> Attempt<'a> {
    fn new(trace: Option<&'a str>) -> Self {
        Self { trace, rows: Connection::New, steps: Vec::new(), http_status: None, renewed: false }
    }

    fn ended(self, outcome: Outcome) -> Sent {
        Sent { outcome, http_status: self.http_status, steps: self.steps, receipt: Receipt::default() }
    }
}

/// What the answer to a look-up says of a dossier.
pub(crate) fn looked_up(verdict: Verdict, body: &[u8], code: &str, record: &Record) -> LookUp {
    match (verdict.row.ends, verdict.row.cure) {
        (Ends::Accepted, _) => witness(body, code, record),
        (_, Cure::OtherHalf) => LookUp::Absent,
        (
            Ends::Rejected | Ends::Unavailable | Ends::Uncertain | Ends::Blocked,
            Cure::Nothing | Cure::Renew,
        ) => LookUp::CouldNotAsk(verdict.outcome().reason().clone()),
    }
}

/// Reads the answer to a look-up. Only *a list that is not empty* is evidenced; the keys inside are taken as help.
fn witness(body: &[u8], code: &str, record: &Record) -> LookUp {
    let reply = Reply::read(body);
    let unreadable = || {
        let verdict = TABLE.usual(Operation::LookUp.effect(), Usual::Unreadable);
        LookUp::CouldNotAsk(verdict.outcome().reason().clone())
    };
    let Some(rows) = reply.as_ref().and_then(Reply::found) else {
        return unreadable();
    };
    let ours = |row: &&Value| value_of(row, "mahoso").is_none_or(|found| found == code);
    match (rows.is_empty(), rows.iter().find(ours)) {
        (true, _) => LookUp::Absent,
        (false, None) => unreadable(),
        (false, Some(row)) => {
            let status = record.status.code().to_string();
            LookUp::found(value_of(row, "trangthai").is_none_or(|found| found == status))
        }
    }
}

/// A field by its name in whatever case, as text.
pub(crate) fn value_of(row: &Value, name: &str) -> Option<String> {
    let (_, value) = row.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|number| number.to_string()))
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
