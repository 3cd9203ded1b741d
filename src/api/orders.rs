//! Postal orders by where their parcels are, and the slip with which they are handed over.

use super::Problem;
use crate::clock;
use crate::journal::report::Tab;
use crate::page::{Desk, Trouble, no_slip, why};
use crate::users::{Actor, Right};
use crate::views::post::{self, OrderView, OrdersView, Persons, Question};
use crate::views::slip::{self as slips, SlipView};
use axum::extract::{Extension, Query, State};
use axum::response::Json;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// Which orders.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Where their parcels are; else `desk`.
    #[serde(default = "usual")]
    state: Tab,
    /// Of this agency only.
    agency: Option<String>,
    /// Only what has stood there since this day.
    day: Option<Date>,
    /// Planned on this day at the earliest; else 90 days before the last, and 366 at most.
    from: Option<Date>,
    /// Planned on this day at the latest; else today.
    to: Option<Date>,
    /// Which page of 50, from 1.
    page: Option<usize>,
}

fn usual() -> Tab {
    Tab::Desk
}

impl Wanted {
    fn question(self, now: Timestamp) -> Question {
        Question {
            agency: self.agency,
            day: self.day,
            page: self.page.unwrap_or(1),
            ..Question::new(self.state, now).between(self.from, self.to)
        }
    }
}

/// Which orders, and why their persons must be seen.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Reasoned {
    /// Which orders.
    orders: Wanted,
    /// Stands in the audit for ever: no citizen's name in it.
    reason: String,
}

/// Orders by where their parcels are, persons masked; of one's own agencies
#[utoipa::path(get, path = "/orders", tag = "orders", params(Wanted),
    responses((status = 200, body = OrdersView), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn orders(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<OrdersView>, Trouble> {
    actor.need(Right::See)?;
    let now = clock::now();
    read(&desk, &actor, wanted.question(now), Persons::Masked, now).await.map(Json)
}

/// The same with persons; that stands in the audit of each dossier
#[utoipa::path(post, path = "/orders/persons", tag = "orders", request_body = Reasoned,
    responses((status = 200, body = OrdersView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn persons(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Json(asked): Json<Reasoned>,
) -> Result<Json<OrdersView>, Trouble> {
    actor.need(Right::SeePersons)?;
    let (reason, now) = (why(&asked.reason)?, clock::now());
    let seen = read(&desk, &actor, asked.orders.question(now), Persons::Shown, now).await?;
    note(&desk, &actor, format!("orders {}", seen.tab.name()), &seen.orders, reason, now).await?;
    Ok(Json(seen))
}

/// The hand-over slip of one agency, with persons; that stands in the audit of each dossier
#[utoipa::path(post, path = "/orders/slip", tag = "orders", request_body = Reasoned,
    responses((status = 200, body = SlipView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn slip(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Json(asked): Json<Reasoned>,
) -> Result<Json<SlipView>, Trouble> {
    actor.need(Right::SeePersons)?;
    let (reason, now) = (why(&asked.reason)?, clock::now());
    let question = asked.orders.question(now);
    let (around, by) = (desk.clone(), actor.clone());
    let made = desk.report(move |report| {
        slips::slip(report, around.settings(), &question, |agency| by.sees(agency), &by.name, now)
    });
    let seen = made.await?.map_err(no_slip)?;
    note(&desk, &actor, format!("slip {}", seen.tab.name()), &seen.items, reason, now).await?;
    Ok(Json(seen))
}

async fn read(
    desk: &Desk,
    actor: &Actor,
    question: Question,
    persons: Persons,
    now: Timestamp,
) -> Result<OrdersView, Trouble> {
    let (around, actor) = (desk.clone(), actor.clone());
    let sees = move |agency: &str| actor.sees(agency);
    desk.report(move |report| post::orders(report, around.settings(), &question, sees, persons, now)).await
}

/// Whose persons were seen stands in the audit, dossier by dossier.
async fn note(
    desk: &Desk,
    actor: &Actor,
    subject: String,
    orders: &[OrderView],
    reason: String,
    now: Timestamp,
) -> Result<(), Trouble> {
    let dossiers: BTreeSet<String> = orders.iter().map(|order| order.dossier.clone()).collect();
    let noted = desk.act(actor, Right::SeePersons, move |journal| {
        journal.unmasked_all(&subject, &dossiers, &reason, now)
    });
    noted.await
}
