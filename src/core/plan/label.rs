//! What the post is told: who, where, how much to collect. Never what the paper is.
//!
//! Postal staff may not learn what a dossier is about (QĐ 45/2016/QĐ-TTg), so an order carries the dossier's code, two
//! ends and the cash; a note passes only when it does not name the procedure, the subject or a result.

use super::reasons;
use crate::event::{PostalAddress, Snapshot};
use crate::handoff::{Leg, Order, Party};
use crate::ids::{OrderNumber, UnitCode};
use crate::outcome::{Problem, Reason, ReasonCode, gateway};
use crate::tables::{CashOnDelivery, Desk, Tables};
use crate::text;
use jiff::Timestamp;

/// An order as it would be written, with what was found on the way.
pub(super) struct Label {
    /// The order.
    pub(super) order: Order,
    /// Why it cannot be sent.
    pub(super) refusal: Option<Reason>,
    /// What the desk should see, if it is planned.
    pub(super) flags: Vec<&'static str>,
}

/// Writes the order of a leg.
pub(super) fn write(
    leg: Leg,
    number: OrderNumber,
    label: String,
    snapshot: &Snapshot,
    as_of: Timestamp,
    tables: &Tables,
) -> Label {
    let mut writer = Writer { snapshot, as_of, tables, refusals: Vec::new(), flags: Vec::new() };
    let (address, path) = citizen_end(leg, snapshot);
    let desk = writer.desk();
    let other = writer.party(address, path);
    let note = writer.note(address);
    let (from, to) = match leg {
        Leg::Pickup => (other, desk),
        Leg::Return | Leg::PapersBack | Leg::Forward => (desk, other),
    };
    let cash = cash(leg, snapshot, tables);
    let order = Order { number, leg, label, from, to, cash, note, as_of };
    let refusal = writer.refusals.into_iter().next();
    let refusal = refusal.map(|problem| Reason::new(problem.code).at(problem.field));
    Label { order, refusal, flags: writer.flags }
}

/// Cash that the postman is to collect with a parcel of that leg.
pub(super) fn cash(leg: Leg, snapshot: &Snapshot, tables: &Tables) -> u64 {
    let policy = tables.agency(&snapshot.agency.code).map_or(CashOnDelivery::Off, |profile| profile.cash);
    match (policy, leg) {
        (CashOnDelivery::UnpaidFees, Leg::Return) => {
            let unpaid = snapshot.fees.iter().flatten().filter(|fee| !fee.paid);
            unpaid.fold(0, |sum, fee| sum.saturating_add(fee.amount))
        }
        (CashOnDelivery::Off, _)
        | (CashOnDelivery::UnpaidFees, Leg::Pickup | Leg::PapersBack | Leg::Forward) => 0,
    }
}

/// The address that the event gives for a leg, and the path of its field.
fn citizen_end(leg: Leg, snapshot: &Snapshot) -> (Option<&PostalAddress>, &'static str) {
    let postal = &snapshot.postal;
    match leg {
        Leg::Pickup => (postal.pickup.as_ref(), "postal.pickup"),
        Leg::Return => (postal.return_to.as_ref(), "postal.return"),
        Leg::Forward => (postal.forward.as_ref().map(|forward| &forward.address), "postal.forward"),
        // Papers go back to where they were collected.
        Leg::PapersBack => match &postal.pickup {
            Some(pickup) => (Some(pickup), "postal.pickup"),
            None => (postal.return_to.as_ref(), "postal.return"),
        },
    }
}

struct Writer<'a> {
    snapshot: &'a Snapshot,
    as_of: Timestamp,
    tables: &'a Tables,
    refusals: Vec<Problem>,
    flags: Vec<&'static str>,
}

impl Writer<'_> {
    fn desk(&mut self) -> Party {
        let profile = self.tables.agency(&self.snapshot.agency.code);
        let reachable = profile.filter(|profile| profile.post_account.is_some());
        let Some(desk) = reachable.and_then(|profile| profile.desk.as_ref()) else {
            self.refusals.push(Problem::new(gateway::NO_AGENCY_PROFILE, "agency.code"));
            return nobody();
        };
        let Desk { name, phone, address, email, province_code, district_code, commune_code } = desk.clone();
        let commune_name = self.commune_name(&commune_code);
        let phone = text::phone(&phone).unwrap_or(phone);
        Party { name, phone, address, email, province_code, district_code, commune_code, commune_name }
    }

    fn party(&mut self, address: Option<&PostalAddress>, path: &str) -> Party {
        let Some(address) = address else {
            self.refusals.push(Problem::new(gateway::NO_ADDRESS, path));
            return nobody();
        };
        let phone = self.phone(address, path);
        let commune_name = self.commune_name(&address.commune_code);
        let PostalAddress { name, address, province_code, district_code, commune_code, .. } = address.clone();
        Party { name, phone, address, email: None, province_code, district_code, commune_code, commune_name }
    }

    fn phone(&mut self, address: &PostalAddress, path: &str) -> String {
        let usable = |phone: &Option<String>| phone.as_deref().and_then(text::phone);
        if let Some(phone) = usable(&address.phone) {
            return phone;
        }
        if let Some(phone) = usable(&self.snapshot.applicant.phone) {
            self.flags.push(reasons::PHONE_REPLACED);
            return phone;
        }
        self.refusals.push(Problem::new(gateway::NO_PHONE, format!("{path}.phone")));
        String::new()
    }

    fn commune_name(&mut self, code: &UnitCode) -> Option<String> {
        let unit = self.tables.unit(code, self.as_of);
        if unit.is_none() {
            self.flags.push(reasons::UNKNOWN_UNIT);
        }
        unit.map(|unit| unit.name.clone())
    }

    fn note(&mut self, address: Option<&PostalAddress>) -> Option<String> {
        let note = address?.note.as_ref().filter(|note| !note.trim().is_empty())?;
        if tells_the_content(note, self.snapshot) {
            self.flags.push(reasons::NOTE_DROPPED);
            return None;
        }
        Some(note.clone())
    }
}

fn tells_the_content(note: &str, snapshot: &Snapshot) -> bool {
    let note = text::normalise(note).to_lowercase();
    let dossier = &snapshot.dossier;
    let results = dossier.results.iter().flatten().map(|result| &result.name);
    [&dossier.procedure_name, &dossier.subject]
        .into_iter()
        .chain(results)
        .map(|name| text::normalise(name).to_lowercase())
        .any(|name| !name.is_empty() && note.contains(&name))
}

fn nobody() -> Party {
    Party {
        name: String::new(),
        phone: String::new(),
        address: String::new(),
        email: None,
        province_code: UnitCode::new(""),
        district_code: None,
        commune_code: UnitCode::new(""),
        commune_name: None,
    }
}

/// Whether two orders say the same; the moment they were written at and the label do not count.
pub(super) fn says_the_same(one: &Order, other: &Order) -> bool {
    one.from == other.from && one.to == other.to && one.cash == other.cash && one.note == other.note
}

/// The code behind a refusal that only configuration can cure.
pub(super) fn lacks_profile(reason: &Reason) -> bool {
    reason.code == ReasonCode::known(gateway::NO_AGENCY_PROFILE)
}
