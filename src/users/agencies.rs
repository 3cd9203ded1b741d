//! The agencies that a user is bound to.

use lienthong_core::text;

/// All agencies, or those of some patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agencies {
    /// Codes, or beginnings with a star: `H11.01.*`. A star alone is all.
    patterns: Vec<String>,
}

impl Agencies {
    /// All agencies.
    pub fn all() -> Self {
        Self { patterns: vec!["*".to_owned()] }
    }

    /// Those of these patterns; `None` when one is no pattern.
    pub fn of<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Option<Self> {
        let patterns: Option<Vec<String>> =
            patterns.into_iter().map(|pattern| pattern_of(pattern.as_ref())).collect();
        patterns.filter(|patterns| !patterns.is_empty()).map(|patterns| Self { patterns })
    }

    /// Whether there is no agency outside.
    pub fn is_all(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern == "*")
    }

    /// Whether the agency of this code is among them.
    pub fn has(&self, code: &str) -> bool {
        self.patterns.iter().any(|pattern| matches(pattern, code))
    }

    /// The patterns, as the configuration has them.
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// The same for SQLite: a JSON list for `json_each`, each value the right side of a `GLOB`. No pattern has a character
    /// with a meaning there but the star at its end, so that `GLOB` and [`Agencies::has`] agree.
    pub fn globs(&self) -> String {
        let quoted: Vec<String> = self.patterns.iter().map(|pattern| format!("\"{pattern}\"")).collect();
        format!("[{}]", quoted.join(","))
    }
}

/// A pattern without surprises: letters, digits, `.`, `-` and `_`, and a star at its end.
fn pattern_of(pattern: &str) -> Option<String> {
    let pattern = text::normalise(pattern);
    let code = pattern.strip_suffix('*').unwrap_or(&pattern);
    let plain = code.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    (plain && !pattern.is_empty()).then_some(pattern)
}

/// Whether a code is meant by a pattern: itself, or `H11.01.*` for all below.
pub(crate) fn matches(pattern: &str, code: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => code.starts_with(prefix),
        None => pattern == code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_every_ending() {
        assert!(matches("H11.01.*", "H11.01.07"));
        assert!(matches("*", "H11.01.07"));
        assert!(matches("H11.01.07", "H11.01.07"));
        assert!(!matches("H11.01", "H11.01.07"));
        assert!(!matches("H11.02.*", "H11.01.07"));
    }

    #[test]
    fn a_user_has_the_agencies_of_all_her_patterns_and_no_other() {
        let some = Agencies::of(["H11.01.07", "H11.02.*"]).unwrap();
        for (code, expected) in [("H11.01.07", true), ("H11.01.08", false), ("H11.02.99", true), ("", false)]
        {
            assert_eq!(some.has(code), expected, "{code}");
        }
        assert!(!some.is_all());
        assert!(Agencies::all().is_all() && Agencies::all().has("H99"));
    }

    #[test]
    fn a_pattern_means_nothing_more_to_the_store() {
        for bad in ["", "H11.?", "[A-Z]*", "H*.01", "a\"b", "H11 01"] {
            assert_eq!(Agencies::of([bad]), None, "{bad}");
        }
        assert_eq!(Agencies::of(Vec::<String>::new()), None);
        let store = rusqlite::Connection::open_in_memory().unwrap();
        let agencies = Agencies::of(["H11.01.07", "H11.02.*"]).unwrap();
        let sql = "SELECT EXISTS (SELECT 1 FROM json_each(?1) AS pattern WHERE ?2 GLOB pattern.value)";
        for code in ["H11.01.07", "H11.01.070", "H11.02.99", "h11.02.99", "H11.02.", ""] {
            let found: bool = store.query_row(sql, (agencies.globs(), code), |row| row.get(0)).unwrap();
            assert_eq!(found, agencies.has(code), "{code}");
        }
    }
}
