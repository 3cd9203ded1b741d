//! A sentence in both languages.

use lienthong_core::outcome::ReasonText;
use serde::Serialize;
use utoipa::ToSchema;

/// A sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sentence {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl Sentence {
    /// These two.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }
}

impl From<&ReasonText> for Sentence {
    fn from(text: &ReasonText) -> Self {
        Self::new(text.vi, text.en)
    }
}
