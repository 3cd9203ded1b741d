//! What each difference says to people.

use super::codes;
use crate::outcome::ReasonText;

/// The sentences, Vietnamese and English.
pub const REASONS: &[ReasonText] = &[
    ReasonText {
        code: codes::RECORD_ABSENT,
        vi: "Cổng Dịch vụ công không có hồ sơ này dù đã từng nhận bản ghi.",
        en: "The portal does not have this dossier although it accepted its record.",
    },
    ReasonText {
        code: codes::RECORD_STATUS,
        vi: "Cổng Dịch vụ công ghi trạng thái khác với bản ghi đã nhận.",
        en: "The portal shows another status than the record that it accepted.",
    },
    ReasonText {
        code: codes::RECORD_DOUBLE,
        vi: "Cổng Dịch vụ công có nhiều hơn một hồ sơ mang mã này.",
        en: "The portal has more than one dossier under this code.",
    },
    ReasonText {
        code: codes::RECORD_UNTOLD,
        vi: "Cổng Dịch vụ công có hồ sơ này nhưng chưa nhận bản ghi nào của cổng kết nối.",
        en: "The portal has this dossier although it accepted no record of the gateway.",
    },
    ReasonText {
        code: codes::RECORD_STOPPED,
        vi: "Hồ sơ có trong danh sách nhưng bản ghi của nó đã dừng ở đây và Cổng Dịch vụ công không có.",
        en: "The dossier stands in the list, but its record stopped here and the portal does not have it.",
    },
    ReasonText {
        code: codes::DOSSIER_UNKNOWN,
        vi: "Cổng Dịch vụ công có hồ sơ này nhưng cổng kết nối chưa từng nhận được.",
        en: "The portal has this dossier, of which the gateway never heard.",
    },
    ReasonText {
        code: codes::DOSSIER_NOWHERE,
        vi: "Hồ sơ có trong danh sách nhưng cả cổng kết nối lẫn Cổng Dịch vụ công đều không có.",
        en: "The dossier stands in the list, but neither the gateway nor the portal has it.",
    },
    ReasonText {
        code: codes::ORDER_UNSEEN,
        vi: "Bưu điện đã nhận đơn nhưng đơn chưa hề hiện ra. Hãy gọi bưu cục hỏi về số đơn này; cổng kết nối không tự gửi lại.",
        en: "The post accepted this order, and it never showed. Phone the post office about its number; the gateway does not send it again.",
    },
    ReasonText {
        code: codes::ORDER_STRANGER,
        vi: "Bưu điện có một đơn trên tài khoản này mà cổng kết nối không tạo.",
        en: "The post has an order on this account that the gateway did not make.",
    },
    ReasonText {
        code: codes::ORDER_CANCELLED,
        vi: "Đơn đã hủy nhưng bưu gửi vẫn đang đi. Hãy gọi bưu cục.",
        en: "The order was cancelled and its parcel moves all the same. Phone the post office.",
    },
    ReasonText {
        code: codes::ORDER_UNSENT,
        vi: "Bưu điện có đơn này dù ở đây nó chưa từng được nhận. Hãy gọi bưu cục và đối chiếu.",
        en: "The post has this order although it was never accepted here. Phone the post office and compare.",
    },
    ReasonText {
        code: codes::ORDER_CASH,
        vi: "Số tiền thu hộ ở bưu điện khác với đơn. Hãy gọi bưu cục trước khi phát.",
        en: "The post is to collect another sum than the order says. Phone the post office before it delivers.",
    },
    ReasonText {
        code: codes::ORDER_WAYBILL,
        vi: "Bưu điện ghi mã vận đơn khác với mã đã trả về khi nhận đơn. Hãy gọi bưu cục và đối chiếu.",
        en: "The post shows another waybill than the one it gave for the order. Phone the post office and compare.",
    },
    ReasonText {
        code: codes::ORDER_DOUBLE,
        vi: "Bưu điện có nhiều hơn một bưu gửi dưới số đơn này. Hãy gọi bưu cục để hủy bưu gửi thừa.",
        en: "The post has more than one parcel under this number. Phone the post office to have the other one called off.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_sentences() {
        let told: Vec<&str> = REASONS.iter().map(|reason| reason.code).collect();
        assert_eq!(told, codes::ALL);
    }
}
