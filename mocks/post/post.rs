//! The post's answers.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use jiff::Timestamp;
use mock_kit::{
    Answer, Call, Line, Partner, Reply, Request, Script, as_object, check, obey, parse_query, text,
};
use serde_json::{Value, json};

use crate::codes;
use crate::config::{Config, Customer, Step};
use crate::fields::{CANCEL_FIELDS, ORDER_FIELDS, TOKEN_FIELDS, TRACKING_FIELDS};
use crate::store::{Advance, Cancel, Store};

/// The post.
pub struct Post {
    pub(crate) config: Config,
    store: Mutex<Store>,
}

impl Post {
    /// A post that holds nothing; it need not be served itself, if another interface of it is.
    #[must_use]
    pub fn new(config: Config, now: Timestamp) -> Self {
        Self { config, store: Mutex::new(Store::new(now)) }
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
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
        Reply::accepted(self.envelope(self.config.done_status, &json!(codes::DONE), ""))
    }

    /// Refuses for a business reason.
    #[must_use]
    pub fn refuse_order(&self, status: i64, message: &str) -> Reply {
        self.refuse(self.config.done_status, status, message)
    }

    /// Refuses in the post's envelope.
    #[must_use]
    pub fn refuse(&self, http: u16, status: i64, message: &str) -> Reply {
        Reply::refused(self.envelope(http, &json!(status), message), message)
    }

    /// The customer whose token a request bears.
    #[must_use]
    pub fn customer_by_token(&self, request: &Request, now: Timestamp) -> Option<String> {
        let token = request.authorization("Bearer")?;
        self.store().tokens().account_of(token, now).map(str::to_owned)
    }

    fn customer_by_basic(&self, request: &Request) -> Option<&Customer> {
        let encoded = request.authorization("Basic")?;
        let plain = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
        let plain = String::from_utf8(plain).ok()?;
        let (key, secret) = plain.split_once(':')?;
        self.config.customers.iter().find(|customer| customer.key == key && customer.secret == secret)
    }

    /// Answers the token call.
    #[must_use]
    pub fn give_token(&self, request: &Request, call: &Call, now: Timestamp) -> Reply {
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
        self.take_order(customer, body, None, now)
    }

    /// Takes an order that keeps the contract, under the waybill that it came with if it did.
    #[must_use]
    pub fn take_order(&self, customer: &str, body: &Value, item_code: Option<&str>, now: Timestamp) -> Reply {
        if self.store().create(customer, body, item_code, now, &self.config) {
            self.done()
        } else {
            self.refuse_order(codes::EXISTS, codes::EXISTS_TEXT)
        }
    }

    /// Checks that the post knows both postal provinces of an order.
    ///
    /// # Errors
    /// The field of the one that it does not know.
    pub fn check_provinces(&self, body: &Value) -> Result<(), String> {
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

    /// Answers a cancel for a customer who was let in.
    #[must_use]
    pub fn cancel(&self, query: &Value, customer: &str, now: Timestamp) -> Reply {
        if let Err(problem) = check(&CANCEL_FIELDS, query, "") {
            return self.refuse(400, codes::MALFORMED, &problem);
        }
        if text(query, "CustomerCode") != customer {
            return self.refuse(403, codes::CUSTOMER, codes::CUSTOMER_TEXT);
        }
        let cancel = self.store().cancel(customer, text(query, "OrderNumber"), now, &self.config);
        match cancel {
            Cancel::Done => self.done(),
            Cancel::Unknown => self.refuse_order(codes::UNKNOWN_ORDER, codes::UNKNOWN_ORDER_TEXT),
            Cancel::Collected => self.refuse_order(codes::COLLECTED, codes::COLLECTED_TEXT),
        }
    }

    /// Answers a page of the feed for a customer who was let in.
    #[must_use]
    pub fn track(&self, query: &Value, customer: &str) -> Reply {
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

/// What a dead or unknown token is answered with.
#[must_use]
pub fn unauthorised() -> Answer {
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
            (_, None) => self.customer_by_token(request, mock_kit::now()),
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
        let Some(customer) = self.customer_by_token(request, now) else {
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
            Line::AlreadyExists => {
                self.envelope(self.config.done_status, &json!(codes::EXISTS), codes::EXISTS_TEXT)
            }
            Line::Refusal { code, message } => {
                let status = code.parse::<i64>().map_or_else(|_not_a_number| json!(code), |code| json!(code));
                self.envelope(self.config.done_status, &status, message)
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
