//! `dead-letters resolve`: somebody found out that the partner has it.

use super::{Changed, show_changes};
use crate::cli::arguments::ResolveOptions;
use crate::cli::output::Output;
use crate::cli::{Exit, command_journal, runtime};
use crate::clock;
use crate::config::Settings;
use crate::journal::command::Resolution;
use lienthong_core::ids::HandoffId;
use lienthong_core::port::LookUp;

pub(super) fn resolve(
    settings: &Settings,
    options: &ResolveOptions,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let mut journal = command_journal(settings, who)?;
    let id = HandoffId::new(options.handoff.as_str());
    let answer: Option<LookUp> = match journal.witness(&id)? {
        Some(witness) => Some(runtime()?.block_on(witness.account.port.look_up(&witness.handoff))),
        None => None,
    };
    let resolution = Resolution {
        partner_number: options.partner_number.trim(),
        reason: options.reason.as_deref(),
        unchecked: options.unchecked,
    };
    let acted = journal.resolve(&id, resolution, answer.as_ref(), clock::now())?;
    show_changes(&[Changed::of(options.handoff.clone(), &acted)], "Mã việc", output)
}
