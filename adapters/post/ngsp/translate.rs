//! Our words → the post's: pure, and the same for planning, `explain` and sending.
//!
//! The direction of a parcel has no field: it is only who is sender and who is receiver (OpenCPS v2,
//! VNPostManagementImpl.java, read 08/2026). The label tells what the parcel is for and never what the paper is (QĐ
//! 45/2016/QĐ-TTg). The commune has no field either, so its name is put into the address. Every problem found is
//! reported, each with the event's field to correct; what is wrong with the desk's own end is for the administrator and
//! names `agency.code`.

use crate::ngsp::config::{Area, NgspSettings, NoDistrict};
use crate::ngsp::wire::{CancelOrder, CreateOrder};
use jiff::Timestamp;
use lienthong_core::handoff::{Cancel, Content, Leg, Order, Party};
use lienthong_core::outcome::{Problem, gateway};
use lienthong_core::text;

/// Something that is not one postal order or one cancel was given to the post.
pub(crate) const WRONG_CONTENT: &str = "POST-WRONG-CONTENT";

/// What one call carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cargo {
    Create(Box<CreateOrder>),
    Cancel(CancelOrder),
}

/// Translates what travels in one call.
///
/// # Errors
/// Every problem found.
pub(crate) fn cargo(contents: &[&Content], settings: &NgspSettings) -> Result<Cargo, Vec<Problem>> {
    match contents {
        [Content::Order(order)] => create(order, settings).map(|create| Cargo::Create(Box::new(create))),
        [Content::Cancel(order)] => Ok(Cargo::Cancel(cancel(order, settings))),
        _ => Err(vec![Problem::new(WRONG_CONTENT, "type")]),
    }
}

fn cancel(cancel: &Cancel, settings: &NgspSettings) -> CancelOrder {
    CancelOrder {
        customer_code: settings.customer_code.clone(),
        order_number: cancel.number.as_str().to_owned(),
    }
}

fn create(order: &Order, settings: &NgspSettings) -> Result<CreateOrder, Vec<Problem>> {
    let (desk, citizen) = (Field::Desk, Field::Event(path(order.leg)));
    let (from_field, to_field) = match order.leg {
        Leg::Pickup => (citizen, desk),
        Leg::Return | Leg::PapersBack | Leg::Forward => (desk, citizen),
    };
    let mut problems = Vec::new();
    let from = End::read(&order.from, from_field, order.as_of, settings, &mut problems);
    let to = End::read(&order.to, to_field, order.as_of, settings, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(CreateOrder {
        customer_code: settings.customer_code.clone(),
        order_number: order.number.as_str().to_owned(),
        cod_amount: order.cash,
        sender_province: from.area.province,
        sender_district: district(from.area, settings.no_district),
        sender_address: from.address,
        sender_name: from.name,
        sender_email: from.email,
        sender_tel: from.phone,
        sender_desc: contents(order),
        description: order.note.as_deref().map(text::normalise).filter(|note| !note.is_empty()),
        receiver_name: to.name,
        receiver_address: to.address,
        receiver_tel: to.phone,
        receiver_province: to.area.province,
        receiver_district: district(to.area, settings.no_district),
        receiver_email: to.email,
    })
}

/// Where the event says the citizen's end of a leg. Papers go back to where they were collected.
fn path(leg: Leg) -> &'static str {
    match leg {
        Leg::Pickup | Leg::PapersBack => "postal.pickup",
        Leg::Return => "postal.return",
        Leg::Forward => "postal.forward",
    }
}

/// The parts joined by `||` that OpenCPS 3.0 writes for people (event classes, read 08/2026), in neutral words.
fn contents(order: &Order) -> String {
    let (papers, service) = match order.leg {
        Leg::Pickup => ("Hồ sơ TTHC", "Thu gom hồ sơ tại nhà"),
        Leg::Return => ("Kết quả TTHC", "Trả hồ sơ tại nhà"),
        Leg::PapersBack => ("Hồ sơ TTHC", "Trả hồ sơ tại nhà"),
        Leg::Forward => ("Hồ sơ TTHC", "Chuyển hồ sơ giữa các cơ quan"),
    };
    format!("Mã hồ sơ: {}||Thành phần hồ sơ 1: {papers}||Tên dịch vụ: {service}", order.label)
}

fn district(area: Area, no_district: NoDistrict) -> Option<u32> {
    match (area.district, no_district) {
        (Some(district), _) => Some(district),
        (None, NoDistrict::Zero) => Some(0),
        (None, NoDistrict::Null) => None,
    }
}

/// Who can correct an end of an order.
#[derive(Clone, Copy)]
enum Field {
    /// The administrator, in the agency's profile.
    Desk,
    /// The officer, in the event, under this path.
    Event(&'static str),
}

impl Field {
    fn problem(self, code: &'static str, member: &str) -> Problem {
        match (self, code) {
            (Self::Desk, gateway::UNKNOWN_AREA) => Problem::new(code, "agency.code"),
            (Self::Desk, _) => Problem::new(gateway::NO_AGENCY_PROFILE, "agency.code"),
            (Self::Event(path), _) => Problem::new(code, format!("{path}.{member}")),
        }
    }
}

/// One end of an order, as the post wants it.
struct End {
    name: String,
    phone: String,
    address: String,
    email: Option<String>,
    area: Area,
}

impl End {
    fn read(
        party: &Party,
        field: Field,
        at: Timestamp,
        settings: &NgspSettings,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let name = text::normalise(&party.name);
        if name.is_empty() {
            problems.push(field.problem(gateway::MISSING_FIELD, "name"));
        }
        let phone = text::phone(&party.phone).unwrap_or_default();
        if phone.is_empty() {
            problems.push(field.problem(gateway::NO_PHONE, "phone"));
        }
        if party.address.trim().is_empty() {
            problems.push(field.problem(gateway::NO_ADDRESS, "address"));
        }
        let district = party.district_code.as_ref();
        let area = settings.areas.area(&party.province_code, district, &party.commune_code, at);
        if area.is_none() {
            problems.push(field.problem(gateway::UNKNOWN_AREA, "commune_code"));
        }
        Self {
            name,
            phone,
            address: address(party),
            email: party.email.clone().filter(|email| !email.trim().is_empty()),
            area: area.unwrap_or(Area { province: 0, district: None }),
        }
    }
}

/// The address with the commune's name in it, once.
fn address(party: &Party) -> String {
    let address = text::normalise(&party.address);
    match party.commune_name.as_deref().map(text::normalise) {
        Some(commune) if !names(&address, &commune) => format!("{address}, {commune}"),
        Some(_) | None => address,
    }
}

/// Whether the address names the commune as a part of its own: "Bản Nà Khoang" does not name "Nà Khoa".
fn names(address: &str, commune: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (address, commune) = (words(address), words(commune));
    commune.is_empty() || address.windows(commune.len()).any(|part| part == commune)
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
