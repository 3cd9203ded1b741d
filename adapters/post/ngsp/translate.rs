//! Our words → the post's: what travels in one call to NGSP.

use crate::ngsp::config::NgspSettings;
use crate::orders::client::Cargo;
use crate::orders::translate::{self, Addressing};
use crate::orders::wire::CreateOrder;
use lienthong_core::handoff::{Content, Order};
use lienthong_core::outcome::Problem;

/// Something that is not one postal order or one cancel was given to the post.
pub(crate) const WRONG_CONTENT: &str = "POST-WRONG-CONTENT";

/// Translates what travels in one call.
///
/// # Errors
/// Every problem found.
pub(crate) fn cargo(contents: &[&Content], settings: &NgspSettings) -> Result<Cargo, Vec<Problem>> {
    match contents {
        [Content::Order(order)] => create(order, settings).map(|order| Cargo::create(&order)),
        [Content::Cancel(order)] => Ok(Cargo::Cancel(translate::cancel(order, &settings.customer_code))),
        _ => Err(vec![Problem::new(WRONG_CONTENT, "type")]),
    }
}

fn create(order: &Order, settings: &NgspSettings) -> Result<CreateOrder, Vec<Problem>> {
    let addressing = Addressing {
        customer_code: &settings.customer_code,
        areas: &settings.areas,
        no_district: settings.no_district,
    };
    translate::create(order, addressing)
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
