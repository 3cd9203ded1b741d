//! The rows of the classification table: code, outcome, sentences, source.

use crate::ngsp::translate::WRONG_CONTENT;
use crate::rows::{INFERRED, post_rows};
use lienthong_core::outcome::ReasonText;
use lienthong_http::classify::{Ends, Row, Table, sentences};

pub(crate) const OK: &str = "POST-OK";
pub(crate) const ALREADY_THERE: &str = "POST-101";
pub(crate) const UNKNOWN_ORDER: &str = "POST-103";
pub(crate) const ALREADY_COLLECTED: &str = "POST-104";
pub(crate) const TOKEN_REFUSED: &str = "POST-TOKEN-REFUSED";

const ASSUMED: &str = "assumed: no public source lists the refusals of a cancel; the code is configuration";
const OAUTH: &str = "RFC 6749, section 5.2";
const SDK: &str =
    "OpenCPS v2, VNPostNGSPSDK (2017): HTTP 201 is success; 100 as in VNPostServices.cs; read 08/2026";
const PASETO: &str = "DichVuCong_KhoaLuan_PASETO, VNPostServices.cs, read 08/2026: 101 is treated as success";

/// The table.
pub(crate) const TABLE: Table = Table { prefix: "POST", rows: ROWS };

const ROWS: &[Row] = post_rows!("POST";
    Row::new(OK, Ends::Accepted, SDK, "Bưu điện đã nhận.", "The post has it."),
    Row::new(
        ALREADY_THERE,
        Ends::Accepted,
        PASETO,
        "Bưu điện báo đã có đơn mang số này: đơn của chúng ta đã được nhận từ trước.",
        "The post has an order with this number: ours was taken before.",
    ),
    Row::new(
        UNKNOWN_ORDER,
        Ends::Rejected,
        ASSUMED,
        "Bưu điện không có đơn mang số này nên không hủy được. Hãy gọi bưu cục với số đơn.",
        "The post knows no order with this number, so there is nothing to cancel. Phone the post office with the number.",
    ),
    Row::new(
        ALREADY_COLLECTED,
        Ends::Rejected,
        ASSUMED,
        "Bưu gửi đã được thu gom nên không hủy được nữa. Hãy liên hệ bưu cục nếu cần giữ bưu gửi lại.",
        "The parcel has been collected, so it is too late to cancel. Phone the post office to stop it.",
    ),
    Row::new(
        "POST-UNLISTED",
        Ends::Rejected,
        INFERRED,
        "Bưu điện từ chối với mã chưa có trong bảng mã. Hãy hỏi bưu điện ý nghĩa của mã và báo quản trị viên.",
        "The post refused with a code that no table knows. Ask the post what it means and tell the administrator.",
    ),
    Row::new(
        TOKEN_REFUSED,
        Ends::Blocked,
        OAUTH,
        "Bưu điện từ chối tài khoản kết nối khi cấp mã truy cập. Hãy báo quản trị viên kiểm tra khóa và mật khẩu.",
        "The post refused the account's credentials when asked for a token. Check the key and the secret.",
    ),
);

const WRONG_CONTENT_TEXT: ReasonText = ReasonText {
    code: WRONG_CONTENT,
    vi: "Lỗi bên trong cổng kết nối: nội dung này không gửi cho bưu điện được. Hãy báo quản trị viên.",
    en: "The gateway failed inside: this cannot be sent to the post. Tell the administrator.",
};

/// The sentences of all reasons that this adapter gives: the table's, and of what it refuses itself.
pub const REASONS: &[ReasonText] = &sentences::<{ ROWS.len() + 1 }>(ROWS, &[WRONG_CONTENT_TEXT]);
