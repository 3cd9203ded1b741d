//! What desks are asked to do, as it is shown.

use super::letters::sentences;
use crate::journal::Error;
use crate::journal::report::{DeskTaskLine, JournalReport};
use crate::partners::Partners;
use crate::users::Agencies;
use serde::Serialize;
use utoipa::ToSchema;

/// An open task as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownDeskTask {
    /// The task.
    pub task: DeskTaskLine,
    /// What is to be done, in Vietnamese.
    pub vi: Option<&'static str>,
    /// The same in English.
    pub en: Option<&'static str>,
}

/// Open tasks of agencies that are shown, oldest first.
///
/// # Errors
/// When the store fails.
pub fn desk_tasks(
    report: &JournalReport,
    partners: &Partners,
    limit: usize,
    agencies: &Agencies,
) -> Result<Vec<ShownDeskTask>, Error> {
    let tasks = report.desk_tasks(limit, agencies)?;
    let shown = tasks.into_iter().map(|task| {
        let (vi, en) = sentences(partners, Some(&task.code));
        ShownDeskTask { task, vi, en }
    });
    Ok(shown.collect())
}
