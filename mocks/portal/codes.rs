//! The portal's codes and sentences.
//!
//! Only success and "đã tồn tại" are evidenced; the numbers below are this mock's assumption, chosen so that they differ.

/// Wrong user name or password (the contract infers `1` and the sentence).
pub const WRONG_CREDENTIALS: i64 = 1;
/// A body or field that breaks the contract; assumed.
pub const MALFORMED: &str = "2";
/// A session that is dead or unknown; assumed.
pub const SESSION: &str = "-1";
/// An agency that is not the session's; assumed.
pub const AGENCY: &str = "-5";
/// An update or row of a dossier that the portal does not have; assumed.
pub const ABSENT: &str = "-4";
/// A service that is unknown at this endpoint; assumed.
pub const SERVICE: &str = "-6";

/// A message about a dossier born on the portal whose local number is another than before; assumed.
pub const LOCAL: &str = "-7";

/// Sentence of [`LOCAL`]; assumed.
pub const LOCAL_TEXT: &str = "Mã hồ sơ đơn vị khác với lần đồng bộ trước";
/// Sentence of [`SESSION`]; assumed.
pub const SESSION_TEXT: &str = "Phiên đăng nhập đã hết hạn, vui lòng đăng nhập lại";
/// Sentence of [`WRONG_CREDENTIALS`].
pub const WRONG_CREDENTIALS_TEXT: &str = "Tài khoản hoặc mật khẩu không đúng";
/// Sentence of a create that meets its dossier; the words "đã tồn tại" are evidenced.
pub const EXISTS_TEXT: &str = "Hồ sơ đã tồn tại";
/// Sentence of [`ABSENT`]; assumed.
pub const ABSENT_TEXT: &str = "Hồ sơ không tồn tại";
/// Sentence of [`AGENCY`]; assumed.
pub const AGENCY_TEXT: &str = "Mã đơn vị không hợp lệ";
/// Sentence of [`SERVICE`]; assumed.
pub const SERVICE_TEXT: &str = "Dịch vụ không hợp lệ";
