//! The calls, written down.

use super::Caller;
use crate::myvnpost::classify::Operation;
use crate::myvnpost::track::CLOCKS_APART;
use crate::myvnpost::wire::{AskForToken, CancelOrder, CreateOrder, SENT};
use jiff::Timestamp;
use jiff::civil::Date;
use lienthong_core::port::Uniqueness;
use lienthong_core::tables::day_in_vietnam;
use lienthong_http::credential::Held;
use lienthong_http::{Body, Connection, Method, Request};
use serde::Serialize;
use url::Url;

/// A call that needs a token; made again after a renewal, so it can be written more than once.
pub(super) enum Call<'a> {
    Create(&'a CreateOrder),
    Cancel {
        reference: &'a str,
    },
    Order {
        waybill: &'a str,
    },
    History {
        waybill: &'a str,
    },
    /// A page of the orders whose records changed on these days.
    List {
        from: Date,
        to: Date,
        page: u32,
    },
}

impl Call<'_> {
    pub(super) fn operation(&self) -> Operation {
        match self {
            Self::Create(_) => Operation::Create,
            Self::Cancel { .. } => Operation::Cancel,
            Self::Order { .. } => Operation::Order,
            Self::History { .. } => Operation::History,
            Self::List { .. } => Operation::List,
        }
    }
}

/// Codes that are asked about are waybills.
const BY_WAYBILL: (&str, &str) = ("type", "1");

impl Caller {
    /// A page of the orders that changed from a day until now; around midnight the two clocks may show two days.
    pub(super) fn list_call(&self, from: Date, page: u32) -> Call<'static> {
        let soon = (self.now)().checked_add(CLOCKS_APART).unwrap_or(Timestamp::MAX);
        Call::List { from, to: day_in_vietnam(soon).max(from), page }
    }

    pub(super) fn request(&self, call: &Call<'_>, token: &Held, trace: Option<&str>) -> Request {
        let places = &self.endpoints;
        let (method, url, body) = match call {
            Call::Create(order) => (Method::Post, places.create.clone(), json(order)),
            Call::Cancel { reference } => {
                let message = CancelOrder { original_id: (*reference).to_owned() };
                (Method::Post, places.cancel.clone(), json(&message))
            }
            Call::Order { waybill } => {
                (Method::Get, with_query(&places.order, &[BY_WAYBILL, ("code", *waybill)]), Body::Empty)
            }
            Call::History { waybill } => {
                (Method::Get, with_query(&places.history, &[BY_WAYBILL, ("code", *waybill)]), Body::Empty)
            }
            Call::List { from, to, page } => (Method::Get, self.list_url(*from, *to, *page), Body::Empty),
        };
        let idempotent = self.settings.number_unique == Uniqueness::Yes;
        let creates_twice = call.operation() == Operation::Create && !idempotent;
        Request {
            method,
            url,
            headers: accept(),
            secret_headers: vec![("token", token.secret.clone())],
            body,
            connection: if creates_twice { Connection::New } else { Connection::Kept },
            trace: trace.map(str::to_owned),
        }
    }

    fn list_url(&self, from: Date, to: Date, page: u32) -> Url {
        let day = |day: Date| day.strftime("%d-%m-%Y").to_string();
        let pairs = [
            ("lastUpdateFrom", &*day(from)),
            ("lastUpdateTo", &*day(to)),
            ("type", SENT),
            ("page", &*page.to_string()),
            ("size", &*self.settings.page_size.to_string()),
            ("isInternational", "false"),
        ];
        with_query(&self.endpoints.list, &pairs)
    }

    pub(super) fn token_request(&self, trace: Option<&str>) -> Request {
        let message = AskForToken {
            username: &self.settings.username,
            password: &self.settings.password,
            customer_code: &self.settings.customer_code,
        };
        Request {
            method: Method::Post,
            url: self.endpoints.token.clone(),
            headers: accept(),
            secret_headers: Vec::new(),
            body: json(&message),
            connection: Connection::Kept,
            trace: trace.map(str::to_owned),
        }
    }
}

fn accept() -> Vec<(&'static str, String)> {
    vec![("Accept", "application/json".to_owned())]
}

fn json(message: &impl Serialize) -> Body {
    Body::Json(serde_json::to_vec(message).expect("messages have string keys only").into())
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
