//! The hand-over slip (*phiếu bàn giao*): what the post and one agency give each other, to be signed by both.

use super::post::{OrderView, Orders, Persons, Question, agency_name, order};
use crate::config::Settings;
use crate::journal::Error;
use crate::journal::report::{JournalReport, Tab};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// Items of one hand-over slip: more than anybody counts and signs for at once.
pub const MOST_HANDED_OVER: usize = 500;

/// A hand-over slip: what one side gives the other, to be signed by both.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SlipView {
    /// Which place the items are in.
    pub tab: Tab,
    /// The agency that hands over, or is handed to.
    pub agency: String,
    /// Its name.
    pub agency_name: String,
    /// Only what has stood there since this day.
    pub day: Option<Date>,
    /// When the slip was made.
    pub made_at: Timestamp,
    /// Who made it.
    pub made_by: String,
    /// Its items.
    pub items: Vec<OrderView>,
    /// What the postmen are to collect for all of them, in đồng.
    pub cash: u64,
    /// Items of which it is no longer known whether cash is to be collected.
    pub cash_unknown: usize,
}

/// Why there is no slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSlip {
    /// A slip is between the post and one agency.
    WhichAgency,
    /// There is nothing to hand over.
    Nothing,
    /// There are more items than [`MOST_HANDED_OVER`].
    TooMany,
}

/// The slip for the items that are asked for. Names persons.
///
/// # Errors
/// When the store fails.
pub fn slip(
    report: &JournalReport,
    settings: &Settings,
    question: &Question,
    sees: impl Fn(&str) -> bool,
    made_by: &str,
    now: Timestamp,
) -> Result<Result<SlipView, NoSlip>, Error> {
    let Some(agency) = question.agency.clone() else { return Ok(Err(NoSlip::WhichAgency)) };
    let chosen = Orders::of(report, settings, question, sees)?.chosen;
    match chosen.len() {
        0 => return Ok(Err(NoSlip::Nothing)),
        many if many > MOST_HANDED_OVER => return Ok(Err(NoSlip::TooMany)),
        _signed_for => {}
    }
    let items = chosen.iter().enumerate();
    let items = items.map(|(n, standing)| order(report, n + 1, standing, Persons::Shown));
    let items: Vec<OrderView> = items.collect::<Result<_, _>>()?;
    Ok(Ok(SlipView {
        tab: question.tab,
        agency_name: agency_name(settings, &agency),
        agency,
        day: question.day,
        made_at: now,
        made_by: made_by.to_owned(),
        cash: items.iter().filter_map(|item| item.cash).sum(),
        cash_unknown: items.iter().filter(|item| item.cash.is_none()).count(),
        items,
    }))
}
