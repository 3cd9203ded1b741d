//! Our words → the post's: pure, and the same for planning, `explain` and sending.
//!
//! The direction of a parcel has no field: it is only who is sender and who is receiver (OpenCPS v2,
//! VNPostManagementImpl.java, read 08/2026). The commune has no field either: its name stands in the address alone. What a
//! label says at every interface, and which field of the event a problem names, stands in [`label`]. Its tests stand with
//! the interfaces, whose settings and samples they use.

use crate::areas::{Area, AreaTable};
use crate::label::{self, End, Field};
use crate::orders::settings::NoDistrict;
use crate::orders::wire::{CancelOrder, CreateOrder};
use jiff::Timestamp;
use lienthong_core::handoff::{Cancel, Order, Party};
use lienthong_core::outcome::{Problem, gateway};

/// What an account's settings say about every order of it.
#[derive(Clone, Copy)]
pub(crate) struct Addressing<'a> {
    pub(crate) customer_code: &'a str,
    pub(crate) areas: &'a AreaTable,
    pub(crate) no_district: NoDistrict,
}

/// Says a cancel in the post's words.
pub(crate) fn cancel(cancel: &Cancel, customer_code: &str) -> CancelOrder {
    CancelOrder { customer_code: customer_code.to_owned(), order_number: cancel.number.as_str().to_owned() }
}

/// Says an order in the post's words.
///
/// # Errors
/// Every problem found.
pub(crate) fn create(order: &Order, addressing: Addressing<'_>) -> Result<CreateOrder, Vec<Problem>> {
    let (from_field, to_field) = Field::ends(order.leg);
    let mut problems = Vec::new();
    let (from, from_area) = end(&order.from, from_field, order.as_of, addressing.areas, &mut problems);
    let (to, to_area) = end(&order.to, to_field, order.as_of, addressing.areas, &mut problems);
    let (Some(from_area), Some(to_area), true) = (from_area, to_area, problems.is_empty()) else {
        return Err(problems);
    };
    Ok(CreateOrder {
        customer_code: addressing.customer_code.to_owned(),
        order_number: order.number.as_str().to_owned(),
        cod_amount: order.cash,
        sender_province: from_area.province,
        sender_district: district(from_area, addressing.no_district),
        sender_address: from.address,
        sender_name: from.name,
        sender_email: from.email,
        sender_tel: from.phone,
        sender_desc: label::contents(order),
        description: label::note(order),
        receiver_name: to.name,
        receiver_address: to.address,
        receiver_tel: to.phone,
        receiver_province: to_area.province,
        receiver_district: district(to_area, addressing.no_district),
        receiver_email: to.email,
    })
}

fn district(area: Area, no_district: NoDistrict) -> Option<u32> {
    match (area.district, no_district) {
        (Some(district), _) => Some(district),
        (None, NoDistrict::Zero) => Some(0),
        (None, NoDistrict::Null) => None,
    }
}

/// One end of an order, and the post's numbers of its area where the table has them.
fn end(
    party: &Party,
    field: Field,
    at: Timestamp,
    areas: &AreaTable,
    problems: &mut Vec<Problem>,
) -> (End, Option<Area>) {
    let end = End::read(party, field, problems);
    let district = party.district_code.as_ref();
    let area = areas.area(&party.province_code, district, &party.commune_code, at);
    if area.is_none() {
        problems.push(field.problem(gateway::UNKNOWN_AREA, "commune_code"));
    }
    (end, area)
}
