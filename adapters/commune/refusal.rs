//! Why a message cannot be read, in codes that stay and words that people can act on.
//!
//! A refusal is what the intake writes into quarantine: a stable code, the field, and a sentence. The sentence says what
//! was expected; it quotes codes, types and statuses, cut short, and never the value of a field that can name a person.

use crate::Dialect;
use lienthong_core::outcome::{ReasonCode, ReasonText};
use lienthong_core::text;
use std::fmt;

/// The message has no bytes, or white space alone.
pub const EMPTY: &str = "COMMUNE-EMPTY";
/// The content type is missing, is not one of those read here, or names a character set other than UTF-8.
pub const CONTENT_TYPE: &str = "COMMUNE-CONTENT-TYPE";
/// The body, a text or a list is larger than allowed.
pub const TOO_LARGE: &str = "COMMUNE-TOO-LARGE";
/// Objects, arrays or elements are nested deeper than allowed.
pub const TOO_DEEP: &str = "COMMUNE-TOO-DEEP";
/// The bytes are not UTF-8.
pub const NOT_UTF8: &str = "COMMUNE-NOT-UTF8";
/// The body ends before the event does.
pub const TRUNCATED: &str = "COMMUNE-TRUNCATED";
/// Said to be JSON, and is not.
pub const NOT_JSON: &str = "COMMUNE-NOT-JSON";
/// Said to be XML, and is not.
pub const NOT_XML: &str = "COMMUNE-NOT-XML";
/// A document type declaration in the XML.
pub const DTD: &str = "COMMUNE-DTD";
/// An entity other than XML's own five.
pub const ENTITY: &str = "COMMUNE-ENTITY";
/// A version of CloudEvents or of the event schema that is not read here.
pub const UNKNOWN_VERSION: &str = "COMMUNE-UNKNOWN-VERSION";
/// A header `x-dialect` that names none.
pub const UNKNOWN_DIALECT: &str = "COMMUNE-UNKNOWN-DIALECT";
/// OpenCPS: a draft.
pub const DRAFT: &str = "COMMUNE-DRAFT";
/// OpenCPS: a status that the portal has none for.
pub const UNMAPPED_STATUS: &str = "COMMUNE-UNMAPPED-STATUS";
/// An event type that is none of the eight.
pub const UNKNOWN_TYPE: &str = "COMMUNE-UNKNOWN-TYPE";
/// A field of another kind: text instead of a number, a list instead of an object.
pub const WRONG_TYPE: &str = "COMMUNE-WRONG-TYPE";
/// A field given twice.
pub const DUPLICATE_FIELD: &str = "COMMUNE-DUPLICATE-FIELD";
/// A required field that is missing, null or empty.
pub const MISSING_FIELD: &str = "COMMUNE-MISSING-FIELD";
/// Neither a dossier code nor a sending slip.
pub const NO_DOSSIER: &str = "COMMUNE-NO-DOSSIER";
/// A value outside of what the field may hold.
pub const BAD_VALUE: &str = "COMMUNE-BAD-VALUE";

/// What each code says to people.
pub const REASONS: &[ReasonText] = &[
    ReasonText {
        code: EMPTY,
        vi: "Thông điệp rỗng. Hãy kiểm tra phần mềm gửi.",
        en: "The message is empty. Check the sending software.",
    },
    ReasonText {
        code: CONTENT_TYPE,
        vi: "Kiểu nội dung của thông điệp không được hỗ trợ. Hãy gửi application/cloudevents+json hoặc application/xml, mã hóa UTF-8.",
        en: "The content type is not supported. Send application/cloudevents+json or application/xml, in UTF-8.",
    },
    ReasonText {
        code: TOO_LARGE,
        vi: "Thông điệp, đoạn văn bản hoặc danh sách vượt quá kích thước cho phép. Hãy gửi liên kết thay cho nội dung tệp.",
        en: "The message, a text or a list is larger than allowed. Send links instead of the files themselves.",
    },
    ReasonText {
        code: TOO_DEEP,
        vi: "Dữ liệu trong thông điệp lồng nhau quá nhiều cấp. Hãy kiểm tra phần mềm gửi.",
        en: "The message is nested too deeply. Check the sending software.",
    },
    ReasonText {
        code: NOT_UTF8,
        vi: "Thông điệp không được mã hóa UTF-8. Hãy chuyển phần mềm gửi sang UTF-8.",
        en: "The message is not in UTF-8. Switch the sending software to UTF-8.",
    },
    ReasonText {
        code: TRUNCATED,
        vi: "Thông điệp bị cắt giữa chừng. Hãy gửi lại toàn bộ.",
        en: "The message is cut off. Send the whole of it again.",
    },
    ReasonText {
        code: NOT_JSON,
        vi: "Nội dung không phải là JSON hợp lệ. Hãy kiểm tra phần mềm gửi.",
        en: "The content is not valid JSON. Check the sending software.",
    },
    ReasonText {
        code: NOT_XML,
        vi: "Nội dung không phải là XML hợp lệ. Hãy kiểm tra phần mềm gửi.",
        en: "The content is not valid XML. Check the sending software.",
    },
    ReasonText {
        code: DTD,
        vi: "XML chứa khai báo DOCTYPE, không được chấp nhận vì lý do an toàn. Hãy bỏ khai báo này.",
        en: "The XML contains a DOCTYPE, which is refused for safety. Leave it out.",
    },
    ReasonText {
        code: ENTITY,
        vi: "XML dùng thực thể ngoài năm thực thể chuẩn. Hãy viết trực tiếp ký tự đó.",
        en: "The XML uses an entity other than the five standard ones. Write the character itself.",
    },
    ReasonText {
        code: UNKNOWN_VERSION,
        vi: "Phiên bản của sự kiện chưa được hỗ trợ. Hãy gửi theo phiên bản 1 hoặc nâng cấp cổng kết nối.",
        en: "The version of the event is not supported. Send version 1, or upgrade the gateway.",
    },
    ReasonText {
        code: UNKNOWN_DIALECT,
        vi: "Tiêu đề x-dialect của thông điệp không có trong danh mục. Hãy ghi cloudevents hoặc opencps, hoặc bỏ tiêu đề này.",
        en: "The header x-dialect of the message names none that is known. Write cloudevents or opencps, or leave it out.",
    },
    ReasonText {
        code: DRAFT,
        vi: "Hồ sơ còn là bản nháp nên chưa có gì để báo. Hãy cài đặt để phần mềm chỉ gửi từ khi hồ sơ được nộp.",
        en: "The dossier is a draft, so there is nothing to report. Let the software send it from when it is lodged.",
    },
    ReasonText {
        code: UNMAPPED_STATUS,
        vi: "Cổng không có trạng thái tương ứng. Hãy khai báo ý nghĩa của trạng thái này ở statuses của nguồn gửi trong cấu hình.",
        en: "The portal has no such status. Say what it means in statuses of the source, in the configuration.",
    },
    ReasonText {
        code: UNKNOWN_TYPE,
        vi: "Loại sự kiện không có trong danh mục. Hãy kiểm tra trường type.",
        en: "The event type is not in the list. Check the field type.",
    },
    ReasonText {
        code: WRONG_TYPE,
        vi: "Trường được nêu sai kiểu dữ liệu. Hãy sửa theo phần chi tiết.",
        en: "The field named has the wrong data type. Send it as described.",
    },
    ReasonText {
        code: DUPLICATE_FIELD,
        vi: "Trường được nêu xuất hiện hai lần. Hãy chỉ gửi một lần.",
        en: "The field named is given twice. Send it once.",
    },
    ReasonText {
        code: MISSING_FIELD,
        vi: "Thiếu trường bắt buộc hoặc trường để trống. Hãy bổ sung trường được nêu.",
        en: "A required field is missing or empty. Fill in the field named.",
    },
    ReasonText {
        code: NO_DOSSIER,
        vi: "Sự kiện không có mã hồ sơ và cũng không có số phiếu gửi. Hãy bổ sung một trong hai.",
        en: "The event has neither a dossier code nor the number of a sending slip. Add one of them.",
    },
    ReasonText {
        code: BAD_VALUE,
        vi: "Giá trị của trường được nêu không hợp lệ. Hãy sửa theo phần chi tiết.",
        en: "The value of the field named is not allowed. Correct it as described.",
    },
];

/// A message that cannot be read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code; its sentences stand in [`REASONS`].
    pub reason: ReasonCode,
    /// Path of the field concerned, such as `fees[0].amount`: the event's own attributes by their names, fields inside
    /// `data` without that word, as everywhere in the gateway.
    pub field: Option<String>,
    /// One sentence with what was expected.
    pub detail: String,
    /// The dialect it was read as; `None` when the content type told none.
    pub dialect: Option<Dialect>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{} at {field}: {}", self.reason, self.detail),
            None => write!(f, "{}: {}", self.reason, self.detail),
        }
    }
}

impl std::error::Error for Refusal {}

/// A refusal before its dialect is put on it.
#[derive(Debug)]
pub(crate) struct Fault {
    code: &'static str,
    field: Option<String>,
    detail: String,
}

impl Fault {
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, field: None, detail: detail.into() }
    }

    /// A fault at a path as the reader saw it; `data.` in front is dropped, and the root is no field.
    pub(crate) fn at(code: &'static str, path: &str, detail: impl Into<String>) -> Self {
        let path = path.strip_prefix("data.").unwrap_or(path);
        let field = (!matches!(path, "" | ".")).then(|| path.to_owned());
        Self { code, field, detail: detail.into() }
    }

    /// The same fault, found in a text that stands in this field.
    pub(crate) fn within(self, field: &str) -> Self {
        let inner = self.field.map(|inner| format!(".{inner}")).unwrap_or_default();
        Self { field: Some(format!("{field}{inner}")), ..self }
    }

    pub(crate) fn refusal(self, dialect: Option<Dialect>) -> Refusal {
        Refusal { reason: ReasonCode::known(self.code), field: self.field, detail: self.detail, dialect }
    }
}

/// A code as it may stand in a sentence: at most 60 characters. Where a code is expected, a desk's system that mixes its
/// columns up puts a name or a phone number: what does not look like a code is counted and not repeated.
pub(crate) fn quoted(code: &str) -> String {
    const LIMIT: usize = 60;
    if !text::is_code_like(code) {
        return format!("a text of {} characters", code.chars().count());
    }
    let shown = text::cut(code, LIMIT);
    let more = if code.chars().nth(LIMIT).is_some() { "…" } else { "" };
    format!("\"{shown}{more}\"")
}
