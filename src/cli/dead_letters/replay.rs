//! `dead-letters replay` of single ones: as planned, planned anew, or edited.

use super::{Changed, bulk, show_changes, to_each};
use crate::cli::arguments::ReplayOptions;
use crate::cli::confirm::confirmed;
use crate::cli::output::{Output, table};
use crate::cli::{Exit, command_journal, complain};
use crate::clock;
use crate::config::Settings;
use crate::journal::command::{Acted, CommandJournal, Rewrite};
use crate::views::rewriting::Rewriting;
use anyhow::Context as _;
use lienthong_core::ids::HandoffId;
use serde_json::Value;

pub(super) fn replay(
    settings: &Settings,
    options: &ReplayOptions,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    if let Some(group) = &options.group {
        return bulk::replay(settings, group, options, who, output);
    }
    let mut journal = command_journal(settings, who)?;
    let (not_there, reason) = (options.not_there, options.reason.as_deref());
    let patch = match &options.edit {
        None if !options.replan => {
            return to_each(&mut journal, &options.handoffs, output, |journal, id| {
                journal.replay(id, not_there, reason, clock::now())
            });
        }
        None => None,
        Some(file) => {
            let text = std::fs::read(file).with_context(|| format!("failed to read {}", file.display()))?;
            match serde_json::from_slice::<Value>(&text) {
                Ok(patch) if patch.is_object() || patch.is_array() => Some(patch),
                Ok(_) | Err(_) => {
                    complain(&format!("{}: không phải JSON merge patch hay JSON Patch", file.display()));
                    return Ok(Exit::Refused);
                }
            }
        }
    };
    let rewrite = patch.as_ref().map_or(Rewrite::Anew, Rewrite::Patched);
    let mut changes = Vec::new();
    for handoff in &options.handoffs {
        let acted = one(&mut journal, handoff, rewrite, options, output)?;
        changes.extend(acted.map(|acted| Changed::of(handoff.clone(), &acted)));
    }
    if changes.len() < options.handoffs.len() {
        return Ok(Exit::Refused);
    }
    show_changes(&changes, "Mã việc", output)
}

/// Shows what would change, and does it once it is confirmed; `None` when it is not.
fn one(
    journal: &mut CommandJournal,
    handoff: &str,
    rewrite: Rewrite<'_>,
    options: &ReplayOptions,
    output: Output,
) -> anyhow::Result<Option<Acted>> {
    let id = HandoffId::new(handoff);
    let rewritten = match journal.preview(&id, rewrite, options.not_there)? {
        Ok(rewritten) => rewritten,
        Err(refusal) => return Ok(Some(Acted::Refused(refusal))),
    };
    let shown = Rewriting::of(handoff, &rewritten, options.personal);
    // With --json and --yes the answer is the result alone.
    if !(output.json && options.yes) {
        output.show(&shown, text)?;
    }
    if !confirmed(options.yes, "Gửi lại với nội dung này?")? {
        return Ok(None);
    }
    let word = (options.not_there, options.reason.as_deref());
    Ok(Some(journal.rewrite(&id, rewrite, &rewritten, word, clock::now())?))
}

fn text(preview: &Rewriting) -> String {
    if preview.changes.is_empty() {
        return format!("{}: nội dung không thay đổi.", preview.handoff);
    }
    let cell = |value: &Option<Value>| value.as_ref().map_or_else(|| "–".to_owned(), Value::to_string);
    let rows: Vec<Vec<String>> = preview
        .changes
        .iter()
        .map(|change| vec![change.field.clone(), cell(&change.before), cell(&change.after)])
        .collect();
    format!("{}\n{}", preview.handoff, table(&["Trường", "Trước", "Sau"], &rows))
}
