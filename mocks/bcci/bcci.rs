//! The answers of the interface with waybills.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use mock_kit::{Answer, Call, Line, Partner, Reply, Request, Verdict, as_object, check, parse_query, text};
use mock_post::{Post, unauthorised};
use serde_json::{Value, json};

use crate::codes;
use crate::config::{Config, Customer, Direct, Flavour, Lgsp};
use crate::fields::{PLAIN_ORDER_FIELDS, WAYBILL_ORDER_FIELDS, check_mail};
use crate::waybills::{Offence, Violation, Waybills};

/// The interface with waybills.
pub struct Bcci {
    config: Config,
    post: Post,
    waybills: Mutex<Waybills>,
    /// Customers whose `access_token` is dead.
    revoked: Mutex<BTreeSet<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bcci {
    pub(crate) fn new(config: Config, now: Timestamp) -> Self {
        let clients = config.customers.iter();
        let life = match &config.flavour {
            Flavour::Direct(_) => std::time::Duration::ZERO,
            Flavour::Lgsp(lgsp) => lgsp.token_life,
        };
        let post = mock_post::Config {
            customers: clients
                .map(|one| mock_post::Customer::new(&one.code, &one.key, &one.secret))
                .collect(),
            token_life: life,
            provinces: config.provinces.clone(),
            number_unique: true,
            feed_silent: config.feed_silent,
            status_as_text: true,
            done_status: config.done_status,
            script: config.script.clone(),
            wire_codes: config.wire_codes.clone(),
            ..mock_post::Config::default()
        };
        Self { config, post: Post::new(post, now), waybills: Mutex::default(), revoked: Mutex::default() }
    }

    /// The order service behind: its orders and feed, and all that a test can do to them.
    #[must_use]
    pub fn post(&self) -> &Post {
        &self.post
    }

    /// Waybills that were used, each with the number of its order.
    #[must_use]
    pub fn waybills(&self) -> BTreeMap<String, String> {
        lock(&self.waybills).used.clone()
    }

    /// What a gateway never does, and this one did, oldest first.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        lock(&self.waybills).violations.clone()
    }

    /// Kills what lets one customer in, or all: the tokens at the bus, or the `access_token`, until [`Bcci::admit`].
    pub fn expire_tokens(&self, customer: Option<&str>) {
        self.post.expire_tokens(customer);
        let dead =
            self.config.customers.iter().filter(|known| customer.is_none_or(|code| code == known.code));
        lock(&self.revoked).extend(dead.map(|known| known.code.clone()));
    }

    /// Lets everybody's `access_token` in again.
    pub fn admit(&self) {
        lock(&self.revoked).clear();
    }

    /// Who asks; `None` lets nobody in.
    fn customer(&self, request: &Request, message: &Value, now: Timestamp) -> Option<&Customer> {
        let mut known = self.config.customers.iter();
        match &self.config.flavour {
            Flavour::Lgsp(_) => {
                let code = self.post.customer_by_token(request, now)?;
                known.find(|customer| customer.code == code)
            }
            Flavour::Direct(_) => {
                let named = text(message, "CustomerCode");
                let token = request.header("access_token");
                let revoked = lock(&self.revoked);
                known.filter(|customer| !revoked.contains(&customer.code)).find(|customer| {
                    match &customer.access_token {
                        Some(expected) => token == Some(expected.as_str()),
                        // The feed names nobody.
                        None => named.is_empty() || named == customer.code,
                    }
                })
            }
        }
    }

    /// Whether the order of a request comes with a waybill, as its URL says, or at the bus the order itself.
    fn has_waybill(&self, request: &Request, order: &Value) -> bool {
        match &self.config.flavour {
            Flavour::Direct(direct) => request.path == direct.waybill_order_path,
            Flavour::Lgsp(_) => order.get("ItemCode").is_some_and(|code| !is_absent(code)),
        }
    }

    fn create(&self, request: &Request, message: &Value, customer: &Customer, now: Timestamp) -> Reply {
        let with_waybill = self.has_waybill(request, message);
        let mut order = message.clone();
        if let Some(members) = order.as_object_mut().filter(|_| !with_waybill) {
            members.retain(|name, value| name != "ItemCode" || !is_absent(value));
        }
        let table: &[_] = if with_waybill { &WAYBILL_ORDER_FIELDS } else { &PLAIN_ORDER_FIELDS };
        let sound = check(table, &order, "")
            .and_then(|()| check_mail(&order))
            .and_then(|()| self.post.check_provinces(&order));
        if let Err(problem) = sound {
            return self.post.refuse(400, mock_post::codes::MALFORMED, &problem);
        }
        if text(&order, "CustomerCode") != customer.code {
            return self.refuse_customer();
        }
        if !with_waybill {
            return self.post.take_order(&customer.code, &order, None, now);
        }
        self.create_with_waybill(&order, customer, now)
    }

    fn create_with_waybill(&self, order: &Value, customer: &Customer, now: Timestamp) -> Reply {
        let (number, item_code) = (text(order, "OrderNumber"), text(order, "ItemCode"));
        let mut waybills = lock(&self.waybills);
        match waybills.judge(customer, item_code, number, now) {
            Some(Offence::UsedFor { .. }) => {
                return self.post.refuse_order(codes::WAYBILL, codes::WAYBILL_USED_TEXT);
            }
            Some(Offence::NotYours) => {
                return self.post.refuse_order(codes::WAYBILL, codes::WAYBILL_FOREIGN_TEXT);
            }
            None => {}
        }
        let reply = self.post.take_order(&customer.code, order, Some(item_code), now);
        if reply.verdict == Verdict::Accepted {
            waybills.used.insert(item_code.to_owned(), number.to_owned());
        }
        reply
    }

    fn refuse_customer(&self) -> Reply {
        self.post.refuse(403, codes::CUSTOMER, mock_post::codes::CUSTOMER_TEXT)
    }
}

fn is_absent(value: &Value) -> bool {
    value.is_null() || value == ""
}

fn direct_endpoint(direct: &Direct, head: &Request) -> &'static str {
    match head.path.as_str() {
        path if path == direct.waybill_order_path || path == direct.order_path => "order",
        path if path == direct.cancel_path => "cancel",
        path if path == direct.tracking_path => "tracking",
        _ => "unknown",
    }
}

fn lgsp_endpoint(lgsp: &Lgsp, head: &Request) -> &'static str {
    if head.path == lgsp.token_path {
        return "token";
    }
    match head.parameter("service").filter(|_| head.path == lgsp.path) {
        Some(service) if service == lgsp.order_service => "order",
        Some(service) if service == lgsp.cancel_service => "cancel",
        Some(service) if service == lgsp.tracking_service => "tracking",
        Some(_) | None => "unknown",
    }
}

fn refuse_transport(http: u16, reason: &str) -> Reply {
    Reply::refused(Answer::text(http, reason.to_owned()), reason)
}

impl Partner for Bcci {
    fn name(&self) -> &'static str {
        "mock-bcci"
    }

    fn endpoint(&self, head: &Request) -> &'static str {
        match &self.config.flavour {
            Flavour::Direct(direct) => direct_endpoint(direct, head),
            Flavour::Lgsp(lgsp) => lgsp_endpoint(lgsp, head),
        }
    }

    fn read(&self, request: &Request) -> Call {
        let endpoint = self.endpoint(request);
        let at_bus = matches!(self.config.flavour, Flavour::Lgsp(_));
        let json = match endpoint {
            "order" => serde_json::from_slice(&request.body)
                .map_err(|error| format!("body: không phải JSON ({error})")),
            "token" => as_object(&parse_query(&String::from_utf8_lossy(&request.body))),
            // `service` is the bus's, the rest is the post's.
            _ => {
                let own = request.query.iter().filter(|(name, _)| !at_bus || name != "service");
                as_object(&own.cloned().collect::<Vec<_>>())
            }
        };
        let member = |name: &str| {
            let value = json.as_ref().map(|message| text(message, name)).unwrap_or_default();
            (!value.is_empty()).then(|| value.to_owned())
        };
        let asks = || {
            let message = json.as_ref().unwrap_or(&Value::Null);
            self.customer(request, message, mock_kit::now()).map(|customer| customer.code.clone())
        };
        let account = member("CustomerCode").or_else(asks);
        let keys = [member("OrderNumber"), member("ItemCode")].into_iter().flatten().collect();
        Call { operation: endpoint.into(), account, keys, json }
    }

    fn take(&self, request: &Request, call: &Call, now: Timestamp) -> Reply {
        let endpoint = self.endpoint(request);
        let method = match endpoint {
            "token" | "order" => "POST",
            "cancel" | "tracking" => "GET",
            _ => return refuse_transport(404, "Not Found"),
        };
        if request.method != method {
            return refuse_transport(405, "Method Not Allowed");
        }
        if endpoint == "token" {
            return self.post.give_token(request, call, now);
        }
        let message = call.json.as_ref().unwrap_or(&Value::Null);
        let Some(customer) = self.customer(request, message, now) else {
            return Reply::refused(unauthorised(), "Invalid Credentials");
        };
        if endpoint == "order" && !request.is_of_type("application/json") {
            return refuse_transport(415, "Unsupported Media Type");
        }
        match (endpoint, &call.json) {
            (_, Err(problem)) => self.post.refuse(400, mock_post::codes::MALFORMED, problem),
            ("order", Ok(order)) => self.create(request, order, customer, now),
            ("tracking", Ok(query)) => self.post.track(query, &customer.code),
            (_, Ok(query))
                if text(query, "CustomerCode") != customer.code && query.get("CustomerCode").is_some() =>
            {
                self.refuse_customer()
            }
            (_, Ok(query)) => self.post.cancel(query, &customer.code, now),
        }
    }

    fn speak(&self, line: &Line, call: &Call, request: &Request) -> Answer {
        match (line, &self.config.flavour) {
            (Line::SessionExpired, Flavour::Direct(_)) => {
                let message = call.json.as_ref().unwrap_or(&Value::Null);
                if let Some(customer) = self.customer(request, message, mock_kit::now()) {
                    lock(&self.revoked).insert(customer.code.clone());
                }
                unauthorised()
            }
            (Line::WrongCredentials, Flavour::Direct(_)) => unauthorised(),
            (
                Line::SessionExpired | Line::WrongCredentials | Line::AlreadyExists | Line::Refusal { .. },
                Flavour::Direct(_) | Flavour::Lgsp(_),
            ) => self.post.speak(line, call, request),
        }
    }

    fn state(&self) -> Value {
        let mut state = self.post.state();
        state["waybills"] = json!(self.waybills());
        state
    }

    fn duplicates(&self) -> Value {
        let mut duplicates = self.post.duplicates();
        duplicates["violations"] = self.violations().iter().map(Violation::show).collect();
        duplicates
    }

    fn reset(&self) {
        self.post.reset();
        self.admit();
        *lock(&self.waybills) = Waybills::default();
    }

    fn command(&self, request: &Request, now: Timestamp) -> Option<Answer> {
        if (request.method.as_str(), request.path.as_str()) == ("POST", "/_mock/expire") {
            self.expire_tokens(request.parameter("customer"));
            return Some(Answer::json(200, &json!({ "done": true })));
        }
        self.post.command(request, now)
    }

    fn tick(&self, now: Timestamp) {
        self.post.tick(now);
    }
}
