//! Which waybill was used for which order, and who broke the rules.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::config::Customer;

/// Something that a gateway never does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The waybill.
    pub item_code: String,
    /// The order that it came for.
    pub number: String,
    /// What is wrong with it.
    pub offence: Offence,
    /// When it came.
    pub at: Timestamp,
}

/// What is wrong with a waybill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offence {
    /// Another order has used it.
    UsedFor {
        /// That order's number.
        number: String,
    },
    /// The post gave it to somebody else, or to nobody.
    NotYours,
}

impl Violation {
    pub(crate) fn show(&self) -> Value {
        let used_for = match &self.offence {
            Offence::UsedFor { number } => Some(number),
            Offence::NotYours => None,
        };
        json!({ "ItemCode": self.item_code, "OrderNumber": self.number, "used_for": used_for,
                "at": self.at.to_string() })
    }
}

/// All waybills that were used.
#[derive(Debug, Default)]
pub(crate) struct Waybills {
    pub(crate) used: BTreeMap<String, String>,
    pub(crate) violations: Vec<Violation>,
}

impl Waybills {
    /// What is wrong with a waybill for an order, which is noted.
    pub(crate) fn judge(
        &mut self,
        customer: &Customer,
        item_code: &str,
        number: &str,
        at: Timestamp,
    ) -> Option<Offence> {
        let offence = match self.used.get(item_code) {
            Some(other) if other != number => Offence::UsedFor { number: other.clone() },
            Some(_) | None if customer.ranges.iter().any(|range| range.holds(item_code)) => return None,
            Some(_) | None => Offence::NotYours,
        };
        self.violations.push(Violation {
            item_code: item_code.to_owned(),
            number: number.to_owned(),
            offence: offence.clone(),
            at,
        });
        Some(offence)
    }
}
