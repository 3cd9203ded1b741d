//! The classification table of this interface.
//!
//! How an answer leads to a row stands in [`orders::classify`](crate::orders::classify), the rows themselves in
//! `orders::rows`. Rows cite where their answer was seen; where nothing is public, the row says *inferred*. Each row has a
//! recorded answer under `fixtures/answers`, and each recorded answer a row (test
//! `every_row_has_an_answer_and_every_answer_a_row`). No answer of this interface names a field, so no row does.

use crate::ngsp::translate::WRONG_CONTENT;
use crate::orders::classify::Words;
use crate::orders::rows::{order_rows, order_words};
use lienthong_core::outcome::ReasonText;
use lienthong_http::classify::{Row, sentences};

const SDK: &str =
    "OpenCPS v2, VNPostNGSPSDK (2017): HTTP 201 is success; 100 as in VNPostServices.cs; read 08/2026";

const ROWS: &[Row] = order_rows!("POST", ok: SDK;);

/// What this interface calls the service's answers.
pub(crate) const WORDS: Words = order_words!("POST", ROWS; waybill_unusable: None, refused: None);

const WRONG_CONTENT_TEXT: ReasonText = ReasonText {
    code: WRONG_CONTENT,
    vi: "Lỗi bên trong cổng kết nối: nội dung này không gửi cho bưu điện được. Hãy báo quản trị viên.",
    en: "The gateway failed inside: this cannot be sent to the post. Tell the administrator.",
};

/// The sentences of all reasons that this adapter gives: the table's, and of what it refuses itself.
pub const REASONS: &[ReasonText] = &sentences::<{ ROWS.len() + 1 }>(ROWS, &[WRONG_CONTENT_TEXT]);

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
