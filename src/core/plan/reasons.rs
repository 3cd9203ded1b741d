//! The codes of things the desk should see, with their sentences.

use crate::outcome::ReasonText;

/// An event came after a newer one.
pub const LATE_EVENT: &str = "DESK-LATE-EVENT";
/// An event before this one never came.
pub const SEQUENCE_GAP: &str = "DESK-SEQUENCE-GAP";
/// The same status once more.
pub const REPEATED: &str = "DESK-REPEATED";
/// An ended dossier is worked on again.
pub const REOPENED: &str = "DESK-REOPENED";
/// Back to an earlier step.
pub const STEPPED_BACK: &str = "DESK-STEPPED-BACK";
/// A step is missing, or the way is uncommon.
pub const UNUSUAL_STEP: &str = "DESK-UNUSUAL-STEP";
/// A change of status that no process can mean, where there is no row to stop.
pub const STATUS_JUMP: &str = "DESK-STATUS-JUMP";
/// Supplements are asked for again.
pub const SECOND_SUPPLEMENT: &str = "DESK-SECOND-SUPPLEMENT";
/// The agency has no profile.
pub const UNKNOWN_AGENCY: &str = "DESK-UNKNOWN-AGENCY";
/// A slip can only ask for a pickup.
pub const SLIP_ONLY: &str = "DESK-SLIP-ONLY";
/// The parcel is in the post's hands.
pub const PARCEL_UNDERWAY: &str = "DESK-PARCEL-UNDERWAY";
/// The post could not call the order off.
pub const CANCEL_TOO_LATE: &str = "DESK-CANCEL-TOO-LATE";
/// The post called the order off.
pub const CANCELLED_BY_POST: &str = "DESK-CANCELLED-BY-POST";
/// The parcel came back.
pub const PARCEL_RETURNED: &str = "DESK-PARCEL-RETURNED";
/// A parcel of an earlier order moves.
pub const OLD_PARCEL: &str = "DESK-OLD-PARCEL";
/// The time of a delivery cannot be true.
pub const DELIVERY_TIME: &str = "DESK-DELIVERY-TIME";
/// A parcel of a dossier that is being worked on again was delivered.
pub const DELIVERED_WHILE_OPEN: &str = "DESK-DELIVERED-WHILE-OPEN";
/// A new order must be asked for.
pub const REORDER_NEEDED: &str = "DESK-REORDER-NEEDED";
/// A new order was asked for that cannot be made.
pub const REORDER_IGNORED: &str = "DESK-REORDER-IGNORED";
/// Fees were paid, but the postman will still ask for them.
pub const CASH_PAID_LATE: &str = "DESK-CASH-PAID-LATE";
/// Cash was collected where none was to be collected.
pub const CASH_UNEXPECTED: &str = "DESK-CASH-UNEXPECTED";
/// The parcel came back although its receiver paid.
pub const CASH_RETURNED: &str = "DESK-CASH-RETURNED";
/// Fees were added, but the postman will not ask for them.
pub const CASH_ADDED_LATE: &str = "DESK-CASH-ADDED-LATE";
/// The result was ordered or delivered by somebody else.
pub const ORDERED_ELSEWHERE: &str = "DESK-ORDERED-ELSEWHERE";
/// The receiver changed after the order was made.
pub const RECEIVER_CHANGED: &str = "DESK-RECEIVER-CHANGED";
/// The applicant's phone stands in for the parcel's.
pub const PHONE_REPLACED: &str = "DESK-PHONE-REPLACED";
/// The portal gets no phone.
pub const NO_PHONE_AT_PORTAL: &str = "DESK-NO-PHONE-AT-PORTAL";
/// A note told what the paper is.
pub const NOTE_DROPPED: &str = "DESK-NOTE-DROPPED";
/// A commune that no table knows.
pub const UNKNOWN_UNIT: &str = "DESK-UNKNOWN-UNIT";

/// What each says to people.
pub const REASONS: &[ReasonText] = &[
    ReasonText {
        code: LATE_EVENT,
        vi: "Sự kiện đến muộn, sau một sự kiện mới hơn: chỉ được ghi thêm vào tiến độ xử lý.",
        en: "The event came after a newer one: it was only added to the progress.",
    },
    ReasonText {
        code: SEQUENCE_GAP,
        vi: "Thiếu sự kiện trước đó của hồ sơ. Hãy kiểm tra phần mềm một cửa đã gửi đủ hay chưa.",
        en: "An earlier event of the dossier never came. Check that the one-stop system sent them all.",
    },
    ReasonText {
        code: REPEATED,
        vi: "Trạng thái được báo lại lần nữa.",
        en: "The same status was reported once more.",
    },
    ReasonText {
        code: REOPENED,
        vi: "Hồ sơ đã kết thúc nay được xử lý lại.",
        en: "A dossier that had ended is being worked on again.",
    },
    ReasonText {
        code: STEPPED_BACK,
        vi: "Hồ sơ lùi về bước trước.",
        en: "The dossier went back to an earlier step.",
    },
    ReasonText {
        code: UNUSUAL_STEP,
        vi: "Chuyển trạng thái ít gặp: có thể thiếu một bước.",
        en: "An uncommon change of status: a step may be missing.",
    },
    ReasonText {
        code: STATUS_JUMP,
        vi: "Trạng thái mới không thể theo sau trạng thái hiện tại nên không được ghi nhận. Hãy kiểm tra hồ sơ.",
        en: "The new status cannot follow the present one and was not taken over. Check the dossier.",
    },
    ReasonText {
        code: SECOND_SUPPLEMENT,
        vi: "Yêu cầu bổ sung từ lần thứ hai: nếu chưa kết thúc, hồ sơ bị tính là quá hạn.",
        en: "Supplements are asked for again: until it ends, the dossier counts as late.",
    },
    ReasonText {
        code: UNKNOWN_AGENCY,
        vi: "Cơ quan chưa có trong cấu hình: hồ sơ không được gửi lên Cổng. Hãy báo quản trị viên.",
        en: "The agency is not configured: nothing is reported to the portal. Tell the administrator.",
    },
    ReasonText {
        code: SLIP_ONLY,
        vi: "Phiếu gửi chưa có mã hồ sơ: chỉ có thể yêu cầu hoặc hủy thu gom.",
        en: "A slip without a dossier code can only ask for a pickup or call it off.",
    },
    ReasonText {
        code: PARCEL_UNDERWAY,
        vi: "Bưu gửi đã được thu gom và vẫn đang được chuyển đi. Hãy gọi bưu cục nếu cần giữ lại hoặc chuyển hoàn.",
        en: "The parcel was collected and goes on. Phone the post office to stop it or have it sent back.",
    },
    ReasonText {
        code: CANCEL_TOO_LATE,
        vi: "Không hủy được đơn bưu chính, có thể bưu gửi đã được thu gom. Hãy gọi bưu cục với số đơn.",
        en: "The postal order could not be cancelled, it may have been collected. Phone the post office.",
    },
    ReasonText {
        code: CANCELLED_BY_POST,
        vi: "Bưu điện đã hủy đơn. Hãy yêu cầu đơn mới nếu vẫn cần gửi.",
        en: "The post cancelled the order. Ask for a new one if it is still needed.",
    },
    ReasonText {
        code: PARCEL_RETURNED,
        vi: "Bưu gửi đã được chuyển hoàn. Hãy giữ kết quả, liên hệ người nhận và yêu cầu đơn mới nếu cần.",
        en: "The parcel came back. Keep the result, reach the receiver, ask for a new order if needed.",
    },
    ReasonText {
        code: OLD_PARCEL,
        vi: "Bưu gửi của một đơn cũ vẫn đang được chuyển đi. Hãy gọi bưu cục với số đơn.",
        en: "The parcel of an earlier order is moving. Phone the post office with its number.",
    },
    ReasonText {
        code: DELIVERY_TIME,
        vi: "Thời điểm phát do bưu điện báo không hợp lý nên không được báo lên Cổng. Hãy xác nhận với bưu cục.",
        en: "The time of delivery cannot be true and was not reported to the portal. Ask the post office.",
    },
    ReasonText {
        code: DELIVERED_WHILE_OPEN,
        vi: "Bưu gửi đã được phát trong khi hồ sơ đang được xử lý lại. Hãy liên hệ người nhận.",
        en: "The parcel was delivered although the dossier is worked on again. Reach the receiver.",
    },
    ReasonText {
        code: REORDER_NEEDED,
        vi: "Có kết quả mới nhưng chưa có đơn mới. Hãy yêu cầu đơn trả kết quả mới nếu cần gửi lại.",
        en: "There is a new result but no new order. Ask for a new return order if it is to be sent.",
    },
    ReasonText {
        code: REORDER_IGNORED,
        vi: "Chưa thể tạo đơn mới: đơn hiện tại còn hiệu lực hoặc hồ sơ chưa có kết quả trả qua bưu chính.",
        en: "No new order can be made: the present one is alive, or there is no result to return by post.",
    },
    ReasonText {
        code: CASH_PAID_LATE,
        vi: "Lệ phí đã nộp nhưng bưu tá vẫn sẽ thu. Hãy gọi ngay bưu cục để bỏ thu hộ, tránh thu hai lần.",
        en: "The fees were paid, yet the postman will ask for them. Phone the post office at once.",
    },
    ReasonText {
        code: CASH_UNEXPECTED,
        vi: "Bưu điện báo đã thu tiền, nhưng đơn không có thu hộ hoặc đã hủy. Hãy hỏi bưu cục và trả lại nếu thu nhầm.",
        en: "The post reports cash for an order that carries none, or was called off. Ask the post office; give it back.",
    },
    ReasonText {
        code: CASH_RETURNED,
        vi: "Bưu gửi bị chuyển hoàn nhưng bưu điện báo đã thu tiền. Hãy hỏi bưu cục và liên hệ người nhận.",
        en: "The parcel came back, yet the post reports its cash as collected. Ask the post office; reach the receiver.",
    },
    ReasonText {
        code: CASH_ADDED_LATE,
        vi: "Có lệ phí mới sau khi bưu gửi đã được chuyển đi: bưu tá không thu khoản này. Hãy liên hệ người nộp.",
        en: "Fees were added after the parcel left: the postman will not collect them. Reach the applicant.",
    },
    ReasonText {
        code: RECEIVER_CHANGED,
        vi: "Người nhận hoặc địa chỉ thay đổi sau khi đã tạo đơn. Hãy đăng ký lại hoặc gọi bưu cục.",
        en: "The receiver changed after the order was made. Register again, or phone the post office.",
    },
    ReasonText {
        code: ORDERED_ELSEWHERE,
        vi: "Phần mềm một cửa báo kết quả đã được đặt gửi qua bưu chính từ nơi khác: không đặt thêm đơn và không theo dõi bưu gửi đó.",
        en: "The one-stop system says that the result was ordered elsewhere: no order is made, and its parcel is not followed.",
    },
    ReasonText {
        code: PHONE_REPLACED,
        vi: "Số điện thoại của bưu gửi không dùng được: đã dùng số của người nộp hồ sơ.",
        en: "The parcel's phone number cannot be used: the applicant's was taken.",
    },
    ReasonText {
        code: NO_PHONE_AT_PORTAL,
        vi: "Hồ sơ không có số điện thoại người nộp: trường này gửi lên Cổng để trống.",
        en: "The dossier has no phone of the applicant: the portal gets an empty one.",
    },
    ReasonText {
        code: NOTE_DROPPED,
        vi: "Ghi chú cho bưu tá tiết lộ nội dung hồ sơ nên đã được bỏ.",
        en: "The note to the postman told what the papers are and was left out.",
    },
    ReasonText {
        code: UNKNOWN_UNIT,
        vi: "Mã xã không có trong bảng đơn vị hành chính tại thời điểm của sự kiện. Hãy kiểm tra địa chỉ.",
        en: "The commune's code is not in the table of units at that time. Check the address.",
    },
];

#[cfg(test)]
mod tests {
    use super::REASONS;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_say_something_in_both_languages() {
        let codes: BTreeSet<_> = REASONS.iter().map(|reason| reason.code).collect();
        assert_eq!(codes.len(), REASONS.len());
        for reason in REASONS {
            assert!(reason.code.starts_with("DESK-"), "{}", reason.code);
            assert!(reason.vi.ends_with('.') && reason.en.ends_with('.'), "{}", reason.code);
        }
    }
}
