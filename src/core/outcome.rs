//! What is known after an attempt: five outcomes and the reasons behind them.
//!
//! An adapter's classification table ends in one of these; `next` decides what follows. A reason has a stable ASCII code
//! with the partner in front (`POST-101`, `PORTAL-EXISTS`, `GATEWAY-NO-PHONE`); its Vietnamese and English sentences
//! stand in the table of whoever owns the code. A partner's free text can name a person: it is kept as evidence in the
//! payload store and shown on purpose, never logged.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// Stable code of a reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReasonCode(Cow<'static, str>);

impl ReasonCode {
    /// A code from a table.
    pub const fn known(code: &'static str) -> Self {
        Self(Cow::Borrowed(code))
    }

    /// A code that the partner sent and no row knows, with the partner in front: `PORTAL-57`.
    ///
    /// Only ASCII letters, digits and hyphens of the partner's code are kept, at most 20, so that no text slips in.
    pub fn unlisted(prefix: &str, partner_code: &str) -> Self {
        let kept: String =
            partner_code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(20).collect();
        let kept = if kept.is_empty() { "UNLISTED".to_owned() } else { kept.to_ascii_uppercase() };
        Self(Cow::Owned(format!("{prefix}-{kept}")))
    }

    /// Reads a code back from the journal.
    pub fn stored(code: String) -> Self {
        Self(Cow::Owned(code))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an attempt ended as it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code.
    pub code: ReasonCode,
    /// Path of the event's field that must be corrected, such as `postal.return.phone`.
    pub field: Option<String>,
    /// The partner's own words; evidence, not for logs.
    pub said: Option<String>,
}

impl Reason {
    /// A reason with a code alone.
    pub fn new(code: ReasonCode) -> Self {
        Self { code, field: None, said: None }
    }

    /// Names the field that must be corrected.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Keeps the partner's words as evidence.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.said = Some(text.into());
        self
    }
}

/// What is known after one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They have it.
    Accepted(Reason),
    /// They will never take this one.
    Rejected(Reason),
    /// They did not take it, and may later.
    Unavailable {
        /// Why.
        reason: Reason,
        /// How long they asked us to wait.
        wait: Option<Duration>,
        /// Nothing can have left us: refused, name not found, no connection.
        unsent: bool,
    },
    /// They may have it.
    Uncertain(Reason),
    /// Nothing to this account will pass until somebody acts.
    Blocked(Reason),
}

impl Outcome {
    /// Name in logs, metrics and the journal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Rejected(_) => "rejected",
            Self::Unavailable { .. } => "unavailable",
            Self::Uncertain(_) => "uncertain",
            Self::Blocked(_) => "blocked",
        }
    }

    /// The reason behind it.
    pub fn reason(&self) -> &Reason {
        match self {
            Self::Accepted(reason)
            | Self::Rejected(reason)
            | Self::Uncertain(reason)
            | Self::Blocked(reason) => reason,
            Self::Unavailable { reason, .. } => reason,
        }
    }
}

/// A row of a reason table: the code and what it says to people.
#[derive(Clone, Copy, Debug)]
pub struct ReasonText {
    /// Stable code.
    pub code: &'static str,
    /// Sentence for the officer.
    pub vi: &'static str,
    /// Sentence in English.
    pub en: &'static str,
}

/// Something that our own translation refuses: the handoff is born a dead letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code, `GATEWAY-…`.
    pub code: ReasonCode,
    /// Path of the event's field to correct.
    pub field: String,
}

impl Problem {
    /// A problem with a field of the event.
    pub fn new(code: &'static str, field: impl Into<String>) -> Self {
        Self { code: ReasonCode::known(code), field: field.into() }
    }
}

/// The reasons that the gateway itself gives.
pub mod gateway {
    use super::ReasonText;

    /// No usable phone for a parcel.
    pub const NO_PHONE: &str = "GATEWAY-NO-PHONE";
    /// A province or commune that no table knows.
    pub const UNKNOWN_AREA: &str = "GATEWAY-UNKNOWN-AREA";
    /// The agency has no profile for the post.
    pub const NO_AGENCY_PROFILE: &str = "GATEWAY-NO-AGENCY-PROFILE";
    /// A procedure code neither mapped nor national.
    pub const UNKNOWN_PROCEDURE: &str = "GATEWAY-UNKNOWN-PROCEDURE";
    /// A change of status that no process can mean.
    pub const STATUS_JUMP: &str = "GATEWAY-STATUS-JUMP";
    /// A record that would empty a list the portal holds.
    pub const EMPTIED_LIST: &str = "GATEWAY-EMPTIED-LIST";
    /// An address needed for the order is missing.
    pub const NO_ADDRESS: &str = "GATEWAY-NO-ADDRESS";
    /// Whether the partner took it could not be found out.
    pub const UNCERTAIN: &str = "GATEWAY-UNCERTAIN";
    /// Attempts or age used up.
    pub const BUDGET_SPENT: &str = "GATEWAY-BUDGET-SPENT";
    /// The same refusal on many dossiers: taken for an outage.
    pub const STORM: &str = "GATEWAY-STORM";
    /// The attempt broke inside the gateway.
    pub const PANIC: &str = "GATEWAY-PANIC";
    /// The daemon ended while the answer was awaited.
    pub const INTERRUPTED: &str = "GATEWAY-INTERRUPTED";
    /// A look-up found it at the partner.
    pub const FOUND: &str = "GATEWAY-FOUND";
    /// A look-up found something else under our number.
    pub const DIFFERS: &str = "GATEWAY-DIFFERS";
    /// The content was erased before it could be sent.
    pub const ERASED: &str = "GATEWAY-ERASED";
    /// The gateway failed to plan an event.
    pub const UNPLANNABLE: &str = "GATEWAY-UNPLANNABLE";
    /// The daemon ended while the answer was awaited, and the account is not configured any more.
    pub const NO_ACCOUNT: &str = "GATEWAY-NO-ACCOUNT";
    /// A person skipped it, so that what stood behind it could go on.
    pub const SKIPPED: &str = "GATEWAY-SKIPPED";
    /// A person says that the partner has it; nothing could be asked.
    pub const UNCHECKED: &str = "GATEWAY-UNCHECKED";
    /// A field that the partner requires is empty.
    pub const MISSING_FIELD: &str = "GATEWAY-MISSING-FIELD";
    /// The interface has no call that takes an order back.
    pub const NO_CANCEL: &str = "GATEWAY-NO-CANCEL";
    /// The interface has no call that leaves nothing behind.
    pub const NOT_ASKED: &str = "GATEWAY-NOT-ASKED";
    /// The account's pool has no free waybill.
    pub const NO_WAYBILL: &str = "GATEWAY-NO-WAYBILL";

    /// What each says to people.
    pub const REASONS: &[ReasonText] = &[
        ReasonText {
            code: NO_PHONE,
            vi: "Không có số điện thoại dùng được cho bưu gửi. Hãy bổ sung số của người nhận hoặc người nộp hồ sơ.",
            en: "No usable phone number for the parcel. Add the phone of the receiver or of the applicant.",
        },
        ReasonText {
            code: UNKNOWN_AREA,
            vi: "Mã tỉnh hoặc mã xã không có trong bảng mã bưu chính. Hãy kiểm tra địa chỉ hoặc bổ sung bảng mã.",
            en: "The province or commune code is not in the postal table. Check the address or extend the table.",
        },
        ReasonText {
            code: NO_AGENCY_PROFILE,
            vi: "Cơ quan chưa được cấu hình để gửi qua bưu chính. Hãy báo quản trị viên bổ sung thông tin cơ quan.",
            en: "The agency is not configured for the post. Ask the administrator to add its profile.",
        },
        ReasonText {
            code: UNKNOWN_PROCEDURE,
            vi: "Mã thủ tục không phải mã quốc gia và chưa có trong bảng thủ tục. Hãy sửa mã hoặc bổ sung bảng thủ tục.",
            en: "The procedure code is neither national nor mapped. Correct it or extend the table of procedures.",
        },
        ReasonText {
            code: STATUS_JUMP,
            vi: "Trạng thái mới không thể theo sau trạng thái hiện tại. Hãy kiểm tra lại trạng thái hồ sơ.",
            en: "The new status cannot follow the present one. Check the dossier's status.",
        },
        ReasonText {
            code: EMPTIED_LIST,
            vi: "Bản cập nhật sẽ xóa danh sách mà Cổng đang có. Hãy gửi lại hồ sơ với danh sách đầy đủ.",
            en: "The update would empty a list that the portal holds. Send the dossier again with the full list.",
        },
        ReasonText {
            code: NO_ADDRESS,
            vi: "Thiếu địa chỉ gửi hoặc nhận cho đơn bưu chính. Hãy bổ sung địa chỉ.",
            en: "An address that the postal order needs is missing. Add it.",
        },
        ReasonText {
            code: UNCERTAIN,
            vi: "Không xác định được đối tác đã nhận hay chưa. Hãy hỏi đối tác, nêu số đơn hoặc mã hồ sơ, trước khi gửi lại.",
            en: "Whether the partner took it could not be found out. Ask the partner, with order number or dossier code, before resending.",
        },
        ReasonText {
            code: BUDGET_SPENT,
            vi: "Đã hết số lần thử hoặc thời hạn gửi. Hãy kiểm tra tình trạng của đối tác rồi gửi lại.",
            en: "The attempts or the time allowed are used up. Check the partner, then replay.",
        },
        ReasonText {
            code: STORM,
            vi: "Nhiều hồ sơ bị từ chối vì cùng một lý do nên tài khoản bị chặn để kiểm tra.",
            en: "Many dossiers were refused for the same reason: the account is blocked to be checked.",
        },
        ReasonText {
            code: PANIC,
            vi: "Lỗi bên trong cổng kết nối khi đang gửi. Hãy báo quản trị viên.",
            en: "The gateway failed inside while sending. Tell the administrator.",
        },
        ReasonText {
            code: INTERRUPTED,
            vi: "Cổng kết nối dừng khi đang chờ câu trả lời.",
            en: "The gateway stopped while the answer was awaited.",
        },
        ReasonText {
            code: FOUND,
            vi: "Tra cứu cho thấy đối tác đã nhận.",
            en: "A look-up showed that the partner has it.",
        },
        ReasonText {
            code: DIFFERS,
            vi: "Đối tác đang giữ một bản khác dưới cùng mã. Hãy đối chiếu với đối tác; không gửi lại khi chưa rõ.",
            en: "The partner holds something else under the same number. Compare with the partner; do not resend before it is clear.",
        },
        ReasonText {
            code: ERASED,
            vi: "Nội dung đã được xóa theo thời hạn lưu giữ. Hãy gửi lại sự kiện từ phần mềm một cửa.",
            en: "The content was erased at the end of its retention. Publish the event again.",
        },
        ReasonText {
            code: UNPLANNABLE,
            vi: "Cổng kết nối không lập được kế hoạch cho sự kiện. Hãy báo quản trị viên kèm mã sự kiện.",
            en: "The gateway failed to plan the event. Tell the administrator, with the event's id.",
        },
        ReasonText {
            code: NO_ACCOUNT,
            vi: "Cổng kết nối dừng khi đang chờ trả lời và tài khoản nay không còn trong cấu hình. Hãy hỏi đối tác đã nhận hay chưa.",
            en: "The gateway stopped while it awaited the answer, and the account is no longer configured. Ask the partner whether they have it.",
        },
        ReasonText {
            code: SKIPPED,
            vi: "Cán bộ đã bỏ qua việc này để các việc phía sau được gửi tiếp. Lý do có trong nhật ký thao tác.",
            en: "A person skipped it so that what stood behind it could go on. The reason stands in the audit.",
        },
        ReasonText {
            code: UNCHECKED,
            vi: "Cán bộ xác nhận đối tác đã nhận; cổng kết nối không tra cứu được để kiểm chứng.",
            en: "A person confirmed that the partner has it; the gateway could not look it up to check.",
        },
        ReasonText {
            code: MISSING_FIELD,
            vi: "Thiếu thông tin mà đối tác bắt buộc. Hãy bổ sung trường được nêu.",
            en: "Something the partner requires is missing. Fill in the field named.",
        },
        ReasonText {
            code: NO_CANCEL,
            vi: "Giao diện này của bưu điện không có lệnh hủy đơn. Hãy gọi bưu cục với số đơn để dừng bưu gửi.",
            en: "This interface of the post takes no cancels. Phone the post office with the order number to stop the parcel.",
        },
        ReasonText {
            code: NOT_ASKED,
            vi: "Giao diện này không có lệnh nào thử được mà không để lại gì; chưa hỏi đối tác.",
            en: "This interface has no call that leaves nothing behind; the partner was not asked.",
        },
        ReasonText {
            code: NO_WAYBILL,
            vi: "Kho mã vận đơn của tài khoản đã hết nên đơn chưa gửi được. Hãy xin bưu điện dải mã mới và nhập vào kho.",
            en: "The account's pool has no free waybill, so the order waits. Ask the post for a new range and import it.",
        },
    ];
}
