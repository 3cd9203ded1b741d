//! The lists behind the figures, with the reason in words.

use super::said;
use super::{PeriodShown, asked};
use crate::config::Settings;
use crate::journal::Error;
use crate::journal::report::{FigureLine, FigureList, JournalReport, MissingLine};
use jiff::Timestamp;
use lienthong_core::figures::{Missing, Period, Who};
use lienthong_core::ids::AgencyCode;
use serde::Serialize;
use utoipa::ToSchema;

/// How many dossiers of a period are missing for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reason {
    /// Why.
    pub why: &'static str,
    /// In Vietnamese.
    pub meaning: &'static str,
    /// Who must act.
    pub who: &'static str,
    /// How many of those shown.
    pub count: usize,
}

/// The dossiers whose record the portal has not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingShown {
    /// The period.
    pub period: PeriodShown,
    /// As of when.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// The lines by reason.
    pub reasons: Vec<Reason>,
    /// The lines, agency by agency.
    pub lines: Vec<MissingLine>,
    /// There are more than are shown.
    pub more: bool,
}

/// A list behind a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FigureListShown {
    /// The period.
    pub period: PeriodShown,
    /// As of when.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Which list.
    pub list: &'static str,
    /// In Vietnamese.
    pub meaning: &'static str,
    /// The lines, agency by agency.
    pub lines: Vec<FigureLine>,
    /// There are more than are shown.
    pub more: bool,
}

/// The missing dossiers of the agencies that `sees` names, so many at most.
///
/// # Errors
/// When the store fails.
pub fn missing(
    report: &JournalReport,
    settings: &Settings,
    sees: impl Fn(&str) -> bool,
    (period, most): (Period, usize),
    now: Timestamp,
) -> Result<MissingShown, Error> {
    let asked = asked(settings, period, now);
    report.at_one_moment(|| {
        let (mut lines, mut more) = (Vec::new(), false);
        for agency in settings.tables.agencies.keys().filter(|agency| sees(agency.as_str())) {
            let left = most.saturating_sub(lines.len());
            let page = report.missing(agency.as_str(), &asked, &settings.tables, left)?;
            lines.extend(page.lines);
            more |= page.more;
            if more {
                break;
            }
        }
        let (period, as_of) = (PeriodShown::of(period), now);
        Ok(MissingShown { period, as_of, reasons: reasons(&lines), lines, more })
    })
}

/// A list behind a figure, of the agencies that `sees` names, so many lines at most.
///
/// # Errors
/// When the store fails.
pub fn list(
    report: &JournalReport,
    settings: &Settings,
    sees: impl Fn(&str) -> bool,
    (period, list, most): (Period, FigureList, usize),
    now: Timestamp,
) -> Result<FigureListShown, Error> {
    let asked = asked(settings, period, now);
    report.at_one_moment(|| {
        let agencies: Vec<&str> =
            settings.tables.agencies.keys().map(AgencyCode::as_str).filter(|agency| sees(agency)).collect();
        let (lines, more) = report.figure_list(&agencies, &asked, list, most)?;
        let (period, meaning) = (PeriodShown::of(period), said::list(list).0);
        Ok(FigureListShown { period, as_of: now, list: list.name(), meaning, lines, more })
    })
}

fn reasons(lines: &[MissingLine]) -> Vec<Reason> {
    let counted = Missing::ALL.into_iter().map(|missing| Reason {
        why: missing.name(),
        meaning: said::why(missing).0,
        who: missing.who().name(),
        count: lines.iter().filter(|line| line.why == missing.name()).count(),
    });
    counted.filter(|reason| reason.count > 0).collect()
}

impl MissingLine {
    /// Why, in both languages.
    pub(crate) fn why_said(&self) -> said::Said {
        let missing = Missing::ALL.into_iter().find(|missing| missing.name() == self.why);
        missing.map_or(("", ""), said::why)
    }

    /// Who must act, in both languages.
    pub(crate) fn who_said(&self) -> said::Said {
        who_said(self.who)
    }
}

impl FigureLine {
    /// Who must act, in both languages.
    pub(crate) fn who_said(&self) -> said::Said {
        who_said(self.who)
    }
}

fn who_said(name: &str) -> said::Said {
    let who = [Who::Nobody, Who::Desk, Who::Ops, Who::Post].into_iter().find(|who| who.name() == name);
    who.map_or(("", ""), said::who)
}
