//! What a test sees of the post, and does to it.

use std::collections::BTreeMap;

use crate::config::Step;
use crate::feed::FeedRow;
use crate::post::Post;
use crate::store::{Advance, Order, Parcel, Planted};

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

    /// Whether the feed's rows of one order become visible late: their ids are given as they come, and stand behind a
    /// cursor that has passed when they are shown. The feed's ids have the form that several machines give out.
    pub fn set_late(&self, number: &str, late: bool) {
        self.store().set_late(number, late);
    }

    /// Kills the tokens of one customer, or of all.
    pub fn expire_tokens(&self, customer: Option<&str>) {
        self.store().tokens().close_all(customer);
    }

    /// Lets it have an order that nobody sent.
    pub fn plant(&self, planted: &Planted) {
        self.store().plant(planted, &self.config);
    }

    /// Lets it have the newest parcel of a number once more; false if there is none.
    pub fn duplicate(&self, number: &str) -> bool {
        self.store().duplicate(number, &self.config)
    }

    /// Lets it lose all parcels of a number, and their rows in the feed; returns how many parcels there were.
    pub fn remove(&self, number: &str) -> usize {
        self.store().remove(number)
    }

    /// Lets it know another amount of cash for the parcels of a number; returns how many there are.
    pub fn set_cash(&self, number: &str, cash: i64) -> usize {
        self.store().set_cash(number, cash)
    }
}
