//! One attempt at the order service: the only IO of its interfaces.
//!
//! An attempt may take several calls, each recorded as a step: a token when there is none, and one renewal when an
//! answer says that the token is not taken, after which the call is made once more: an answer of 401 or 403 means *not
//! done*. Nothing here repeats a call that the post may have taken. Orders travel on connections that cannot be stale
//! unless the post keeps our numbers unique, because a second order is a second parcel.

use crate::orders::classify::{Operation, Words, classify};
use crate::orders::settings::CodeMeaning;
use crate::orders::token::good_for;
use crate::orders::track;
use crate::orders::wire::{CancelOrder, Page, Token};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use lienthong_core::outcome::{Outcome, Problem, Reason, ReasonCode, gateway};
use lienthong_core::port::{FeedPage, Sent};
use lienthong_core::receipt::Receipt;
use lienthong_core::tracking::Meaning;
use lienthong_http::classify::{Cure, Ends, Usual, Verdict};
use lienthong_http::credential::{Credential, Granted, Held};
use lienthong_http::{Body, Client, Connection, Method, Request};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::collections::BTreeMap;
use url::Url;

/// The order service as one account meets it.
pub(crate) struct Service {
    /// What the interface calls its answers.
    pub(crate) words: &'static Words,
    /// Where it stands.
    pub(crate) addresses: Addresses,
    /// How the account shows who it is.
    pub(crate) access: Access,
    /// What its `Status` codes mean.
    pub(crate) codes: BTreeMap<String, CodeMeaning>,
    /// What the feed's codes mean.
    pub(crate) tracking_codes: BTreeMap<String, Meaning>,
    /// Rows of the feed in one call.
    pub(crate) feed_page_size: u16,
    /// A second order with a number of ours is refused.
    pub(crate) number_unique: bool,
}

/// Where calls go.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    pub(crate) order: Url,
    /// `None` where nothing can be cancelled.
    pub(crate) cancel: Option<Url>,
    /// `None` where there is no feed.
    pub(crate) tracking: Option<Url>,
}

/// How an account shows who it is.
#[derive(Debug)]
pub(crate) enum Access {
    /// A token, which its key and secret are given for.
    Token { url: Url, key: String, secret: SecretString, held: Box<Credential> },
    /// A header that stays the same.
    Header(&'static str, SecretString),
}

/// What one call carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cargo {
    /// An order, written down.
    Create(Bytes),
    /// The end of one.
    Cancel(CancelOrder),
}

impl Cargo {
    /// An order as its body.
    pub(crate) fn create(order: &impl Serialize) -> Self {
        Self::Create(serde_json::to_vec(order).expect("messages have string keys only").into())
    }

    /// An order as its body and a cancel as the members of its query.
    pub(crate) fn shown(&self) -> serde_json::Value {
        match self {
            Self::Create(body) => serde_json::from_slice(body),
            Self::Cancel(order) => serde_json::to_value(order),
        }
        .expect("messages are JSON")
    }
}

/// Speaks for one account.
pub(crate) struct Caller {
    service: Service,
    http: Client,
}

/// What one attempt did so far.
#[derive(Default)]
struct Attempt<'a> {
    trace: Option<&'a str>,
    steps: Vec<&'static str>,
    http_status: Option<u16>,
}

/// A call; made again after a renewal, so it can be written more than once.
#[derive(Clone, Copy)]
enum Call<'a> {
    Create(&'a Bytes),
    Cancel(&'a Url, &'a CancelOrder),
    Feed { url: &'a Url, after: &'a str },
}

impl Call<'_> {
    fn operation(&self) -> Operation {
        match self {
            Self::Create(_) => Operation::Create,
            Self::Cancel(..) => Operation::Cancel,
            Self::Feed { .. } => Operation::Feed,
        }
    }
}

impl Caller {
    /// Ready to call; nothing is sent yet.
    pub(crate) fn new(service: Service, http: Client) -> Self {
        Self { service, http }
    }

    /// Makes or cancels an order. Where nothing can be cancelled, nothing is called.
    pub(crate) async fn send(&self, cargo: &Cargo, trace: Option<&str>) -> Sent {
        let mut attempt = Attempt { trace, ..Attempt::default() };
        let call = match (cargo, &self.service.addresses.cancel) {
            (Cargo::Create(body), _) => Call::Create(body),
            (Cargo::Cancel(order), Some(url)) => Call::Cancel(url, order),
            (Cargo::Cancel(_), None) => return refused(Reason::new(ReasonCode::known(gateway::NO_CANCEL))),
        };
        let outcome = match self.ask(&mut attempt, &call).await {
            Ok((verdict, _)) => verdict.outcome(),
            Err(outcome) => outcome,
        };
        let Attempt { steps, http_status, .. } = attempt;
        Sent { outcome, http_status, steps, receipt: Receipt::default() }
    }

    /// Reads one page of the feed.
    pub(crate) async fn read_feed(&self, after: Option<&str>) -> FeedPage {
        let Some(url) = &self.service.addresses.tracking else { return FeedPage::NoFeed };
        let call = Call::Feed { url, after: after.unwrap_or(track::BEGINNING) };
        match self.ask(&mut Attempt::default(), &call).await {
            Ok((verdict, body)) => {
                page_of(verdict, &body, after, self.service.feed_page_size, &self.service.tracking_codes)
            }
            Err(outcome) => FeedPage::Failed(outcome),
        }
    }

    /// Makes a call that leaves nothing behind: asks for a token, or else for the beginning of the feed. Where there is
    /// neither, nothing is called, and the first order that is let through will tell.
    pub(crate) async fn probe(&self) -> Outcome {
        let mut attempt = Attempt::default();
        let asked = match (&self.service.access, &self.service.addresses.tracking) {
            (Access::Token { held, .. }, _) => {
                held.proven(self.ask_for_token(&mut attempt, "token")).await.map(|_| self.service.words.ok)
            }
            (Access::Header(..), Some(url)) => {
                let call = Call::Feed { url, after: track::BEGINNING };
                match self.ask(&mut attempt, &call).await {
                    Ok((verdict, _)) if verdict.row.ends == Ends::Accepted => Ok(self.service.words.ok),
                    Ok((verdict, _)) => Err(verdict.outcome()),
                    Err(outcome) => Err(outcome),
                }
            }
            (Access::Header(..), None) => Ok(gateway::NOT_ASKED),
        };
        asked.map_or_else(|outcome| outcome, |code| Outcome::Accepted(Reason::new(ReasonCode::known(code))))
    }

    /// Makes a call, with at most one renewed token. A token that cannot be had is the error.
    async fn ask(&self, attempt: &mut Attempt<'_>, call: &Call<'_>) -> Result<(Verdict, Bytes), Outcome> {
        let held = match &self.service.access {
            Access::Token { held, .. } => held,
            Access::Header(name, secret) => {
                return Ok(self.call_with(attempt, call, (name, secret.clone())).await);
            }
        };
        let bearer = |token: &Held| ("Authorization", token.secret.clone());
        let token = held.current(self.ask_for_token(attempt, "token")).await?;
        let answered = self.call_with(attempt, call, bearer(&token)).await;
        match answered.0.row.cure {
            Cure::Renew => {
                let token = held.renewed(&token, self.ask_for_token(attempt, "renew")).await?;
                Ok(self.call_with(attempt, call, bearer(&token)).await)
            }
            Cure::Nothing | Cure::OtherHalf => Ok(answered),
        }
    }

    async fn call_with(
        &self,
        attempt: &mut Attempt<'_>,
        call: &Call<'_>,
        access: (&'static str, SecretString),
    ) -> (Verdict, Bytes) {
        let operation = call.operation();
        let request = self.request(call, access, attempt.trace);
        self.call(attempt, operation, operation.name(), request).await
    }

    async fn ask_for_token(&self, attempt: &mut Attempt<'_>, step: &'static str) -> Result<Granted, Outcome> {
        let unreadable = || self.service.words.table.usual(Operation::Token.effect(), Usual::Unreadable);
        let Access::Token { url, key, secret, .. } = &self.service.access else {
            // A header that stays the same is not asked for.
            return Err(unreadable().outcome());
        };
        let credential = format!("{key}:{}", secret.expose_secret());
        let basic = SecretString::from(format!("Basic {}", STANDARD.encode(credential)));
        let request = Request {
            method: Method::Post,
            url: url.clone(),
            headers: vec![("Accept", "application/json".to_owned())],
            secret_headers: vec![("Authorization", basic)],
            body: Body::Form(Bytes::from_static(b"grant_type=client_credentials")),
            connection: Connection::Kept,
            trace: attempt.trace.map(str::to_owned),
        };
        let (verdict, body) = self.call(attempt, Operation::Token, step, request).await;
        if verdict.row.ends != Ends::Accepted {
            return Err(verdict.outcome());
        }
        match Token::read(&body) {
            Some(token) => Ok(Granted { secret: token.authorization, good_for: good_for(token.expires_in) }),
            None => Err(unreadable().outcome()),
        }
    }

    /// Makes one call and says what its answer means.
    async fn call(
        &self,
        attempt: &mut Attempt<'_>,
        operation: Operation,
        step: &'static str,
        request: Request,
    ) -> (Verdict, Bytes) {
        attempt.steps.push(step);
        let words = self.service.words;
        let (verdict, status, body) = match self.http.call(request).await {
            Ok(answer) => {
                (classify(words, operation, &answer, &self.service.codes), Some(answer.status), answer.body)
            }
            Err(failure) => (words.table.failed(operation.effect(), &failure), failure.status, Bytes::new()),
        };
        attempt.http_status = status;
        tracing::debug!(
            partner = "post",
            step,
            status,
            reason = verdict.row.text.code,
            "the post was called"
        );
        (verdict, body)
    }

    fn request(&self, call: &Call<'_>, access: (&'static str, SecretString), trace: Option<&str>) -> Request {
        let (method, url, body) = match *call {
            Call::Create(body) => {
                (Method::Post, self.service.addresses.order.clone(), Body::Json(body.clone()))
            }
            Call::Cancel(url, order) => {
                let pairs = [("CustomerCode", &*order.customer_code), ("OrderNumber", &*order.order_number)];
                (Method::Get, with_query(url, &pairs), Body::Empty)
            }
            Call::Feed { url, after } => {
                let size = self.service.feed_page_size.to_string();
                let pairs = [("pagesize", &*size), ("lastId", after)];
                (Method::Get, with_query(url, &pairs), Body::Empty)
            }
        };
        Request {
            method,
            url,
            headers: vec![("Accept", "application/json".to_owned()), ("Accept-Charset", "UTF-8".to_owned())],
            secret_headers: vec![access],
            body,
            connection: connection_of(call.operation(), self.service.number_unique),
            trace: trace.map(str::to_owned),
        }
    }
}

/// A second order is a second parcel, unless the post keeps our number unique.
fn connection_of(operation: Operation, number_unique: bool) -> Connection {
    if operation == Operation::Create && !number_unique { Connection::New } else { Connection::Kept }
}

/// An attempt that ends before anything is called.
pub(crate) fn refused(reason: Reason) -> Sent {
    let outcome = Outcome::Rejected(reason);
    Sent { outcome, http_status: None, steps: Vec::new(), receipt: Receipt::default() }
}

/// An attempt that our own translation refuses; the first problem names the field.
pub(crate) fn untranslated(problems: Vec<Problem>, wrong_content: &'static str) -> Sent {
    let problem = problems.into_iter().next().unwrap_or_else(|| Problem::new(wrong_content, "type"));
    refused(Reason::new(problem.code).at(problem.field))
}

/// What the answer of the feed brought.
pub(crate) fn page_of(
    verdict: Verdict,
    body: &[u8],
    after: Option<&str>,
    page_size: u16,
    codes: &BTreeMap<String, Meaning>,
) -> FeedPage {
    match Page::read(body).filter(|_| verdict.row.ends == Ends::Accepted) {
        Some(page) => track::page(&page, after, page_size, codes),
        None => FeedPage::Failed(verdict.outcome()),
    }
}

/// Joins the pairs to a query that may be there. A blank goes out as `%20`: `+` is one only in forms, and a server that
/// reads it literally would look for another order.
pub(crate) fn with_query(url: &Url, pairs: &[(&str, &str)]) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut().extend_pairs(pairs);
    let query = url.query().unwrap_or_default().replace('+', "%20");
    url.set_query(Some(&query));
    url
}
