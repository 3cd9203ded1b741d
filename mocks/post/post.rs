//! The post's answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use jiff::Timestamp;
use mock_kit::{
    Answer, Call, Line, Partner, Reply, Request, Script, as_object, check, obey, parse_query, text,
};
use serde_json::{Value, json};

use crate::codes;
use crate::config::{Config, Customer, Step};
use crate::feed::FeedRow;
use crate::fields::{CANCEL_FIELDS, ORDER_FIELDS, TOKEN_FIELDS, TRACKING_FIELDS};
use crate::store::{Advance, Cancel, Order, Parcel, Store};

/// The post.
pub struct Post {
    config: Config,
    store: Mutex<Store>,
}

/// An order number under which more than one parcel was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubled {
    /// The order number.
    pub number: String,
    /// Parcels taken under it.
    pub parcels: usize,
    /// Parcels of these that were not cancelled.
    pub live: usize,
}

impl Post {
    pub(crate) fn new(config: Config, now: Timestamp) -> Self {
        Self { config, store: Mutex::new(Store::new(now)) }
    }

    /// All orders by number.
    #[must_use]
    pub fn orders(&self) -> BTreeMap<String, Order> {
        self.store().orders().clone()
    }

    /// How many parcels were taken, without copying them.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.store().orders().values().map(|order| order.parcels.len()).sum()
    }

    /// The parcels of one order number, oldest first.
    #[must_use]
    pub fn parcels(&self, number: &str) -> Vec<Parcel> {
        self.store().orders().get(number).map(|order| order.parcels.clone()).unwrap_or_default()
    }

    /// Feed rows of one order.
    #[must_use]
    pub fn feed_of(&self, customer: &str, number: &str) -> Vec<FeedRow> {
        self.store().feed_of(customer, number)
    }

    /// Order numbers under which more than one parcel was taken.
    #[must_use]
    pub fn doubled(&self) -> Vec<Doubled> {
        self.store()
            .orders()
            .iter()
            .filter(|(_, order)| order.parcels.len() > 1)
            .map(|(number, order)| Doubled {
                number: number.clone(),
                parcels: order.parcels.len(),
                live: order.parcels.iter().filter(|parcel| !parcel.is_cancelled()).count(),
            })
            .collect()
    }

    /// Moves orders along; returns the number of steps gone.
    pub fn advance(&self, advance: &Advance) -> usize {
        self.store().advance(advance, mock_kit::now(), &self.config)
    }

    /// Moves one order on to `step`, through its script if the step lies ahead there, else directly.
    pub fn advance_to(&self, number: &str, step: Step) -> usize {
        self.advance(&Advance::of(number, step))
    }

    /// Gives one order a way of its own from here on; the order need not exist yet.
    pub fn script(&self, number: &str, steps: Vec<Step>) {
        self.store().set_script(number, steps);
    }

    /// Kills the tokens of one customer, or of all.
    pub fn expire_tokens(&self, customer: Option<&str>) {
        self.store().tokens().close_all(customer);
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn envelope(&self, http: u16, status: &Value, message: &str) -> Answer {
        let status = match status.as_i64().filter(|_| self.config.status_as_text) {
            Some(number) => Value::from(number.to_string()),
            None => status.clone(),
        };
        Answer::json(http, &json!({ "Status": status, "Message": message }))
    }

    fn done(&self) -> Reply {
        Reply::accepted(self.envelope(201, &json!(codes::DONE), ""))
    }

    fn refuse(&self, http: u16, status: i64, message: &str) -> Reply {
        Reply::refused(self.envelope(http, &json!(status), message), message)
    }

    fn customer_by_basic(&self, request: &Request) -> Option<&Customer> {
        let encoded = request.authorization("Basic")?;
        let plain = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
        let plain = String::from_utf8(plain).ok()?;
        let (key, secret) = plain.split_once(':')?;
        self.config.customers.iter().find(|customer| customer.key == key && customer.secret == secret)
    }

    fn give_token(&self, request: &Request, call: &Call, now: Timestamp) -> Reply {
        if !request.is_of_type("application/x-www-form-urlencoded") {
            return oauth_refusal(
                400,
                "invalid_request",
                "Content-Type phải là application/x-www-form-urlencoded",
            );
        }
        let form = call.json.as_ref().map_err(String::clone).and_then(|form| check(&TOKEN_FIELDS, form, ""));
        if let Err(problem) = form {
            return oauth_refusal(400, "unsupported_grant_type", &problem);
        }
        let Some(customer) = self.customer_by_basic(request) else {
            return oauth_refusal(401, "invalid_client", "Sai tài khoản hoặc mật khẩu");
        };
        let life = self.config.token_life;
        let token = self.store().tokens().open(&customer.code, now, life);
        let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": life.as_secs() });
        Reply::accepted(Answer::json(200, &body))
    }

    fn create(&self, request: &Request, call: &Call, customer: &str, now: Timestamp) -> Reply {
        if !request.is_of_type("application/json") {
            return refuse_transport(415, "Unsupported Media Type");
        }
        let body = match &call.json {
            Ok(body) => body,
            Err(error) => {
                return self.refuse(400, codes::MALFORMED, &format!("body: không phải JSON ({error})"));
            }
        };
        if let Err(problem) = check(&ORDER_FIELDS, body, "").and_then(|()| self.check_provinces(body)) {
            return self.refuse(400, codes::MALFORMED, &problem);
        }
        if text(body, "CustomerCode") != customer {
            return self.refuse(403, codes::CUSTOMER, codes::CUSTOMER_TEXT);
        }
        if self.store().create(customer, text(body, "OrderNumber"), body, now, &self.config) {
            self.done()
        } else {
            self.refuse(201, codes::EXISTS, codes::EXISTS_TEXT)
        }
    }

    fn check_provinces(&self, body: &Value) -> Result<(), String> {
        let Some(known) = &self.config.provinces else {
            return Ok(());
        };
        for name in ["SenderProvince", "ReceiverProvince"] {
            let code = body.get(name).and_then(Value::as_i64).unwrap_or_default();
            if !known.contains(&code) {
                return Err(format!("{name}: không có mã tỉnh bưu chính này"));
            }
        }
        Ok(())
    }

    fn cancel(&self, query: &Value, customer: &str, now: Timestamp) -> Reply {
        if let Err(problem) = check(&CANCEL_FIELDS, query, "") {
            return self.refuse(400, codes::MALFORMED, &problem);
        }
        if text(query, "CustomerCode") != customer {
            return self.refuse(403, codes::CUSTOMER, codes::CUSTOMER_TEXT);
        }
        let cancel = self.store().cancel(customer, text(query, "OrderNumber"), now, &self.config);
        match cancel {
            Cancel::Done => self.done(),
            Cancel::Unknown => self.refuse(201, codes::UNKNOWN_ORDER, codes::UNKNOWN_ORDER_TEXT),
            Cancel::Collected => self.refuse(201, codes::COLLECTED, codes::COLLECTED_TEXT),
        }
    }

    fn track(&self, query: &Value, customer: &str) -> Reply {
        if let Err(problem) = check(&TRACKING_FIELDS, query, "") {
            return self.refuse(400, codes::MALFORMED, &problem);
        }
        let size = text(query, "pagesize").parse().unwrap_or(1);
        let cursor = u128::from_str_radix(text(query, "lastId"), 16).unwrap_or_default();
        Reply::accepted(Answer::json(200, &self.store().page(customer, cursor, size)))
    }
}

fn oauth_refusal(http: u16, error: &str, description: &str) -> Reply {
    let body = json!({ "error": error, "error_description": description });
    Reply::refused(Answer::json(http, &body), description)
}

fn unauthorised() -> Answer {
    let body = json!({ "fault": { "code": 900_901, "message": "Invalid Credentials" } });
    Answer::json(401, &body).and_header("WWW-Authenticate", "Bearer")
}

fn refuse_transport(http: u16, reason: &str) -> Reply {
    Reply::refused(Answer::text(http, reason.to_owned()), reason)
}

impl Partner for Post {
    fn name(&self) -> &'static str {
        "mock-post"
    }

    fn endpoint(&self, head: &Request) -> &'static str {
        match head.path.as_str() {
            path if path == self.config.token_path => "token",
            path if path == self.config.order_path => "order",
            path if path == self.config.cancel_path => "cancel",
            path if path == self.config.tracking_path => "tracking",
            _ => "unknown",
        }
    }

    fn read(&self, request: &Request) -> Call {
        let endpoint = self.endpoint(request);
        let json = match endpoint {
            "order" => serde_json::from_slice(&request.body).map_err(|error| error.to_string()),
            "token" => as_object(&parse_query(&String::from_utf8_lossy(&request.body))),
            _ => as_object(&request.query),
        };
        let named = json.as_ref().ok().map(|body| text(body, "CustomerCode")).filter(|code| !code.is_empty());
        let account = match (endpoint, named) {
            ("token", _) => self.customer_by_basic(request).map(|customer| customer.code.clone()),
            (_, Some(code)) => Some(code.to_owned()),
            (_, None) => request.authorization("Bearer").and_then(|token| {
                self.store().tokens().account_of(token, mock_kit::now()).map(str::to_owned)
            }),
        };
        let number =
            json.as_ref().ok().map(|body| text(body, "OrderNumber")).filter(|number| !number.is_empty());
        let keys = number.map(str::to_owned).into_iter().collect();
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
            return self.give_token(request, call, now);
        }
        let customer = request
            .authorization("Bearer")
            .and_then(|token| self.store().tokens().account_of(token, now).map(str::to_owned));
        let Some(customer) = customer else {
            return Reply::refused(unauthorised(), "Invalid Credentials");
        };
        match (endpoint, &call.json) {
            ("order", _) => self.create(request, call, &customer, now),
            (_, Err(problem)) => self.refuse(400, codes::MALFORMED, problem),
            ("cancel", Ok(query)) => self.cancel(query, &customer, now),
            (_, Ok(query)) => self.track(query, &customer),
        }
    }

    fn speak(&self, line: &Line, _call: &Call, request: &Request) -> Answer {
        match line {
            Line::SessionExpired => {
                if let Some(token) = request.authorization("Bearer") {
                    self.store().tokens().close(token);
                }
                unauthorised()
            }
            Line::WrongCredentials => {
                oauth_refusal(401, "invalid_client", "Sai tài khoản hoặc mật khẩu").answer
            }
            Line::AlreadyExists => self.envelope(201, &json!(codes::EXISTS), codes::EXISTS_TEXT),
            Line::Refusal { code, message } => {
                let status = code.parse::<i64>().map_or_else(|_not_a_number| json!(code), |code| json!(code));
                self.envelope(201, &status, message)
            }
        }
    }

    fn state(&self) -> Value {
        self.store().show()
    }

    fn duplicates(&self) -> Value {
        let orders: Vec<Value> = self
            .doubled()
            .into_iter()
            .map(|order| json!({ "OrderNumber": order.number, "parcels": order.parcels, "live": order.live }))
            .collect();
        json!({ "orders": orders })
    }

    fn reset(&self) {
        self.store().clear();
    }

    fn command(&self, request: &Request, now: Timestamp) -> Option<Answer> {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/_mock/expire") => {
                self.expire_tokens(request.parameter("customer"));
                Some(Answer::json(200, &json!({ "done": true })))
            }
            ("POST", "/_mock/advance") => Some(obey(
                request,
                |advance: Advance| json!({ "steps": self.store().advance(&advance, now, &self.config) }),
            )),
            ("POST", "/_mock/script") => Some(obey(request, |script: Script<Step>| {
                self.script(&script.order, script.steps);
                json!({ "done": true })
            })),
            (_, _) => None,
        }
    }

    fn tick(&self, now: Timestamp) {
        self.store().advance(&Advance::default(), now, &self.config);
    }
}
