//! What page and API ask for of the figures of Decision 766/QĐ-TTg, and the counts that are brought in.

use super::{Desk, Trouble, Weight, days};
use crate::admin::Health;
use crate::journal::report::FigureList;
use crate::users::Actor;
use crate::views::figures::Intake;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use lienthong_core::figures::{Period, Reported, reported};
use lienthong_core::ids::AgencyCode;
use serde::Deserialize;

/// Lines of a list in a file.
pub(crate) const IN_A_FILE: usize = 50_000;

/// Problems of a list of counts that are named.
const NAMED: usize = 10;

/// Which figures are asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    pub(crate) agency: Option<String>,
    pub(crate) period: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) list: Option<String>,
    pub(crate) csv: Option<String>,
}

impl Wanted {
    /// The period: by its name, by its days, else this month. What stands empty in a form was not asked for.
    pub(crate) fn period(&self, now: Timestamp) -> Result<Period, Trouble> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let wrong = || {
            Trouble::input(
                "Kỳ không đọc được; viết 2026-11, 2026-Q4, 2026, hoặc chọn từ ngày – đến ngày.",
                "The period cannot be read; write 2026-11, 2026-Q4, 2026, or choose a first and a last day.",
            )
        };
        match (given(&self.from), given(&self.to), given(&self.period)) {
            (Some(from), Some(to), _) => {
                let day = |text: String| text.trim().parse::<Date>().map_err(|_no_day| wrong());
                Period::of_days(day(from)?, day(to)?).ok_or_else(wrong)
            }
            (None, None, Some(name)) => Period::read(name.trim()).ok_or_else(wrong),
            (None, None, None) => Ok(Period::month_of(now)),
            (Some(_), None, _) | (None, Some(_), _) => Err(wrong()),
        }
    }

    /// Which agencies are counted: the one that is asked for, of those that the actor sees.
    pub(crate) fn sees(&self, actor: &Actor) -> impl Fn(&str) -> bool + Send + 'static {
        let (agencies, agency) =
            (actor.agencies.clone(), self.agency.clone().filter(|code| !code.is_empty()));
        move |code: &str| agencies.has(code) && agency.as_deref().is_none_or(|wanted| wanted == code)
    }

    /// How much is gone through for it: the days of the period, at each agency that is counted.
    pub(crate) fn weight(&self, desk: &Desk, actor: &Actor, period: Period) -> Weight {
        let sees = self.sees(actor);
        let agencies = desk.settings().tables.agencies.keys().filter(|agency| sees(agency.as_str()));
        Weight::of(agencies.count(), days(period.first(), period.last()))
    }

    /// The list behind a figure.
    pub(crate) fn list(&self) -> Result<FigureList, Trouble> {
        self.list.as_deref().and_then(FigureList::from_name).ok_or_else(|| {
            let names = FigureList::ALL.map(FigureList::name).join(", ");
            let vi = format!("Hãy chọn một danh sách: {names}.");
            Trouble::input(vi, format!("Choose a list: {names}."))
        })
    }

    pub(crate) fn is_csv(&self) -> bool {
        self.csv.is_some()
    }
}

/// Whether events are taken in, as the daemon's own parts say.
pub(crate) fn intake(health: &Health) -> Intake {
    let readiness = health.readiness();
    let closed = ["broker", "journal"].into_iter().filter_map(|name| readiness.dependencies.get(name));
    let closed: Vec<_> = closed.filter(|dependency| !dependency.ready).collect();
    if closed.is_empty() {
        return Intake::Open;
    }
    Intake::Closed(closed.iter().filter_map(|dependency| dependency.since).min())
}

/// The counts of a list, if every agency of it is one that the actor sees.
pub(crate) fn counts(desk: &Desk, actor: &Actor, text: &str) -> Result<Vec<Reported>, Trouble> {
    let known =
        |agency: &AgencyCode| actor.sees(agency.as_str()) && desk.settings().tables.agency(agency).is_some();
    reported::read(text, known).map_err(|problems| {
        let named: Vec<String> = problems.iter().take(NAMED).map(ToString::to_string).collect();
        let (count, named) = (problems.len(), named.join("; "));
        Trouble::input(
            format!("Danh sách có {count} chỗ sai, chưa nhập gì: {named}"),
            format!("The list has {count} problems, nothing was imported: {named}"),
        )
    })
}

/// A file that the browser saves.
pub(crate) fn file(name: &str, text: String) -> Response {
    let as_file = format!("attachment; filename=\"{name}.csv\"");
    (
        [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, as_file),
        ],
        text,
    )
        .into_response()
}
