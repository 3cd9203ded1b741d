//! `waybills`: the pools of waybills that the post gave beforehand.

use super::arguments::{ImportOptions, StateOf, WaybillsCommand};
use super::dead_letters::{Changed, show_changes};
use super::output::{Output, local, local_or_dash, or_dash, table};
use super::{Exit, command_journal, complain, report};
use crate::clock;
use crate::config::Settings;
use crate::journal::command::Acted;
use crate::journal::report::{PoolLine, WaybillLine, WaybillState};
use crate::partners::{self, Partners};
use anyhow::Context as _;
use lienthong_core::ids::AccountName;
use lienthong_core::port::Waybills;
use lienthong_core::waybill::{self, Waybill};
use serde::Serialize;

pub(super) fn waybills(
    settings: &Settings,
    command: &WaybillsCommand,
    who: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    match command {
        WaybillsCommand::Import(options) => import(settings, options, who, output),
        WaybillsCommand::List { account, state, limit } => {
            let lines = report(settings)?.waybills(account.as_deref(), state.of_journal(), *limit)?;
            output.show(&lines, |lines| list_text(lines))?;
            Ok(Exit::Done)
        }
        WaybillsCommand::Status => status(settings, output),
        WaybillsCommand::Retire { waybills, reason } => {
            let mut journal = command_journal(settings, who)?;
            let mut changes = Vec::new();
            for waybill in waybills {
                let acted = journal.retire_waybill(&waybill.to_ascii_uppercase(), reason, clock::now())?;
                changes.push(Changed::of(waybill.clone(), &acted));
            }
            show_changes(&changes, "Mã vận đơn", output)
        }
    }
}

impl StateOf {
    fn of_journal(self) -> WaybillState {
        match self {
            Self::Free => WaybillState::Free,
            Self::Bound => WaybillState::Bound,
            Self::Retired => WaybillState::Retired,
        }
    }
}

/// What an import came to.
#[derive(Debug, Serialize)]
struct Shown {
    account: String,
    new: usize,
    known: usize,
    pool: PoolLine,
}

fn import(settings: &Settings, options: &ImportOptions, who: &str, output: Output) -> anyhow::Result<Exit> {
    let account = AccountName::new(options.account.as_str());
    if !has_pool(&partners::build(&settings.accounts)?, &account) {
        complain(&format!(
            "Tài khoản {account} không có trong cấu hình, hoặc giao diện của nó không dùng kho mã vận đơn."
        ));
        return Ok(Exit::Refused);
    }
    let Some(given) = given(options)? else { return Ok(Exit::Refused) };
    match command_journal(settings, who)?.import_waybills(&account, &given, clock::now())? {
        Err(refused) => {
            let changed = Changed::of(account.to_string(), &Acted::Refused(refused));
            show_changes(&[changed], "Tài khoản", output)
        }
        Ok(imported) => {
            let pool = report(settings)?.waybill_pool(account.as_str())?;
            let shown =
                Shown { account: account.to_string(), new: imported.new, known: imported.known, pool };
            output.show(&shown, |shown| {
                format!(
                    "Tài khoản {}: nhập {} mã mới, {} mã đã có từ trước (giữ nguyên). Kho còn {} mã dùng được.",
                    shown.account, shown.new, shown.known, shown.pool.free
                )
            })?;
            Ok(Exit::Done)
        }
    }
}

fn has_pool(partners: &Partners, account: &AccountName) -> bool {
    partners.get(account).is_some_and(|account| match account.port.abilities().waybills {
        Waybills::Pool(_) => true,
        Waybills::Partner => false,
    })
}

/// The waybills that were given; what is wrong with them is said, and nothing of them is taken.
fn given(options: &ImportOptions) -> anyhow::Result<Option<Vec<Waybill>>> {
    if let Some([from, to]) = options.range.as_deref() {
        return Ok(waybill::range(from, to)
            .map_err(|problem| complain(&format!("Dải mã {from} – {to} không dùng được: {problem}.")))
            .ok());
    }
    let Some(file) = &options.file else { return Ok(None) };
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("không đọc được {shown}"))?;
    Ok(match waybill::list(&text) {
        Ok(given) if given.is_empty() => {
            complain(&format!("{shown}: không có mã vận đơn nào."));
            None
        }
        Ok(given) => Some(given),
        Err(problems) => {
            complain(&format!("{shown}: {} dòng không phải mã vận đơn, không nhập gì:", problems.len()));
            for (line, problem) in problems.iter().take(20) {
                complain(&format!("  dòng {line} {problem}"));
            }
            None
        }
    })
}

fn status(settings: &Settings, output: Output) -> anyhow::Result<Exit> {
    let partners = partners::build(&settings.accounts)?;
    let report = report(settings)?;
    let pools = partners
        .iter()
        .filter(|account| has_pool(&partners, &account.name))
        .map(|account| report.waybill_pool(account.name.as_str()))
        .collect::<Result<Vec<PoolLine>, _>>()?;
    output.show(&pools, |pools| {
        if pools.is_empty() {
            return "Không có tài khoản nào dùng kho mã vận đơn.".to_owned();
        }
        let rows: Vec<Vec<String>> = pools.iter().map(pool_row).collect();
        table(&["Tài khoản", "Còn", "Đã gắn", "Đã rút", "Đơn đang chờ mã", "Gắn gần nhất"], &rows)
    })?;
    Ok(Exit::Done)
}

fn pool_row(pool: &PoolLine) -> Vec<String> {
    vec![
        pool.account.clone(),
        pool.free.to_string(),
        pool.bound.to_string(),
        pool.retired.to_string(),
        pool.waiting.to_string(),
        local_or_dash(pool.last_bound_at),
    ]
}

fn list_text(lines: &[WaybillLine]) -> String {
    if lines.is_empty() {
        return "Không có mã vận đơn nào.".to_owned();
    }
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    table(&["Mã vận đơn", "Tài khoản", "Trạng thái", "Đơn", "Nhập lúc", "Gắn lúc", "Rút lúc", "Lý do"], &rows)
}

fn row(line: &WaybillLine) -> Vec<String> {
    let state = match line.state {
        WaybillState::Free => "còn trong kho",
        WaybillState::Bound => "đã gắn với đơn",
        WaybillState::Retired => "đã rút",
    };
    vec![
        line.waybill.clone(),
        line.account.clone(),
        state.to_owned(),
        or_dash(line.order.as_deref()),
        local(line.imported_at),
        local_or_dash(line.bound_at),
        local_or_dash(line.retired_at),
        or_dash(line.reason.as_deref()),
    ]
}
