//! Walks a TOML table by the keys we know and reports everything else.
//!
//! A [`Section`] is one table of a file. Each getter names a key and its [`Rule`]; when the value breaks the rule, the
//! getter reports the problem and returns a stand-in, so that reading goes on and finds the rest. When a section is
//! dropped, the keys that nobody asked for are reported as unknown: forgetting to check is not possible.
//!
//! `${NAME}` inside a string stands for an environment variable (`$${` for the characters themselves). Problems show
//! the text of the file, not the variable's value.

use super::problems::{Report, meant};
use super::rules::Rule;
use secrecy::SecretString;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use toml::{Table, Value};

/// The file that a section stands in.
#[derive(Debug)]
pub(super) struct Origin {
    /// As it was named, for problems.
    pub(super) shown: String,
    /// Relative paths start here.
    pub(super) folder: PathBuf,
}

impl Origin {
    pub(super) fn of(path: &Path) -> Rc<Self> {
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Rc::new(Self { shown: path.display().to_string(), folder })
    }
}

/// One table of a file.
pub(super) struct Section<'r> {
    report: &'r Report<'r>,
    origin: Rc<Origin>,
    /// Dotted key of this table; empty for the whole file.
    path: String,
    /// The same with `<name>` for names that the user chooses.
    shape: String,
    table: Table,
    known: RefCell<Vec<&'static str>>,
}

impl<'r> Section<'r> {
    /// The whole file.
    pub(super) fn root(report: &'r Report<'r>, origin: Rc<Origin>, table: Table) -> Self {
        Self { report, origin, path: String::new(), shape: String::new(), table, known: RefCell::default() }
    }

    /// Whether the key is written.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether the key holds a list.
    pub(super) fn is_list(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(Value::is_array)
    }

    /// A value that must be there.
    pub(super) fn required<T>(&self, key: &'static str, rule: Rule<T>) -> T {
        self.needed(key, &rule).unwrap_or_else(|| rule.stand_in())
    }

    /// A value that must be there; `None` when it is missing or wrong, for what cannot go on with a stand-in.
    pub(super) fn needed<T>(&self, key: &'static str, rule: &Rule<T>) -> Option<T> {
        let Some(value) = self.value(key) else {
            self.problem(key, format!("is missing; {}, as in {}", rule.hint, shown(&rule.example)));
            return None;
        };
        self.parsed(key, &value, rule)
    }

    /// A value with a default.
    pub(super) fn or<T>(&self, key: &'static str, rule: Rule<T>, default: T) -> T {
        self.optional(key, rule).unwrap_or(default)
    }

    /// A value that may be absent.
    pub(super) fn optional<T>(&self, key: &'static str, rule: Rule<T>) -> Option<T> {
        self.value(key).and_then(|value| self.parsed(key, &value, &rule))
    }

    /// A secret: `"${NAME}"` or `{ file = "path" }`, never written out in the configuration.
    pub(super) fn secret(&self, key: &'static str) -> SecretString {
        self.secret_or_plain(key, |_| false)
    }

    /// A secret that may be absent.
    pub(super) fn optional_secret(&self, key: &'static str) -> Option<SecretString> {
        self.value(key).map(|_written| self.secret(key))
    }

    /// A secret that may be written out when `plain` says that this text holds none.
    pub(super) fn secret_or_plain(&self, key: &'static str, plain: fn(&str) -> bool) -> SecretString {
        let hint = r#"write "${NAME}" for a variable or { file = "path" } for a file"#;
        match self.value(key) {
            None => self.problem(key, format!("is missing; {hint}")),
            Some(Value::String(text)) if text.contains("${") || plain(&text) => {
                return self.substituted(key, &text).unwrap_or_default().into();
            }
            Some(Value::String(_)) => {
                self.problem(key, format!("is a secret and does not belong into this file; {hint}"));
            }
            Some(Value::Table(table)) => return self.secret_file(key, table),
            Some(
                Value::Integer(_)
                | Value::Float(_)
                | Value::Boolean(_)
                | Value::Datetime(_)
                | Value::Array(_),
            ) => self.problem(key, format!("is not a secret; {hint}")),
        }
        SecretString::default()
    }

    fn secret_file(&self, key: &'static str, table: Table) -> SecretString {
        let reference = self.child(key, key, table);
        let path = reference.required("file", super::rules::text("secrets/password"));
        let file = self.origin.folder.join(&path);
        self.report.secret_file(file.clone());
        let Ok(text) = std::fs::read_to_string(&file) else {
            self.problem(key, format!("the file {path:?} cannot be read as text; put the secret there"));
            return SecretString::default();
        };
        if is_readable_by_all(&file) {
            let text = format!("everybody on this machine may read {path:?}; chmod 600 it");
            self.report.warning(&self.origin.shown, self.dotted(key), text);
        }
        let secret = text.strip_suffix('\n').unwrap_or(&text);
        let secret = secret.strip_suffix('\r').unwrap_or(secret);
        if secret.is_empty() {
            self.problem(key, format!("the file {path:?} is empty; put the secret there"));
        }
        secret.to_owned().into()
    }

    /// A path; a relative one starts at the file's folder.
    pub(super) fn path_or(&self, key: &'static str, default: &str) -> PathBuf {
        let text = self.or(key, super::rules::text(default), default.to_owned());
        self.origin.folder.join(text)
    }

    /// A path that may be absent.
    pub(super) fn optional_path(&self, key: &'static str, example: &str) -> Option<PathBuf> {
        self.optional(key, super::rules::text(example)).map(|text| self.origin.folder.join(text))
    }

    /// The content of a file that may be absent, such as a certificate.
    pub(super) fn optional_file(&self, key: &'static str, example: &str) -> Option<Vec<u8>> {
        let path = self.optional_path(key, example)?;
        std::fs::read(&path)
            .map_err(|error| self.problem(key, format!("{path:?} cannot be read: {error}")))
            .ok()
    }

    /// A table within; an absent one is empty.
    pub(super) fn section(&self, key: &'static str) -> Section<'r> {
        let table = match self.take(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(other) => {
                self.problem(key, format!("{} is not a table; write [{}]", shown(&other), self.dotted(key)));
                Table::new()
            }
        };
        self.child(key, key, table)
    }

    /// A table within, when it is there.
    pub(super) fn optional_section(&self, key: &'static str) -> Option<Section<'r>> {
        self.known.borrow_mut().push(key);
        self.table.contains_key(key).then(|| self.section(key))
    }

    /// The tables within a table whose keys are the user's own names.
    pub(super) fn named(&self, key: &'static str) -> Vec<(String, Section<'r>)> {
        let parent = self.section(key);
        let mut sections = Vec::new();
        for (name, value) in &parent.table {
            let Value::Table(table) = value else {
                parent.problem(name, format!("{} is not a table of settings", shown(value)));
                continue;
            };
            sections.push((name.clone(), parent.child(name, "<name>", table.clone())));
        }
        parent.forget();
        sections
    }

    /// The entries of a list of tables.
    pub(super) fn each(&self, key: &'static str) -> Vec<Section<'r>> {
        let entries = match self.take(key) {
            None => Vec::new(),
            Some(Value::Array(entries)) => entries,
            Some(other) => {
                let text =
                    format!("{} is not a list of tables; write [[{}]]", shown(&other), self.dotted(key));
                self.problem(key, text);
                Vec::new()
            }
        };
        let tables = (1..).zip(entries).filter_map(|(number, entry)| match entry {
            Value::Table(table) => Some(self.child(&format!("{key}[{number}]"), &format!("{key}[]"), table)),
            Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Array(_) => {
                self.problem(key, format!("entry {number} is not a table; write [[{}]]", self.dotted(key)));
                None
            }
        });
        tables.collect()
    }

    /// A table from the user's own words to values of one rule.
    pub(super) fn map<T>(&self, key: &'static str, rule: &Rule<T>) -> BTreeMap<String, T> {
        self.report.asked(dotted(&self.shape, key));
        let inner = self.section(key);
        let mut map = BTreeMap::new();
        for (word, raw) in &inner.table {
            if let Some(value) = inner.filled(word, raw).and_then(|value| inner.parsed(word, &value, rule)) {
                map.insert(word.clone(), value);
            }
        }
        inner.forget();
        map
    }

    /// Reports a problem with a key of this section.
    pub(super) fn problem(&self, key: &str, text: impl Into<String>) {
        self.report.problem(&self.origin.shown, self.dotted(key), text);
    }

    /// Reports something doubtful.
    pub(super) fn warning(&self, key: &str, text: impl Into<String>) {
        self.report.warning(&self.origin.shown, self.dotted(key), text);
    }

    fn value(&self, key: &'static str) -> Option<Value> {
        self.report.asked(dotted(&self.shape, key));
        self.take(key)
    }

    fn take(&self, key: &'static str) -> Option<Value> {
        self.known.borrow_mut().push(key);
        self.table.get(key).cloned()
    }

    fn parsed<T>(&self, key: &str, raw: &Value, rule: &Rule<T>) -> Option<T> {
        let value = self.filled(key, raw)?;
        let parsed = (rule.parse)(&value);
        if parsed.is_none() {
            let example = shown(&rule.example);
            self.problem(key, format!("{} is not {}; {}, as in {example}", shown(raw), rule.what, rule.hint));
        }
        parsed
    }

    /// The value with its variables put in.
    fn filled(&self, key: &str, raw: &Value) -> Option<Value> {
        match raw {
            Value::String(text) => self.substituted(key, text).map(Value::String),
            Value::Array(entries) => entries
                .iter()
                .map(|entry| self.filled(key, entry))
                .collect::<Option<Vec<_>>>()
                .map(Value::Array),
            Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Table(_) => Some(raw.clone()),
        }
    }

    fn substituted(&self, key: &str, text: &str) -> Option<String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(literal) = before.strip_suffix('$') {
                filled.push_str(literal);
                filled.push_str("${");
                rest = after;
                continue;
            }
            let Some((name, behind)) = after.split_once('}') else {
                self.problem(key, "has ${ without a closing brace; write \"${NAME}\"");
                return None;
            };
            let Some(value) = self.report.variable(name) else {
                self.problem(
                    key,
                    format!("the environment variable {name} is not set; set it for the daemon"),
                );
                return None;
            };
            filled.push_str(before);
            filled.push_str(&value);
            rest = behind;
        }
        filled.push_str(rest);
        Some(filled)
    }

    fn child(&self, name: &str, shape: &str, table: Table) -> Section<'r> {
        Section {
            report: self.report,
            origin: Rc::clone(&self.origin),
            path: dotted(&self.path, name),
            shape: dotted(&self.shape, shape),
            table,
            known: RefCell::default(),
        }
    }

    fn dotted(&self, key: &str) -> String {
        dotted(&self.path, key)
    }

    /// Leaves without judging the keys nobody asked for.
    pub(super) fn forget(mut self) {
        self.table.clear();
    }
}

impl Drop for Section<'_> {
    fn drop(&mut self) {
        let known = self.known.borrow();
        for key in self.table.keys().filter(|key| !known.contains(&key.as_str())) {
            self.problem(key, format!("is not known here; {}", meant(key, &known)));
        }
    }
}

/// Joins keys; one that is not a bare TOML key stands in quotes.
fn dotted(path: &str, key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '[' | ']' | '<' | '>');
    let key = if key.chars().all(bare) { key.to_owned() } else { format!("{key:?}") };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// A value as the file writes it, cut where it is long.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().count() > 60 => {
            format!("{:?}", format!("{}…", lienthong_core::text::cut(text, 60)))
        }
        Value::String(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Datetime(time) => time.to_string(),
        Value::Array(entries) => format!("[{}]", entries.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Table(_) => "a table".to_owned(),
    }
}

#[cfg(unix)]
fn is_readable_by_all(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_all(_file: &Path) -> bool {
    false
}
