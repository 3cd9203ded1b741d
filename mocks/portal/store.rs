//! What the portal holds: sessions, records, progress rows.
//!
//! A call is written as a whole or not at all. Records are replaced, rows only appended. Texts are kept as they came, so
//! that a hundred thousand dossiers stay affordable.

use std::collections::BTreeMap;

use jiff::Timestamp;
use mock_kit::{Tokens, text};
use serde_json::{Value, json};

use crate::births::Births;

/// One dossier as the portal knows it.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// Agency that sent the newest record.
    pub agency: String,
    /// Every record that was written, oldest first.
    pub versions: Vec<Version>,
    /// Progress rows in the order of arrival.
    pub rows: Vec<Row>,
    /// How often a search finds it: once, unless it was planted twice.
    pub times: usize,
    newest: String,
}

/// One written record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// `TrangThaiHoSo`.
    pub status: String,
    /// Whether it came as an update.
    pub updating: bool,
    /// When it was written.
    pub at: Timestamp,
}

/// One progress row.
#[derive(Debug, Clone)]
pub struct Row {
    /// `ThoiDiemXuLy`.
    pub time: String,
    /// `TrangThai`.
    pub status: String,
    /// `NoiDungXuLy`.
    pub text: String,
    whole: String,
}

impl Dossier {
    /// The newest record, whole.
    #[must_use]
    pub fn record(&self) -> Value {
        serde_json::from_str(&self.newest).unwrap_or_default()
    }

    fn show(&self) -> Value {
        let versions: Vec<Value> = self
            .versions
            .iter()
            .map(|version| {
                json!({ "status": version.status, "updating": version.updating, "at": version.at.to_string() })
            })
            .collect();
        let rows: Vec<Value> = self.rows.iter().map(Row::whole).collect();
        json!({ "agency": self.agency, "record": self.record(), "versions": versions, "rows": rows })
    }
}

impl Row {
    /// The row with all its fields.
    #[must_use]
    pub fn whole(&self) -> Value {
        serde_json::from_str(&self.whole).unwrap_or_default()
    }
}

/// A row that stands more than once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DoubledRow {
    /// `MaHoSo`.
    pub dossier: String,
    /// `ThoiDiemXuLy`.
    pub time: String,
    /// `TrangThai`.
    pub status: String,
    /// `NoiDungXuLy`.
    pub text: String,
    /// How often it stands.
    pub times: usize,
}

/// How much the portal holds; cheap enough to ask again and again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Dossiers.
    pub dossiers: usize,
    /// Records written, all versions.
    pub records: usize,
    /// Progress rows.
    pub rows: usize,
}

/// Why a write was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Exists,
    Absent,
    OtherLocal,
}

/// Everything that the portal holds.
#[derive(Debug, Default)]
pub(crate) struct Store {
    sessions: Tokens,
    dossiers: BTreeMap<String, Dossier>,
    pub(crate) births: Births,
}

impl Store {
    pub(crate) fn sessions(&mut self) -> &mut Tokens {
        &mut self.sessions
    }

    /// Writes all records or none.
    pub(crate) fn write_records(
        &mut self,
        agency: &str,
        updating: bool,
        records: &[Value],
        at: Timestamp,
    ) -> Result<(), Refusal> {
        for (index, record) in records.iter().enumerate() {
            let code = text(record, "MaHoSo");
            let twice = records.iter().take(index).any(|earlier| text(earlier, "MaHoSo") == code);
            match (updating, self.dossiers.contains_key(code)) {
                (true, false) => return Err(Refusal::Absent),
                (false, true) => return Err(Refusal::Exists),
                (false, false) if twice => return Err(Refusal::Exists),
                (true, true) | (false, false) => {}
            }
        }
        for record in records {
            let version = Version { status: text(record, "TrangThaiHoSo").to_owned(), updating, at };
            let dossier = self.dossiers.entry(text(record, "MaHoSo").to_owned()).or_insert_with(|| Dossier {
                agency: String::new(),
                versions: Vec::new(),
                rows: Vec::new(),
                times: 1,
                newest: String::new(),
            });
            agency.clone_into(&mut dossier.agency);
            dossier.newest = record.to_string();
            dossier.versions.push(version);
        }
        Ok(())
    }

    /// Appends all rows or none.
    pub(crate) fn append_rows(&mut self, rows: &[Value]) -> Result<(), Refusal> {
        if rows.iter().any(|row| !self.dossiers.contains_key(text(row, "MaHoSo"))) {
            return Err(Refusal::Absent);
        }
        for row in rows {
            if let Some(dossier) = self.dossiers.get_mut(text(row, "MaHoSo")) {
                dossier.rows.push(Row {
                    time: text(row, "ThoiDiemXuLy").to_owned(),
                    status: text(row, "TrangThai").to_owned(),
                    text: text(row, "NoiDungXuLy").to_owned(),
                    whole: row.to_string(),
                });
            }
        }
        Ok(())
    }

    /// Keeps a dossier that nobody sent.
    pub(crate) fn plant(&mut self, agency: &str, record: &Value, at: Timestamp) -> Result<(), Refusal> {
        self.write_records(agency, false, std::slice::from_ref(record), at)
    }

    pub(crate) fn remove(&mut self, code: &str) -> bool {
        self.dossiers.remove(code).is_some()
    }

    /// Changes the newest status of a dossier; false if there is none.
    pub(crate) fn set_status(&mut self, code: &str, status: &str) -> bool {
        let Some(dossier) = self.dossiers.get_mut(code) else {
            return false;
        };
        let mut record = dossier.record();
        record["TrangThaiHoSo"] = json!(status);
        dossier.newest = record.to_string();
        if let Some(version) = dossier.versions.last_mut() {
            status.clone_into(&mut version.status);
        }
        true
    }

    /// Lets searches find a dossier so often; false if there is none.
    pub(crate) fn find_often(&mut self, code: &str, times: usize) -> bool {
        self.dossiers.get_mut(code).map(|dossier| dossier.times = times).is_some()
    }

    pub(crate) fn dossiers(&self) -> &BTreeMap<String, Dossier> {
        &self.dossiers
    }

    pub(crate) fn counts(&self) -> Counts {
        let dossiers = self.dossiers.values();
        dossiers.fold(Counts::default(), |counts, dossier| Counts {
            dossiers: counts.dossiers + 1,
            records: counts.records + dossier.versions.len(),
            rows: counts.rows + dossier.rows.len(),
        })
    }

    pub(crate) fn doubled_rows(&self) -> Vec<DoubledRow> {
        let mut counts: BTreeMap<(&str, &str, &str, &str), usize> = BTreeMap::new();
        for (code, dossier) in &self.dossiers {
            for row in &dossier.rows {
                *counts.entry((code, &row.time, &row.status, &row.text)).or_default() += 1;
            }
        }
        counts
            .into_iter()
            .filter(|(_, times)| *times > 1)
            .map(|((dossier, time, status, text), times)| DoubledRow {
                dossier: dossier.to_owned(),
                time: time.to_owned(),
                status: status.to_owned(),
                text: text.to_owned(),
                times,
            })
            .collect()
    }

    pub(crate) fn show(&self) -> Value {
        let dossiers: serde_json::Map<String, Value> =
            self.dossiers.iter().map(|(code, dossier)| (code.clone(), dossier.show())).collect();
        json!({ "dossiers": dossiers, "born": self.births.show(), "sessions": self.sessions.count() })
    }
}
