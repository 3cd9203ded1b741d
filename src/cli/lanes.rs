//! `lane`: what one partner is still to be told of a dossier, in order; paused, released, skipped.

use super::arguments::{LaneCommand, LaneOf};
use super::dead_letters::{Changed, show_changes};
use super::output::{Output, local, or_dash, table};
use super::{Exit, command_journal, complain, pause, report, words};
use crate::clock;
use crate::config::Settings;
use crate::journal::report::{LaneLine, LanePlace};
use crate::views::timeline::{state, title};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::HandoffId;

pub(super) fn lane(
    settings: &Settings,
    command: &LaneCommand,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let now = clock::now();
    match command {
        LaneCommand::Show { dossier } => show(settings, dossier, output),
        LaneCommand::Pause { dossier, partner, reason, until } => {
            let until = match until.as_deref().map(|text| (text, pause::until(text, now))) {
                None => None,
                Some((_, Some(until))) if until > now => Some(until),
                Some((text, _)) => {
                    complain(&format!("{text:?} không phải là thời điểm sắp tới"));
                    return Ok(Exit::Configuration);
                }
            };
            on_lanes(settings, dossier, output, |row| {
                command_journal(settings, who)?
                    .pause_lanes(row, partners(*partner), reason, until, now)
                    .map_err(anyhow::Error::from)
            })
        }
        LaneCommand::Release { dossier, partner } => on_lanes(settings, dossier, output, |row| {
            let mut journal = command_journal(settings, who)?;
            journal.release_lanes(row, partners(*partner), now).map_err(anyhow::Error::from)
        }),
        LaneCommand::Skip { handoff, reason, not_there } => {
            let id = HandoffId::new(handoff.as_str());
            let acted = command_journal(settings, who)?.skip(&id, reason, *not_there, now)?;
            show_changes(&[Changed::of(handoff.clone(), &acted)], "Mã việc", output)
        }
    }
}

fn partners(lane: Option<LaneOf>) -> &'static [Partner] {
    match lane {
        None => &Partner::ALL,
        Some(LaneOf::Portal) => &[Partner::Portal],
        Some(LaneOf::Post) => &[Partner::Post],
        Some(LaneOf::Commune) => &[Partner::Commune],
    }
}

fn on_lanes(
    settings: &Settings,
    dossier: &str,
    output: Output,
    act: impl FnOnce(i64) -> anyhow::Result<crate::journal::command::Acted>,
) -> anyhow::Result<Exit> {
    let Some(row) = report(settings)?.dossier_row(dossier)? else { return Ok(unknown(dossier)) };
    let acted = act(row)?;
    show_changes(&[Changed::of(dossier.to_owned(), &acted)], "Hồ sơ", output)
}

fn unknown(dossier: &str) -> Exit {
    complain(&format!("Không có hồ sơ {dossier} trong sổ."));
    Exit::NotFound
}

fn show(settings: &Settings, dossier: &str, output: Output) -> anyhow::Result<Exit> {
    let report = report(settings)?;
    let Some(row) = report.dossier_row(dossier)? else { return Ok(unknown(dossier)) };
    let lanes = report.lanes(row, settings.tables.dead_row_holds, clock::now())?;
    output.show(&lanes, |lanes| lanes.iter().map(text).collect::<Vec<_>>().join("\n\n"))?;
    Ok(Exit::Done)
}

fn text(lane: &LaneLine) -> String {
    let partner = words::partner(&lane.partner);
    let paused = lane.paused.as_ref().map(|reason| {
        let until = lane.paused_until.map_or("có lệnh release".to_owned(), local);
        format!(", TẠM DỪNG đến khi {until}: {reason}")
    });
    let head = format!("{partner}{}", paused.unwrap_or_default());
    if lane.handoffs.is_empty() {
        return format!("{head}\nKhông còn việc nào.");
    }
    let rows: Vec<Vec<String>> = lane.handoffs.iter().map(place).collect();
    format!("{head}\n{}", table(&["Mã việc", "Việc", "Trạng thái", "Đến hạn", "Lý do", "Chờ việc"], &rows))
}

fn place(place: &LanePlace) -> Vec<String> {
    let handoff = &place.handoff;
    vec![
        handoff.handoff.clone(),
        title(handoff),
        state(handoff),
        local(handoff.due_at),
        or_dash(handoff.code.as_deref()),
        or_dash(place.held_by.as_deref()),
    ]
}
