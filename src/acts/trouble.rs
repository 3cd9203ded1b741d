//! What can go wrong with a request of the desk, in words that say what to do.
//!
//! A handler returns a [`Trouble`]; its response carries the trouble to the layer around, which alone knows whether a page
//! or JSON is wanted, and in which language.

use crate::journal;
use crate::users::NotAllowed;
use crate::views::Sentence;
use crate::views::refusals::Told;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Why a request was not answered as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nobody is logged in, or the token is unknown.
    LoggedOut,
    /// The actor's role, or agencies, do not allow it.
    NotAllowed,
    /// A form that no page of this session sent.
    Forged,
    /// There is no such thing, or the actor may not know of it.
    NotFound,
    /// What was sent cannot be used.
    Input(Sentence),
    /// It is not allowed as things stand.
    Refused(Sentence),
    /// The journal did not do it as things stand; it says why.
    Act(Told),
    /// Too much is under way.
    Busy,
    /// It took too long and was ended.
    TooLong,
    /// The gateway failed; its log says how.
    Failed,
}

impl Trouble {
    /// Something that was sent cannot be used.
    pub(crate) fn input(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Input(Sentence::new(vi, en))
    }

    /// It is not allowed as things stand.
    pub(crate) fn refused(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Refused(Sentence::new(vi, en))
    }

    /// For an answer that the web framework gave by itself, such as to a query that it could not read.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::LoggedOut,
            403 => Self::NotAllowed,
            404 => Self::NotFound,
            400..=499 => Self::input(
                "Yêu cầu không đọc được; hãy quay lại và nhập lại.",
                "The request cannot be read; go back and try again.",
            ),
            _ => Self::Failed,
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::LoggedOut => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::Forged => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Input(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused(_) | Self::Act(_) => StatusCode::CONFLICT,
            Self::Busy | Self::TooLong => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A stable word for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::LoggedOut => "logged-out",
            Self::NotAllowed => "not-allowed",
            Self::Forged => "forged",
            Self::NotFound => "not-found",
            Self::Input(_) => "input",
            Self::Refused(_) => "refused",
            Self::Act(told) => told.result,
            Self::Busy => "busy",
            Self::TooLong => "too-long",
            Self::Failed => "failed",
        }
    }

    /// What it is and what to do.
    pub(crate) fn sentence(&self) -> Sentence {
        match self {
            Self::LoggedOut => Sentence::new(
                "Bạn chưa đăng nhập, hoặc phiên làm việc đã hết; hãy đăng nhập lại.",
                "You are not logged in, or the session has ended; log in again.",
            ),
            Self::NotAllowed => Sentence::new(
                "Tài khoản của bạn không có quyền này; hãy hỏi người quản trị cổng kết nối.",
                "Your account may not do this; ask whoever administers the gateway.",
            ),
            Self::Forged => Sentence::new(
                "Biểu mẫu không phải của phiên làm việc này; hãy mở lại trang rồi gửi lại.",
                "The form is not of this session; open the page again and send it anew.",
            ),
            Self::NotFound => Sentence::new(
                "Không có trang hay mục này, hoặc nó thuộc cơ quan khác; hãy kiểm tra lại mã.",
                "There is no such page or thing, or it belongs to another agency; check the code.",
            ),
            Self::Input(sentence) | Self::Refused(sentence) => sentence.clone(),
            Self::Act(told) => Sentence::new(told.vi.as_str(), told.en.as_str()),
            Self::Busy => Sentence::new(
                "Cổng kết nối đang bận; hãy thử lại sau ít phút.",
                "The gateway is busy; try again in some minutes.",
            ),
            Self::TooLong => Sentence::new(
                "Thống kê này mất quá nhiều thời gian nên đã được dừng; hãy chọn một cơ quan hoặc kỳ ngắn hơn, hoặc chạy lệnh lienthong trên máy chủ.",
                "This took too long and was ended; choose one agency or a shorter period, or run the lienthong command on the server.",
            ),
            Self::Failed => Sentence::new(
                "Cổng kết nối gặp lỗi khi trả lời; hãy thử lại, nếu vẫn lỗi thì xem nhật ký của cổng.",
                "The gateway failed to answer; try again, and if it fails again look into its log.",
            ),
        }
    }
}

impl From<journal::Error> for Trouble {
    fn from(error: journal::Error) -> Self {
        tracing::error!(error = error.told(), "the journal failed a request of the desk");
        Self::Failed
    }
}

impl From<NotAllowed> for Trouble {
    fn from(NotAllowed: NotAllowed) -> Self {
        Self::NotAllowed
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
