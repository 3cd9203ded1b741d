//! The figures of Decision 766/QĐ-TTg.

use super::Problem;
use crate::acts::figures::{IN_A_FILE, Wanted, counts, file, intake};
use crate::acts::reason;
use crate::acts::{Desk, Trouble};
use crate::clock;
use crate::journal::command::Brought;
use crate::users::{Actor, Right};
use crate::views::figures::{self, FigureListShown, Figures, MissingShown};
use axum::extract::{Extension, Query, State};
use axum::response::{Json, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Lines of a list, where none are asked for.
const LINES: usize = 1000;

/// Which figures.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// One agency; else all that one sees, and their sum.
    agency: Option<String>,
    /// `2026-11`, `2026-Q4`, `2026`; else this month.
    period: Option<String>,
    /// First day, with `to` in place of `period`.
    from: Option<String>,
    /// Last day.
    to: Option<String>,
    /// Lines of a list at most, 50000.
    limit: Option<usize>,
    /// Which list, such as `late`.
    list: Option<String>,
}

impl Asked {
    fn most(&self) -> usize {
        self.limit.unwrap_or(LINES).min(IN_A_FILE)
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            agency: self.agency.clone(),
            period: self.period.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            list: self.list.clone(),
            ..Wanted::default()
        }
    }
}

async fn figures_of(desk: Desk, actor: &Actor, asked: &Asked) -> Result<Figures, Trouble> {
    actor.need(Right::See)?;
    let (now, wanted) = (clock::now(), asked.wanted());
    let (period, sees, intake, settings) =
        (wanted.period(now)?, wanted.sees(actor), intake(desk.health()), desk.clone());
    let weight = wanted.weight(&desk, actor, period);
    desk.read(weight, move |report| {
        figures::figures(report, settings.settings(), sees, (period, intake), now)
    })
    .await
}

async fn missing_of(desk: Desk, actor: &Actor, asked: &Asked) -> Result<MissingShown, Trouble> {
    actor.need(Right::See)?;
    let (now, wanted, most) = (clock::now(), asked.wanted(), asked.most());
    let (period, sees, settings) = (wanted.period(now)?, wanted.sees(actor), desk.clone());
    let weight = wanted.weight(&desk, actor, period);
    desk.read(weight, move |report| figures::missing(report, settings.settings(), sees, (period, most), now))
        .await
}

/// The figures of a period, agency by agency, and their sum
#[utoipa::path(get, path = "/figures", tag = "figures", params(Asked),
    responses((status = 200, body = Figures), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn read(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
) -> Result<Json<Figures>, Trouble> {
    figures_of(desk, &actor, &asked).await.map(Json)
}

/// The same as CSV that Excel opens
#[utoipa::path(get, path = "/figures.csv", tag = "figures", params(Asked),
    responses((status = 200, content_type = "text/csv", body = String), (status = 401, body = Problem)))]
pub(super) async fn read_csv(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let read = figures_of(desk, &actor, &asked).await?;
    Ok(file("figures", figures::figures_csv(&read)))
}

/// The dossiers that the portal has not acknowledged: why, and who must act
#[utoipa::path(get, path = "/figures/missing", tag = "figures", params(Asked),
    responses((status = 200, body = MissingShown), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn missing(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
) -> Result<Json<MissingShown>, Trouble> {
    missing_of(desk, &actor, &asked).await.map(Json)
}

/// The same as CSV that Excel opens
#[utoipa::path(get, path = "/figures/missing.csv", tag = "figures", params(Asked),
    responses((status = 200, content_type = "text/csv", body = String), (status = 401, body = Problem)))]
pub(super) async fn missing_csv(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let read = missing_of(desk, &actor, &asked).await?;
    Ok(file("missing", figures::missing_csv(&read)))
}

/// The dossiers or orders behind one figure
#[utoipa::path(get, path = "/figures/list", tag = "figures", params(Asked),
    responses((status = 200, body = FigureListShown), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn list(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
) -> Result<Json<FigureListShown>, Trouble> {
    actor.need(Right::See)?;
    let (now, wanted, most) = (clock::now(), asked.wanted(), asked.most());
    let list = wanted.list()?;
    let (period, sees, settings) = (wanted.period(now)?, wanted.sees(&actor), desk.clone());
    let weight = wanted.weight(&desk, &actor, period);
    desk.read(weight, move |report| {
        figures::list(report, settings.settings(), sees, (period, list, most), now)
    })
    .await
    .map(Json)
}

/// Counts of the national report.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Counts {
    /// CSV with the columns agency, period, received.
    csv: String,
    /// Why; the audit shows it.
    reason: String,
}

/// What an import changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Imported {
    /// Agencies and periods that had no count.
    new: usize,
    /// Those that had another, which the audit keeps.
    changed: usize,
    /// Those that had the same.
    same: usize,
}

/// Takes over how many dossiers each agency received according to the national report
#[utoipa::path(post, path = "/figures/reported", tag = "figures", request_body = Counts,
    responses((status = 200, body = Imported), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn import(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Json(given): Json<Counts>,
) -> Result<Json<Imported>, Trouble> {
    actor.need(Right::Figures)?;
    let reason = reason(&given.reason)?;
    let (counts, now) = (counts(&desk, &actor, &given.csv)?, clock::now());
    let act = move |journal: &mut crate::journal::command::CommandJournal| {
        journal.import_reported(&counts, Some(&reason), now)
    };
    let Brought { new, changed, same } = desk.act(&actor, Right::Figures, act).await?;
    Ok(Json(Imported { new, changed, same }))
}

#[cfg(test)]
mod tests;
