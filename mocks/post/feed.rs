//! The append-only tracking feed of each customer.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::{Value, json};

/// One row of the feed.
#[derive(Debug, Clone)]
pub struct FeedRow {
    /// `_id.$oid`, as a number: it only grows.
    pub id: u128,
    /// `CustomerCode`.
    pub customer: String,
    /// `OrderNumber`.
    pub number: String,
    /// `EventTime`.
    pub at: Timestamp,
    /// `POSID`.
    pub office: String,
    /// `ItemCode`; empty before collection, which is assumed.
    pub item_code: String,
    /// `StatusCode`.
    pub code: i64,
    /// `StatusMessage`.
    pub message: String,
    /// `Notes`.
    pub notes: String,
}

impl FeedRow {
    /// `_id.$oid` in its 24 characters.
    #[must_use]
    pub fn object_id(&self) -> String {
        format!("{:024x}", self.id)
    }

    /// The row as the feed sends it.
    #[must_use]
    pub fn whole(&self) -> Value {
        json!({
            "_id": { "$oid": self.object_id() }, "CustomerCode": self.customer, "OrderNumber": self.number,
            "EventTime": self.at.as_millisecond(), "POSID": self.office, "ItemCode": self.item_code,
            "StatusCode": self.code, "StatusMessage": self.message, "Notes": self.notes,
        })
    }
}

/// All feeds.
#[derive(Debug)]
pub(crate) struct Feed {
    rows: HashMap<String, Vec<FeedRow>>,
    newest: u128,
    /// Order numbers whose rows have their ids and are not shown yet.
    late: HashSet<String>,
}

impl Feed {
    /// Empty feeds whose ids begin at `start`, so that a mock that is started again goes on growing.
    pub(crate) fn new(start: Timestamp) -> Self {
        let seconds = u128::try_from(start.as_second()).unwrap_or_default();
        Self { rows: HashMap::new(), newest: seconds << 64, late: HashSet::new() }
    }

    /// Forgets the rows; ids go on growing.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.late.clear();
    }

    /// Hides the rows of an order, those to come as well, or shows them where their ids place them.
    pub(crate) fn set_late(&mut self, number: &str, late: bool) {
        if late {
            self.late.insert(number.to_owned());
        } else {
            self.late.remove(number);
        }
    }

    pub(crate) fn append(&mut self, row: FeedRow) {
        self.newest += 1;
        self.rows.entry(row.customer.clone()).or_default().push(FeedRow { id: self.newest, ..row });
    }

    /// One page of a customer's rows after `cursor`.
    pub(crate) fn page(&self, customer: &str, cursor: u128, size: usize) -> Value {
        let rows = self.rows.get(customer).map(Vec::as_slice).unwrap_or_default();
        let ahead = rows.split_at(rows.partition_point(|row| row.id <= cursor)).1;
        let ahead: Vec<&FeedRow> = ahead.iter().filter(|row| !self.late.contains(&row.number)).collect();
        let page: Vec<Value> = ahead.iter().take(size).map(|row| row.whole()).collect();
        json!({
            "_size": ahead.len(), "_total_pages": ahead.len().div_ceil(size), "_returned": page.len(),
            "_embedded": { "rh:doc": page },
        })
    }

    /// Forgets the rows of an order.
    pub(crate) fn remove(&mut self, number: &str) {
        self.rows.values_mut().for_each(|rows| rows.retain(|row| row.number != number));
    }

    /// A customer's rows of one order.
    pub(crate) fn of_order(&self, customer: &str, number: &str) -> Vec<FeedRow> {
        let rows = self.rows.get(customer).map(Vec::as_slice).unwrap_or_default();
        rows.iter().filter(|row| row.number == number).cloned().collect()
    }

    /// All rows by order number.
    pub(crate) fn by_number(&self) -> HashMap<&str, Vec<Value>> {
        let mut found: HashMap<&str, Vec<Value>> = HashMap::new();
        for row in self.rows.values().flatten() {
            found.entry(&row.number).or_default().push(row.whole());
        }
        found
    }
}
