//! Our words → the post's: what travels in one call to BCCI.
//!
//! An order has the fields of NGSP's, its waybill, and a flag. What is not known goes out as the empty text, as the one
//! client that was seen sends it. The waybill belongs to the attempt, not to the content: planning and `explain` show an
//! order without one.

use crate::bcci::config::BcciSettings;
use crate::orders::client::Cargo;
use crate::orders::translate::{self, Addressing};
use lienthong_core::handoff::{Content, Order};
use lienthong_core::outcome::Problem;
use serde_json::{Map, Value};

/// Something that is not one postal order or one cancel was given to the post.
pub(crate) const WRONG_CONTENT: &str = "BCCI-WRONG-CONTENT";

/// An order that nobody gave a waybill.
pub(crate) const NO_WAYBILL: &str = "BCCI-NO-WAYBILL";

/// Translates what travels in one call, an order with the waybill that it is known to have.
///
/// # Errors
/// Every problem found.
pub(crate) fn cargo(
    contents: &[&Content],
    waybill: Option<&str>,
    settings: &BcciSettings,
) -> Result<Cargo, Vec<Problem>> {
    match contents {
        [Content::Order(order)] => create(order, waybill, settings).map(|order| Cargo::create(&order)),
        [Content::Cancel(order)] => Ok(Cargo::Cancel(translate::cancel(order, &settings.customer_code))),
        _ => Err(vec![Problem::new(WRONG_CONTENT, "type")]),
    }
}

fn create(
    order: &Order,
    waybill: Option<&str>,
    settings: &BcciSettings,
) -> Result<Map<String, Value>, Vec<Problem>> {
    let addressing = Addressing {
        customer_code: &settings.customer_code,
        areas: &settings.areas,
        no_district: settings.no_district,
    };
    let mut fields = translate::create(order, addressing)?;
    for text in [&mut fields.sender_email, &mut fields.receiver_email, &mut fields.description] {
        text.get_or_insert_default();
    }
    let fields = serde_json::to_value(&fields).expect("messages have string keys only");
    let Value::Object(mut body) = fields else { return Err(vec![Problem::new(WRONG_CONTENT, "type")]) };
    body.insert("ItemCode".to_owned(), waybill.map_or(Value::Null, Value::from));
    body.insert("FlagConfig".to_owned(), Value::from(settings.flag_config));
    Ok(body)
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
