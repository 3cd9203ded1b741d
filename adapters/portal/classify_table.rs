//! The rows of the classification table: code, outcome, sentences, field, source.

use crate::translate::WRONG_CONTENT;
use lienthong_core::outcome::ReasonText;

/// What an answer is in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// They have it.
    Accepted,
    /// They will never take this one.
    Rejected,
    /// They did not take it, and may later.
    Unavailable,
    /// They may have it.
    Uncertain,
    /// Nothing to this account passes until somebody acts.
    Blocked,
}

/// What the same attempt may do once before the answer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cure {
    /// Nothing.
    Nothing,
    /// Send a record as the other half of the pair create/update.
    OtherHalf,
    /// Log in again and send again.
    Renew,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Code and sentences.
    pub(crate) text: ReasonText,
    /// The outcome.
    pub(crate) ends: Ends,
    /// What is tried first.
    pub(crate) cure: Cure,
    /// The event's field to correct.
    pub(crate) field: Option<&'static str>,
    /// Where the answer was seen.
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers; a test checks that each row has one"))]
    pub(crate) source: &'static str,
}

pub(crate) const OK: &str = "PORTAL-OK";
pub(crate) const EXISTS: &str = "PORTAL-EXISTS";
pub(crate) const MISSING: &str = "PORTAL-MISSING";
pub(crate) const SESSION: &str = "PORTAL-SESSION";
pub(crate) const UNLISTED: &str = "PORTAL-UNLISTED";
pub(crate) const LOGIN_REFUSED: &str = "PORTAL-LOGIN-REFUSED";
pub(crate) const UNAUTHORISED: &str = "PORTAL-HTTP-401";
pub(crate) const FORBIDDEN: &str = "PORTAL-HTTP-403";
pub(crate) const TOO_LARGE: &str = "PORTAL-HTTP-413";
pub(crate) const TOO_MANY: &str = "PORTAL-HTTP-429";
pub(crate) const OUT_OF_SERVICE: &str = "PORTAL-HTTP-503";
pub(crate) const SERVER_ERROR: &str = "PORTAL-HTTP-5XX";
pub(crate) const REDIRECTED: &str = "PORTAL-HTTP-3XX";
pub(crate) const WRONG_ADDRESS: &str = "PORTAL-WRONG-ADDRESS";
pub(crate) const UNREADABLE: &str = "PORTAL-UNREADABLE";
pub(crate) const UNREACHABLE: &str = "PORTAL-UNREACHABLE";
pub(crate) const NO_ANSWER: &str = "PORTAL-NO-ANSWER";
pub(crate) const CERTIFICATE: &str = "PORTAL-CERTIFICATE";

const INFERRED: &str = "inferred: no public source records the answer";
const HTTP: &str = "inferred: meaning of the HTTP status (RFC 9110, RFC 6585)";
const OPENCPS: &str = "OpenCPS v2, DVCQGIntegrationActionImpl.java, read 08/2026";
const PASETO: &str = "DichVuCong_KhoaLuan_PASETO, SyncLocalDataToDVCQGService.cs, read 08/2026";

/// The table.
pub(crate) const TABLE: &[Row] = &[
    Row {
        text: ReasonText {
            code: OK,
            vi: "Cổng Dịch vụ công quốc gia đã nhận.",
            en: "The National Public Service Portal has it.",
        },
        ends: Ends::Accepted,
        cure: Cure::Nothing,
        field: None,
        source: OPENCPS,
    },
    Row {
        text: ReasonText {
            code: EXISTS,
            vi: "Cổng báo hồ sơ đã tồn tại khi thêm mới, nên chưa ghi; hồ sơ sẽ được gửi lại dưới dạng cập nhật.",
            en: "The portal said on create that the dossier exists, so nothing was written; it is sent as an update.",
        },
        ends: Ends::Rejected,
        cure: Cure::OtherHalf,
        field: Some("dossier.code"),
        source: PASETO,
    },
    Row {
        text: ReasonText {
            code: MISSING,
            vi: "Cổng báo hồ sơ không tồn tại. Hãy kiểm tra mã hồ sơ và mã thủ tục, rồi đồng bộ lại hồ sơ.",
            en: "The portal says it does not have the dossier. Check dossier and procedure code, then send it again.",
        },
        ends: Ends::Rejected,
        cure: Cure::OtherHalf,
        field: Some("dossier.code"),
        source: INFERRED,
    },
    Row {
        text: ReasonText {
            code: SESSION,
            vi: "Cổng không chấp nhận phiên làm việc, kể cả sau khi đăng nhập lại; sẽ gửi lại sau.",
            en: "The portal does not accept the session, not even a renewed one; it is sent again later.",
        },
        ends: Ends::Unavailable,
        cure: Cure::Renew,
        field: None,
        source: INFERRED,
    },
    Row {
        text: ReasonText {
            code: UNLISTED,
            vi: "Cổng từ chối với một mã lỗi chưa có trong bảng. Hãy đọc thông báo của Cổng và sửa hồ sơ.",
            en: "The portal refused with a code that no row knows. Read its words and correct the dossier.",
        },
        ends: Ends::Rejected,
        cure: Cure::Nothing,
        field: None,
        source: PASETO,
    },
    Row {
        text: ReasonText {
            code: LOGIN_REFUSED,
            vi: "Cổng từ chối đăng nhập. Hãy kiểm tra tài khoản và mật khẩu do Văn phòng Chính phủ cấp.",
            en: "The portal refused the login. Check the account and password that the Government Office issued.",
        },
        ends: Ends::Blocked,
        cure: Cure::Nothing,
        field: None,
        source: OPENCPS,
    },
    Row {
        text: ReasonText {
            code: UNAUTHORISED,
            vi: "Cổng trả lời 401 kể cả sau khi đăng nhập lại. Hãy kiểm tra tài khoản với Văn phòng Chính phủ.",
            en: "The portal answered 401, even after a renewed login. Check the account with the Government Office.",
        },
        ends: Ends::Blocked,
        cure: Cure::Renew,
        field: None,
        source: HTTP,
    },
    Row {
        text: ReasonText {
            code: FORBIDDEN,
            vi: "Cổng trả lời 403 kể cả sau khi đăng nhập lại. Hãy kiểm tra quyền của tài khoản và mã đơn vị.",
            en: "The portal answered 403, even after a renewed login. Check the account's rights and the agency code.",
        },
        ends: Ends::Blocked,
        cure: Cure::Renew,
        field: None,
        source: HTTP,
    },
    Row {
        text: ReasonText {
            code: TOO_LARGE,
            vi: "Dữ liệu gửi đi lớn hơn giới hạn của trục kết nối. Hãy bớt tài liệu đính kèm trong hồ sơ.",
            en: "The message is larger than the exchange takes. Reduce the documents listed in the dossier.",
        },
        ends: Ends::Rejected,
        cure: Cure::Nothing,
        field: Some("dossier.documents"),
        source: HTTP,
    },
    Row {
        text: ReasonText {
            code: TOO_MANY,
            vi: "Cổng báo gửi quá nhiều; sẽ gửi lại sau khoảng chờ Cổng yêu cầu.",
            en: "The portal says too many requests; it is sent again after the wait it asked for.",
        },
        ends: Ends::Unavailable,
        cure: Cure::Nothing,
        field: None,
        source: HTTP,
    },
    Row {
        text: ReasonText {
            code: OUT_OF_SERVICE,
            vi: "Cổng hoặc trục kết nối tạm ngừng phục vụ; sẽ gửi lại sau.",
            en: "The portal or the exchange is out of service; it is sent again later.",
        },
        ends: Ends::Unavailable,
        cure: Cure::Nothing,
        field: None,
        source: HTTP,
    },
    Row {
        text: ReasonText {
            code: SERVER_ERROR,
            vi: "Cổng hoặc trục kết nối gặp lỗi; chưa rõ đã ghi hay chưa.",
            en: "The portal or the exchange failed; whether it was written is not known.",
        },
        ends: Ends::Uncertain,
        cure: Cure::Nothing,
        field: None,
        source: HTTP,
    },
    Row {
        text: ReasonText {
            code: REDIRECTED,
            vi: "Địa chỉ của Cổng bị chuyển hướng; dữ liệu không được gửi theo. Hãy kiểm tra cấu hình địa chỉ.",
            en: "The portal's address redirects elsewhere; personal data does not follow. Check the configured address.",
        },
        ends: Ends::Blocked,
        cure: Cure::Nothing,
        field: None,
        source: HTTP,
    },
    Row {
        text: ReasonText {
            code: WRONG_ADDRESS,
            vi: "Không có dịch vụ của Cổng tại địa chỉ đã cấu hình. Hãy kiểm tra adapter_url và các đường dẫn.",
            en: "There is no portal service at the configured address. Check adapter_url and the endpoints.",
        },
        ends: Ends::Blocked,
        cure: Cure::Nothing,
        field: None,
        source: HTTP,
    },
    Row {
        text: ReasonText {
            code: UNREADABLE,
            vi: "Câu trả lời của Cổng không đọc được; chưa rõ đã ghi hay chưa.",
            en: "The portal's answer cannot be read; whether it was written is not known.",
        },
        ends: Ends::Uncertain,
        cure: Cure::Nothing,
        field: None,
        source: INFERRED,
    },
    Row {
        text: ReasonText {
            code: UNREACHABLE,
            vi: "Không kết nối được tới Cổng; chưa gửi gì. Sẽ gửi lại sau.",
            en: "The portal cannot be reached; nothing was sent. It is sent again later.",
        },
        ends: Ends::Unavailable,
        cure: Cure::Nothing,
        field: None,
        source: INFERRED,
    },
    Row {
        text: ReasonText {
            code: NO_ANSWER,
            vi: "Đã gửi nhưng không nhận được trả lời của Cổng; chưa rõ đã ghi hay chưa.",
            en: "It was sent, but no answer came; whether it was written is not known.",
        },
        ends: Ends::Uncertain,
        cure: Cure::Nothing,
        field: None,
        source: INFERRED,
    },
    Row {
        text: ReasonText {
            code: CERTIFICATE,
            vi: "Chứng thư số của Cổng hoặc của cơ quan không được chấp nhận. Hãy kiểm tra cấu hình chứng thư.",
            en: "A certificate, the portal's or the agency's, is not accepted. Check the configured certificates.",
        },
        ends: Ends::Blocked,
        cure: Cure::Nothing,
        field: None,
        source: INFERRED,
    },
];

const WRONG_CONTENT_TEXT: ReasonText = ReasonText {
    code: WRONG_CONTENT,
    vi: "Nội dung không thuộc dịch vụ nào của Cổng: lỗi của cổng kết nối. Hãy báo quản trị viên.",
    en: "The content belongs to no service of the portal: a fault of the gateway. Tell the administrator.",
};

/// Said of a look-up of a progress row.
pub(crate) const NO_QUESTION: &str = "PORTAL-NO-QUESTION";

const NO_QUESTION_TEXT: ReasonText = ReasonText {
    code: NO_QUESTION,
    vi: "Cổng không có dịch vụ tra cứu dòng tiến độ. Hãy xem tiến trình hồ sơ trên trang của Cổng.",
    en: "The portal cannot be asked about a progress row. Look at the dossier's progress on the portal's page.",
};

/// The sentences of all reasons that this adapter gives: the table's and its own two.
pub(crate) const REASONS: &[ReasonText] = &{
    let mut texts = [WRONG_CONTENT_TEXT; TABLE.len() + 2];
    texts[TABLE.len()] = NO_QUESTION_TEXT;
    let mut i = 0;
    while i < TABLE.len() {
        texts[i] = TABLE[i].text;
        i += 1;
    }
    texts
};
