//! The portal's own ten statuses of a dossier.
//!
//! Source: three independent code bases of provincial systems agree on the list (`docs/contracts.md`). Real processes
//! repeat, step back and re-open; which changes are refused is decided in `plan`, not here.

use serde::{Deserialize, Serialize};

/// Where a dossier stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Status {
    /// 1 Mới đăng ký.
    Lodged,
    /// 2 Được tiếp nhận.
    Received,
    /// 3 Không được tiếp nhận.
    Refused,
    /// 4 Đang xử lý.
    Processing,
    /// 5 Yêu cầu bổ sung giấy tờ.
    SupplementAsked,
    /// 6 Yêu cầu thực hiện nghĩa vụ tài chính.
    PaymentAsked,
    /// 7 Công dân yêu cầu rút hồ sơ.
    Withdrawn,
    /// 8 Dừng xử lý.
    Stopped,
    /// 9 Đã xử lý xong.
    Done,
    /// 10 Đã trả kết quả.
    Returned,
}

impl Status {
    /// All statuses, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Lodged,
        Self::Received,
        Self::Refused,
        Self::Processing,
        Self::SupplementAsked,
        Self::PaymentAsked,
        Self::Withdrawn,
        Self::Stopped,
        Self::Done,
        Self::Returned,
    ];

    /// The portal's code, 1 to 10.
    pub fn code(self) -> u8 {
        match self {
            Self::Lodged => 1,
            Self::Received => 2,
            Self::Refused => 3,
            Self::Processing => 4,
            Self::SupplementAsked => 5,
            Self::PaymentAsked => 6,
            Self::Withdrawn => 7,
            Self::Stopped => 8,
            Self::Done => 9,
            Self::Returned => 10,
        }
    }
}

/// A number that is none of the ten codes.
#[derive(Debug, thiserror::Error)]
#[error("status {0} is not one of the portal's codes 1 to 10")]
pub struct UnknownStatus(pub u8);

impl TryFrom<u8> for Status {
    type Error = UnknownStatus;

    fn try_from(code: u8) -> Result<Self, UnknownStatus> {
        Self::ALL.into_iter().find(|status| status.code() == code).ok_or(UnknownStatus(code))
    }
}

impl From<Status> for u8 {
    fn from(status: Status) -> Self {
        status.code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_one_to_ten_and_read_back() {
        for (expected, status) in (1..).zip(Status::ALL) {
            assert_eq!(status.code(), expected);
            assert_eq!(Status::try_from(expected).unwrap(), status);
        }
        assert!(Status::try_from(0).is_err());
        assert!(Status::try_from(11).is_err());
    }
}
