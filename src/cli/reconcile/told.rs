//! Comparisons and their findings in Vietnamese.

use crate::cli::output::{local, local_or_dash, or_dash, table};
use crate::journal::report::{FindingLine, RunLine};
use crate::partners::Partners;
use crate::views::words;
use lienthong_core::outcome::ReasonCode;
use std::collections::BTreeMap;

pub(super) const RUN_HEADS: [&str; 9] =
    ["Số", "Bên", "Ai", "Từ", "Đến", "Tình trạng", "Đã so", "Tổng", "Khác biệt"];

/// A run, in one line.
pub(super) fn run(run: &RunLine) -> Vec<String> {
    let state = match run.state.as_str() {
        "gathering" => "đang gom".to_owned(),
        "asking" => "đang hỏi".to_owned(),
        "comparing" => "đang so".to_owned(),
        "stopped" => format!("đã dừng {}", local_or_dash(run.ended_at)),
        _done => format!("đã xong {}", local_or_dash(run.ended_at)),
    };
    let found: Vec<String> =
        run.findings.iter().map(|(name, count)| format!("{} {count}", kind(name))).collect();
    vec![
        run.run.to_string(),
        words::partner(&run.partner).to_owned(),
        run.night.as_ref().map_or_else(|| run.who.clone(), |night| format!("đêm {night}")),
        local(run.from),
        local(run.to),
        state,
        run.over().to_string(),
        run.total().to_string(),
        or_dash(Some(&found.join(", "))),
    ]
}

/// What each account of a run came to.
pub(super) fn parts(run: &RunLine) -> String {
    let rows: Vec<Vec<String>> = run
        .parts
        .iter()
        .map(|part| {
            let asked = match (run.partner.as_str(), part.state.as_str(), part.listed) {
                (_, "no-question", _) => "KHÔNG SO ĐƯỢC: không hỏi được qua tài khoản này",
                ("post", _, true) => "theo danh sách đơn",
                ("post", _, false) => "theo luồng theo dõi",
                _ => "hỏi từng hồ sơ",
            };
            vec![
                part.account.clone(),
                asked.to_owned(),
                part.agreed.to_string(),
                part.differing.to_string(),
                part.not_compared.to_string(),
                part.left_out.to_string(),
                or_dash(part.code.as_deref()),
            ]
        })
        .collect();
    table(&["Tài khoản", "Cách so", "Khớp", "Khác", "Không cần so", "Không hỏi được", "Lỗi gần nhất"], &rows)
}

/// Findings, one a line.
pub(super) fn findings(findings: &[FindingLine]) -> String {
    let rows: Vec<Vec<String>> = findings
        .iter()
        .map(|finding| {
            vec![
                finding.finding.to_string(),
                kind(&finding.kind).to_owned(),
                finding.code.clone(),
                finding.account.clone(),
                finding.name.clone(),
                finding.ours.clone(),
                finding.theirs.clone(),
                local_or_dash(finding.since),
                repair(&finding.repair).to_owned(),
                outcome(finding),
            ]
        })
        .collect();
    let heads =
        ["Số", "Loại", "Mã", "Tài khoản", "Hồ sơ / đơn", "Ở đây", "Bên kia", "Từ lúc", "Cách sửa", "Kết quả"];
    table(&heads, &rows)
}

/// What each code among the findings says.
pub(super) fn legend(findings: &[FindingLine], partners: &Partners) -> String {
    let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let line = |code: &str| {
        let text = partners.reason_text(&ReasonCode::stored(code.to_owned()))?;
        Some(format!("{code}: {}", text.vi))
    };
    codes.into_iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

/// What repairing these would do, before it is done.
pub(super) fn plan(findings: &[FindingLine]) -> String {
    let mut groups: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.chosen_by.is_none() && finding.result.is_none()) {
        *groups.entry((&finding.kind, &finding.repair, finding.act)).or_default() += 1;
    }
    let rows: Vec<Vec<String>> = groups
        .into_iter()
        .map(|((kind_name, repair_name, act), count)| {
            let does = match act {
                "send" => "gửi lại nguyên bản ghi hồ sơ",
                "ask" => "tạo việc cho cán bộ; không gửi gì",
                _ => "không làm gì ở đây; người có trách nhiệm tự xử lý",
            };
            vec![
                kind(kind_name).to_owned(),
                repair(repair_name).to_owned(),
                count.to_string(),
                does.to_owned(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return "Không còn khác biệt nào chờ xử lý.".to_owned();
    }
    table(&["Loại", "Cách sửa", "Số lượng", "Cổng kết nối sẽ"], &rows)
}

/// A kind.
pub(super) fn kind(kind: &str) -> &str {
    match kind {
        "missing-there" => "thiếu bên kia",
        "missing-here" => "thiếu ở đây",
        "differs" => "khác nhau",
        "double-there" => "trùng bên kia",
        other => other,
    }
}

fn repair(repair: &str) -> &str {
    match repair {
        "send-record" => "gửi lại bản ghi",
        "call-post" => "gọi bưu cục",
        "ask-post" => "đối chiếu với bưu điện",
        "ask-portal" => "đối chiếu với Cổng",
        "cure" => "xử lý việc đã dừng",
        "publish" => "một cửa gửi hồ sơ",
        other => other,
    }
}

fn outcome(finding: &FindingLine) -> String {
    match (&finding.result, &finding.sent, &finding.chosen_by) {
        (Some(result), _, _) => result_name(result).to_owned(),
        (None, Some(_), _) => "đang gửi".to_owned(),
        (None, None, Some(_)) => "chờ đến lượt".to_owned(),
        (None, None, None) => "–".to_owned(),
    }
}

fn result_name(result: &str) -> &str {
    match result {
        "asked" => "đã giao việc",
        "by-hand" => "tự xử lý",
        "overtaken" => "đã có bản ghi mới hơn",
        "under-way" => "đang có bản ghi chờ gửi",
        "stopped" => "có việc đã dừng, xử lý trước",
        "no-snapshot" => "dữ liệu đã xóa, một cửa gửi lại",
        "not-reported" => "không do cổng kết nối báo",
        "refused" => "bản ghi không gửi được",
        "not-begun" => "không gửi: nhiều bản ghi trước đã dừng",
        "fault" => "lỗi bên trong, xem log",
        state => words::state(state),
    }
}
