//! The rows of the classification table: code, outcome, sentences, field, source.

use lienthong_core::outcome::ReasonText;
use lienthong_http::classify::{Cure, Ends, Row, Table, sentences};

pub(crate) const OK: &str = "WRAPPER-OK";
pub(crate) const REACHABLE: &str = "WRAPPER-REACHABLE";
pub(crate) const EXISTS: &str = "WRAPPER-EXISTS";
pub(crate) const MISSING: &str = "WRAPPER-MISSING";
pub(crate) const REFUSED: &str = "WRAPPER-REFUSED";
pub(crate) const TOO_LARGE: &str = "WRAPPER-HTTP-413";

const INFERRED: &str = "inferred: no public source records the answer";
const HTTP: &str = "inferred: meaning of the HTTP status (RFC 9110, RFC 6585)";
const PASETO: &str = "DichVuCong_KhoaLuan_PASETO, SyncLocalDataToDVCQGService.cs, read 08/2026";

/// The table.
pub(crate) const TABLE: Table = Table { prefix: "WRAPPER", rows: ROWS };

const ROWS: &[Row] = &[
    Row::new(
        OK,
        Ends::Accepted,
        PASETO,
        "Hệ thống trung gian của tỉnh đã nhận để chuyển lên Cổng Dịch vụ công quốc gia.",
        "The province's wrapper has it, for the National Public Service Portal.",
    ),
    Row::new(
        REACHABLE,
        Ends::Accepted,
        INFERRED,
        "Hệ thống trung gian của tỉnh có trả lời; việc này chưa chứng tỏ dữ liệu sẽ được nhận.",
        "The province's wrapper answers; that does not show that it takes what it is sent.",
    ),
    Row::new(
        EXISTS,
        Ends::Rejected,
        PASETO,
        "Hồ sơ đã tồn tại khi thêm mới nên chưa ghi; hồ sơ sẽ được gửi lại dưới dạng cập nhật.",
        "The dossier exists already, so nothing was written on create; it is sent as an update.",
    )
    .at("dossier.code")
    .cured_by(Cure::OtherHalf),
    Row::new(
        MISSING,
        Ends::Rejected,
        INFERRED,
        "Hệ thống trung gian báo hồ sơ không tồn tại. Hãy kiểm tra mã hồ sơ và mã thủ tục, rồi đồng bộ lại hồ sơ.",
        "The wrapper says it does not have the dossier. Check dossier and procedure code, then send it again.",
    )
    .at("dossier.code")
    .cured_by(Cure::OtherHalf),
    Row::new(
        REFUSED,
        Ends::Rejected,
        INFERRED,
        "Hệ thống trung gian không nhận dòng tiến độ. Hãy đọc câu trả lời và sửa bước xử lý của hồ sơ.",
        "The wrapper did not take the progress row. Read its words and correct the step of the dossier.",
    ),
    Row::new(
        "WRAPPER-UNLISTED",
        Ends::Rejected,
        PASETO,
        "Hệ thống trung gian từ chối với một mã lỗi chưa có trong bảng. Hãy đọc thông báo và sửa hồ sơ.",
        "The wrapper refused with a code that no row knows. Read its words and correct the dossier.",
    ),
    Row::new(
        "WRAPPER-HTTP-401",
        Ends::Blocked,
        HTTP,
        "Hệ thống trung gian trả lời 401. Hãy kiểm tra khóa truy cập (header_value) với đơn vị quản lý LGSP của tỉnh.",
        "The wrapper answered 401. Check the account's header (header_value) with the province.",
    ),
    Row::new(
        "WRAPPER-HTTP-403",
        Ends::Blocked,
        HTTP,
        "Hệ thống trung gian trả lời 403. Hãy hỏi tỉnh về quyền của đơn vị và địa chỉ mạng được phép kết nối.",
        "The wrapper answered 403. Ask the province for the agency's rights and the network it may call from.",
    ),
    Row::new(
        TOO_LARGE,
        Ends::Rejected,
        HTTP,
        "Dữ liệu gửi đi lớn hơn giới hạn của hệ thống trung gian. Hãy bớt tài liệu đính kèm trong hồ sơ.",
        "The message is larger than the wrapper takes. Reduce the documents listed in the dossier.",
    )
    .at("dossier.documents"),
    Row::new(
        "WRAPPER-HTTP-429",
        Ends::Unavailable,
        HTTP,
        "Hệ thống trung gian báo gửi quá nhiều; sẽ gửi lại sau khoảng chờ được yêu cầu.",
        "The wrapper says too many requests; it is sent again after the wait it asked for.",
    ),
    Row::new(
        "WRAPPER-HTTP-503",
        Ends::Unavailable,
        HTTP,
        "Hệ thống trung gian tạm ngừng phục vụ; sẽ gửi lại sau.",
        "The wrapper is out of service; it is sent again later.",
    ),
    Row::new(
        "WRAPPER-HTTP-5XX",
        Ends::Uncertain,
        HTTP,
        "Hệ thống trung gian gặp lỗi; chưa rõ đã ghi hay chưa.",
        "The wrapper failed; whether it was written is not known.",
    ),
    Row::new(
        "WRAPPER-HTTP-3XX",
        Ends::Blocked,
        HTTP,
        "Địa chỉ của hệ thống trung gian bị chuyển hướng; dữ liệu không được gửi theo. Hãy kiểm tra cấu hình địa chỉ.",
        "The wrapper's address redirects elsewhere; personal data does not follow. Check the configured address.",
    ),
    Row::new(
        "WRAPPER-WRONG-ADDRESS",
        Ends::Blocked,
        HTTP,
        "Không có dịch vụ nào tại địa chỉ đã cấu hình. Hãy kiểm tra các địa chỉ của tài khoản.",
        "There is no service at the configured address. Check the account's addresses.",
    ),
    Row::new(
        "WRAPPER-UNREADABLE",
        Ends::Uncertain,
        INFERRED,
        "Câu trả lời của hệ thống trung gian không đọc được; chưa rõ đã ghi hay chưa.",
        "The wrapper's answer cannot be read; whether it was written is not known.",
    ),
    Row::new(
        "WRAPPER-UNREACHABLE",
        Ends::Unavailable,
        INFERRED,
        "Không kết nối được tới hệ thống trung gian; chưa gửi gì. Sẽ gửi lại sau.",
        "The wrapper cannot be reached; nothing was sent. It is sent again later.",
    ),
    Row::new(
        "WRAPPER-NO-ANSWER",
        Ends::Uncertain,
        INFERRED,
        "Đã gửi nhưng không nhận được trả lời của hệ thống trung gian; chưa rõ đã ghi hay chưa.",
        "It was sent, but no answer came; whether it was written is not known.",
    ),
    Row::new(
        "WRAPPER-CERTIFICATE",
        Ends::Blocked,
        INFERRED,
        "Chứng thư số của hệ thống trung gian hoặc của cơ quan không được chấp nhận. Hãy kiểm tra cấu hình chứng thư.",
        "A certificate, the wrapper's or the agency's, is not accepted. Check the configured certificates.",
    ),
];

/// Said of every look-up.
pub(crate) const NO_QUESTION: &str = "WRAPPER-NO-QUESTION";

const NO_QUESTION_TEXT: ReasonText = ReasonText {
    code: NO_QUESTION,
    vi: "Hệ thống trung gian không có dịch vụ tra cứu. Hãy xem hồ sơ trên trang của Cổng Dịch vụ công quốc gia.",
    en: "The wrapper cannot be asked about anything. Look at the dossier on the portal's own page.",
};

/// Said of contents that the wrapper has no service for; a mistake of the gateway, not of the desk.
pub(crate) const WRONG_CONTENT: &str = "WRAPPER-WRONG-CONTENT";

const WRONG_CONTENT_TEXT: ReasonText = ReasonText {
    code: WRONG_CONTENT,
    vi: "Nội dung không thuộc dịch vụ nào của hệ thống trung gian: lỗi của cổng kết nối. Hãy báo quản trị viên.",
    en: "The content belongs to no service of the wrapper: a fault of the gateway. Tell the administrator.",
};

/// The sentences of all reasons that this adapter gives: the table's and its own two.
pub const REASONS: &[ReasonText] =
    &sentences::<{ ROWS.len() + 2 }>(ROWS, &[WRONG_CONTENT_TEXT, NO_QUESTION_TEXT]);
