//! The dossiers and orders behind the figures: which they are, why, and who must act.

use super::super::Error;
use super::figures::{Asked, DossierFacts, OrderFacts};
use super::{JournalReport, optional_time};
use jiff::Timestamp;
use lienthong_core::figures::{Parcel, Standing, Who};
use rusqlite::OptionalExtension;
use serde::Serialize;

/// A list behind a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureList {
    /// Ended late.
    Late,
    /// Not ended, and late.
    Overdue,
    /// Not ended, and the promised date is near.
    AtRisk,
    /// Without a promised date.
    Undated,
    /// Returned without 9.
    WithoutDone,
    /// Asked for supplements more than once.
    AskedAgain,
    /// Done, to go back by post, and no order.
    WithoutOrder,
    /// Orders not collected for too long.
    Left,
    /// Orders not delivered at the door.
    Failed,
    /// Orders on the way back, or back.
    Returned,
}

impl FigureList {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Late,
        Self::Overdue,
        Self::AtRisk,
        Self::Undated,
        Self::WithoutDone,
        Self::AskedAgain,
        Self::WithoutOrder,
        Self::Left,
        Self::Failed,
        Self::Returned,
    ];

    /// Its name in commands and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Overdue => "overdue",
            Self::AtRisk => "at-risk",
            Self::Undated => "undated",
            Self::WithoutDone => "without-9",
            Self::AskedAgain => "asked-again",
            Self::WithoutOrder => "without-order",
            Self::Left => "not-collected",
            Self::Failed => "failed",
            Self::Returned => "returned",
        }
    }

    /// The list of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.name() == name)
    }

    /// Who must act on what stands in it.
    pub fn who(self) -> Who {
        match self {
            Self::Late
            | Self::Overdue
            | Self::AtRisk
            | Self::Undated
            | Self::WithoutDone
            | Self::AskedAgain
            | Self::WithoutOrder
            | Self::Returned => Who::Desk,
            Self::Left | Self::Failed => Who::Post,
        }
    }
}

/// A dossier or order behind a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FigureLine {
    /// Code of the dossier.
    pub dossier: String,
    /// Agency that received it.
    pub agency: String,
    /// Accepted at the desk.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub received_at: Option<Timestamp>,
    /// Promised for.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// The newest status that the desk reported until the end of the period.
    pub status: Option<u8>,
    /// Since when: that status, or what the post reported last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Number of the order concerned.
    pub order: Option<String>,
    /// Where its parcel is, as the post last reported.
    pub tracking: Option<&'static str>,
    /// Reason code of an order that stopped.
    pub code: Option<String>,
    /// `desk`, `ops`, `post` or `nobody`.
    pub who: &'static str,
}

impl JournalReport {
    /// The dossiers or orders behind a figure, agency by agency; the answer says whether there are more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn figure_list(
        &self,
        agencies: &[&str],
        asked: &Asked,
        list: FigureList,
        most: usize,
    ) -> Result<(Vec<FigureLine>, bool), Error> {
        let mut kept = Kept { lines: Vec::new(), most, more: false };
        match list {
            FigureList::AtRisk => self.each_at_risk(agencies, asked, |dossier| {
                kept.keep(|| Ok(dossier_line(dossier, asked.now, list)))
            })?,
            FigureList::Left | FigureList::Failed | FigureList::Returned => {
                kept.of_each(agencies, |agency, kept| self.listed_orders(agency, asked, list, kept))?;
            }
            FigureList::WithoutOrder
            | FigureList::Late
            | FigureList::Overdue
            | FigureList::Undated
            | FigureList::WithoutDone
            | FigureList::AskedAgain => {
                kept.of_each(agencies, |agency, kept| self.listed_dossiers(agency, asked, list, kept))?;
            }
        }
        Ok((kept.lines, kept.more))
    }

    fn listed_orders(
        &self,
        agency: &str,
        asked: &Asked,
        list: FigureList,
        kept: &mut Kept,
    ) -> Result<(), Error> {
        self.each_order(agency, asked.period, |order| {
            let wanted = has(list, &order.parcel, asked);
            if wanted { kept.keep(|| self.order_line(agency, order, list)) } else { Ok(true) }
        })
    }

    fn listed_dossiers(
        &self,
        agency: &str,
        asked: &Asked,
        list: FigureList,
        kept: &mut Kept,
    ) -> Result<(), Error> {
        let cut = asked.cut();
        self.each_received(agency, asked, |dossier| {
            if list == FigureList::WithoutOrder && dossier.counted(cut).lacks_order() {
                return kept.keep(|| self.without_order(dossier_line(dossier, asked.now, list), dossier));
            }
            if is_in(list, dossier, cut) {
                kept.keep(|| Ok(dossier_line(dossier, cut, list)))
            } else {
                Ok(true)
            }
        })
    }

    fn order_line(&self, agency: &str, order: &OrderFacts, list: FigureList) -> Result<FigureLine, Error> {
        let mut key = self.connection.prepare_cached("SELECT key FROM dossier WHERE id = ?1")?;
        Ok(FigureLine {
            dossier: key.query_row([order.dossier], |row| row.get(0))?,
            agency: agency.to_owned(),
            received_at: None,
            due_at: None,
            status: None,
            since: order.tracked_at.or(Some(order.parcel.taken_at)),
            order: Some(order.number.clone()),
            tracking: order.parcel.tracked.map(lienthong_core::tracking::TrackingState::name),
            code: None,
            who: list.who().name(),
        })
    }

    /// The line with the order that stopped, if there is one.
    fn without_order(&self, line: FigureLine, dossier: &DossierFacts) -> Result<FigureLine, Error> {
        let stopped = self
            .connection
            .prepare_cached(
                "SELECT number, code, state = 'dead' AND field IS NULL, dead_at FROM handoff INDEXED BY handoff_dossier
                 WHERE dossier = ?1 AND kind = 'post.order' AND leg = 'TRA' AND state IN ('dead', 'held', 'dismissed')
                 ORDER BY id DESC LIMIT 1",
            )?
            .query_row([dossier.id], |row| {
                let who = if row.get(2)? { Who::Ops } else { Who::Desk };
                let since = optional_time(row, 3)?.or(line.since);
                Ok(FigureLine { order: row.get(0)?, code: row.get(1)?, who: who.name(), since, ..line.clone() })
            })
            .optional()?;
        // Without any order nobody ordered: the agency has no account at the post, or orders elsewhere.
        Ok(stopped.unwrap_or(FigureLine { who: Who::Ops.name(), ..line }))
    }
}

/// Lines that are kept, up to a bound.
struct Kept {
    lines: Vec<FigureLine>,
    most: usize,
    more: bool,
}

impl Kept {
    /// Looks at the agencies in turn, until there is more than is kept.
    fn of_each(
        &mut self,
        agencies: &[&str],
        mut look: impl FnMut(&str, &mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        agencies.iter().try_for_each(|agency| if self.more { Ok(()) } else { look(agency, self) })
    }

    /// Keeps one more, if there is room; says whether to go on.
    fn keep(&mut self, line: impl FnOnce() -> Result<FigureLine, Error>) -> Result<bool, Error> {
        if self.lines.len() == self.most {
            self.more = true;
            return Ok(false);
        }
        self.lines.push(line()?);
        Ok(true)
    }
}

fn has(list: FigureList, parcel: &Parcel, asked: &Asked) -> bool {
    match list {
        FigureList::Left => parcel.is_left_since(asked.left_since),
        FigureList::Failed => parcel.has_failed(),
        FigureList::Returned => parcel.is_coming_back(),
        FigureList::Late
        | FigureList::Overdue
        | FigureList::AtRisk
        | FigureList::Undated
        | FigureList::WithoutDone
        | FigureList::AskedAgain
        | FigureList::WithoutOrder => false,
    }
}

fn is_in(list: FigureList, dossier: &DossierFacts, cut: Timestamp) -> bool {
    let life = dossier.counted(cut).life;
    match list {
        FigureList::Late => life.standing(cut) == Standing::Late,
        FigureList::Overdue => life.standing(cut) == Standing::Overdue,
        FigureList::Undated => life.standing(cut) == Standing::Undated,
        FigureList::WithoutDone => life.is_returned_without_done(),
        FigureList::AskedAgain => life.supplements() > 1,
        FigureList::AtRisk
        | FigureList::WithoutOrder
        | FigureList::Left
        | FigureList::Failed
        | FigureList::Returned => false,
    }
}

fn dossier_line(dossier: &DossierFacts, cut: Timestamp, list: FigureList) -> FigureLine {
    let last = dossier.counted(cut).life.steps.last().copied();
    FigureLine {
        dossier: dossier.key.clone(),
        agency: dossier.agency.clone(),
        received_at: Some(dossier.received_at()),
        due_at: dossier.due_at(),
        status: last.map(|step| step.status.code()),
        since: last.map(|step| step.at),
        order: None,
        tracking: None,
        code: None,
        who: list.who().name(),
    }
}
