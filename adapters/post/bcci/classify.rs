//! The classification table of this interface.
//!
//! How an answer leads to a row stands in [`orders::classify`](crate::orders::classify), the rows that it has in common
//! with NGSP in `orders::rows`. Each row has a recorded answer under `fixtures/answers`, and each recorded answer a row
//! (test `every_row_has_an_answer_and_every_answer_a_row`). No answer of this interface names a field, so no row does.

use crate::bcci::translate::{NO_WAYBILL, WRONG_CONTENT};
use crate::orders::classify::Words;
use crate::orders::rows::{ASSUMED, PASETO, order_rows, order_words};
use lienthong_core::outcome::ReasonText;
use lienthong_core::port::PoolRules;
use lienthong_http::classify::{Ends, Row, sentences};

/// The waybill cannot be used.
pub(crate) const WAYBILL_UNUSABLE: &str = "BCCI-105";

/// Refused for good, and nothing taken.
pub(crate) const REFUSED: &str = "BCCI-REFUSED";

const ROWS: &[Row] = order_rows!("BCCI", ok: PASETO;
    Row::new(
        WAYBILL_UNUSABLE,
        Ends::Rejected,
        ASSUMED,
        "Bưu điện báo mã vận đơn của đơn này không dùng được; chưa nhận gì. Cổng kết nối gửi lại với mã khác khi chắc chắn.",
        "The post says that the order's waybill cannot be used; nothing was taken. The gateway takes another where that is certain.",
    ),
    Row::new(
        REFUSED,
        Ends::Rejected,
        ASSUMED,
        "Bưu điện từ chối đơn và chưa nhận gì. Hãy xem lời của bưu điện, sửa hồ sơ hoặc gọi bưu cục.",
        "The post refused the order and took nothing. Read what it said, correct the dossier or phone the post office.",
    ),
);

/// What this interface calls the service's answers.
pub(crate) const WORDS: Words =
    order_words!("BCCI", ROWS; waybill_unusable: Some(WAYBILL_UNUSABLE), refused: Some(REFUSED));

/// What a refusal says about the waybill. A code that no row knows may come from a post that took the order.
pub(crate) const POOL: PoolRules = PoolRules {
    unusable: WAYBILL_UNUSABLE,
    not_taken: &[WAYBILL_UNUSABLE, REFUSED, NO_WAYBILL, WRONG_CONTENT],
};

const OWN: &[ReasonText] = &[
    ReasonText {
        code: WRONG_CONTENT,
        vi: "Lỗi bên trong cổng kết nối: nội dung này không gửi cho bưu điện được. Hãy báo quản trị viên.",
        en: "The gateway failed inside: this cannot be sent to the post. Tell the administrator.",
    },
    ReasonText {
        code: NO_WAYBILL,
        vi: "Lỗi bên trong cổng kết nối: đơn chưa có mã vận đơn nên không gửi. Hãy báo quản trị viên.",
        en: "The gateway failed inside: the order has no waybill, so it was not sent. Tell the administrator.",
    },
];

/// The sentences of all reasons that this adapter gives: the table's, and of what it refuses itself.
pub const REASONS: &[ReasonText] = &sentences::<{ ROWS.len() + OWN.len() }>(ROWS, OWN);

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
