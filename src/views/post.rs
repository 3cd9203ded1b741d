//! Orders as a post clerk sees them: by agency and by where their parcels are, and how many there are of each.
//!
//! Persons are masked unless [`Persons::Shown`] is asked for: whoever calls has seen to the right and the audit.

use super::mask::citizen;
use crate::config::Settings;
use crate::journal::Error;
use crate::journal::report::{JournalReport, Standing, Tab};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use lienthong_core::handoff::Order;
use lienthong_core::tables::{VIETNAM, day_in_vietnam};
use lienthong_core::text::{mask_phone, mask_words};
use serde::Serialize;
use utoipa::ToSchema;

/// Days that a question covers when nobody says since when: what lies longer is found by asking for it.
pub const USUAL_DAYS: i32 = 90;

/// Days that a question may cover.
pub const MOST_DAYS: i32 = 366;

/// Orders a page.
pub const A_PAGE: usize = 50;

/// Whether persons are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Persons {
    /// As little of them as tells one item from another.
    Masked,
    /// As they stand on the label.
    Shown,
}

/// Which orders are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Where their parcels are.
    pub tab: Tab,
    /// Of this agency only.
    pub agency: Option<String>,
    /// Only what has stood there since this day.
    pub day: Option<Date>,
    /// Planned on this day at the earliest.
    pub from: Date,
    /// Planned on this day at the latest.
    pub to: Date,
    /// Which page, from 1.
    pub page: usize,
}

impl Question {
    /// The usual one: the last [`USUAL_DAYS`] days.
    pub fn new(tab: Tab, now: Timestamp) -> Self {
        let to = day_in_vietnam(now);
        Self { tab, agency: None, day: None, from: days_before(to, USUAL_DAYS), to, page: 1 }
    }

    /// The same with days that a person named: an end alone means the usual days before it, and none covers more than
    /// [`MOST_DAYS`].
    #[must_use]
    pub fn between(mut self, from: Option<Date>, to: Option<Date>) -> Self {
        self.to = to.unwrap_or(self.to);
        let earliest = days_before(self.to, MOST_DAYS);
        self.from = from.unwrap_or_else(|| days_before(self.to, USUAL_DAYS)).max(earliest);
        self
    }
}

fn days_before(day: Date, days: i32) -> Date {
    day.checked_sub(days.days()).unwrap_or(Date::MIN)
}

/// Orders in one place, and how many there are in each.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrdersView {
    /// Which place.
    pub tab: Tab,
    /// Of this agency only.
    pub agency: Option<String>,
    /// Only what has stood there since this day.
    pub day: Option<Date>,
    /// Planned on this day at the earliest.
    pub from: Date,
    /// Planned on this day at the latest.
    pub to: Date,
    /// How things stood then.
    pub as_of: Timestamp,
    /// Whether persons are shown.
    pub persons: Persons,
    /// How many orders of the period are in each place.
    pub places: Vec<PlaceCount>,
    /// How many are asked for.
    pub total: usize,
    /// Which page of them this is, from 1.
    pub page: usize,
    /// How many pages there are.
    pub pages: usize,
    /// The orders of the page: what has waited longest first; of what was delivered, the newest first.
    pub orders: Vec<OrderView>,
    /// Each agency's orders of the period.
    pub agencies: Vec<AgencyTally>,
}

/// How many orders are in a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlaceCount {
    /// The place.
    pub tab: Tab,
    /// How many.
    pub count: usize,
}

/// What the post did for an agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgencyTally {
    /// The agency.
    pub agency: String,
    /// Its name, as configured.
    pub name: String,
    /// Papers that the post brought from citizens to the desk.
    pub received: usize,
    /// Papers and results that the post brought from the desk to citizens or other agencies.
    pub returned: usize,
    /// Registered, and not yet in the post's hands.
    pub unsent: usize,
}

/// An order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderView {
    /// Its place in the list, from 1.
    pub n: usize,
    /// Its dossier.
    pub dossier: String,
    /// Its agency.
    pub agency: String,
    /// Our number.
    pub order: String,
    /// Waybill, once known.
    pub waybill: Option<String>,
    /// `GOM`, `TRA`, `HOAN` or `CHUYEN`.
    pub leg: String,
    /// Where it is, in the words of the tracking; of an order that the post has not reported on, that of its handoff.
    pub state: String,
    /// Since when.
    pub since: Timestamp,
    /// When it was planned.
    pub planned_at: Timestamp,
    /// Why it is not sent.
    pub code: Option<String>,
    /// The citizen at its other end; `None` when that has been erased.
    pub person: Option<PersonView>,
    /// What the postman collects, in đồng; `None` when that has been erased.
    pub cash: Option<u64>,
    /// `collected` or `settled`, as the post reports.
    pub cashed: Option<String>,
    /// Since when.
    pub cashed_at: Option<Timestamp>,
}

/// Somebody who sends or receives papers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonView {
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// Address.
    pub address: String,
}

impl PersonView {
    fn of(order: &Order, persons: Persons) -> Self {
        let party = citizen(order);
        let commune = party.commune_name.iter().map(|name| format!(", {name}"));
        let whole = Self {
            name: party.name.clone(),
            phone: party.phone.clone(),
            address: std::iter::once(party.address.clone()).chain(commune).collect(),
        };
        match persons {
            Persons::Shown => whole,
            Persons::Masked => Self {
                name: mask_words(&whole.name),
                phone: mask_phone(&whole.phone),
                address: mask_words(&whole.address),
            },
        }
    }
}

/// The orders that are asked for, of agencies that `sees` allows.
///
/// # Errors
/// When the store fails.
pub fn orders(
    report: &JournalReport,
    settings: &Settings,
    question: &Question,
    sees: impl Fn(&str) -> bool,
    persons: Persons,
    now: Timestamp,
) -> Result<OrdersView, Error> {
    let found = Orders::of(report, settings, question, sees)?;
    let pages = found.chosen.len().div_ceil(A_PAGE).max(1);
    let page = question.page.clamp(1, pages);
    let first = (page - 1) * A_PAGE;
    let on_page = found.chosen.iter().enumerate().skip(first).take(A_PAGE);
    let orders =
        on_page.map(|(n, standing)| order(report, n + 1, standing, persons)).collect::<Result<_, _>>()?;
    Ok(OrdersView {
        tab: question.tab,
        agency: question.agency.clone(),
        day: question.day,
        from: question.from,
        to: question.to,
        as_of: now,
        persons,
        places: found.places,
        total: found.chosen.len(),
        page,
        pages,
        orders,
        agencies: found.agencies,
    })
}

/// Orders before any of them is read whole.
pub(super) struct Orders {
    pub(super) chosen: Vec<Standing>,
    places: Vec<PlaceCount>,
    agencies: Vec<AgencyTally>,
}

impl Orders {
    pub(super) fn of(
        report: &JournalReport,
        settings: &Settings,
        question: &Question,
        sees: impl Fn(&str) -> bool,
    ) -> Result<Self, Error> {
        let (from, to) = (midnight(question.from), midnight(question.to.saturating_add(1.day())));
        let (mut chosen, mut agencies) = (Vec::new(), Vec::new());
        let mut places = Tab::ALL.map(|tab| PlaceCount { tab, count: 0 });
        let asked = |agency: &String| question.agency.as_ref().is_none_or(|asked| asked == agency);
        for agency in report.order_agencies()?.into_iter().filter(|agency| sees(agency)).filter(asked) {
            let standings = report.standings(&agency, from, to)?;
            for place in &mut places {
                place.count += standings.iter().filter(|standing| standing.tab == place.tab).count();
            }
            agencies.push(AgencyTally::of(&agency, agency_name(settings, &agency), &standings));
            chosen.extend(standings.into_iter().filter(|standing| is_asked_for(standing, question)));
        }
        chosen.sort_by_key(|standing| (standing.since, standing.row));
        if question.tab == Tab::Delivered {
            chosen.reverse();
        }
        Ok(Self { chosen, places: places.to_vec(), agencies })
    }
}

impl AgencyTally {
    fn of(agency: &str, name: String, standings: &[Standing]) -> Self {
        let count =
            |counted: fn(&Standing) -> bool| standings.iter().filter(|standing| counted(standing)).count();
        Self {
            agency: agency.to_owned(),
            name,
            received: count(|standing| standing.tab == Tab::Delivered && standing.is_pickup),
            returned: count(|standing| standing.tab == Tab::Delivered && !standing.is_pickup),
            unsent: count(|standing| matches!(standing.tab, Tab::Unsent | Tab::Collect | Tab::Desk)),
        }
    }
}

fn is_asked_for(standing: &Standing, question: &Question) -> bool {
    standing.tab == question.tab && question.day.is_none_or(|day| day_in_vietnam(standing.since) == day)
}

fn midnight(day: Date) -> Timestamp {
    VIETNAM.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
}

/// An agency's name as configured, else its code.
pub(crate) fn agency_name(settings: &Settings, code: &str) -> String {
    let agency = settings.tables.agencies.values().find(|agency| agency.code.as_str() == code);
    agency.map_or_else(|| code.to_owned(), |agency| agency.name.clone())
}

/// An order, whole.
pub(super) fn order(
    report: &JournalReport,
    n: usize,
    standing: &Standing,
    persons: Persons,
) -> Result<OrderView, Error> {
    let row = report.order(standing.row)?;
    let said = report.order_said(standing.row)?;
    let state = match (standing.tab, row.tracked) {
        (Tab::Unsent, _) | (_, None) => row.state.clone(),
        (_, Some(tracked)) => tracked,
    };
    Ok(OrderView {
        n,
        person: said.as_ref().map(|order| PersonView::of(order, persons)),
        cash: row.cash.or_else(|| said.as_ref().map(|order| order.cash)),
        state,
        since: standing.since,
        dossier: row.dossier,
        agency: row.agency,
        order: row.number,
        waybill: row.waybill,
        leg: row.leg,
        planned_at: row.planned_at,
        code: row.code.filter(|_| standing.tab == Tab::Unsent),
        cashed: row.cashed,
        cashed_at: row.cashed_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_question_covers_the_usual_days_or_what_a_person_named_and_never_more_than_a_year() {
        // Seven in the morning of the 16th in Việt Nam.
        let now = "2022-09-16T00:00:00Z".parse().unwrap();
        let check = |from, to, expected| {
            let question = Question::new(Tab::Desk, now).between(from, to);
            assert_eq!((question.from, question.to), expected);
        };
        check(None, None, (date(2022, 6, 18), date(2022, 9, 16)));
        check(None, Some(date(2022, 4, 10)), (date(2022, 1, 10), date(2022, 4, 10)));
        check(Some(date(2022, 9, 1)), None, (date(2022, 9, 1), date(2022, 9, 16)));
        check(Some(date(2001, 1, 1)), None, (date(2021, 9, 15), date(2022, 9, 16)));
    }

    #[test]
    fn an_agency_is_told_what_the_post_received_returned_and_has_not_got() {
        let standing = |tab, is_pickup| Standing { row: 1, tab, since: Timestamp::UNIX_EPOCH, is_pickup };
        let standings = [
            standing(Tab::Delivered, true),
            standing(Tab::Delivered, false),
            standing(Tab::Delivered, false),
            standing(Tab::Unsent, false),
            standing(Tab::Desk, false),
            standing(Tab::Collect, true),
            standing(Tab::Moving, false),
            standing(Tab::Returned, false),
        ];
        let tally = AgencyTally::of("H11.01.07", "UBND xã".to_owned(), &standings);
        assert_eq!((tally.received, tally.returned, tally.unsent), (1, 2, 3));
    }

    #[test]
    fn a_day_is_one_of_viet_nam() {
        let at = |at: &str| Standing { row: 1, tab: Tab::Desk, since: at.parse().unwrap(), is_pickup: false };
        let question = |day| Question { day, ..Question::new(Tab::Desk, Timestamp::UNIX_EPOCH) };
        let day = Some(date(2022, 9, 16));
        assert!(is_asked_for(&at("2022-09-15T17:00:00Z"), &question(day)));
        assert!(!is_asked_for(&at("2022-09-15T16:59:59Z"), &question(day)));
        assert!(!is_asked_for(&at("2022-09-16T17:00:00Z"), &question(day)));
        assert!(is_asked_for(&at("2022-09-16T17:00:00Z"), &question(None)));
    }
}
