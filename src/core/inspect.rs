//! What both sides are compared by: the question that a partner is asked, and what it says that it has.
//!
//! A look-up ([`LookUp`](crate::port::LookUp)) settles one handoff that is in doubt. This question is for the comparison
//! of both sides, which asks about things that nobody doubts, and about things that the gateway never sent. An adapter
//! only reports what the answer shows, in codes: whether that differs from ours, and what follows, is decided by
//! `reconcile`. An answer names no person here, whatever the partner's own answer carried.
//!
//! Who implements it answers [`Inspected::NoQuestion`] to what its interface cannot be asked, and [`Inspected::Failed`]
//! for everything that is not an answer: *they have nothing* is [`Inspected::Held`] without things, and it is said only
//! where the interface documents such an answer.

use crate::ids::{DossierCode, OrderNumber};
use crate::outcome::Outcome;
use crate::tracking::TrackingState;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a partner is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// What it has under the code of a dossier.
    Dossier(DossierCode),
    /// What was ordered through the account in a time, one page.
    Orders {
        /// Ordered or changed then or later; an interface that knows whole days takes the day.
        from: Timestamp,
        /// And before this.
        to: Timestamp,
        /// The page after this one, as the page before gave it; `None` for the first.
        after: Option<String>,
    },
}

/// What a partner answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspected {
    /// What it has, as far as it can be read.
    Held {
        /// The things; the same name may come twice.
        things: Vec<Theirs>,
        /// Things that cannot be read: without a name, or with one that could be no name of ours.
        unreadable: usize,
        /// Where the next page begins, if there is one; differs from the page before.
        next: Option<String>,
    },
    /// It was asked and did not answer, or could not be asked.
    Failed(Outcome),
    /// The interface has no such question.
    NoQuestion,
}

/// One thing that a partner has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theirs {
    /// Code of the dossier or number of the order, as the partner writes it.
    pub name: String,
    /// The partner's own code of its state, where it shows one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Where the parcel is, in our words; `None` for a dossier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<TrackingState>,
    /// The waybill (mã vận đơn), where it shows one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waybill: Option<String>,
    /// Cash that the postman is to collect, whole đồng, where it shows a sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash: Option<u64>,
}

impl Theirs {
    /// A dossier with the partner's code of its status, where it shows one.
    pub fn dossier(code: &str, status: Option<String>) -> Self {
        Self { name: code.to_owned(), status, ..Self::default() }
    }

    /// The order that it is, by our number as the partner writes it.
    pub fn number(&self) -> OrderNumber {
        OrderNumber::new(&*self.name)
    }
}
