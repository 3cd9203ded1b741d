//! MyVNPost's status codes.
//!
//! 0 to 24, 28 and 29 are those of the customer API as public clients list them (read 08/2026). A status is a number and
//! no closed list, so that a test can let the mock say one that nobody knows.

use serde::{Deserialize, Serialize};

/// A station in the life of an order, by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Status(pub u16);

impl Status {
    /// Saved, not ordered.
    pub const DRAFT: Self = Self(0);
    /// Created.
    pub const CREATED: Self = Self(1);
    /// The postman took note of the collection.
    pub const NOTICED: Self = Self(2);
    /// The postman is on the way to the sender.
    pub const COLLECTING: Self = Self(4);
    /// The sender was not met.
    pub const NOT_COLLECTED: Self = Self(5);
    /// The post has the parcel.
    pub const COLLECTED: Self = Self(6);
    /// The collection was cancelled.
    pub const COLLECTION_CANCELLED: Self = Self(9);
    /// On its way.
    pub const IN_TRANSIT: Self = Self(10);
    /// At the office that delivers it.
    pub const ARRIVED: Self = Self(11);
    /// The postman has it.
    pub const OUT_FOR_DELIVERY: Self = Self(12);
    /// The receiver has it.
    pub const DELIVERED: Self = Self(14);
    /// The receiver was not met.
    pub const FAILED: Self = Self(15);
    /// A return is waiting for approval.
    pub const RETURN_ASKED: Self = Self(16);
    /// A return was approved.
    pub const RETURN_APPROVED: Self = Self(17);
    /// The return began.
    pub const RETURN_BEGUN: Self = Self(18);
    /// The sender has it again.
    pub const RETURNED: Self = Self(19);
    /// The cash was paid out to the sender.
    pub const CASH_PAID: Self = Self(21);
    /// On its way back.
    pub const RETURNING: Self = Self(24);
    /// Fees were settled.
    pub const SETTLED: Self = Self(28);

    /// What the post calls it; the names of 28 and 29 are this mock's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            0 => "Lưu nháp",
            1 => "Đã tạo",
            2 => "Bưu tá nhận yêu cầu thu gom",
            3 => "Chờ xác nhận",
            4 => "Đang lấy hàng",
            5 => "Lấy hàng không thành công",
            6 => "Đã lấy hàng",
            7 => "Bưu cục đã nhận",
            8 => "Lấy hàng thất bại",
            9 => "Hủy thu gom",
            10 => "Đang vận chuyển",
            11 => "Đến bưu cục phát",
            12 => "Đang giao",
            13 => "Chuyển tiếp",
            14 => "Đã giao",
            15 => "Giao không thành công",
            16 => "Chờ chuyển hoàn",
            17 => "Đã duyệt hoàn",
            18 => "Bắt đầu chuyển hoàn",
            19 => "Trả hàng thành công",
            20 => "Trả một phần",
            21 => "Đã trả tiền COD",
            22 => "Hủy giao",
            23 => "Giao một phần",
            24 => "Đang chuyển hoàn",
            28 => "Đã đối soát cước",
            29 => "Đã quyết toán cước",
            _ => "Trạng thái khác",
        }
    }

    /// Whether a parcel that was ever there is, or was, in the post's hands.
    #[must_use]
    pub fn is_collected(self) -> bool {
        matches!(self.0, 6 | 7 | 10..=24)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parcel_is_the_posts_from_collection_on() {
        let collected: Vec<u16> = (0..=29).filter(|code| Status(*code).is_collected()).collect();
        let expected: Vec<u16> = [6, 7].into_iter().chain(10..=24).collect();
        assert_eq!(collected, expected);
        let named = (0..=29).filter(|code| Status(*code).name() != "Trạng thái khác").count();
        assert_eq!(named, 27, "post contract 5.4: 0 to 24, 28 and 29");
    }
}
