//! What the post holds: tokens, orders, and the way that they go.
//!
//! An order number leads to one parcel or, where numbers are not unique, to one for each create that was taken: this is
//! how a test sees that an order was doubled.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use mock_kit::{Tokens, text, waybill};
use serde_json::{Value, json};

use crate::config::{Config, Step};
use crate::feed::{Feed, FeedRow};

/// One order that was taken.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Customer who made it.
    pub customer: String,
    /// When it was taken.
    pub at: Timestamp,
    /// Waybill; known to the customer from collection on.
    pub item_code: String,
    /// Whether the customer chose the waybill, as the interface with waybills lets it.
    pub item_code_given: bool,
    /// Steps gone so far, oldest first.
    pub steps: Vec<Step>,
    ahead: Vec<Step>,
    body: String,
}

impl Parcel {
    /// The create that made it, whole.
    #[must_use]
    pub fn order(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Newest step of the parcel itself; `None` while it is only requested.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        self.steps.iter().rev().copied().find(|step| !step.is_money())
    }

    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.step() == Some(Step::Cancelled)
    }

    /// Whether the post has it, or had it.
    #[must_use]
    pub fn is_collected(&self) -> bool {
        self.steps.iter().any(|step| step.is_collected())
    }

    /// Whether it may take this step next: what has arrived moves no more, its cash may.
    fn may_take(&self, step: Option<Step>) -> bool {
        step.is_some_and(Step::is_money) || !self.step().is_some_and(Step::is_last)
    }

    fn show(&self) -> Value {
        json!({
            "customer": self.customer, "at": self.at.to_string(), "item_code": self.item_code,
            "item_code_given": self.item_code_given,
            "state": self.step(), "steps": self.steps, "collected": self.is_collected(),
            "cancelled": self.is_cancelled(), "order": self.order(),
        })
    }
}

/// Everything under one order number.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// Parcels, one for each create that was taken.
    pub parcels: Vec<Parcel>,
    /// Creates that were refused because the number existed.
    pub refused: u32,
}

impl Order {
    fn is_of(&self, customer: &str) -> bool {
        self.parcels.iter().any(|parcel| parcel.customer == customer)
    }
}

/// How orders are to move.
pub type Advance = mock_kit::Advance<Step>;

/// An order that the post has although nobody sent it.
#[derive(Debug, Clone)]
pub struct Planted {
    /// Customer whose it is.
    pub customer: String,
    /// `OrderNumber`.
    pub number: String,
    /// The create that would have made it.
    pub order: Value,
    /// The way that it has gone; each step a millisecond after the one before.
    pub steps: Vec<Step>,
    /// When it was ordered, and went the first step.
    pub at: Timestamp,
}

/// What a cancel comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cancel {
    Done,
    Unknown,
    Collected,
}

/// Everything that the post holds.
#[derive(Debug)]
pub(crate) struct Store {
    tokens: Tokens,
    orders: BTreeMap<String, Order>,
    scripts: HashMap<String, Vec<Step>>,
    taken: u32,
    feed: Feed,
}

impl Store {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            tokens: Tokens::default(),
            orders: BTreeMap::new(),
            scripts: HashMap::new(),
            taken: 0,
            feed: Feed::new(now),
        }
    }

    /// Forgets everything; feed ids and waybills go on growing.
    pub(crate) fn clear(&mut self) {
        self.tokens.close_all(None);
        self.orders.clear();
        self.scripts.clear();
        self.feed.clear();
    }

    pub(crate) fn tokens(&mut self) -> &mut Tokens {
        &mut self.tokens
    }

    pub(crate) fn set_script(&mut self, number: &str, steps: Vec<Step>) {
        for parcel in self.orders.get_mut(number).into_iter().flat_map(|order| &mut order.parcels) {
            parcel.ahead.clone_from(&steps);
        }
        self.scripts.insert(number.to_owned(), steps);
    }

    /// Takes an order, under the waybill that it came with if it did; false if numbers are unique and this one exists.
    pub(crate) fn create(
        &mut self,
        customer: &str,
        body: &Value,
        given: Option<&str>,
        at: Timestamp,
        config: &Config,
    ) -> bool {
        let number = text(body, "OrderNumber");
        if let Some(order) = self.orders.get_mut(number).filter(|order| order.is_of(customer))
            && config.number_unique
        {
            order.refused += 1;
            return false;
        }
        let ahead = self.scripts.get(number).unwrap_or(&config.script).clone();
        let parcel = self.parcel(customer, body, given, ahead, at);
        self.orders.entry(number.to_owned()).or_default().parcels.push(parcel);
        true
    }

    fn parcel(
        &mut self,
        customer: &str,
        body: &Value,
        given: Option<&str>,
        ahead: Vec<Step>,
        at: Timestamp,
    ) -> Parcel {
        self.taken += 1;
        let own = || waybill("EN", 98_000_000 + self.taken % 1_000_000);
        Parcel {
            customer: customer.to_owned(),
            at,
            item_code: given.map_or_else(own, str::to_owned),
            item_code_given: given.is_some(),
            steps: Vec::new(),
            ahead,
            body: body.to_string(),
        }
    }

    /// Keeps an order that nobody sent, and what the feed says of it.
    pub(crate) fn plant(&mut self, planted: &Planted, config: &Config) {
        let mut parcel = self.parcel(&planted.customer, &planted.order, None, Vec::new(), planted.at);
        for (step, tick) in planted.steps.iter().zip(0_u64..) {
            let at = planted.at + std::time::Duration::from_millis(tick);
            go(&mut parcel, &planted.number, *step, at, "", config, &mut self.feed);
        }
        self.orders.entry(planted.number.clone()).or_default().parcels.push(parcel);
    }

    /// Keeps the newest parcel of a number once more, with another waybill and rows of its own in the feed; false if
    /// there is none.
    pub(crate) fn duplicate(&mut self, number: &str, config: &Config) -> bool {
        let newest = self.orders.get(number).and_then(|order| order.parcels.last());
        let twin = newest.map(|parcel| Planted {
            customer: parcel.customer.clone(),
            number: number.to_owned(),
            order: parcel.order(),
            steps: parcel.steps.clone(),
            at: parcel.at,
        });
        twin.inspect(|twin| self.plant(twin, config)).is_some()
    }

    /// Forgets all parcels of a number and what the feed says of them; returns how many there were.
    pub(crate) fn remove(&mut self, number: &str) -> usize {
        self.feed.remove(number);
        self.orders.remove(number).map_or(0, |order| order.parcels.len())
    }

    /// Changes the cash of the parcels of a number; returns how many there are.
    pub(crate) fn set_cash(&mut self, number: &str, cash: i64) -> usize {
        let parcels =
            self.orders.get_mut(number).map(|order| order.parcels.as_mut_slice()).unwrap_or_default();
        for parcel in parcels.iter_mut() {
            let mut order = parcel.order();
            order["CODAmount"] = json!(cash);
            parcel.body = order.to_string();
        }
        parcels.len()
    }

    /// Cancels what is not collected under a number.
    pub(crate) fn cancel(&mut self, customer: &str, number: &str, at: Timestamp, config: &Config) -> Cancel {
        let Some(order) = self.orders.get_mut(number) else {
            return Cancel::Unknown;
        };
        let mut mine: Vec<&mut Parcel> =
            order.parcels.iter_mut().filter(|parcel| parcel.customer == customer).collect();
        if mine.is_empty() {
            return Cancel::Unknown;
        }
        if mine.iter().any(|parcel| parcel.is_collected()) {
            return Cancel::Collected;
        }
        for parcel in mine.iter_mut().filter(|parcel| !parcel.is_cancelled()) {
            go(parcel, number, Step::Cancelled, at, "", config, &mut self.feed);
        }
        Cancel::Done
    }

    /// Moves orders along; returns the number of steps gone.
    pub(crate) fn advance(&mut self, advance: &Advance, now: Timestamp, config: &Config) -> usize {
        let start = advance.at.unwrap_or(now);
        let mut gone = 0;
        for (number, order) in self.orders.iter_mut().filter(|(number, _)| advance.means(number)) {
            for parcel in &mut order.parcels {
                let next = advance.to.or(parcel.ahead.first().copied());
                if !parcel.may_take(next) {
                    continue;
                }
                for (step, tick) in advance.route(&mut parcel.ahead).into_iter().zip(0_u64..) {
                    let at = start + std::time::Duration::from_millis(tick);
                    go(parcel, number, step, at, &advance.notes, config, &mut self.feed);
                    gone += 1;
                }
            }
        }
        gone
    }

    pub(crate) fn page(&self, customer: &str, cursor: u128, size: usize) -> Value {
        self.feed.page(customer, cursor, size)
    }

    pub(crate) fn set_late(&mut self, number: &str, late: bool) {
        self.feed.set_late(number, late);
    }

    pub(crate) fn feed_of(&self, customer: &str, number: &str) -> Vec<FeedRow> {
        self.feed.of_order(customer, number)
    }

    pub(crate) fn orders(&self) -> &BTreeMap<String, Order> {
        &self.orders
    }

    pub(crate) fn show(&self) -> Value {
        let rows = self.feed.by_number();
        let orders: serde_json::Map<String, Value> = self
            .orders
            .iter()
            .map(|(number, order)| {
                let parcels: Vec<Value> = order.parcels.iter().map(Parcel::show).collect();
                let rows = rows.get(number.as_str());
                (number.clone(), json!({ "parcels": parcels, "refused": order.refused, "feed": rows }))
            })
            .collect();
        json!({ "orders": orders, "tokens": self.tokens.count() })
    }
}

/// Takes one step and tells the feed, unless the feed is to be silent of it.
fn go(
    parcel: &mut Parcel,
    number: &str,
    step: Step,
    at: Timestamp,
    notes: &str,
    config: &Config,
    feed: &mut Feed,
) {
    parcel.steps.push(step);
    if config.feed_silent && !parcel.is_collected() {
        return;
    }
    let Some(wire) = config.wire_codes.get(&step) else {
        return;
    };
    let order = parcel.order();
    let side = match step {
        Step::Accepted | Step::Collected | Step::LeftOffice | Step::Returned | Step::Cancelled => {
            "SenderProvince"
        }
        Step::ArrivedOffice
        | Step::OutForDelivery
        | Step::Delivered
        | Step::FailedAttempt
        | Step::Returning
        | Step::CashCollected
        | Step::CashSettled => "ReceiverProvince",
    };
    let province = order.get(side).and_then(Value::as_i64).unwrap_or_default();
    feed.append(FeedRow {
        id: 0,
        customer: parcel.customer.clone(),
        number: number.to_owned(),
        at,
        office: format!("{province:02}1000"),
        item_code: if parcel.item_code_given || parcel.is_collected() {
            parcel.item_code.clone()
        } else {
            String::new()
        },
        code: wire.code,
        message: wire.message.clone(),
        notes: notes.to_owned(),
    });
}
