//! What is wrong with a configuration, in words that say what to write instead.
//!
//! Reading never stops at the first problem: everything found goes into a [`Report`], and `load` shows all of it at
//! once, grouped by file:
//!
//! ```text
//! config/gateway.toml: 2 problems
//!   accounts.post.deadline  "30" is not a duration; write a number and a unit, as in "30s"
//!   sources[2].sequence     is missing; write one of them, as in "contiguous"
//! ```
//!
//! A problem shows the value as the file has it, before variables are put in, and never a secret.

use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

/// One thing that is wrong, or doubtful.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// Dotted key; entries of lists are counted from 1. Of a CSV file, line and column.
    pub key: String,
    /// The value, the rule and an example.
    pub text: String,
}

/// Everything that is wrong with a configuration; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// All of them, in the order in which the files were read.
    pub fn all(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&listing(&self.0))
    }
}

/// Problems grouped by file, one a line, keys in a column.
pub fn listing(problems: &[Problem]) -> String {
    let mut files: Vec<&str> = Vec::new();
    for problem in problems {
        if !files.contains(&problem.file.as_str()) {
            files.push(&problem.file);
        }
    }
    files.into_iter().map(|file| listing_of(file, problems)).collect::<Vec<_>>().join("\n")
}

fn listing_of(file: &str, problems: &[Problem]) -> String {
    let here: Vec<&Problem> = problems.iter().filter(|problem| problem.file == file).collect();
    let width = here.iter().map(|problem| problem.key.chars().count()).max().unwrap_or(0);
    let noun = if here.len() == 1 { "problem" } else { "problems" };
    let lines = here.iter().map(|problem| format!("\n  {:width$}  {}", problem.key, problem.text));
    format!("{file}: {} {noun}{}", here.len(), lines.collect::<String>())
}

/// Where reading puts what it finds.
pub(super) struct Report<'e> {
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
    asked: RefCell<BTreeSet<String>>,
    secret_files: RefCell<BTreeSet<PathBuf>>,
    environment: &'e dyn Fn(&str) -> Option<String>,
}

impl<'e> Report<'e> {
    pub(super) fn new(environment: &'e dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            problems: RefCell::default(),
            warnings: RefCell::default(),
            asked: RefCell::default(),
            secret_files: RefCell::default(),
            environment,
        }
    }

    pub(super) fn problem(&self, file: &str, key: impl Into<String>, text: impl Into<String>) {
        let problem = Problem { file: file.to_owned(), key: key.into(), text: text.into() };
        self.problems.borrow_mut().push(problem);
    }

    pub(super) fn warning(&self, file: &str, key: impl Into<String>, text: impl Into<String>) {
        let warning = Problem { file: file.to_owned(), key: key.into(), text: text.into() };
        self.warnings.borrow_mut().push(warning);
    }

    /// Remembers that the reader knows this key: the example must document it.
    pub(super) fn asked(&self, key: String) {
        self.asked.borrow_mut().insert(key);
    }

    /// Remembers a file that a secret was read from.
    pub(super) fn secret_file(&self, path: PathBuf) {
        self.secret_files.borrow_mut().insert(path);
    }

    /// The files that secrets were read from.
    pub(super) fn secret_files(&self) -> Vec<PathBuf> {
        self.secret_files.borrow().iter().cloned().collect()
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.environment)(name)
    }

    #[cfg(test)]
    pub(super) fn known_keys(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }

    /// The warnings when nothing is wrong, else the problems.
    pub(super) fn finish(self) -> Result<Vec<Problem>, Problems> {
        let problems = self.problems.into_inner();
        if problems.is_empty() { Ok(self.warnings.into_inner()) } else { Err(Problems(problems)) }
    }
}

/// What follows an unknown word: the known one that was probably meant, or all of them.
pub(super) fn meant(word: &str, known: &[&str]) -> String {
    let nearest = known.iter().map(|candidate| (distance(word, candidate), candidate)).min();
    match nearest {
        Some((steps, candidate)) if steps <= 1 + word.chars().count() / 4 => {
            format!("did you mean {candidate}?")
        }
        _ if known.is_empty() => "none is known here".to_owned(),
        _ => format!("known are: {}", known.join(", ")),
    }
}

/// Letters to add, drop or change to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, candidate) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *candidate);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_stand_in_columns_under_their_file() {
        let report = Report::new(&|_| None);
        report.problem(
            "config/gateway.toml",
            "accounts.post.deadline",
            r#""30" is not a duration; write a number and a unit, as in "30s""#,
        );
        report.problem("config/gateway.toml", "mode", "is missing");
        report.problem("tables/units.csv", "line 3, code", "is empty");
        let shown = report.finish().unwrap_err().to_string();
        assert_eq!(
            shown,
            "config/gateway.toml: 2 problems\n  \
             accounts.post.deadline  \"30\" is not a duration; write a number and a unit, as in \"30s\"\n  \
             mode                    is missing\n\
             tables/units.csv: 1 problem\n  line 3, code  is empty"
        );
    }

    #[test]
    fn a_near_miss_names_the_word_that_was_meant() {
        let known = ["deadline", "customer_code"];
        assert_eq!(meant("deadlin", &known), "did you mean deadline?");
        assert_eq!(meant("custmer_cod", &known), "did you mean customer_code?");
        assert_eq!(meant("colour", &known), "known are: deadline, customer_code");
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
