//! Why somebody does something: asked for with every act, kept in the audit for ever.

use super::Trouble;
use lienthong_core::text;

/// Characters of a reason at most: a sentence or two.
const LONGEST: usize = 500;

/// The reason of an act, as it goes into the audit.
///
/// # Errors
/// When there is none, or it is a whole story: nothing is cut off what is kept for ever.
pub(crate) fn reason(typed: &str) -> Result<String, Trouble> {
    let reason = text::normalise(typed);
    match reason.chars().count() {
        0 => Err(Trouble::input(
            "Hãy ghi lý do: mọi thao tác đều được lưu kèm lý do; không ghi tên công dân.",
            "Say why: every act is kept with its reason; no citizen's name belongs in it.",
        )),
        long if long > LONGEST => Err(Trouble::input(
            format!("Lý do dài quá {LONGEST} ký tự; hãy ghi ngắn hơn."),
            format!("The reason has more than {LONGEST} characters; write a shorter one."),
        )),
        _some => Ok(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_short_and_not_empty() {
        assert_eq!(reason("  công dân hỏi ").ok().as_deref(), Some("công dân hỏi"));
        assert!(reason(" \n").is_err());
        assert!(reason(&"a".repeat(LONGEST)).is_ok());
        assert!(reason(&"a".repeat(LONGEST + 1)).is_err());
    }
}
