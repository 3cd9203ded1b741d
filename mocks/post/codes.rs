//! The post's codes and sentences.
//!
//! `Status` 100 and 101 are those of the province-side interface with the same fields (a provincial system of 2023, read
//! 08/2026); that the NGSP interface uses them is an inference. All others are this mock's assumption.

/// Created, or cancelled.
pub const DONE: i64 = 100;
/// The order number exists already.
pub const EXISTS: i64 = 101;
/// A field that breaks the contract; comes with HTTP 400; assumed.
pub const MALFORMED: i64 = 102;
/// A cancel of an order that the post does not have; assumed.
pub const UNKNOWN_ORDER: i64 = 103;
/// A cancel of a parcel that was collected; assumed.
pub const COLLECTED: i64 = 104;
/// A customer code that is not the token's; comes with HTTP 403; assumed.
pub const CUSTOMER: i64 = 105;

/// Sentence of [`EXISTS`]; assumed.
pub const EXISTS_TEXT: &str = "Đơn hàng đã tồn tại";
/// Sentence of [`UNKNOWN_ORDER`]; assumed.
pub const UNKNOWN_ORDER_TEXT: &str = "Không tìm thấy đơn hàng";
/// Sentence of [`COLLECTED`]; assumed.
pub const COLLECTED_TEXT: &str = "Đơn hàng đã được thu gom, không thể hủy";
/// Sentence of [`CUSTOMER`]; assumed.
pub const CUSTOMER_TEXT: &str = "Mã khách hàng không thuộc tài khoản này";
