//! Our words → MyVNPost's: pure, and the same for planning, `explain` and sending.
//!
//! The direction of a parcel has no field: it is only who is sender and who is receiver. Codes of areas are texts, and the
//! commune's is required; a district is a number of the old level or the word that stands for none. What a label says, and
//! which field of the event a problem names, stands in [`label`].

use crate::label::{self, End, Field};
use crate::myvnpost::config::{AMOUNT, MyVnPostSettings, SendType};
use crate::myvnpost::wire::{AT_ONCE, Addon, CreateOrder, InformationOrder, SENT};
use jiff::Timestamp;
use lienthong_core::handoff::{Content, Leg, Order, Party};
use lienthong_core::ids::OrderNumber;
use lienthong_core::outcome::{Problem, gateway};

/// Something that is not one postal order or one cancel was given to the post.
pub(crate) const WRONG_CONTENT: &str = "MYVNPOST-WRONG-CONTENT";

/// What one call carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cargo<'a> {
    Create {
        order: &'a Order,
        message: Box<CreateOrder>,
    },
    /// The order that is to end, by our number: what the post calls it is known when it is sent.
    Cancel(&'a OrderNumber),
}

/// Translates what travels in one call.
///
/// # Errors
/// Every problem found.
pub(crate) fn cargo<'a>(
    contents: &[&'a Content],
    settings: &MyVnPostSettings,
) -> Result<Cargo<'a>, Vec<Problem>> {
    match contents {
        [Content::Order(order)] => {
            create(order, settings).map(|message| Cargo::Create { order, message: Box::new(message) })
        }
        [Content::Cancel(cancel)] => Ok(Cargo::Cancel(&cancel.number)),
        _ => Err(vec![Problem::new(WRONG_CONTENT, "type")]),
    }
}

fn create(order: &Order, settings: &MyVnPostSettings) -> Result<CreateOrder, Vec<Problem>> {
    let (from_field, to_field) = Field::ends(order.leg);
    let mut problems = Vec::new();
    let (from, from_area) = end(&order.from, from_field, order.as_of, settings, &mut problems);
    let (to, to_area) = end(&order.to, to_field, order.as_of, settings, &mut problems);
    let (Some(from_area), Some(to_area), true) = (from_area, to_area, problems.is_empty()) else {
        return Err(problems);
    };
    let information_order = InformationOrder {
        sender_name: from.name,
        sender_phone: from.phone,
        sender_email: from.email,
        sender_address: from.address,
        sender_province_code: from_area.province,
        sender_district_code: from_area.district,
        sender_commune_code: from_area.commune,
        receiver_name: to.name,
        receiver_phone: to.phone,
        receiver_email: to.email,
        receiver_address: to.address,
        receiver_province_code: to_area.province,
        receiver_district_code: to_area.district,
        receiver_commune_code: to_area.commune,
        service_code: settings.service_code.clone(),
        addon_service: cash(order, settings).into_iter().collect(),
        addition_request: Vec::new(),
        org_code_collect: None,
        org_code_accept: None,
        sale_order_code: order.number.as_str().to_owned(),
        content_note: label::papers(order.leg).to_owned(),
        weight: settings.weight.to_string(),
        width: None,
        length: None,
        height: None,
        vehicle: settings.vehicle.clone(),
        send_type: send_type(order.leg, settings).code(),
        is_broken: "0",
        delivery_time: None,
        delivery_require: None,
        delivery_instruction: label::note(order),
    };
    Ok(CreateOrder {
        order_creation_status: AT_ONCE,
        kind: SENT,
        customer_code: settings.customer_code.clone(),
        contract_code: settings.contract_code.clone(),
        information_order,
    })
}

/// A citizen's papers are collected at the door: that is what was asked for.
fn send_type(leg: Leg, settings: &MyVnPostSettings) -> SendType {
    match leg {
        Leg::Pickup => SendType::Collected,
        Leg::Return | Leg::PapersBack | Leg::Forward => settings.send_type,
    }
}

fn cash(order: &Order, settings: &MyVnPostSettings) -> Option<Addon> {
    (order.cash > 0).then(|| Addon {
        code: settings.cash_service.clone(),
        prop_value: settings.cash_properties.replace(AMOUNT, &order.cash.to_string()),
    })
}

/// The post's codes of an address.
struct Codes {
    province: String,
    district: String,
    commune: String,
}

/// One end of an order, and the post's codes of its area where the table has all of them.
fn end(
    party: &Party,
    field: Field,
    at: Timestamp,
    settings: &MyVnPostSettings,
    problems: &mut Vec<Problem>,
) -> (End, Option<Codes>) {
    let end = End::read(party, field, problems);
    let codes = codes(party, at, settings);
    if codes.is_none() {
        problems.push(field.problem(gateway::UNKNOWN_AREA, "commune_code"));
    }
    (end, codes)
}

fn codes(party: &Party, at: Timestamp, settings: &MyVnPostSettings) -> Option<Codes> {
    let district = party.district_code.as_ref();
    let area = settings.areas.area(&party.province_code, district, &party.commune_code, at)?;
    Some(Codes {
        province: area.province.to_string(),
        district: area.district.map_or_else(|| settings.no_district.clone(), |district| district.to_string()),
        commune: settings.areas.commune(&party.commune_code, at)?.to_owned(),
    })
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
