//! MyVNPost's answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use mock_kit::{Answer, Call, Line, Partner, Reply, Request, Script, as_object, check, obey, text};
use serde_json::{Value, json};

use crate::answers;
use crate::codes;
use crate::config::{CancelEnds, Config};
use crate::fields::{
    CANCEL_FIELDS, LIST_FIELDS, ONE_FIELDS, ORDER_FIELDS, TOKEN_FIELDS, check_addons, read_day,
};
use crate::status::Status;
use crate::store::{Advance, Cancel, Parcel, Planted, Store};
use crate::webhook::{Delivery, Webhooks};

/// MyVNPost.
pub struct MyVnPost {
    pub(crate) config: Config,
    store: Mutex<Store>,
    pub(crate) webhooks: Webhooks,
}

/// An order number under which more than one parcel was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubled {
    /// The order number.
    pub number: String,
    /// Parcels under it.
    pub parcels: usize,
    /// Parcels of these that were not cancelled.
    pub live: usize,
}

impl MyVnPost {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, store: Mutex::default(), webhooks: Webhooks::default() }
    }

    /// The parcels of one order number, oldest first.
    #[must_use]
    pub fn parcels(&self, number: &str) -> Vec<Parcel> {
        self.store().of_number(number).cloned().collect()
    }

    /// All parcels by order number.
    #[must_use]
    pub fn orders(&self) -> BTreeMap<String, Vec<Parcel>> {
        let mut orders: BTreeMap<String, Vec<Parcel>> = BTreeMap::new();
        for parcel in self.store().parcels() {
            orders.entry(parcel.number.clone()).or_default().push(parcel.clone());
        }
        orders
    }

    /// How many parcels it has, without copying them.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.store().parcels().len()
    }

    /// Order numbers under which it has more than one parcel.
    #[must_use]
    pub fn doubled(&self) -> Vec<Doubled> {
        let orders = self.orders().into_iter().filter(|(_, parcels)| parcels.len() > 1);
        orders
            .map(|(number, parcels)| Doubled {
                number,
                parcels: parcels.len(),
                live: parcels.iter().filter(|parcel| !parcel.is_cancelled()).count(),
            })
            .collect()
    }

    /// Moves orders along; returns the number of steps gone.
    pub fn advance(&self, advance: &Advance) -> usize {
        self.store().advance(advance, mock_kit::now())
    }

    /// Moves one order on to `status`, through its script if that lies ahead there, else directly.
    pub fn advance_to(&self, number: &str, status: Status) -> usize {
        self.advance(&Advance::of(number, status))
    }

    /// Gives one order a way of its own from here on; the order need not exist yet.
    pub fn script(&self, number: &str, steps: &[Status]) {
        self.store().set_script(number, steps);
    }

    /// A post office decides a cancel that waits for it; false if none waits, or if the parcel was collected meanwhile.
    pub fn decide(&self, number: &str, approved: bool) -> bool {
        self.store().decide(number, approved, mock_kit::now())
    }

    /// Kills the tokens of one customer, or of all.
    pub fn expire_tokens(&self, customer: Option<&str>) {
        self.store().tokens.close_all(customer);
    }

    /// Lets it have an order that nobody sent.
    pub fn plant(&self, planted: &Planted) -> Parcel {
        self.store().plant(planted).clone()
    }

    /// Lets it have the newest parcel of a number once more.
    pub fn duplicate(&self, number: &str) -> Option<Parcel> {
        self.store().duplicate(number).cloned()
    }

    /// Lets it lose all parcels of a number; returns how many there were.
    pub fn remove(&self, number: &str) -> usize {
        self.store().remove(number)
    }

    /// Lets it know another amount of cash for the parcels of a number; returns how many there are.
    pub fn set_cash(&self, number: &str, cash: i64) -> usize {
        self.store().change(number, |parcel| parcel.cash = cash)
    }

    /// Webhooks sent so far, oldest first, with what their receiver answered.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.webhooks.deliveries()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse(&self, message: &str) -> Reply {
        Reply::refused(self.reason(200, message), message)
    }

    fn reason(&self, http: u16, message: &str) -> Answer {
        Answer::json(http, &json!({ self.config.reason_member.name(): message }))
    }

    fn give_token(&self, body: &Value, now: Timestamp) -> Reply {
        if let Err(problem) = check(&TOKEN_FIELDS, body, "") {
            return Reply::refused(no_token(&problem), problem);
        }
        let known = self.config.customers.iter().find(|customer| {
            customer.username == text(body, "username")
                && customer.password == text(body, "password")
                && customer.code == text(body, "customerCode")
        });
        let Some(customer) = known else {
            return Reply::refused(no_token(codes::WRONG_CREDENTIALS_TEXT), codes::WRONG_CREDENTIALS_TEXT);
        };
        let token = self.store().tokens.open(&customer.code, now, self.config.token_life);
        Reply::accepted(Answer::json(200, &json!({ "success": true, "errorMessage": null, "token": token })))
    }

    fn create(&self, body: &Value, customer: &str, now: Timestamp) -> Reply {
        let information = body.get("informationOrder").unwrap_or(&Value::Null);
        if let Err(problem) = check(&ORDER_FIELDS, body, "").and_then(|()| check_addons(information)) {
            return self.refuse(&problem);
        }
        if text(body, "customerCode") != customer {
            return self.refuse(codes::CUSTOMER_TEXT);
        }
        let draft = body.get("orderCreationStatus") == Some(&json!(0));
        let record =
            answers::created(self.store().create(customer, information, draft, &self.config.script, now));
        let answer = if self.config.record_in_data { json!({ "data": record }) } else { record };
        Reply::accepted(Answer::json(200, &answer))
    }

    fn cancel(&self, body: &Value, customer: &str, now: Timestamp) -> Reply {
        if let Err(problem) = check(&CANCEL_FIELDS, body, "") {
            return self.refuse(&problem);
        }
        let original = text(body, "OriginalId");
        let ask = self.config.cancel_ends == CancelEnds::Asked;
        let cancel = self.store().cancel(customer, original, ask, now);
        let (kind, message, case) = match &cancel {
            Cancel::Done => (codes::CANCELLED, codes::CANCELLED_TEXT, None),
            Cancel::Asked { case } => (codes::ASKED, codes::ASKED_TEXT, Some(case.as_str())),
            Cancel::Unknown => (codes::UNKNOWN, codes::UNKNOWN_TEXT, None),
            Cancel::Foreign => (codes::FOREIGN, codes::FOREIGN_TEXT, None),
            Cancel::Collected => (codes::COLLECTED, codes::COLLECTED_TEXT, None),
            Cancel::Cancelled => (codes::AGAIN, codes::AGAIN_TEXT, None),
        };
        let answer = answers::cancelled(self.config.cancel_form, kind, message, original, case);
        let answer = Answer::json(200, &answer);
        match cancel {
            Cancel::Done | Cancel::Asked { .. } => Reply::accepted(answer),
            Cancel::Unknown | Cancel::Foreign | Cancel::Collected | Cancel::Cancelled => {
                Reply::refused(answer, message)
            }
        }
    }

    fn one(&self, endpoint: &str, query: &Value, customer: &str) -> Reply {
        if let Err(problem) = check(&ONE_FIELDS, query, "") {
            return self.refuse(&problem);
        }
        let store = self.store();
        let parcel = store.find(customer, text(query, "code"));
        let answer = if endpoint == "getOrder" {
            let results: Vec<Value> =
                parcel.into_iter().map(|parcel| answers::listed(parcel, self.config.dates)).collect();
            json!([{ "results": results }])
        } else {
            answers::history(parcel, self.config.dates)
        };
        Reply::accepted(Answer::json(200, &answer))
    }

    fn list(&self, query: &Value, customer: &str) -> Reply {
        if let Err(problem) = check(&LIST_FIELDS, query, "") {
            return self.refuse(&problem);
        }
        let days = read_day(text(query, "lastUpdateFrom")).zip(read_day(text(query, "lastUpdateTo")));
        let number = |name: &str| text(query, name).parse::<usize>().unwrap_or_default();
        let (page, size) = (number("page"), number("size"));
        let store = self.store();
        let wanted = |parcel: &&Parcel| {
            parcel.customer == customer
                && days.is_some_and(|(from, to)| (from..=to).contains(&answers::day(parcel.updated_at())))
        };
        let results: Vec<Value> = store
            .parcels()
            .iter()
            .filter(wanted)
            .skip(page.saturating_mul(size))
            .take(size)
            .map(|parcel| answers::listed(parcel, self.config.dates))
            .collect();
        Reply::accepted(Answer::json(200, &json!({ "results": results })))
    }

    /// The order that a request is about, by every name that it has.
    fn keys(&self, endpoint: &str, json: &Value) -> Vec<String> {
        let named = match endpoint {
            "CreateOrder" => json.get("informationOrder").map(|order| text(order, "saleOrderCode")),
            "orderCancel" => Some(text(json, "OriginalId")),
            _ => Some(text(json, "code")),
        };
        let named = named.unwrap_or_default();
        let number = self.store().number_of(named).map(str::to_owned);
        (!named.is_empty()).then(|| named.to_owned()).into_iter().chain(number).collect()
    }
}

fn no_token(message: &str) -> Answer {
    Answer::json(200, &json!({ "success": false, "errorMessage": message, "token": null }))
}

fn refuse_transport(http: u16, reason: &str) -> Reply {
    Reply::refused(Answer::text(http, reason.to_owned()), reason)
}

impl Partner for MyVnPost {
    fn name(&self) -> &'static str {
        "mock-myvnpost"
    }

    fn endpoint(&self, head: &Request) -> &'static str {
        match head.path.strip_prefix(&self.config.prefix) {
            Some("/GetAccessToken") => "GetAccessToken",
            Some("/CreateOrder") => "CreateOrder",
            Some("/orderCancel") => "orderCancel",
            Some("/getOrder") => "getOrder",
            Some("/GetListOrder") => "GetListOrder",
            Some("/GetStatusHistoryOrder") => "GetStatusHistoryOrder",
            Some(_) | None => "unknown",
        }
    }

    fn read(&self, request: &Request) -> Call {
        let endpoint = self.endpoint(request);
        let json = match endpoint {
            "GetAccessToken" | "CreateOrder" | "orderCancel" => serde_json::from_slice(&request.body)
                .map_err(|error| format!("body: không phải JSON ({error})")),
            _ => as_object(&request.query),
        };
        let named = json.as_ref().ok().map(|body| text(body, "customerCode")).filter(|code| !code.is_empty());
        let account = named.map(str::to_owned).or_else(|| {
            let token = request.header("token")?;
            self.store().tokens.account_of(token, mock_kit::now()).map(str::to_owned)
        });
        let keys = json.as_ref().map(|json| self.keys(endpoint, json)).unwrap_or_default();
        Call { operation: endpoint.into(), account, keys, json }
    }

    fn take(&self, request: &Request, call: &Call, now: Timestamp) -> Reply {
        let endpoint = self.endpoint(request);
        let method = match endpoint {
            "GetAccessToken" | "CreateOrder" | "orderCancel" => "POST",
            "unknown" => return refuse_transport(404, "Not Found"),
            _ => "GET",
        };
        if request.method != method {
            return refuse_transport(405, "Method Not Allowed");
        }
        if method == "POST" && !request.is_of_type("application/json") {
            return refuse_transport(415, "Unsupported Media Type");
        }
        let message = match &call.json {
            Ok(message) => message,
            Err(problem) if endpoint == "GetAccessToken" => {
                return Reply::refused(no_token(problem), problem);
            }
            Err(problem) => return self.refuse(problem),
        };
        if endpoint == "GetAccessToken" {
            return self.give_token(message, now);
        }
        let token = request.header("token").unwrap_or_default();
        let customer = self.store().tokens.account_of(token, now).map(str::to_owned);
        let Some(customer) = customer else {
            return Reply::refused(self.reason(self.config.dead_token, codes::TOKEN_TEXT), codes::TOKEN_TEXT);
        };
        match endpoint {
            "CreateOrder" => self.create(message, &customer, now),
            "orderCancel" => self.cancel(message, &customer, now),
            "GetListOrder" => self.list(message, &customer),
            _ => self.one(endpoint, message, &customer),
        }
    }

    fn speak(&self, line: &Line, call: &Call, request: &Request) -> Answer {
        match line {
            Line::SessionExpired => {
                self.store().tokens.close(request.header("token").unwrap_or_default());
                self.reason(self.config.dead_token, codes::TOKEN_TEXT)
            }
            Line::WrongCredentials => no_token(codes::WRONG_CREDENTIALS_TEXT),
            Line::AlreadyExists => self.reason(200, codes::EXISTS_TEXT),
            Line::Refusal { code, message } if call.operation == "orderCancel" => {
                let original = call.keys.first().map_or("", String::as_str);
                let answer = answers::cancelled(self.config.cancel_form, code, message, original, None);
                Answer::json(200, &answer)
            }
            Line::Refusal { message, .. } if call.operation == "GetAccessToken" => no_token(message),
            // No answer but that to a cancel has a code.
            Line::Refusal { message, .. } => self.reason(200, message),
        }
    }

    fn state(&self) -> Value {
        self.store().show()
    }

    fn duplicates(&self) -> Value {
        let doubled = self.doubled().into_iter();
        let orders: Vec<Value> = doubled
            .map(|order| {
                json!({ "saleOrderCode": order.number, "parcels": order.parcels, "live": order.live })
            })
            .collect();
        json!({ "orders": orders })
    }

    fn reset(&self) {
        self.store().clear();
        self.webhooks.clear();
    }

    fn command(&self, request: &Request, now: Timestamp) -> Option<Answer> {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/_mock/expire") => {
                self.expire_tokens(request.parameter("customer"));
                Some(Answer::json(200, &json!({ "done": true })))
            }
            ("POST", "/_mock/advance") => Some(obey(
                request,
                |advance: Advance| json!({ "steps": self.store().advance(&advance, now) }),
            )),
            ("POST", "/_mock/script") => Some(obey(request, |script: Script<Status>| {
                self.script(&script.order, &script.steps);
                json!({ "done": true })
            })),
            (_, _) => None,
        }
    }

    fn tick(&self, now: Timestamp) {
        self.store().advance(&Advance::default(), now);
    }
}
