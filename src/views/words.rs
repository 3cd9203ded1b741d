//! What the journal's words are called in Vietnamese; the words themselves serve as English.

use super::certificates::Purpose;
use super::lamps::Light;
use crate::journal::report::FoundBy;
use jiff::civil::Date;

/// A day as it is read in Việt Nam.
pub(crate) fn day(day: Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
}

/// A handoff's state.
pub(crate) fn state(state: &str) -> &str {
    match state {
        "waiting" => "đang chờ",
        "sending" => "đang gửi",
        "uncertain" => "chưa rõ đã nhận hay chưa",
        "dead" => "đã dừng",
        "held" => "đang giữ lại",
        "accepted" => "đã nhận",
        "superseded" => "đã thay thế",
        "dismissed" => "đã bỏ qua",
        "resolved" => "đã xử lý thủ công",
        "observed" => "chỉ theo dõi",
        other => other,
    }
}

/// A lamp of the overview.
pub(crate) fn lamp(lamp: &str) -> &str {
    match lamp {
        "queue" => "Hàng đợi",
        "store" => "Cơ sở dữ liệu",
        "clock" => "Đồng hồ",
        other => partner(other),
    }
}

/// A lamp's colour.
pub(crate) fn light(light: Light) -> &'static str {
    match light {
        Light::Good => "tốt",
        Light::Warn => "cần chú ý",
        Light::Bad => "hỏng",
        Light::Off => "không rõ",
    }
}

/// What a certificate is for.
pub(crate) fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Client => "chứng thư của ta",
        Purpose::Authority => "CA tin cậy",
    }
}

/// By what a dossier was found.
pub(crate) fn found_by(by: FoundBy) -> &'static str {
    match by {
        FoundBy::Code => "mã hồ sơ",
        FoundBy::Slip => "phiếu gửi",
        FoundBy::Order => "số đơn",
        FoundBy::Waybill => "mã vận đơn",
    }
}

/// Where a handoff that failed stands, while it is open.
pub(crate) fn open_state(state: &str) -> &str {
    match state {
        "waiting" => "chờ gửi lại",
        "behind" => "chờ việc phía trước",
        other => self::state(other),
    }
}

/// A handoff's kind.
pub(crate) fn kind(kind: &str) -> &str {
    match kind {
        "portal.record" => "Cổng: hồ sơ",
        "portal.progress" => "Cổng: tiến độ",
        "portal.status" => "Cổng: trạng thái hồ sơ trực tuyến",
        "post.order" => "Bưu điện: đơn",
        "post.cancel" => "Bưu điện: hủy đơn",
        "commune.event" => "Xã: báo kết quả",
        other => other,
    }
}

/// A leg of a dossier's papers.
pub(crate) fn leg(leg: &str) -> &str {
    match leg {
        "GOM" => "thu gom",
        "TRA" => "trả kết quả",
        "HOAN" => "hoàn hồ sơ",
        "CHUYEN" => "chuyển cơ quan khác",
        other => other,
    }
}

/// A partner.
pub(crate) fn partner(partner: &str) -> &str {
    match partner {
        "post" => "Bưu điện",
        "portal" => "Cổng DVCQG",
        "commune" => "Phần mềm của xã",
        other => other,
    }
}

/// Where a parcel is.
pub(crate) fn tracking(state: &str) -> &str {
    match state {
        "requested" => "đã yêu cầu",
        "accepted" => "đã tiếp nhận đơn",
        "collecting" => "đang đi thu gom",
        "collected" => "đã thu gom",
        "in-transit" => "đang vận chuyển",
        "out-for-delivery" => "đang phát",
        "delivered" => "đã phát",
        "failed-attempt" => "phát chưa thành công",
        "returning" => "đang chuyển hoàn",
        "returned" => "đã chuyển hoàn",
        "cancelled" => "đã hủy",
        "unknown" => "không rõ",
        other => other,
    }
}

/// Where a parcel is; of one that the post has not reported on, where its order is.
pub(crate) fn parcel(state: &str) -> &str {
    match state {
        "accepted" => "bưu điện đã nhận đơn",
        "waiting" | "sending" | "uncertain" | "dead" | "held" | "resolved" => self::state(state),
        other => tracking(other),
    }
}

/// How a post clerk sorts her items.
pub(crate) fn place(tab: &str) -> &str {
    match tab {
        "unsent" => "đã đăng ký, chưa gửi",
        "collect" => "cần thu gom",
        "desk" => "cần lấy tại một cửa",
        "moving" => "đang phát",
        "delivered" => "đã phát",
        "returned" => "chuyển hoàn",
        other => other,
    }
}

/// What became of the cash of an order.
pub(crate) fn cash(money: &str) -> &str {
    match money {
        "collected" => "đã thu tiền",
        "settled" => "đã đối soát tiền thu hộ",
        other => other,
    }
}

/// An amount of đồng, as it is written in Việt Nam: `1.250.000 đ`.
pub(crate) fn money(amount: u64) -> String {
    let digits = amount.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (place, digit) in (0..digits.len()).rev().zip(digits.chars()) {
        text.push(digit);
        if place > 0 && place % 3 == 0 {
            text.push('.');
        }
    }
    format!("{text} đ")
}

/// An event's kind.
pub(crate) fn event(kind: &str) -> &str {
    match kind {
        "status-changed" => "đổi trạng thái",
        "pickup-requested" => "yêu cầu thu gom",
        "pickup-cancelled" => "hủy thu gom",
        "return-registered" => "đăng ký trả qua bưu điện",
        "return-withdrawn" => "hủy trả qua bưu điện",
        "papers-forwarded" => "chuyển hồ sơ giấy",
        "fees-changed" => "đổi phí, lệ phí",
        "reorder-requested" => "yêu cầu đơn mới",
        other => other,
    }
}

/// An attempt's outcome.
pub(crate) fn outcome(outcome: Option<&str>) -> &str {
    match outcome {
        None => "chưa xong",
        Some("accepted") => "đã nhận",
        Some("rejected") => "bị từ chối",
        Some("unavailable") => "tạm không phục vụ",
        Some("uncertain") => "chưa rõ",
        Some("blocked") => "bị chặn",
        Some(other) => other,
    }
}

/// A status of the portal.
pub(crate) fn status(code: u8) -> &'static str {
    match code {
        1 => "1 mới đăng ký",
        2 => "2 được tiếp nhận",
        3 => "3 không được tiếp nhận",
        4 => "4 đang xử lý",
        5 => "5 yêu cầu bổ sung giấy tờ",
        6 => "6 yêu cầu thực hiện nghĩa vụ tài chính",
        7 => "7 công dân yêu cầu rút hồ sơ",
        8 => "8 dừng xử lý",
        9 => "9 đã xử lý xong",
        10 => "10 đã trả kết quả",
        _ => "không rõ",
    }
}

/// What stopped a group of dead letters.
pub(crate) fn class(class: &str) -> &str {
    match class {
        "rejected" => "đối tác từ chối",
        "planning" => "thiếu hoặc sai thông tin",
        "uncertain" => "chưa rõ đã nhận hay chưa",
        "unavailable" => "đối tác ngừng phục vụ quá lâu",
        "held" => "đang giữ lại",
        "gateway" => "tại cổng kết nối",
        other => other,
    }
}

/// That the days off of a year are not entered.
pub(crate) fn missing_year(year: i16) -> String {
    format!(
        "lịch làm việc chưa có ngày nghỉ của năm {year}; bổ sung vào bảng calendar theo thông báo nghỉ lễ"
    )
}

/// An act of an operator.
pub(crate) fn act(act: &str) -> &str {
    match act {
        "pause" => "tạm dừng",
        "resume" => "tiếp tục",
        "replay" => "gửi lại",
        "replan" => "lập lại rồi gửi",
        "edit" => "sửa rồi gửi",
        "resolve" => "xác nhận đã nhận",
        "dismiss" => "bỏ qua",
        "reopen" => "mở lại",
        "skip" => "bỏ qua để đi tiếp",
        "lane-pause" => "tạm dừng hồ sơ",
        "lane-release" => "tiếp tục hồ sơ",
        "task-start" => "bắt đầu gửi lại hàng loạt",
        "task-stop" => "dừng gửi lại hàng loạt",
        "close" => "đóng việc một cửa",
        "figures-import" => "nhập số liệu báo cáo quốc gia",
        "waybills-import" => "nhập mã vận đơn",
        "waybills-retire" => "rút mã vận đơn",
        "unmasked" => "xem thông tin cá nhân",
        other => other,
    }
}

/// What became of a handoff of a bulk replay.
pub(crate) fn result(result: &str) -> &str {
    match result {
        "failed-again" => "lại dừng vì cùng lý do",
        "failed-otherwise" => "dừng vì lý do khác",
        "held-back" => "đã đến lượt, chờ việc phía trước",
        "refused-not-dead" => "không còn ở nhóm này",
        "refused-may-be-there" => "đối tác có thể đã nhận: xử lý từng việc",
        "refused-newer-record" => "Cổng đã có bản ghi mới hơn",
        "refused-newer-status" => "Cổng đã có trạng thái mới hơn",
        "refused-late-supplement" => "dòng 5 đến muộn: không gửi",
        "refused-other-order" => "đã có đơn khác cho chặng này",
        "refused-erased" => "nội dung đã xóa",
        "refused-no-account" => "tài khoản không có trong cấu hình",
        other => state(other),
    }
}
