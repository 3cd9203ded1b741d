//! MyVNPost's answers to a cancel, and its sentences.
//!
//! Evidenced are the types `00` and `02`, that any other is a refusal, and the sentence of `02`; the numbers of the
//! refusals and all other sentences are this mock's assumption.

/// The order is cancelled.
pub const CANCELLED: &str = "00";
/// A post office has to approve.
pub const ASKED: &str = "02";
/// The order number is unknown; assumed.
pub const UNKNOWN: &str = "01";
/// The order did not come by the API; assumed.
pub const FOREIGN: &str = "03";
/// The parcel was collected; assumed.
pub const COLLECTED: &str = "04";
/// The order was cancelled before; assumed.
pub const AGAIN: &str = "05";

/// Sentence of [`CANCELLED`].
pub const CANCELLED_TEXT: &str = "Hủy đơn hàng thành công";
/// Sentence of [`ASKED`].
pub const ASKED_TEXT: &str = "Chờ bưu cục phê duyệt";
/// Sentence of [`UNKNOWN`].
pub const UNKNOWN_TEXT: &str = "Không tìm thấy đơn hàng";
/// Sentence of [`FOREIGN`].
pub const FOREIGN_TEXT: &str = "Đơn hàng không được tạo qua API, không thể hủy";
/// Sentence of [`COLLECTED`].
pub const COLLECTED_TEXT: &str = "Bưu tá đã lấy hàng, không thể hủy";
/// Sentence of [`AGAIN`].
pub const AGAIN_TEXT: &str = "Đơn hàng đã được hủy trước đó";
/// Wrong user name, password or customer code.
pub const WRONG_CREDENTIALS_TEXT: &str = "Tên đăng nhập hoặc mật khẩu không đúng";
/// A token that is dead or unknown.
pub const TOKEN_TEXT: &str = "Token không hợp lệ hoặc đã hết hạn";
/// A customer code that is not the token's.
pub const CUSTOMER_TEXT: &str = "Mã khách hàng không thuộc tài khoản này";
/// What no document describes, for a fault that wants it said.
pub const EXISTS_TEXT: &str = "Mã đơn hàng đã tồn tại";
