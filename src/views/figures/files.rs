//! Figures and lists as CSV.

use super::{AgencyFigures, FigureListShown, Figures, MissingShown, said};
use crate::reasons;
use crate::views::csv;
use crate::views::times::local;
use crate::views::words;
use jiff::Timestamp;

const FIGURES: [&str; 32] = [
    "Mã cơ quan",
    "Cơ quan",
    "Kỳ",
    "Số liệu đến",
    "Tiếp nhận theo báo cáo quốc gia",
    "Tiếp nhận tại cổng kết nối",
    "Mẫu số",
    "Cổng DVCQG đã nhận",
    "Tỷ lệ đồng bộ (%)",
    "Chưa đồng bộ",
    "Chưa từng nhận được",
    "Kết thúc đúng hạn",
    "Kết thúc trễ hạn",
    "Đang xử lý, còn hạn",
    "Đang xử lý, quá hạn",
    "Không có hạn trả",
    "Tỷ lệ đúng hạn (%)",
    "Sắp đến hạn",
    "Có 10 không có 9",
    "Bổ sung hơn một lần",
    "Có 9, chưa có đơn bưu điện",
    "Đơn bưu điện",
    "Chưa thu gom",
    "Phát chưa thành công",
    "Chuyển hoàn",
    "Số đơn thu hộ",
    "Tiền phải thu (đồng)",
    "Số đơn đã thu",
    "Tiền đã thu (đồng)",
    "Số đơn đã đối soát",
    "Tiền đã đối soát (đồng)",
    "Tin bị cách ly",
];

/// The figures, one line an agency, and the sum where there is more than one.
pub(crate) fn figures_csv(figures: &Figures) -> String {
    let total = (figures.agencies.len() != 1).then_some(&figures.total);
    csv::file(FIGURES, figures.agencies.iter().chain(total).map(|agency| row(figures, agency)))
}

fn row(figures: &Figures, agency: &AgencyFigures) -> [String; FIGURES.len()] {
    let or_nothing = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
    let share = |share: lienthong_core::figures::Share| match share.hundredths() {
        Some(_known) => share.to_string(),
        None => said::NOTHING.0.to_owned(),
    };
    let text = |count: u64| count.to_string();
    [
        agency.agency.clone().unwrap_or_else(|| "Tổng".to_owned()),
        agency.name.clone().unwrap_or_default(),
        said::period(&figures.period).0,
        time(figures.complete_until),
        or_nothing(agency.reported),
        text(agency.received),
        text(agency.denominator),
        text(agency.acknowledged),
        share(agency.sync),
        text(agency.missing),
        text(agency.unheard),
        text(agency.on_time),
        text(agency.late),
        text(agency.running),
        text(agency.overdue),
        text(agency.undated),
        share(agency.in_time),
        or_nothing(agency.at_risk),
        text(agency.without_9),
        text(agency.asked_again),
        text(agency.without_order),
        text(agency.orders),
        text(agency.not_collected),
        text(agency.failed),
        text(agency.returned),
        text(agency.cash_expected.count),
        text(agency.cash_expected.sum),
        text(agency.cash_collected.count),
        text(agency.cash_collected.sum),
        text(agency.cash_settled.count),
        text(agency.cash_settled.sum),
        text(agency.quarantined),
    ]
}

/// The missing dossiers, one line each.
pub(crate) fn missing_csv(missing: &MissingShown) -> String {
    const HEADS: [&str; 9] = [
        "Mã cơ quan",
        "Mã hồ sơ",
        "Tiếp nhận lúc",
        "Vì sao",
        "Ai cần làm",
        "Mã lý do",
        "Lý do",
        "Thông tin cần sửa",
        "Từ lúc",
    ];
    csv::file(
        HEADS,
        missing.lines.iter().map(|line| {
            let code = line.code.clone().unwrap_or_default();
            let said = reasons::text(&code).map_or("", |text| text.vi).to_owned();
            [
                line.agency.clone(),
                line.dossier.clone().unwrap_or_default(),
                time(line.received_at),
                line.why_said().0.to_owned(),
                line.who_said().0.to_owned(),
                code,
                said,
                line.field.clone().unwrap_or_default(),
                time(line.since),
            ]
        }),
    )
}

/// A list behind a figure, one line each.
pub(crate) fn list_csv(list: &FigureListShown) -> String {
    const HEADS: [&str; 10] = [
        "Mã cơ quan",
        "Mã hồ sơ",
        "Tiếp nhận lúc",
        "Hẹn trả lúc",
        "Trạng thái",
        "Từ lúc",
        "Số đơn",
        "Bưu gửi",
        "Mã lý do",
        "Ai cần làm",
    ];
    csv::file(
        HEADS,
        list.lines.iter().map(|line| {
            [
                line.agency.clone(),
                line.dossier.clone(),
                time(line.received_at),
                time(line.due_at),
                line.status.map(|code| code.to_string()).unwrap_or_default(),
                time(line.since),
                line.order.clone().unwrap_or_default(),
                line.tracking.map(words::tracking).unwrap_or_default().to_owned(),
                line.code.clone().unwrap_or_default(),
                line.who_said().0.to_owned(),
            ]
        }),
    )
}

fn time(at: Option<Timestamp>) -> String {
    at.map(local).unwrap_or_default()
}
