//! Which figures a page or a program asks for.

use crate::journal::report::FigureList;
use crate::page::Trouble;
use crate::users::Actor;
use jiff::Timestamp;
use jiff::civil::Date;
use lienthong_core::figures::Period;
use serde::Deserialize;

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

    /// The list behind a figure.
    pub(crate) fn list(&self) -> Result<FigureList, Trouble> {
        self.list.as_deref().and_then(FigureList::from_name).ok_or_else(|| {
            let names = FigureList::ALL.map(FigureList::name).join(", ");
            let vi = format!("Hãy chọn một danh sách: {names}.");
            Trouble::input(vi, format!("Choose a list: {names}."))
        })
    }

    pub(super) fn is_csv(&self) -> bool {
        self.csv.is_some()
    }
}

/// What every page of the figures has: the chooser of the period, and links that keep it.
pub(super) struct Chosen {
    period: Period,
    pub(super) agency: String,
}

impl Chosen {
    pub(super) fn of(wanted: &Wanted, period: Period) -> Self {
        Self { period, agency: wanted.agency.clone().unwrap_or_default() }
    }

    pub(super) fn name(&self) -> String {
        self.period.name().unwrap_or_default()
    }

    /// First and last day, where the period has no name.
    pub(super) fn days(&self) -> Option<(String, String)> {
        let days = (self.period.first().to_string(), self.period.last().to_string());
        self.period.name().is_none().then_some(days)
    }

    /// The query that asks for the same period; of one agency where it is named.
    pub(super) fn query(&self, agency: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        match self.days() {
            Some((from, to)) => query.append_pair("from", &from).append_pair("to", &to),
            None => query.append_pair("period", &self.name()),
        };
        let agency = agency.unwrap_or(&self.agency);
        if !agency.is_empty() {
            query.append_pair("agency", agency);
        }
        query.finish()
    }
}
