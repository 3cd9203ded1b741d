//! The rows of the classification table: code, outcome, sentences, source.

use crate::ngsp::translate::WRONG_CONTENT;
use lienthong_core::outcome::ReasonText;
use lienthong_http::classify::{Cure, Ends, Row, Table, sentences};

pub(crate) const OK: &str = "POST-OK";
pub(crate) const ALREADY_THERE: &str = "POST-101";
pub(crate) const UNKNOWN_ORDER: &str = "POST-103";
pub(crate) const ALREADY_COLLECTED: &str = "POST-104";
pub(crate) const TOKEN_REFUSED: &str = "POST-TOKEN-REFUSED";

const INFERRED: &str = "inferred: no public source records the answer";
const ASSUMED: &str = "assumed: no public source lists the refusals of a cancel; the code is configuration";
const HTTP: &str = "inferred: meaning of the HTTP status (RFC 9110, RFC 6585)";
const OAUTH: &str = "RFC 6749, section 5.2";
const TRANSPORT: &str = "observed: the transport failed before there was an answer";
const SDK: &str =
    "OpenCPS v2, VNPostNGSPSDK (2017): HTTP 201 is success; 100 as in VNPostServices.cs; read 08/2026";
const PASETO: &str = "DichVuCong_KhoaLuan_PASETO, VNPostServices.cs, read 08/2026: 101 is treated as success";

/// The table.
pub(crate) const TABLE: Table = Table { prefix: "POST", rows: ROWS };

const ROWS: &[Row] = &[
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
    Row::new(
        "POST-HTTP-401",
        Ends::Blocked,
        HTTP,
        "Bưu điện không chấp nhận mã truy cập, kể cả sau khi cấp lại. Hãy báo quản trị viên.",
        "The post does not take the token, not even a new one. Tell the administrator.",
    )
    .cured_by(Cure::Renew),
    Row::new(
        "POST-HTTP-403",
        Ends::Blocked,
        HTTP,
        "Tài khoản không được phép dùng dịch vụ này của bưu điện. Hãy báo quản trị viên.",
        "The account may not use this service of the post. Tell the administrator.",
    )
    .cured_by(Cure::Renew),
    Row::new(
        "POST-HTTP-429",
        Ends::Unavailable,
        HTTP,
        "Bưu điện yêu cầu gửi chậm lại. Cổng kết nối sẽ tự gửi lại.",
        "The post asked to slow down. The gateway sends again by itself.",
    ),
    Row::new(
        "POST-HTTP-503",
        Ends::Unavailable,
        HTTP,
        "Hệ thống bưu điện tạm ngừng phục vụ. Cổng kết nối sẽ tự gửi lại.",
        "The post's system is out of service for a while. The gateway sends again by itself.",
    ),
    Row::new(
        "POST-HTTP-5XX",
        Ends::Uncertain,
        HTTP,
        "Hệ thống bưu điện gặp lỗi; chưa rõ đơn đã được nhận hay chưa.",
        "The post's system failed; whether it took the order is not known.",
    ),
    Row::new(
        "POST-HTTP-3XX",
        Ends::Blocked,
        HTTP,
        "Địa chỉ dịch vụ của bưu điện bị chuyển hướng. Hãy báo quản trị viên kiểm tra cấu hình.",
        "The post's service answers with a redirect, which is not followed. Check the configured addresses.",
    ),
    Row::new(
        "POST-WRONG-ADDRESS",
        Ends::Blocked,
        HTTP,
        "Không có dịch vụ bưu điện tại địa chỉ đã cấu hình. Hãy báo quản trị viên kiểm tra cấu hình.",
        "There is no service of the post at the configured address. Check the configuration.",
    ),
    Row::new(
        "POST-UNREADABLE",
        Ends::Uncertain,
        INFERRED,
        "Không đọc được câu trả lời của bưu điện; chưa rõ đơn đã được nhận hay chưa.",
        "The post's answer cannot be read; whether it took the order is not known.",
    ),
    Row::new(
        "POST-UNREACHABLE",
        Ends::Unavailable,
        TRANSPORT,
        "Không kết nối được với bưu điện; chưa có gì được gửi đi. Cổng kết nối sẽ tự gửi lại.",
        "The post cannot be reached; nothing has left. The gateway sends again by itself.",
    ),
    Row::new(
        "POST-NO-ANSWER",
        Ends::Uncertain,
        TRANSPORT,
        "Bưu điện không trả lời kịp; chưa rõ đơn đã được nhận hay chưa.",
        "The post gave no complete answer in time; whether it took the order is not known.",
    ),
    Row::new(
        "POST-CERTIFICATE",
        Ends::Blocked,
        TRANSPORT,
        "Kết nối bảo mật với bưu điện bị từ chối (chứng thư). Hãy báo quản trị viên kiểm tra chứng thư.",
        "The secure connection to the post was refused. Check the certificates.",
    ),
];

const WRONG_CONTENT_TEXT: ReasonText = ReasonText {
    code: WRONG_CONTENT,
    vi: "Lỗi bên trong cổng kết nối: nội dung này không gửi cho bưu điện được. Hãy báo quản trị viên.",
    en: "The gateway failed inside: this cannot be sent to the post. Tell the administrator.",
};

/// The sentences of all reasons that this adapter gives: the table's, and of what it refuses itself.
pub const REASONS: &[ReasonText] = &sentences::<{ ROWS.len() + 1 }>(ROWS, &[WRONG_CONTENT_TEXT]);
