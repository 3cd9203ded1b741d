//! `dead-letters replay --group`, `tasks`: bulk replays, begun here, moved forward by the daemon.

use crate::cli::arguments::ReplayOptions;
use crate::cli::confirm::confirmed;
use crate::cli::output::{Output, local, local_or_dash, or_dash, table};
use crate::cli::{Exit, command_journal, complain, limit_of, report, runtime, words};
use crate::clock;
use crate::config::Settings;
use crate::journal::report::{ItemLine, JournalReport, TaskLine};
use crate::users::Agencies;
use crate::views::refusals::sentence;
use crate::views::replays::{self, Preview, Stays};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// How often the progress is looked at.
const LOOK: Duration = Duration::from_millis(300);

pub(super) fn replay(
    settings: &Settings,
    group: &str,
    options: &ReplayOptions,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let (report, agencies) = (report(settings)?, Agencies::all());
    let mut journal = command_journal(settings, who)?;
    let judged = journal.judged(report.members(group, &agencies)?)?;
    let Some(preview) = Preview::of(group, &judged) else {
        complain(&format!("Không có việc nào trong nhóm {group}."));
        return Ok(Exit::NotFound);
    };
    // With --json and --yes the answer is the task alone.
    if !(output.json && options.yes) {
        output.show(&preview, text)?;
    }
    if preview.handoffs.is_empty() {
        complain("Không có việc nào trong nhóm gửi lại được: xem lý do của từng việc.");
        return Ok(Exit::Refused);
    }
    if !confirmed(options.yes, "Gửi lại đúng các việc này, bắt đầu bằng một việc?")? {
        return Ok(Exit::Refused);
    }
    let Some(rows) = report.chosen(&preview.handoffs, &agencies)? else { return Ok(Exit::NotFound) };
    let task = match journal.start_task(group, &rows, options.reason.as_deref(), clock::now())? {
        Ok(task) => task,
        Err(refusal) => {
            complain(&sentence(&refusal));
            return Ok(Exit::Refused);
        }
    };
    if output.json {
        return show_one(&report, task, output);
    }
    follow(&report, task)?;
    show_one(&report, task, output)
}

/// Shows the progress until the task has ended. The task is the daemon's: whoever leaves stops nothing.
fn follow(report: &JournalReport, task: i64) -> anyhow::Result<()> {
    complain(&format!(
        "Đợt số {task}: dịch vụ đang chạy sẽ gửi từng phần. Có thể rời đi bằng Ctrl-C; xem lại bằng `dead-letters tasks {task}`."
    ));
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}")?;
    let bar = ProgressBar::new(0).with_style(style);
    runtime()?.block_on(async {
        while let Some(line) = report.task(task, &Agencies::all())? {
            bar.set_length(u64::try_from(line.total).unwrap_or(u64::MAX));
            bar.set_position(u64::try_from(line.concluded()).unwrap_or(u64::MAX));
            bar.set_message(format!("đang gửi {}", line.under_way));
            if line.state != "running" {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        anyhow::Ok(())
    })?;
    bar.finish_and_clear();
    Ok(())
}

fn text(preview: &Preview) -> String {
    let mut text = format!(
        "Nhóm {}: {} việc, cũ nhất {}, mới nhất {}\nSẽ gửi: {}. Ví dụ: {}",
        preview.group,
        preview.count,
        local(preview.oldest),
        local(preview.newest),
        preview.handoffs.len(),
        preview.sample.join(", ")
    );
    if !preview.stays.is_empty() {
        let rows: Vec<Vec<String>> = preview.stays.iter().map(stays_row).collect();
        text += &format!("\nSẽ không gửi:\n{}", table(&["Mã việc", "Hồ sơ", "Vì sao"], &rows));
    }
    text
}

fn stays_row(stays: &Stays) -> Vec<String> {
    vec![stays.handoff.clone(), stays.dossier.clone(), stays.command.clone()]
}

pub(super) fn tasks(
    settings: &Settings,
    task: Option<i64>,
    limit: u32,
    output: Output,
) -> anyhow::Result<Exit> {
    let report = report(settings)?;
    if let Some(task) = task {
        return show_one(&report, task, output);
    }
    let tasks = report.tasks(limit_of(limit), &Agencies::all())?;
    output.show(&tasks, |tasks| {
        if tasks.is_empty() {
            return "Chưa có đợt gửi lại nào.".to_owned();
        }
        table(&HEADS, &tasks.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

fn show_one(report: &JournalReport, task: i64, output: Output) -> anyhow::Result<Exit> {
    let Some(shown) = replays::task(report, task, &Agencies::all())? else {
        complain(&format!("Không có đợt gửi lại số {task}."));
        return Ok(Exit::NotFound);
    };
    let exit = if shown.task.stopped_by.as_deref().is_some_and(|by| by != "hand") {
        Exit::Failed
    } else {
        Exit::Done
    };
    output.show(&shown, |shown| {
        let items: Vec<Vec<String>> = shown.items.iter().map(item_row).collect();
        let items = table(&["Mã việc", "Hồ sơ", "Phần", "Kết quả"], &items);
        format!("{}\n\n{items}", table(&HEADS, &[row(&shown.task)]))
    })?;
    Ok(exit)
}

const HEADS: [&str; 9] =
    ["Đợt", "Nhóm", "Ai", "Từ lúc", "Tình trạng", "Xong", "Tổng", "Mới thêm ngoài đợt", "Kết quả"];

fn row(task: &TaskLine) -> Vec<String> {
    let state = match (task.state.as_str(), task.stopped_by.as_deref()) {
        ("running", _) => "đang gửi".to_owned(),
        ("done", _) => format!("đã xong {}", local_or_dash(task.ended_at)),
        (_, Some("same-failure")) => "TỰ DỪNG: vẫn lỗi như cũ".to_owned(),
        (_, Some("hand")) => "đã dừng theo lệnh".to_owned(),
        _fault => "TỰ DỪNG: lỗi bên trong, xem log".to_owned(),
    };
    let results: Vec<String> =
        task.results.iter().map(|(result, count)| format!("{} {count}", words::result(result))).collect();
    vec![
        task.task.to_string(),
        task.group.clone(),
        task.who.clone(),
        local(task.made_at),
        state,
        task.concluded().to_string(),
        task.total.to_string(),
        task.new_since.to_string(),
        or_dash(Some(&results.join(", "))),
    ]
}

fn item_row(item: &ItemLine) -> Vec<String> {
    let result = match (&item.result, item.batch) {
        (Some(result), _) => words::result(result).to_owned(),
        (None, Some(_)) => "đang gửi".to_owned(),
        (None, None) => "chưa đến lượt".to_owned(),
    };
    let batch = item.batch.map(|batch| (batch + 1).to_string());
    vec![item.handoff.clone(), item.dossier.clone(), or_dash(batch.as_deref()), result]
}
