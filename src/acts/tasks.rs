//! What a desk was asked to do, and has done.

use super::{Desk, Trouble};
use super::{reason, told};
use crate::clock;
use crate::users::{Actor, Right};
use crate::views::refusals::Told;

/// Closes a task of the desk.
///
/// # Errors
/// When the actor may not, or there is no such open task at a desk that the actor sees.
pub(crate) async fn close(desk: &Desk, actor: &Actor, number: i64, why: &str) -> Result<Told, Trouble> {
    actor.need(Right::Tasks)?;
    let why = reason(why)?;
    let agencies = actor.agencies.clone();
    let agency = desk.report(move |report| report.agency_of_desk_task(number)).await?;
    if !agency.is_some_and(|agency| agencies.has(&agency)) {
        return Err(Trouble::NotFound);
    }
    let acted = desk.act(actor, Right::Tasks, move |journal| journal.close_task(number, &why, clock::now()));
    told(&acted.await?)
}
