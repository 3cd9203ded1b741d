//! `desk-tasks`: what the desk is asked to do, until it is done.

use super::arguments::DeskTasksCommand;
use super::dead_letters::{Changed, show_changes};
use super::output::{Output, local, table};
use super::{Exit, command_journal, limit_of, report};
use crate::clock;
use crate::config::Settings;
use crate::partners;
use crate::users::Agencies;
use crate::views::desk_tasks::{self, ShownDeskTask};

pub(super) fn desk_tasks(
    settings: &Settings,
    command: &DeskTasksCommand,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    match command {
        DeskTasksCommand::List { limit } => list(settings, *limit, output),
        DeskTasksCommand::Close { tasks, reason } => {
            let mut journal = command_journal(settings, who)?;
            let mut changes = Vec::new();
            for task in tasks {
                let acted = journal.close_task(*task, reason, clock::now())?;
                changes.push(Changed::of(task.to_string(), &acted));
            }
            show_changes(&changes, "Việc số", output)
        }
    }
}

fn list(settings: &Settings, limit: u32, output: Output) -> anyhow::Result<Exit> {
    let partners = partners::build(&settings.accounts)?;
    let tasks = desk_tasks::desk_tasks(&report(settings)?, &partners, limit_of(limit), &Agencies::all())?;
    output.show(&tasks, |tasks| {
        if tasks.is_empty() {
            return "Không có việc nào cần làm tại một cửa.".to_owned();
        }
        let rows: Vec<Vec<String>> = tasks.iter().map(row).collect();
        table(&["Số", "Từ lúc", "Hồ sơ", "Mã", "Việc cần làm"], &rows)
    })?;
    Ok(Exit::Done)
}

fn row(shown: &ShownDeskTask) -> Vec<String> {
    let task = &shown.task;
    vec![
        task.number.to_string(),
        local(task.at),
        task.dossier.clone(),
        task.code.clone(),
        shown.vi.unwrap_or_default().to_owned(),
    ]
}
