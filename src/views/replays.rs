//! Bulk replays, as they are shown: what one would do before it is confirmed, and how far it is.

use super::refusals::{Told, refused, sentence};
use crate::journal::Error;
use crate::journal::command::Refusal;
use crate::journal::report::{ItemLine, JournalReport, Member, TaskLine};
use crate::users::Agencies;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Handoffs that a preview names as examples.
const SAMPLE: usize = 5;

/// Handoffs of one bulk replay at most: what is confirmed travels through a form whole, and a body is capped. The rest
/// of a larger group is previewed again.
pub const MOST: usize = 10_000;

/// What a bulk replay would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Preview {
    /// The group.
    pub group: String,
    /// How many of it stand.
    pub count: usize,
    /// When the first of them stopped.
    pub oldest: Timestamp,
    /// When the last of them stopped.
    pub newest: Timestamp,
    /// Some of them.
    pub sample: Vec<String>,
    /// Those that would go, oldest first: this selection is what is confirmed.
    pub handoffs: Vec<String>,
    /// Those that would not, and why.
    pub stays: Vec<Stays>,
}

/// A dead letter that a bulk replay would leave alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stays {
    /// The handoff.
    pub handoff: String,
    /// Its dossier.
    pub dossier: String,
    /// Why.
    pub why: Told,
    /// The same for whoever types commands.
    #[serde(skip)]
    pub command: String,
}

impl Preview {
    /// Of the members of a group, oldest first, each with what refuses it; `None` of an empty group.
    pub fn of(group: &str, judged: &[(Member, Option<Refusal>)]) -> Option<Self> {
        let (oldest, newest) = (judged.first()?.0.since, judged.last()?.0.since);
        let named = |(member, _): &(Member, _)| member.handoff.clone();
        let goes = judged.iter().filter(|(_, refusal)| refusal.is_none()).take(MOST);
        let stays = judged.iter().filter_map(|(member, refusal)| {
            let (handoff, dossier) = (member.handoff.clone(), member.dossier.clone());
            let refusal = refusal.as_ref()?;
            Some(Stays { handoff, dossier, why: refused(refusal), command: sentence(refusal) })
        });
        Some(Self {
            group: group.to_owned(),
            count: judged.len(),
            oldest,
            newest,
            sample: judged.iter().take(SAMPLE).map(named).collect(),
            handoffs: goes.map(named).collect(),
            stays: stays.collect(),
        })
    }
}

/// A bulk replay with its handoffs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownTask {
    /// The task.
    pub task: TaskLine,
    /// Its handoffs, each with what became of it.
    pub items: Vec<ItemLine>,
}

/// One bulk replay, as far as its agencies are shown.
///
/// # Errors
/// When the store fails.
pub fn task(report: &JournalReport, task: i64, agencies: &Agencies) -> Result<Option<ShownTask>, Error> {
    let Some(line) = report.task(task, agencies)? else { return Ok(None) };
    Ok(Some(ShownTask { items: report.items(task, agencies)?, task: line }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_parts_what_goes_from_what_stays() {
        let since: Timestamp = "2022-09-15T04:00:00Z".parse().unwrap();
        let member = |n: i64| Member {
            row: n,
            handoff: format!("h-{n}"),
            dossier: format!("H11.01.07-220915-{n:04}"),
            agency: "H11.01.07".to_owned(),
            since: since + jiff::SignedDuration::from_secs(n),
        };
        let judged: Vec<_> = (1..=7).map(|n| (member(n), (n == 2).then_some(Refusal::Erased))).collect();
        let preview = Preview::of("g", &judged).unwrap();
        assert_eq!((preview.count, preview.sample.len()), (7, 5));
        assert_eq!(preview.handoffs, ["h-1", "h-3", "h-4", "h-5", "h-6", "h-7"]);
        assert_eq!((preview.stays.len(), preview.stays[0].why.result), (1, "erased"));
        assert!(Preview::of("g", &[]).is_none());
    }
}
