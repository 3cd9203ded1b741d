//! What a partner may have, with all that is needed to ask them: for an order, what the post office wants to hear on
//! the telephone.

use super::advice::{Advice, advice};
use super::letters::{group_of, sentences};
use crate::config::Settings;
use crate::journal::Error;
use crate::journal::report::{HandoffLine, JournalReport};
use crate::partners::Partners;
use crate::users::Agencies;
use jiff::Timestamp;
use lienthong_core::handoff::{Content, Leg, Order, Party};
use lienthong_core::ids::AccountName;
use lienthong_core::text::{mask_phone, mask_words};
use serde::Serialize;
use utoipa::ToSchema;

/// A handoff that a partner may have.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UncertainHandoff {
    /// The handoff, with its attempts.
    pub handoff: HandoffLine,
    /// Why nobody knows, in Vietnamese.
    pub vi: Option<&'static str>,
    /// The same in English.
    pub en: Option<&'static str>,
    /// What to do.
    pub advice: Option<Advice>,
    /// Whether a person is waited for; else the gateway still finds out by itself.
    pub needs_a_person: bool,
    /// When it was sent first.
    pub first_sent: Option<Timestamp>,
    /// When it was sent last.
    pub last_sent: Option<Timestamp>,
    /// What to tell the post office; `None` of other handoffs, and where it is erased.
    pub parcel: Option<Parcel>,
}

/// What the post office wants to hear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Parcel {
    /// The sender's number at the post (mã khách hàng).
    pub customer_code: Option<String>,
    /// Our number of the order.
    pub number: String,
    /// Leg.
    pub leg: String,
    /// Dossier or slip that stands on the label.
    pub label: String,
    /// Where it is collected.
    pub from: End,
    /// Where it goes.
    pub to: End,
    /// Cash to collect, in đồng.
    pub cash: u64,
}

/// One end of an order; name, phone and address masked unless persons were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct End {
    /// Name on the label.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// Street address.
    pub address: String,
    /// Commune, by its name or else its code.
    pub commune: String,
    /// It is the desk's own end.
    pub desk: bool,
}

/// What partners may have, oldest first; `personal`: with persons.
///
/// # Errors
/// When the store fails.
pub fn uncertain(
    report: &JournalReport,
    settings: &Settings,
    partners: &Partners,
    (limit, personal): (usize, bool),
    agencies: &Agencies,
) -> Result<Vec<UncertainHandoff>, Error> {
    let lines = report.uncertain(limit, agencies)?;
    lines.into_iter().map(|line| shown(report, settings, partners, line, personal)).collect()
}

fn shown(
    report: &JournalReport,
    settings: &Settings,
    partners: &Partners,
    line: HandoffLine,
    personal: bool,
) -> Result<UncertainHandoff, Error> {
    let handoff = report.handoff(&line.handoff)?.unwrap_or(line);
    let (vi, en) = sentences(partners, handoff.code.as_deref());
    let class = group_of(&handoff).map(|(_, class)| class.name());
    let (content, _said) = report.handoff_payload(&handoff.handoff)?;
    let account = settings.accounts.get(&AccountName::new(handoff.account.as_str()));
    let customer_code = account.and_then(|account| account.customer_code()).map(str::to_owned);
    let parcel = match content.map(serde_json::from_value) {
        Some(Ok(Content::Order(order))) => Some(parcel(&order, customer_code, personal)),
        // No order, or written by another program.
        Some(Ok(_) | Err(_)) | None => None,
    };
    Ok(UncertainHandoff {
        vi,
        en,
        advice: class.map(|class| advice(&handoff.kind, class, handoff.field.is_some())),
        needs_a_person: handoff.state != "uncertain",
        first_sent: handoff.tries.first().map(|attempt| attempt.started_at),
        last_sent: handoff.tries.last().map(|attempt| attempt.started_at),
        parcel,
        handoff,
    })
}

fn parcel(order: &Order, customer_code: Option<String>, personal: bool) -> Parcel {
    let end = |party: &Party, desk: bool| {
        let commune = party.commune_name.clone();
        End {
            name: if personal { party.name.clone() } else { mask_words(&party.name) },
            phone: if personal { party.phone.clone() } else { mask_phone(&party.phone) },
            address: if personal { party.address.clone() } else { mask_words(&party.address) },
            commune: commune.unwrap_or_else(|| party.commune_code.as_str().to_owned()),
            desk,
        }
    };
    let collected = order.leg == Leg::Pickup;
    Parcel {
        customer_code,
        number: order.number.as_str().to_owned(),
        leg: order.leg.name().to_owned(),
        label: order.label.clone(),
        from: end(&order.from, !collected),
        to: end(&order.to, collected),
        cash: order.cash,
    }
}
