//! Figures and lists as short tables.

use crate::cli::output::{local, local_or_dash, or_dash, table};
use crate::views::figures::{AgencyFigures, CashShown, FigureListShown, Figures, MissingShown, said};
use crate::views::words;
use lienthong_core::figures::Share;

pub(super) fn figures(figures: &Figures) -> String {
    let until = figures.complete_until.map_or_else(|| said::NOTHING.0.to_owned(), local);
    let mut parts = vec![format!("Kỳ: {}\nSố liệu đến: {until}", said::period(&figures.period).0)];
    parts.extend(figures.doubts.iter().map(|doubt| format!("! {}", said::doubt(doubt).0)));
    let total = (figures.agencies.len() > 1).then_some(&figures.total);
    let rows = |row: fn(&AgencyFigures) -> Vec<String>| -> Vec<Vec<String>> {
        figures.agencies.iter().chain(total).map(row).collect()
    };
    let sync =
        ["ĐỒNG BỘ", "Cổng đã nhận", "Mẫu số", "Tỷ lệ", "Chưa đồng bộ", "Chưa từng nhận được", "Cách ly"];
    let time = ["THỜI HẠN", "Đúng hạn", "Trễ", "Còn hạn", "Quá hạn", "Không hạn", "Tỷ lệ", "Sắp đến hạn"];
    let steps = ["QUY TRÌNH", "Có 10 không có 9", "Bổ sung > 1 lần", "Có 9, chưa có đơn"];
    let post =
        ["BƯU ĐIỆN", "Đơn", "Chưa thu gom", "Phát lỗi", "Chuyển hoàn", "Phải thu", "Đã thu", "Đã đối soát"];
    parts.push(table(&sync, &rows(sync_row)));
    parts.push(table(&time, &rows(time_row)));
    parts.push(table(&steps, &rows(steps_row)));
    parts.push(table(&post, &rows(post_row)));
    parts.join("\n\n")
}

fn name(agency: &AgencyFigures) -> String {
    agency.agency.clone().unwrap_or_else(|| "Tổng".to_owned())
}

fn share(share: Share) -> String {
    said::share(share).unwrap_or_else(|| said::NOTHING.0.to_owned())
}

fn sync_row(agency: &AgencyFigures) -> Vec<String> {
    vec![
        name(agency),
        agency.acknowledged.to_string(),
        agency.denominator.to_string(),
        share(agency.sync),
        agency.missing.to_string(),
        agency.unheard.to_string(),
        agency.quarantined.to_string(),
    ]
}

fn time_row(agency: &AgencyFigures) -> Vec<String> {
    vec![
        name(agency),
        agency.on_time.to_string(),
        agency.late.to_string(),
        agency.running.to_string(),
        agency.overdue.to_string(),
        agency.undated.to_string(),
        share(agency.in_time),
        agency.at_risk.map_or_else(|| "–".to_owned(), |count| count.to_string()),
    ]
}

fn steps_row(agency: &AgencyFigures) -> Vec<String> {
    let counts = [agency.without_9, agency.asked_again, agency.without_order];
    std::iter::once(name(agency)).chain(counts.map(|count| count.to_string())).collect()
}

fn post_row(agency: &AgencyFigures) -> Vec<String> {
    let cash = |cash: CashShown| format!("{} ({} đơn)", words::money(cash.sum), cash.count);
    let counts = [agency.orders, agency.not_collected, agency.failed, agency.returned];
    let sums = [agency.cash_expected, agency.cash_collected, agency.cash_settled];
    let cells = counts.map(|count| count.to_string()).into_iter().chain(sums.map(cash));
    std::iter::once(name(agency)).chain(cells).collect()
}

pub(super) fn missing(missing: &MissingShown) -> String {
    let period = said::period(&missing.period).0;
    if missing.lines.is_empty() {
        return format!("Kỳ {period}: Cổng đã nhận mọi hồ sơ mà cổng kết nối biết.");
    }
    let lines = missing.lines.iter().map(|line| {
        let message = || line.quarantine.map(|number| format!("tin cách ly số {number}"));
        vec![
            line.agency.clone(),
            line.dossier.clone().or_else(message).unwrap_or_default(),
            local_or_dash(line.received_at),
            line.why_said().0.to_owned(),
            line.who_said().0.to_owned(),
            or_dash(line.code.as_deref()),
            or_dash(line.field.as_deref()),
            local_or_dash(line.since),
        ]
    });
    let heads = ["Cơ quan", "Hồ sơ", "Tiếp nhận", "Vì sao", "Ai cần làm", "Mã lý do", "Cần sửa", "Từ lúc"];
    let counts = missing.reasons.iter().map(|reason| format!("  {} {}", reason.count, reason.meaning));
    let counts: Vec<String> = counts.collect();
    let rows: Vec<Vec<String>> = lines.collect();
    format!(
        "Kỳ {period}: hồ sơ Cổng chưa nhận\n{}\n\n{}{}",
        counts.join("\n"),
        table(&heads, &rows),
        more(missing.more)
    )
}

pub(super) fn list(list: &FigureListShown) -> String {
    let head = format!("Kỳ {}: {}", said::period(&list.period).0, list.meaning);
    if list.lines.is_empty() {
        return format!("{head}: không có.");
    }
    let rows: Vec<Vec<String>> = list
        .lines
        .iter()
        .map(|line| {
            vec![
                line.agency.clone(),
                line.dossier.clone(),
                local_or_dash(line.received_at),
                local_or_dash(line.due_at),
                line.status.map_or("–", words::status).to_owned(),
                or_dash(line.order.as_deref()),
                line.tracking.map_or("–", words::tracking).to_owned(),
                or_dash(line.code.as_deref()),
                local_or_dash(line.since),
                line.who_said().0.to_owned(),
            ]
        })
        .collect();
    let heads = [
        "Cơ quan",
        "Hồ sơ",
        "Tiếp nhận",
        "Hẹn trả",
        "Trạng thái",
        "Đơn",
        "Bưu gửi",
        "Mã lý do",
        "Từ lúc",
        "Ai cần làm",
    ];
    format!("{head}\n\n{}{}", table(&heads, &rows), more(list.more))
}

fn more(more: bool) -> &'static str {
    if more { "\n… còn nữa; thêm --limit N" } else { "" }
}
