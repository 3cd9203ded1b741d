//! Dossiers that were born on the portal, and what their agencies told it of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use mock_kit::text;
use serde_json::{Value, json};

use crate::store::Refusal;

/// One dossier that was born on the portal.
#[derive(Debug, Clone)]
pub struct Birth {
    /// Agency that it belongs to.
    pub agency: String,
    /// Its number there (`MaHoSoDonVi`), once it was told.
    pub local: Option<String>,
    /// What was told, oldest first.
    pub updates: Vec<BirthUpdate>,
}

/// One message of `DongBoTrangThaiHoSo`.
#[derive(Debug, Clone)]
pub struct BirthUpdate {
    /// `TrangThai`.
    pub status: String,
    /// `NgayXuLy`.
    pub time: String,
    /// `NoiDung`.
    pub text: String,
    /// When it was taken.
    pub at: Timestamp,
    whole: String,
}

impl BirthUpdate {
    /// The message's `data` with all its members.
    #[must_use]
    pub fn whole(&self) -> Value {
        serde_json::from_str(&self.whole).unwrap_or_default()
    }
}

/// All of them, by the portal's number.
#[derive(Debug, Default)]
pub(crate) struct Births {
    born: BTreeMap<String, Birth>,
}

impl Births {
    pub(crate) fn bear(&mut self, agency: &str, number: &str) {
        let birth = Birth { agency: agency.to_owned(), local: None, updates: Vec::new() };
        self.born.insert(number.to_owned(), birth);
    }

    pub(crate) fn of_number(&self, number: &str) -> Option<&Birth> {
        self.born.get(number)
    }

    /// Takes a message of the agency about one of its dossiers.
    pub(crate) fn update(&mut self, agency: &str, data: &Value, at: Timestamp) -> Result<(), Refusal> {
        let birth = self.born.get_mut(text(data, "MaHoSo")).filter(|birth| birth.agency == agency);
        let birth = birth.ok_or(Refusal::Absent)?;
        let local = text(data, "MaHoSoDonVi");
        if birth.local.as_deref().is_some_and(|known| known != local) {
            return Err(Refusal::OtherLocal);
        }
        birth.local = Some(local.to_owned());
        birth.updates.push(BirthUpdate {
            status: text(data, "TrangThai").to_owned(),
            time: text(data, "NgayXuLy").to_owned(),
            text: text(data, "NoiDung").to_owned(),
            at,
            whole: data.to_string(),
        });
        Ok(())
    }

    pub(crate) fn show(&self) -> Value {
        let shown = self.born.iter().map(|(number, birth)| {
            let updates: Vec<Value> = birth.updates.iter().map(BirthUpdate::whole).collect();
            (number.clone(), json!({ "agency": birth.agency, "local": birth.local, "updates": updates }))
        });
        Value::Object(shown.collect())
    }
}
