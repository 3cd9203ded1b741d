//! What MyVNPost holds: tokens, parcels, and the way that they go.
//!
//! Every create that is taken makes a parcel, whatever its order number: this is how a test sees that an order was doubled.

use std::collections::HashMap;

use jiff::Timestamp;
use mock_kit::{Tokens, text, waybill};
use serde_json::{Value, json};

use crate::fields::property;
use crate::status::Status;

/// One parcel.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Customer who ordered it.
    pub customer: String,
    /// The customer's own number of the order (`saleOrderCode`).
    pub number: String,
    /// The post's key of the order (`orderHdrID`).
    pub header: String,
    /// The post's number of the order (`originalID`), by which it is cancelled.
    pub original: String,
    /// Waybill (`itemCode`).
    pub item_code: String,
    /// Cash to collect, in đồng (`codAmount`).
    pub cash: i64,
    /// Where it has been, oldest first; the first is when it was ordered.
    pub history: Vec<Mark>,
    /// Whether the order came by `CreateOrder`; others cannot be cancelled.
    pub by_api: bool,
    /// Number of a cancel that a post office has to decide.
    pub case: Option<String>,
    ahead: Vec<Status>,
    body: String,
}

/// A status with its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// What it came to.
    pub status: Status,
    /// When.
    pub at: Timestamp,
}

impl Parcel {
    /// `informationOrder` of the create that made it, whole; null for a planted one.
    #[must_use]
    pub fn information(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Newest status.
    #[must_use]
    pub fn status(&self) -> Status {
        self.history.last().map_or(Status::CREATED, |mark| mark.status)
    }

    /// When it was ordered.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.history.first().map(|mark| mark.at).unwrap_or_default()
    }

    /// When its status changed last.
    #[must_use]
    pub fn updated_at(&self) -> Timestamp {
        self.history.last().map(|mark| mark.at).unwrap_or_default()
    }

    /// Whether the post has it, or had it.
    #[must_use]
    pub fn is_collected(&self) -> bool {
        self.history.iter().any(|mark| mark.status.is_collected())
    }

    /// Whether its collection was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.status() == Status::COLLECTION_CANCELLED
    }

    fn go(&mut self, status: Status, at: Timestamp) {
        self.history.push(Mark { status, at });
    }

    fn show(&self) -> Value {
        let history: Vec<Value> = self
            .history
            .iter()
            .map(|mark| json!({ "status": mark.status, "at": mark.at.to_string() }))
            .collect();
        json!({
            "customer": self.customer, "originalID": self.original, "itemCode": self.item_code,
            "codAmount": self.cash, "status": self.status(), "history": history, "by_api": self.by_api,
            "case": self.case, "collected": self.is_collected(), "cancelled": self.is_cancelled(),
            "informationOrder": self.information(),
        })
    }
}

/// How orders are to move.
pub type Advance = mock_kit::Advance<Status>;

/// An order that the post has although nobody sent it: another channel's, or one planted for a reconciliation.
#[derive(Debug, Clone)]
pub struct Planted {
    /// Customer whose it is.
    pub customer: String,
    /// `saleOrderCode`.
    pub number: String,
    /// Cash to collect, in đồng.
    pub cash: i64,
    /// When it was ordered.
    pub at: Timestamp,
    /// Where it has been since; each a second after the one before.
    pub statuses: Vec<Status>,
}

/// What a cancel comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cancel {
    Done,
    Asked { case: String },
    Unknown,
    Foreign,
    Collected,
    Cancelled,
}

/// Everything that MyVNPost holds.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) tokens: Tokens,
    parcels: Vec<Parcel>,
    scripts: HashMap<String, Vec<Status>>,
    taken: u32,
    cases: u32,
}

impl Store {
    /// Forgets everything; the post's numbers go on growing.
    pub(crate) fn clear(&mut self) {
        *self = Self { taken: self.taken, cases: self.cases, ..Self::default() };
    }

    pub(crate) fn parcels(&self) -> &[Parcel] {
        &self.parcels
    }

    pub(crate) fn of_number<'a>(&'a self, number: &'a str) -> impl Iterator<Item = &'a Parcel> {
        self.parcels.iter().filter(move |parcel| parcel.number == number)
    }

    /// The parcel of a customer under its waybill.
    pub(crate) fn find(&self, customer: &str, item_code: &str) -> Option<&Parcel> {
        self.parcels.iter().find(|parcel| parcel.customer == customer && parcel.item_code == item_code)
    }

    /// The order number behind a waybill or a number of the post.
    pub(crate) fn number_of(&self, code: &str) -> Option<&str> {
        let parcel = self.parcels.iter().find(|parcel| parcel.item_code == code || parcel.original == code);
        parcel.map(|parcel| parcel.number.as_str())
    }

    /// Takes an order; a draft goes nowhere.
    pub(crate) fn create(
        &mut self,
        customer: &str,
        information: &Value,
        draft: bool,
        script: &[Status],
        at: Timestamp,
    ) -> &Parcel {
        let number = text(information, "saleOrderCode");
        let cash = property(information, "GTG021", "PROP0018").and_then(|cash| cash.parse().ok());
        let ahead = self.scripts.get(number).map_or(script, Vec::as_slice).to_vec();
        let first = if draft { Status::DRAFT } else { Status::CREATED };
        let parcel = Parcel {
            customer: customer.to_owned(),
            number: number.to_owned(),
            header: String::new(),
            original: String::new(),
            item_code: String::new(),
            cash: cash.unwrap_or(0),
            history: vec![Mark { status: first, at }],
            by_api: true,
            case: None,
            ahead: if draft { Vec::new() } else { ahead },
            body: information.to_string(),
        };
        self.keep(parcel)
    }

    /// Keeps a parcel under new numbers of the post.
    fn keep(&mut self, parcel: Parcel) -> &Parcel {
        self.taken += 1;
        let serial = self.taken % 1_000_000;
        self.parcels.push(Parcel {
            header: format!("d1f0{serial:028x}"),
            original: format!("OR{}", 778_100 + serial),
            item_code: waybill("ED", 21_000_000 + serial),
            ..parcel
        });
        self.parcels.last().expect("one was pushed")
    }

    pub(crate) fn plant(&mut self, planted: &Planted) -> &Parcel {
        let later = (0_u64..).map(|second| planted.at + std::time::Duration::from_secs(second));
        let statuses = [Status::CREATED].into_iter().chain(planted.statuses.iter().copied());
        self.keep(Parcel {
            customer: planted.customer.clone(),
            number: planted.number.clone(),
            header: String::new(),
            original: String::new(),
            item_code: String::new(),
            cash: planted.cash,
            history: statuses.zip(later).map(|(status, at)| Mark { status, at }).collect(),
            by_api: false,
            case: None,
            ahead: Vec::new(),
            body: String::new(),
        })
    }

    /// Keeps the newest parcel of a number once more.
    pub(crate) fn duplicate(&mut self, number: &str) -> Option<&Parcel> {
        let parcel = self.of_number(number).last()?.clone();
        Some(self.keep(parcel))
    }

    /// Forgets all parcels of a number; returns how many there were.
    pub(crate) fn remove(&mut self, number: &str) -> usize {
        let before = self.parcels.len();
        self.parcels.retain(|parcel| parcel.number != number);
        before - self.parcels.len()
    }

    /// Changes the parcels of a number; returns how many there are.
    pub(crate) fn change(&mut self, number: &str, mut change: impl FnMut(&mut Parcel)) -> usize {
        let mut changed = 0;
        for parcel in self.parcels.iter_mut().filter(|parcel| parcel.number == number) {
            change(parcel);
            changed += 1;
        }
        changed
    }

    pub(crate) fn set_script(&mut self, number: &str, steps: &[Status]) {
        self.change(number, |parcel| parcel.ahead = steps.to_vec());
        self.scripts.insert(number.to_owned(), steps.to_vec());
    }

    /// Cancels an order under the post's own number, or asks a post office.
    pub(crate) fn cancel(&mut self, customer: &str, original: &str, ask: bool, at: Timestamp) -> Cancel {
        let mine = |parcel: &&mut Parcel| parcel.customer == customer && parcel.original == original;
        let Some(parcel) = self.parcels.iter_mut().find(mine) else {
            return Cancel::Unknown;
        };
        match (parcel.by_api, parcel.is_collected(), parcel.is_cancelled()) {
            (false, _, _) => Cancel::Foreign,
            (true, true, _) => Cancel::Collected,
            (true, false, true) => Cancel::Cancelled,
            (true, false, false) if ask => {
                if parcel.case.is_none() {
                    self.cases += 1;
                    parcel.case = Some((51_119 + self.cases).to_string());
                }
                Cancel::Asked { case: parcel.case.clone().unwrap_or_default() }
            }
            (true, false, false) => {
                end(parcel, at);
                Cancel::Done
            }
        }
    }

    /// A post office decides a cancel; false if nobody asked, or if the parcel was collected meanwhile.
    pub(crate) fn decide(&mut self, number: &str, approved: bool, at: Timestamp) -> bool {
        let open = |parcel: &&mut Parcel| parcel.number == number && parcel.case.is_some();
        let Some(parcel) = self.parcels.iter_mut().find(open) else {
            return false;
        };
        parcel.case = None;
        let takes_effect = approved && !parcel.is_collected();
        if takes_effect {
            end(parcel, at);
        }
        takes_effect
    }

    /// Moves orders along; returns the number of steps gone.
    pub(crate) fn advance(&mut self, advance: &Advance, now: Timestamp) -> usize {
        let start = advance.at.unwrap_or(now);
        let moves = |parcel: &&mut Parcel| {
            advance.means(&parcel.number) && !parcel.is_cancelled() && parcel.status() != Status::DRAFT
        };
        let mut gone = 0;
        for parcel in self.parcels.iter_mut().filter(moves) {
            for (status, second) in advance.route(&mut parcel.ahead).into_iter().zip(0_u64..) {
                parcel.go(status, start + std::time::Duration::from_secs(second));
                gone += 1;
            }
        }
        gone
    }

    pub(crate) fn show(&self) -> Value {
        let mut orders = serde_json::Map::new();
        for parcel in &self.parcels {
            let of_number = orders.entry(parcel.number.clone()).or_insert_with(|| json!([]));
            if let Some(parcels) = of_number.as_array_mut() {
                parcels.push(parcel.show());
            }
        }
        json!({ "orders": orders, "tokens": self.tokens.count() })
    }
}

/// The collection is cancelled, and nothing follows.
fn end(parcel: &mut Parcel, at: Timestamp) {
    parcel.ahead.clear();
    parcel.go(Status::COLLECTION_CANCELLED, at);
}
