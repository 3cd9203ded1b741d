//! One attempt at the NGSP order API: the only IO of this crate.
//!
//! An attempt may take several calls, each recorded as a step: a token when there is none, and one renewal when an
//! answer says that the token is not taken, after which the call is made once more: an answer of 401 or 403 means *not
//! done*. Nothing here repeats a call that the post may have taken. Orders travel on connections that cannot be stale
//! unless the post keeps our numbers unique, because a second order is a second parcel.

use crate::ngsp::classify::{OK, Operation, TABLE, classify};
use crate::ngsp::config::{Endpoints, NgspSettings};
use crate::ngsp::token::good_for;
use crate::ngsp::track;
use crate::ngsp::translate::Cargo;
use crate::ngsp::wire::{CancelOrder, CreateOrder, Page, Token};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use lienthong_core::outcome::{Outcome, Reason, ReasonCode};
use lienthong_core::port::{FeedPage, Sent, Uniqueness};
use lienthong_core::receipt::Receipt;
use lienthong_http::classify::{Cure, Ends, Usual, Verdict};
use lienthong_http::credential::{Credential, Granted, Held};
use lienthong_http::{Body, Client, Method, Request};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Speaks for one account.
pub(crate) struct Caller {
    settings: NgspSettings,
    endpoints: Endpoints,
    http: Client,
    token: Credential,
}

/// What one attempt did so far.
#[derive(Default)]
struct Attempt<'a> {
    trace: Option<&'a str>,
    steps: Vec<&'static str>,
    http_status: Option<u16>,
}

/// A call that needs a token; made again after a renewal, so it can be written more than once.
enum Call<'a> {
    Create(&'a CreateOrder),
    Cancel(&'a CancelOrder),
    Feed { after: &'a str },
}

impl Call<'_> {
    fn operation(&self) -> Operation {
        match self {
            Self::Create(_) => Operation::Create,
            Self::Cancel(_) => Operation::Cancel,
            Self::Feed { .. } => Operation::Feed,
        }
    }
}

impl Caller {
    /// Ready to call; nothing is sent yet.
    pub(crate) fn new(settings: NgspSettings, endpoints: Endpoints, http: Client) -> Self {
        Self { token: Credential::new(settings.token_quiet), settings, endpoints, http }
    }

    /// What the account is configured with.
    pub(crate) fn settings(&self) -> &NgspSettings {
        &self.settings
    }

    /// Makes or cancels an order.
    pub(crate) async fn send(&self, cargo: &Cargo, trace: Option<&str>) -> Sent {
        let mut attempt = Attempt { trace, ..Attempt::default() };
        let call = match cargo {
            Cargo::Create(order) => Call::Create(order),
            Cargo::Cancel(order) => Call::Cancel(order),
        };
        let outcome = match self.ask(&mut attempt, &call).await {
            Ok((verdict, _)) => verdict.outcome(),
            Err(outcome) => outcome,
        };
        Sent { outcome, http_status: attempt.http_status, steps: attempt.steps, receipt: Receipt::default() }
    }

    /// Reads one page of the feed.
    pub(crate) async fn read_feed(&self, after: Option<&str>) -> FeedPage {
        let call = Call::Feed { after: after.unwrap_or(track::BEGINNING) };
        match self.ask(&mut Attempt::default(), &call).await {
            Ok((verdict, body)) => page_of(verdict, &body, after, &self.settings),
            Err(outcome) => FeedPage::Failed(outcome),
        }
    }

    /// Asks for a token.
    pub(crate) async fn probe(&self) -> Outcome {
        match self.token.proven(self.ask_for_token(&mut Attempt::default(), "token")).await {
            Ok(_) => Outcome::Accepted(Reason::new(ReasonCode::known(OK))),
            Err(outcome) => outcome,
        }
    }

    /// Makes a call, with at most one renewed token. A token that cannot be had is the error.
    async fn ask(&self, attempt: &mut Attempt<'_>, call: &Call<'_>) -> Result<(Verdict, Bytes), Outcome> {
        let token = self.token.current(self.ask_for_token(attempt, "token")).await?;
        let answered = self.call_with(attempt, call, &token).await;
        match answered.0.row.cure {
            Cure::Renew => {
                let token = self.token.renewed(&token, self.ask_for_token(attempt, "renew")).await?;
                Ok(self.call_with(attempt, call, &token).await)
            }
            Cure::Nothing | Cure::OtherHalf => Ok(answered),
        }
    }

    async fn call_with(&self, attempt: &mut Attempt<'_>, call: &Call<'_>, token: &Held) -> (Verdict, Bytes) {
        let operation = call.operation();
        let request = self.request(call, token, attempt.trace);
        self.call(attempt, operation, operation.name(), request).await
    }

    async fn ask_for_token(&self, attempt: &mut Attempt<'_>, step: &'static str) -> Result<Granted, Outcome> {
        let credential =
            format!("{}:{}", self.settings.customer_key, self.settings.customer_secret.expose_secret());
        let basic = SecretString::from(format!("Basic {}", STANDARD.encode(credential)));
        let request = Request {
            method: Method::Post,
            url: self.endpoints.token.clone(),
            headers: vec![("Accept", "application/json".to_owned())],
            secret_headers: vec![("Authorization", basic)],
            body: Body::Form(Bytes::from_static(b"grant_type=client_credentials")),
            fresh_connection: false,
            trace: attempt.trace.map(str::to_owned),
        };
        let (verdict, body) = self.call(attempt, Operation::Token, step, request).await;
        if verdict.row.ends != Ends::Accepted {
            return Err(verdict.outcome());
        }
        match Token::read(&body) {
            Some(token) => Ok(Granted { secret: token.authorization, good_for: good_for(token.expires_in) }),
            None => Err(TABLE.usual(Operation::Token.effect(), Usual::Unreadable).outcome()),
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
        let (verdict, status, body) = match self.http.call(request).await {
            Ok(answer) => {
                (classify(operation, &answer, &self.settings.codes), Some(answer.status), answer.body)
            }
            Err(failure) => (TABLE.failed(operation.effect(), &failure), failure.status, Bytes::new()),
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

    fn request(&self, call: &Call<'_>, token: &Held, trace: Option<&str>) -> Request {
        let (method, url, body) = match call {
            Call::Create(order) => {
                let body = serde_json::to_vec(order).expect("messages have string keys only");
                (Method::Post, self.endpoints.order.clone(), Body::Json(body.into()))
            }
            Call::Cancel(order) => {
                let pairs = [("CustomerCode", &*order.customer_code), ("OrderNumber", &*order.order_number)];
                (Method::Get, with_query(&self.endpoints.cancel, &pairs), Body::Empty)
            }
            Call::Feed { after } => {
                let size = self.settings.feed_page_size.to_string();
                let pairs = [("pagesize", &*size), ("lastId", *after)];
                (Method::Get, with_query(&self.endpoints.tracking, &pairs), Body::Empty)
            }
        };
        let idempotent = self.settings.number_unique == Uniqueness::Yes;
        Request {
            method,
            url,
            headers: vec![("Accept", "application/json".to_owned()), ("Accept-Charset", "UTF-8".to_owned())],
            secret_headers: vec![("Authorization", token.secret.clone())],
            body,
            fresh_connection: call.operation() == Operation::Create && !idempotent,
            trace: trace.map(str::to_owned),
        }
    }
}

/// What the answer of the feed brought.
pub(crate) fn page_of(
    verdict: Verdict,
    body: &[u8],
    after: Option<&str>,
    settings: &NgspSettings,
) -> FeedPage {
    match Page::read(body).filter(|_| verdict.row.ends == Ends::Accepted) {
        Some(page) => track::page(&page, after, settings.feed_page_size, &settings.tracking_codes),
        None => FeedPage::Failed(verdict.outcome()),
    }
}

/// Joins the pairs to a query that may be there. A blank goes out as `%20`: `+` is one only in forms, and a server that
/// reads it literally would look for another order.
fn with_query(url: &Url, pairs: &[(&str, &str)]) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut().extend_pairs(pairs);
    let query = url.query().unwrap_or_default().replace('+', "%20");
    url.set_query(Some(&query));
    url
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
