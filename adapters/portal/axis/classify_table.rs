//! The rows of the classification table: code, outcome, sentences, field, source.

use lienthong_core::outcome::ReasonText;
use lienthong_http::classify::{Cure, Ends, Row, Table, sentences};

pub(crate) const OK: &str = "PORTAL-OK";
pub(crate) const EXISTS: &str = "PORTAL-EXISTS";
pub(crate) const MISSING: &str = "PORTAL-MISSING";
pub(crate) const SESSION: &str = "PORTAL-SESSION";
pub(crate) const LOGIN_REFUSED: &str = "PORTAL-LOGIN-REFUSED";
pub(crate) const TOO_LARGE: &str = "PORTAL-HTTP-413";

const INFERRED: &str = "inferred: no public source records the answer";
const HTTP: &str = "inferred: meaning of the HTTP status (RFC 9110, RFC 6585)";
const OPENCPS: &str = "OpenCPS v2, DVCQGIntegrationActionImpl.java, read 08/2026";
const PASETO: &str = "DichVuCong_KhoaLuan_PASETO, SyncLocalDataToDVCQGService.cs, read 08/2026";

/// The table.
pub(crate) const TABLE: Table = Table { prefix: "PORTAL", rows: ROWS };

const ROWS: &[Row] = &[
    Row::new(
        OK,
        Ends::Accepted,
        OPENCPS,
        "Cổng Dịch vụ công quốc gia đã nhận.",
        "The National Public Service Portal has it.",
    ),
    Row::new(
        EXISTS,
        Ends::Rejected,
        PASETO,
        "Cổng báo hồ sơ đã tồn tại khi thêm mới, nên chưa ghi; hồ sơ sẽ được gửi lại dưới dạng cập nhật.",
        "The portal said on create that the dossier exists, so nothing was written; it is sent as an update.",
    )
    .at("dossier.code")
    .cured_by(Cure::OtherHalf),
    Row::new(
        MISSING,
        Ends::Rejected,
        INFERRED,
        "Cổng báo hồ sơ không tồn tại. Hãy kiểm tra mã hồ sơ và mã thủ tục, rồi đồng bộ lại hồ sơ.",
        "The portal says it does not have the dossier. Check dossier and procedure code, then send it again.",
    )
    .at("dossier.code")
    .cured_by(Cure::OtherHalf),
    Row::new(
        SESSION,
        Ends::Unavailable,
        INFERRED,
        "Cổng không chấp nhận phiên làm việc, kể cả sau khi đăng nhập lại; sẽ gửi lại sau.",
        "The portal does not accept the session, not even a renewed one; it is sent again later.",
    )
    .cured_by(Cure::Renew),
    Row::new(
        "PORTAL-UNLISTED",
        Ends::Rejected,
        PASETO,
        "Cổng từ chối với một mã lỗi chưa có trong bảng. Hãy đọc thông báo của Cổng và sửa hồ sơ.",
        "The portal refused with a code that no row knows. Read its words and correct the dossier.",
    ),
    Row::new(
        LOGIN_REFUSED,
        Ends::Blocked,
        OPENCPS,
        "Cổng từ chối đăng nhập. Hãy kiểm tra tài khoản và mật khẩu do Văn phòng Chính phủ cấp.",
        "The portal refused the login. Check the account and password that the Government Office issued.",
    ),
    Row::new(
        "PORTAL-HTTP-401",
        Ends::Blocked,
        HTTP,
        "Cổng trả lời 401 kể cả sau khi đăng nhập lại. Hãy kiểm tra tài khoản với Văn phòng Chính phủ.",
        "The portal answered 401, even after a renewed login. Check the account with the Government Office.",
    )
    .cured_by(Cure::Renew),
    Row::new(
        "PORTAL-HTTP-403",
        Ends::Blocked,
        HTTP,
        "Cổng trả lời 403 kể cả sau khi đăng nhập lại. Hãy kiểm tra quyền của tài khoản và mã đơn vị.",
        "The portal answered 403, even after a renewed login. Check the account's rights and the agency code.",
    )
    .cured_by(Cure::Renew),
    Row::new(
        TOO_LARGE,
        Ends::Rejected,
        HTTP,
        "Dữ liệu gửi đi lớn hơn giới hạn của trục kết nối. Hãy bớt tài liệu đính kèm trong hồ sơ.",
        "The message is larger than the exchange takes. Reduce the documents listed in the dossier.",
    )
    .at("dossier.documents"),
    Row::new(
        "PORTAL-HTTP-429",
        Ends::Unavailable,
        HTTP,
        "Cổng báo gửi quá nhiều; sẽ gửi lại sau khoảng chờ Cổng yêu cầu.",
        "The portal says too many requests; it is sent again after the wait it asked for.",
    ),
    Row::new(
        "PORTAL-HTTP-503",
        Ends::Unavailable,
        HTTP,
        "Cổng hoặc trục kết nối tạm ngừng phục vụ; sẽ gửi lại sau.",
        "The portal or the exchange is out of service; it is sent again later.",
    ),
    Row::new(
        "PORTAL-HTTP-5XX",
        Ends::Uncertain,
        HTTP,
        "Cổng hoặc trục kết nối gặp lỗi; chưa rõ đã ghi hay chưa.",
        "The portal or the exchange failed; whether it was written is not known.",
    ),
    Row::new(
        "PORTAL-HTTP-3XX",
        Ends::Blocked,
        HTTP,
        "Địa chỉ của Cổng bị chuyển hướng; dữ liệu không được gửi theo. Hãy kiểm tra cấu hình địa chỉ.",
        "The portal's address redirects elsewhere; personal data does not follow. Check the configured address.",
    ),
    Row::new(
        "PORTAL-WRONG-ADDRESS",
        Ends::Blocked,
        HTTP,
        "Không có dịch vụ của Cổng tại địa chỉ đã cấu hình. Hãy kiểm tra adapter_url và các đường dẫn.",
        "There is no portal service at the configured address. Check adapter_url and the endpoints.",
    ),
    Row::new(
        "PORTAL-UNREADABLE",
        Ends::Uncertain,
        INFERRED,
        "Câu trả lời của Cổng không đọc được; chưa rõ đã ghi hay chưa.",
        "The portal's answer cannot be read; whether it was written is not known.",
    ),
    Row::new(
        "PORTAL-UNREACHABLE",
        Ends::Unavailable,
        INFERRED,
        "Không kết nối được tới Cổng; chưa gửi gì. Sẽ gửi lại sau.",
        "The portal cannot be reached; nothing was sent. It is sent again later.",
    ),
    Row::new(
        "PORTAL-NO-ANSWER",
        Ends::Uncertain,
        INFERRED,
        "Đã gửi nhưng không nhận được trả lời của Cổng; chưa rõ đã ghi hay chưa.",
        "It was sent, but no answer came; whether it was written is not known.",
    ),
    Row::new(
        "PORTAL-CERTIFICATE",
        Ends::Blocked,
        INFERRED,
        "Chứng thư số của Cổng hoặc của cơ quan không được chấp nhận. Hãy kiểm tra cấu hình chứng thư.",
        "A certificate, the portal's or the agency's, is not accepted. Check the configured certificates.",
    ),
];

/// Said of contents that the portal has no service for; a mistake of the gateway, not of the desk.
pub(crate) const WRONG_CONTENT: &str = "PORTAL-WRONG-CONTENT";

const WRONG_CONTENT_TEXT: ReasonText = ReasonText {
    code: WRONG_CONTENT,
    vi: "Nội dung không thuộc dịch vụ nào của Cổng: lỗi của cổng kết nối. Hãy báo quản trị viên.",
    en: "The content belongs to no service of the portal: a fault of the gateway. Tell the administrator.",
};

/// Said of a status that the account has no code for.
pub(crate) const NO_STATUS_CODE: &str = "PORTAL-NO-STATUS-CODE";

const NO_STATUS_CODE_TEXT: ReasonText = ReasonText {
    code: NO_STATUS_CODE,
    vi: "Trạng thái này không có mã trong status_codes của tài khoản, hoặc status_service đã tắt. Hãy sửa cấu hình hoặc bỏ qua việc này.",
    en: "The status has no code in the account's status_codes, or status_service was turned off. Correct the configuration, or dismiss it.",
};

/// Said of a look-up of a progress row or a status.
pub(crate) const NO_QUESTION: &str = "PORTAL-NO-QUESTION";

const NO_QUESTION_TEXT: ReasonText = ReasonText {
    code: NO_QUESTION,
    vi: "Cổng không có dịch vụ tra cứu dòng tiến độ hay trạng thái. Hãy xem tiến trình hồ sơ trên trang của Cổng.",
    en: "The portal cannot be asked about a row or a status. Look at the dossier's progress on the portal's page.",
};

/// The sentences of all reasons that this adapter gives: the table's and its own three.
pub const REASONS: &[ReasonText] =
    &sentences::<{ ROWS.len() + 3 }>(ROWS, &[WRONG_CONTENT_TEXT, NO_QUESTION_TEXT, NO_STATUS_CODE_TEXT]);
