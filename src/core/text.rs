//! Vietnamese text and phone numbers, by characters and never by bytes.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Trims and composes (NFC): desks send both composed and decomposed letters.
///
/// Nearly every text is composed already, which is seen much faster than it is composed again.
pub fn normalise(text: &str) -> String {
    let text = text.trim();
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        IsNormalized::No | IsNormalized::Maybe => text.nfc().collect(),
    }
}

/// The first `limit` characters.
pub fn cut(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// The text with a capital at its beginning: a sentence, made of words that stand elsewhere too.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The cells of a line of a list, parted by commas, semicolons or tabs, in quotes or not; each normalised.
pub fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' | ';' | '\t' if !quoted => cells.push(String::new()),
            _text => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                }
            }
        }
    }
    cells.into_iter().map(|cell| normalise(&cell)).collect()
}

/// Brings a phone number into the form the post dials: `0` and nine or ten more digits.
///
/// Accepts `+84`, `84`, blanks, dots, hyphens and brackets. `None` when no usable number remains. Vietnamese mobile
/// numbers have ten digits since 2018, landlines (02x) ten or eleven.
pub fn phone(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')')).collect();
    let national =
        match plain.strip_prefix("+84").or_else(|| plain.strip_prefix("84").filter(|rest| rest.len() >= 9)) {
            Some(rest) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
            None => plain,
        };
    let digits = national.chars().all(|c| c.is_ascii_digit());
    let usable = digits && national.starts_with('0') && matches!(national.len(), 10 | 11);
    let real = national.chars().skip(1).any(|c| c != '0');
    (usable && real).then_some(national)
}

/// Digits in a row that may be a phone or identity number.
const PERSONAL_DIGITS: usize = 9;

/// Whether a text of unknown origin looks like a code rather than like a person: ASCII without blanks, no mail address,
/// and no digits that are a phone or identity number. What does not is kept out of logs, columns and sentences.
pub fn is_code_like(text: &str) -> bool {
    let ascii =
        text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_' | '/' | '+'));
    let long_number = text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= PERSONAL_DIGITS);
    ascii && !long_number
}

/// Masks a phone: its first two and last three digits stay, `09x…678`, however it was written. What is no phone is masked
/// as any number.
pub fn mask_phone(text: &str) -> String {
    let Some(national) = phone(text) else { return mask_number(text) };
    let first: String = national.chars().take(2).collect();
    let last: String = national.chars().skip(national.chars().count() - 3).collect();
    format!("{first}x…{last}")
}

/// Masks all but the last three characters of an identity number, or of a number of which nothing is known.
pub fn mask_number(text: &str) -> String {
    let count = text.chars().count();
    text.chars().enumerate().map(|(i, c)| if i + 3 < count { '*' } else { c }).collect()
}

/// Masks a person's name or an address: first letter of each word.
pub fn mask_words(text: &str) -> String {
    text.split_whitespace()
        .map(|word| word.chars().take(1).chain(['*', '*']).collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_parted_whoever_wrote_it() {
        let check = |line: &str, expected: &[&str]| assert_eq!(cells(line), expected, "{line}");
        check("H11.01.07,2026-11;41", &["H11.01.07", "2026-11", "41"]);
        check("\"Tiến Thành, Phan Thiết\"\t 41 ", &["Tiến Thành, Phan Thiết", "41"]);
        check("", &[""]);
        assert_eq!((capital("đang phát"), capital("")), ("Đang phát".to_owned(), String::new()));
    }

    #[test]
    fn phones_become_national_or_nothing() {
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(phone(text).as_deref(), expected, "{text}");
        }
        check("0510000111", Some("0510000111"));
        check("+84 510 000 111", Some("0510000111"));
        check("84510000111", Some("0510000111"));
        check("(0252) 380-0111", Some("02523800111"));
        check("051.000.0111", Some("0510000111"));
        check("510000111", None);
        check("0000000000", None);
        check("không có", None);
        check("", None);
        check("05100001111234", None);
    }

    #[test]
    fn decomposed_letters_are_composed_before_cutting() {
        let decomposed = "Lo\u{300} Thi\u{323} Bu\u{31b}o\u{31b}\u{309}i";
        assert_eq!(normalise(decomposed), "Lò Thị Bưởi");
        assert_eq!(cut(&normalise(decomposed), 6), "Lò Thị");
    }

    proptest! {
        #[test]
        fn a_text_that_passes_for_composed_is_composed(
            text in "[ a-zđơưàảãáạ\u{300}\u{301}\u{303}\u{309}\u{323}\u{31b}\u{1100}\u{1161}ﬁ]{0,12}",
        ) {
            let composed: String = text.trim().nfc().collect();
            prop_assert_eq!(normalise(&text), composed);
        }
    }

    #[test]
    fn a_code_is_told_from_a_person() {
        fn check(text: &str, expected: bool) {
            assert_eq!(is_code_like(text), expected, "{text}");
        }
        check("H11.01.07-220915-0041", true);
        check("application/cloudevents+json", true);
        check("urn:lienthong:commune:H11.01.07", true);
        check("0c6f2f2e-77a5-4c0e-9b1e-5a8f3a1c9002", true);
        check("Lò Thị Bưởi", false);
        check("Lo Thi Buoi", false);
        check("0510000111", false);
        check("+84510000111", false);
        check("999199000124", false);
        check("buoi@hoso.example", false);
    }

    #[test]
    fn a_phone_keeps_its_first_two_and_last_three_digits() {
        fn check(text: &str, expected: &str) {
            assert_eq!(mask_phone(text), expected, "{text}");
        }
        check("0510000678", "05x…678");
        check("+84 510 000 678", "05x…678");
        check("02523800111", "02x…111");
        check("510000678", "******678");
        check("", "");
    }

    #[test]
    fn masks_leave_little() {
        assert_eq!(mask_number("999199000124"), "*********124");
        assert_eq!(mask_words("Lò Thị Bưởi"), "L** T** B**");
    }
}
