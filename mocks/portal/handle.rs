//! What a test sees of the portal, and does to it.

use std::collections::BTreeMap;

use serde_json::json;

use crate::births::Birth;
use crate::portal::Portal;
use crate::store::{Counts, Dossier, DoubledRow};

impl Portal {
    /// One dossier.
    #[must_use]
    pub fn dossier(&self, code: &str) -> Option<Dossier> {
        self.store().dossiers().get(code).cloned()
    }

    /// All dossiers by code.
    #[must_use]
    pub fn dossiers(&self) -> BTreeMap<String, Dossier> {
        self.store().dossiers().clone()
    }

    /// How much it holds, without copying it.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.store().counts()
    }

    /// Rows that stand more than once by (`MaHoSo`, `ThoiDiemXuLy`, `TrangThai`, `NoiDungXuLy`).
    #[must_use]
    pub fn doubled_rows(&self) -> Vec<DoubledRow> {
        self.store().doubled_rows()
    }

    /// Kills the sessions of one agency, or of all.
    pub fn expire_sessions(&self, agency: Option<&str>) {
        self.store().sessions().close_all(agency);
    }

    /// Lets it have a dossier that nobody sent, with as little in its record as a search shows; false if it has that one.
    pub fn plant(&self, agency: &str, code: &str, status: &str) -> bool {
        let record = json!({ "MaHoSo": code, "TrangThaiHoSo": status });
        self.store().plant(agency, &record, mock_kit::now()).is_ok()
    }

    /// Lets it lose a dossier with its rows; false if it has none.
    pub fn remove(&self, code: &str) -> bool {
        self.store().remove(code)
    }

    /// Lets it know another status of a dossier; false if it has none.
    pub fn set_status(&self, code: &str, status: &str) -> bool {
        self.store().set_status(code, status)
    }

    /// Lets a search find a dossier so often; false if it has none.
    pub fn find_often(&self, code: &str, times: usize) -> bool {
        self.store().find_often(code, times)
    }

    /// Says that a dossier was born on the portal, under this number of the portal.
    pub fn bear(&self, agency: &str, number: &str) {
        self.store().births.bear(agency, number);
    }

    /// What it was told of a dossier that was born on the portal.
    #[must_use]
    pub fn born(&self, number: &str) -> Option<Birth> {
        self.store().births.of_number(number).cloned()
    }
}
