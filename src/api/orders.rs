//! Postal orders by where their parcels are, and the slip with which they are handed over.

use super::Problem;
use crate::acts::orders as acts;
use crate::acts::{Desk, Trouble};
use crate::clock;
use crate::journal::report::Tab;
use crate::users::Actor;
use crate::views::post::{OrdersView, Question};
use crate::views::slip::SlipView;
use axum::extract::{Extension, Query, State};
use axum::response::Json;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
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
    let now = clock::now();
    acts::listed(&desk, &actor, wanted.question(now), now).await.map(Json)
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
    let now = clock::now();
    acts::unmasked(&desk, &actor, asked.orders.question(now), &asked.reason, now).await.map(Json)
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
    let now = clock::now();
    acts::slip(&desk, &actor, asked.orders.question(now), &asked.reason, now).await.map(Json)
}
