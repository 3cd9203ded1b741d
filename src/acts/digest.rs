//! The daily digest, as page and API ask for it.

use super::{Desk, Trouble, among};
use crate::users::{Actor, Right};
use crate::views::digest::{self, Digest};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which digest is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// A legal day of Việt Nam that has begun (`2026-11-20`); else yesterday.
    pub(crate) day: Option<String>,
    /// One agency; else all that one sees.
    pub(crate) agency: Option<String>,
}

/// What a day brought at the actor's agencies, or at the one of them that is asked for.
///
/// # Errors
/// When the actor may not see it, the day cannot be read or has not begun, or the store fails.
pub(crate) async fn read(
    desk: &Desk,
    actor: &Actor,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Digest, Trouble> {
    actor.need(Right::See)?;
    let agencies = among(actor, wanted.agency.as_deref())?;
    let day = digest::day_of(asked(wanted.day.as_deref())?, now).ok_or_else(|| {
        Trouble::input("Ngày đó chưa đến; hãy chọn hôm nay hoặc một ngày trước.", "That day has not begun.")
    })?;
    let around = desk.clone();
    desk.report(move |report| {
        digest::digest(report, (around.settings(), around.partners()), &agencies, day, now)
    })
    .await
}

/// The day that is asked for; what stands empty in a form was not.
fn asked(day: Option<&str>) -> Result<Option<Date>, Trouble> {
    let Some(day) = day.map(str::trim).filter(|day| !day.is_empty()) else { return Ok(None) };
    day.parse().map(Some).map_err(|_no_day| {
        Trouble::input(
            "Ngày không đọc được; hãy viết như 2026-11-20.",
            "The day cannot be read; write 2026-11-20.",
        )
    })
}
