//! Why somebody does something: asked for with every act, kept in the audit for ever.

use super::Trouble;

/// Characters of a reason at most: a sentence or two.
const LONGEST: usize = 500;

/// The reason that a form brought.
///
/// # Errors
/// When there is none, or it is a whole story.
pub(crate) fn why(text: &str) -> Result<String, Trouble> {
    let reason = lienthong_core::text::normalise(text);
    match reason.chars().count() {
        0 => Err(Trouble::input("Hãy ghi lý do.", "Write a reason.")),
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
        assert_eq!(why("  công dân hỏi ").ok().as_deref(), Some("công dân hỏi"));
        assert!(why(" \n").is_err());
        assert!(why(&"a".repeat(LONGEST)).is_ok());
        assert!(why(&"a".repeat(LONGEST + 1)).is_err());
    }
}
