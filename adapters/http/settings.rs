//! What is wrong with the settings of an account.
//!
//! An adapter checks its settings when it is built and reports all problems at once. The daemon's configuration has
//! refused most of them before, with file and line; this is the last place where a setting can be wrong.

use std::fmt;
use url::Url;

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingProblem {
    /// Name of the setting.
    pub key: &'static str,
    /// The rule it breaks, with an example.
    pub rule: &'static str,
}

impl fmt::Display for SettingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.rule)
    }
}

/// All problems in one line.
pub fn listed(problems: &[SettingProblem]) -> String {
    problems.iter().map(SettingProblem::to_string).collect::<Vec<_>>().join("; ")
}

/// Reports those texts that say nothing.
pub fn check_not_empty(texts: &[(&'static str, &str)], problems: &mut Vec<SettingProblem>) {
    let empty = texts.iter().filter(|(_, text)| text.trim().is_empty());
    problems.extend(empty.map(|(key, _)| SettingProblem { key, rule: "must not be empty" }));
}

/// Reads an address that calls can be made to; a problem under `rule` otherwise.
pub fn address(
    key: &'static str,
    text: &str,
    rule: &'static str,
    problems: &mut Vec<SettingProblem>,
) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if url.is_none() {
        problems.push(SettingProblem { key, rule });
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_stand_in_one_line() {
        let mut problems = Vec::new();
        check_not_empty(&[("user", " "), ("unit", "H11"), ("code", "")], &mut problems);
        let rule = "must be an address, as in https://ngsp.example";
        assert_eq!(address("url", "ftp://ngsp.example", rule, &mut problems), None);
        assert_eq!(address("url_2", "ngsp.example/order", rule, &mut problems), None);
        assert!(address("url_3", "http://ngsp.example/order", rule, &mut problems).is_some());
        let expected = "user: must not be empty; code: must not be empty; \
                        url: must be an address, as in https://ngsp.example; \
                        url_2: must be an address, as in https://ngsp.example";
        assert_eq!(listed(&problems), expected);
    }
}
