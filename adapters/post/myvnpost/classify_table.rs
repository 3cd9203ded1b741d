//! The rows of the classification table: code, outcome, sentences, source.

use crate::myvnpost::translate::WRONG_CONTENT;
use crate::rows::{INFERRED, post_rows};
use lienthong_core::outcome::ReasonText;
use lienthong_http::classify::{Ends, Row, Table, sentences};

pub(crate) const OK: &str = "MYVNPOST-OK";
pub(crate) const ALREADY_CANCELLED: &str = "MYVNPOST-ALREADY-CANCELLED";
pub(crate) const UNKNOWN_ORDER: &str = "MYVNPOST-UNKNOWN-ORDER";
pub(crate) const ALREADY_COLLECTED: &str = "MYVNPOST-ALREADY-COLLECTED";
pub(crate) const SEVERAL: &str = "MYVNPOST-SEVERAL";
pub(crate) const WAITS_FOR_APPROVAL: &str = "MYVNPOST-WAITS-FOR-APPROVAL";
pub(crate) const TOO_MANY_ORDERS: &str = "MYVNPOST-TOO-MANY-ORDERS";
pub(crate) const TOKEN_REFUSED: &str = "MYVNPOST-TOKEN-REFUSED";

const PROVIDER: &str =
    "shipping_integration, VnpostProvider.php (quotes the post's documentation), read 08/2026";
const CANCELS: &str =
    "public clients of the API, read 08/2026: a cancel is taken until the parcel is collected";
const ANSWERS: &str = "public clients of the API, read 08/2026: Type 00 and 02 of an answer to a cancel";

/// The table.
pub(crate) const TABLE: Table = Table { prefix: "MYVNPOST", rows: ROWS };

const ROWS: &[Row] = post_rows!("MYVNPOST";
    Row::new(OK, Ends::Accepted, PROVIDER, "Bưu điện đã nhận.", "The post has it."),
    Row::new(
        ALREADY_CANCELLED,
        Ends::Accepted,
        CANCELS,
        "Đơn đã bị hủy ở bưu điện từ trước.",
        "The order is cancelled at the post already.",
    ),
    Row::new(
        UNKNOWN_ORDER,
        Ends::Rejected,
        INFERRED,
        "Không tìm thấy đơn này ở bưu điện nên không hủy được. Hãy gọi bưu cục với số đơn.",
        "The order is not found at the post, so there is nothing to cancel. Phone the post office with the number.",
    ),
    Row::new(
        ALREADY_COLLECTED,
        Ends::Rejected,
        CANCELS,
        "Bưu gửi đã được thu gom nên không hủy được nữa. Hãy liên hệ bưu cục nếu cần giữ bưu gửi lại.",
        "The parcel has been collected, so it is too late to cancel. Phone the post office to stop it.",
    ),
    Row::new(
        SEVERAL,
        Ends::Rejected,
        INFERRED,
        "Bưu điện có nhiều đơn mang cùng số này. Hãy gọi bưu cục để giữ lại đúng một đơn.",
        "The post has several orders with this number. Phone the post office and keep one of them.",
    ),
    Row::new(
        WAITS_FOR_APPROVAL,
        Ends::Unavailable,
        ANSWERS,
        "Bưu cục chưa duyệt yêu cầu hủy. Cổng kết nối sẽ tự hỏi lại.",
        "The post office has not approved the cancel yet. The gateway asks again by itself.",
    ),
    Row::new(
        "MYVNPOST-UNLISTED",
        Ends::Rejected,
        PROVIDER,
        "Bưu điện từ chối; lý do của bưu điện được ghi kèm theo. Hãy sửa theo lý do đó, hoặc hỏi bưu điện.",
        "The post refused; its own words are kept beside this. Correct what they name, or ask the post.",
    ),
    Row::new(
        TOKEN_REFUSED,
        Ends::Blocked,
        PROVIDER,
        "Bưu điện từ chối đăng nhập MyVNPost. Hãy báo quản trị viên kiểm tra tên, mật khẩu và mã khách hàng.",
        "The post refused the login to MyVNPost. Check the name, the password and the customer code.",
    ),
);

const WRONG_CONTENT_TEXT: ReasonText = ReasonText {
    code: WRONG_CONTENT,
    vi: "Lỗi bên trong cổng kết nối: nội dung này không gửi cho bưu điện được. Hãy báo quản trị viên.",
    en: "The gateway failed inside: this cannot be sent to the post. Tell the administrator.",
};

const TOO_MANY_ORDERS_TEXT: ReasonText = ReasonText {
    code: TOO_MANY_ORDERS,
    vi: "Danh sách đơn ở bưu điện dài hơn mức được đọc nên chưa tìm hết. Hãy tra cứu bằng số đơn trên MyVNPost.",
    en: "The post's list of orders is longer than what is read, so the search is not complete. Look the number up in MyVNPost.",
};

/// The sentences of all reasons that this adapter gives: the table's, and its own.
pub const REASONS: &[ReasonText] =
    &sentences::<{ ROWS.len() + 2 }>(ROWS, &[WRONG_CONTENT_TEXT, TOO_MANY_ORDERS_TEXT]);
