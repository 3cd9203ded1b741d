//! Whether two writings mean one name of a unit.

use unicode_normalization::UnicodeNormalization as _;

/// What a unit is, longest first: `Thành phố` before a name that begins with it.
const KINDS: [&str; 9] =
    ["thành phố", "thị trấn", "thị xã", "đặc khu", "phường", "tỉnh", "huyện", "quận", "xã"];

/// The word that says what a unit is, when its name begins with one.
pub(super) fn kind_of(name: &str) -> Option<&'static str> {
    let folded = folded(name);
    KINDS.into_iter().find(|kind| {
        let kind = self::folded(kind);
        folded.strip_prefix(&kind).is_some_and(|rest| rest.starts_with(' '))
    })
}

/// Whether two writings mean one name. The statistics office's own lists differ in capitals and blanks, others leave out
/// what the unit is, and the tone mark stands on either vowel (*Hòa*, *Hoà*).
pub(super) fn same_name(one: &str, other: &str) -> bool {
    let (bare_one, bare_other) = (bare(one), bare(other));
    let kinds_agree = match (kind_of(one), kind_of(other)) {
        (Some(one), Some(other)) => one == other,
        (Some(_) | None, None) | (None, Some(_)) => true,
    };
    kinds_agree && bare_one == bare_other
}

/// The name without what the unit is.
fn bare(name: &str) -> String {
    let folded = folded(name);
    match kind_of(name).and_then(|kind| folded.strip_prefix(&self::folded(kind)).map(str::trim_start)) {
        Some(rest) => rest.to_owned(),
        None => folded,
    }
}

/// Lower case, single blanks, and each syllable's tone behind its letters.
fn folded(name: &str) -> String {
    name.split_whitespace().map(folded_syllable).collect::<Vec<_>>().join(" ")
}

fn folded_syllable(syllable: &str) -> String {
    let (tones, letters): (Vec<char>, Vec<char>) =
        syllable.to_lowercase().nfd().partition(|letter| TONES.contains(letter));
    letters.into_iter().chain(tones).collect()
}

/// The five tone marks: grave, acute, tilde, hook above, dot below.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_writing_of_a_name_is_no_new_name() {
        fn check(one: &str, other: &str, same: bool) {
            assert_eq!(same_name(one, other), same, "{one} / {other}");
            assert_eq!(same_name(other, one), same, "{other} / {one}");
        }
        check("Thành phố Hà Nội", "Thành Phố  Hà Nội ", true);
        check("Tỉnh Cao Bằng", "Cao Bằng", true);
        check("Xã Yên Hòa", "Xã Yên Hoà", true);
        check("Xã Yên Hòa", "Xã Yên Hoá", false);
        check("Xã Yên Hòa", "Phường Yên Hòa", false);
        check("Xã Thủy Nguyên", "Xã Thuỷ Nguyên", true);
        check("Xã Ba", "Xã Bà", false);
        check("Xã Ân", "Xã An", false);
    }
}
