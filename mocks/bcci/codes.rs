//! What this interface says beside the codes of [`mock_post::codes`]; all of it is assumed.

/// A waybill that is not of the customer's range, or that another order has used.
pub const WAYBILL: i64 = 105;
/// A customer code that is not the token's; comes with HTTP 403.
pub const CUSTOMER: i64 = 106;

/// Sentence of a waybill that another order has used.
pub const WAYBILL_USED_TEXT: &str = "Mã vận đơn đã được sử dụng cho đơn hàng khác";
/// Sentence of a waybill that is not of the customer's range.
pub const WAYBILL_FOREIGN_TEXT: &str = "Mã vận đơn không thuộc dải được cấp cho khách hàng này";
