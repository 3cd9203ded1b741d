//! Bulk replays: previewed, begun with exactly what was shown, stopped.

use super::{Desk, Trouble};
use super::{reason, refused, told};
use crate::clock;
use crate::users::{Actor, Right};
use crate::views::refusals::Told;
use crate::views::replays::{MOST, Preview};
use std::collections::BTreeSet;

/// What a bulk replay of a group would do, as far as the actor sees it; nothing is written.
///
/// # Errors
/// When the actor may not, or there is nothing of the group.
pub(crate) async fn preview(desk: &Desk, actor: &Actor, group: &str) -> Result<Preview, Trouble> {
    actor.need(Right::Settle)?;
    let (agencies, of) = (actor.agencies.clone(), group.to_owned());
    let members = desk.report(move |report| report.members(&of, &agencies)).await?;
    let judged = desk.act(actor, Right::Settle, move |journal| journal.judged(members)).await?;
    Preview::of(group, &judged).ok_or(Trouble::NotFound)
}

/// Begins a bulk replay of exactly these handoffs of a group; says its number.
///
/// # Errors
/// When the actor may not, one of them is not of an agency that the actor sees, or the group is being replayed.
pub(crate) async fn begin(
    desk: &Desk,
    actor: &Actor,
    group: &str,
    handoffs: Vec<String>,
    why: &str,
) -> Result<i64, Trouble> {
    actor.need(Right::Settle)?;
    let why = reason(why)?;
    let different: BTreeSet<&String> = handoffs.iter().collect();
    if handoffs.is_empty() || handoffs.len() > MOST || different.len() != handoffs.len() {
        return Err(Trouble::input(
            format!("Hãy chọn từ 1 đến {MOST} việc, mỗi việc một lần."),
            format!("Choose 1 to {MOST} handoffs, each once."),
        ));
    }
    let agencies = actor.agencies.clone();
    let rows = desk.report(move |report| report.chosen(&handoffs, &agencies)).await?;
    let (rows, group) = (rows.ok_or(Trouble::NotFound)?, group.to_owned());
    let started = desk.act(actor, Right::Settle, move |journal| {
        journal.start_task(&group, &rows, Some(&why), clock::now())
    });
    started.await?.map_err(|refusal| refused(&refusal))
}

/// Begins no further batch.
///
/// # Errors
/// When the actor may not, does not see all of it, or it has ended.
pub(crate) async fn stop(desk: &Desk, actor: &Actor, task: i64, why: &str) -> Result<Told, Trouble> {
    actor.need(Right::Settle)?;
    let why = reason(why)?;
    let agencies = actor.agencies.clone();
    if !desk.report(move |report| report.is_seen_whole(task, &agencies)).await? {
        return Err(Trouble::NotFound);
    }
    let acted =
        desk.act(actor, Right::Settle, move |journal| journal.stop_task(task, Some(&why), clock::now()));
    told(&acted.await?)
}
