//! How changes of the table of units are told.

use crate::cli::output::table;
use crate::views::words::day;
use lienthong_core::ids::UnitCode;
use lienthong_core::units::{Change, Shrinkage, What};
use serde::Serialize;

/// Changes that are shown as text; all of them are in the JSON.
const SHOWN: usize = 60;

/// What is said of a list that ends too much.
pub(super) const SHRUNKEN: &str = "Chưa ghi gì: danh sách rỗng, hoặc quá nhiều đơn vị sẽ hết hiệu lực. Nếu đúng như vậy, hãy thêm --force --reason \"lý do\".";

/// What is brought into the table.
#[derive(Debug, Serialize)]
pub(super) struct Brought {
    /// The table's file.
    pub(super) file: String,
    /// Where the changes come from.
    pub(super) source: String,
    /// All of them.
    pub(super) changes: Vec<Change>,
    /// Set when unusually many units end.
    pub(super) shrinkage: Option<Shrinkage>,
    /// Units that ended, and nobody said what took them in.
    pub(super) without_successor: Vec<String>,
    /// Whether the file was replaced.
    pub(super) written: bool,
}

/// What would change.
pub(super) fn changes(brought: &Brought) -> String {
    let Brought { file, source, changes, shrinkage, .. } = brought;
    let mut lines = vec![format!("{file} ({source}): {} thay đổi", changes.len())];
    if !changes.is_empty() {
        let rows: Vec<Vec<String>> = changes.iter().take(SHOWN).map(row).collect();
        lines.push(table(&["Mã", "Tên", "Tỉnh", "Thay đổi"], &rows));
    }
    if changes.len() > SHOWN {
        lines.push(format!("… và {} thay đổi nữa; xem đủ với --json --dry-run", changes.len() - SHOWN));
    }
    if let Some(Shrinkage { in_force, ending }) = shrinkage {
        lines.push(format!("CẢNH BÁO: {ending} trong {in_force} đơn vị đang có hiệu lực sẽ hết hiệu lực"));
    }
    lines.join("\n")
}

/// What became of it.
pub(super) fn result(brought: &Brought) -> String {
    let mut lines = Vec::new();
    if brought.written {
        lines.push("Đã ghi. Hãy chạy `lienthong check`, rồi khởi động lại để dùng bảng mới.".to_owned());
    } else {
        lines.push("Bảng không thay đổi.".to_owned());
    }
    if let Some(first) = brought.without_successor.first() {
        let count = brought.without_successor.len();
        let text = "đơn vị đã hết hiệu lực mà chưa rõ nhập vào đâu";
        lines.push(format!("{count} {text}, như {first}; bổ sung bằng `lienthong units import`"));
    }
    lines.join("\n")
}

fn row(change: &Change) -> Vec<String> {
    let province = change.province_code.as_ref().map(UnitCode::as_str).unwrap_or_default();
    vec![change.code.to_string(), change.name.clone(), province.to_owned(), what(&change.what)]
}

fn what(what: &What) -> String {
    match what {
        What::Begins { from: Some(from) } => format!("có hiệu lực từ {}", day(*from)),
        What::Begins { from: None } => "có hiệu lực từ trước".to_owned(),
        What::Ends { last, successors } => format!("hết hiệu lực sau {}{}", day(*last), into(successors)),
        What::Renamed { before, from } => format!("đổi tên từ {before} kể từ {}", day(*from)),
        What::Moved { before, from } => {
            let before = before.as_ref().map_or("–", UnitCode::as_str);
            format!("chuyển từ tỉnh {before} kể từ {}", day(*from))
        }
        What::Corrected { before } => format!("sửa cách ghi, trước là {before}"),
        What::TakenBack => "bỏ dòng bắt đầu cùng ngày".to_owned(),
    }
}

fn into(successors: &[UnitCode]) -> String {
    if successors.is_empty() {
        return String::new();
    }
    format!(", nhập vào {}", successors.iter().map(UnitCode::as_str).collect::<Vec<_>>().join(", "))
}
