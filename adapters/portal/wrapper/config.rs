//! Settings of one account at a province's wrapper.
//!
//! [`WrapperSettings`] is filled by the daemon's configuration; the defaults that no public document settles (phrases,
//! codes) stand in [`defaults`] with their sources. Nothing here reads a file or the environment.
//! [`WrapperSettings::endpoints`] checks the addresses and is the last place where a setting can be wrong: what it
//! returns is complete.

use crate::FieldSet;
use lienthong_http::ClientSettings;
pub use lienthong_http::settings::SettingProblem;
use lienthong_http::settings::{address, check_not_empty};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use url::Url;

/// One account at a province's wrapper.
#[derive(Clone, Debug)]
pub struct WrapperSettings {
    /// Where records and rows go.
    pub addresses: Addresses,
    /// Address whose answer shows that the wrapper can be reached; empty: the root of the address for new records.
    pub probe_url: String,
    /// Name of a header that goes with every call; empty: none.
    pub header_name: String,
    /// Its value; empty without a name.
    pub header_value: SecretString,
    /// Phrases that mean *we have this dossier already*.
    pub exists_phrases: Vec<String>,
    /// Phrases that mean *we do not have this dossier*.
    pub missing_phrases: Vec<String>,
    /// Phrases of a text that mean *taken*.
    pub success_phrases: Vec<String>,
    /// Phrases of a text that mean *refused*; one may hold a phrase of success, as in “không thành công”.
    pub failure_phrases: Vec<String>,
    /// Values of `error_code` that mean success.
    pub success_codes: Vec<String>,
    /// Which fields a record has.
    pub field_set: FieldSet,
    /// Progress rows in one call at most.
    pub rows_per_call: usize,
    /// How calls are made.
    pub client: ClientSettings,
}

/// Where records and rows go; provinces differ.
#[derive(Clone, Debug)]
pub enum Addresses {
    /// An address for each of the three (DichVuCong_KhoaLuan_PASETO).
    Urls {
        /// Of new records.
        create: String,
        /// Of records in place of what is there.
        update: String,
        /// Of progress rows.
        progress: String,
    },
    /// One address for records, whose query says which agency speaks and whether the dossier is there (ServerWeb2).
    Query {
        /// Of records.
        record: String,
        /// Of progress rows; its query names the agency too.
        progress: String,
        /// Identifier of the agency at the wrapper.
        agency: String,
    },
}

/// What is assumed where nothing else is configured.
pub mod defaults {
    /// DichVuCong_KhoaLuan_PASETO, SyncLocalDataToDVCQGService.cs, read 08/2026.
    pub const EXISTS_PHRASES: &[&str] = &["đã tồn tại"];

    /// The mirror image of the phrase above; inferred.
    pub const MISSING_PHRASES: &[&str] = &["không tồn tại", "chưa tồn tại", "không tìm thấy"];

    /// DichVuCong_KhoaLuan_PASETO, SyncLocalDataToDVCQGService.cs, read 08/2026: how it tells that rows were taken.
    pub const SUCCESS_PHRASES: &[&str] = &["thành công"];

    /// The opposites of the phrase above; inferred. “Lỗi” is not among them: an error may come after the writing.
    pub const FAILURE_PHRASES: &[&str] = &["không thành công", "chưa thành công", "thất bại"];

    /// OpenCPS v2, DVCQGIntegrationActionImpl.java, read 08/2026, of the portal behind the wrapper.
    pub const SUCCESS_CODES: &[&str] = &["0", "00"];

    /// DichVuCong_KhoaLuan_PASETO, SyncLocalDataToDVCQGService.cs, read 08/2026.
    pub const ROWS_PER_CALL: usize = 10;
}

/// How long an unanswered probe may take at most: it asks for nothing that takes time.
pub(crate) const PROBE_DEADLINE: Duration = Duration::from_secs(10);

/// Query parameters (ServerWeb2, OnegateController.cs, read 08/2026).
const AGENCY: &str = "MaDinhDanhDV";
const IS_UPDATING: &str = "isUpdating";

/// The checked addresses.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) create: Url,
    pub(crate) update: Url,
    pub(crate) progress: Url,
    pub(crate) probe: Url,
}

impl WrapperSettings {
    /// Joins the addresses and checks everything.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub(crate) fn endpoints(&self) -> Result<Endpoints, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        if self.rows_per_call == 0 {
            problems.push(SettingProblem { key: "rows_per_call", rule: "must be at least 1, as in 10" });
        }
        if self.success_codes.is_empty() {
            problems
                .push(SettingProblem { key: "success_codes", rule: "must name one, as in [\"0\", \"00\"]" });
        }
        if self.success_phrases.is_empty() {
            problems.push(SettingProblem {
                key: "success_phrases",
                rule: "must name one, as in [\"thành công\"]",
            });
        }
        if self.header_name.is_empty() != self.header_value.expose_secret().is_empty() {
            problems.push(SettingProblem {
                key: "header_value",
                rule: "goes with header_name, and it with this",
            });
        }
        let calls = self.calls(&mut problems);
        let probe = (!self.probe_url.is_empty()).then(|| read("probe_url", &self.probe_url, &mut problems));
        match (calls, probe) {
            (Some([create, update, progress]), None) if problems.is_empty() => {
                let probe = create.join("/").expect("an address with a host has a root");
                Ok(Endpoints { create, update, progress, probe })
            }
            (Some([create, update, progress]), Some(Some(probe))) if problems.is_empty() => {
                Ok(Endpoints { create, update, progress, probe })
            }
            (_, _) => Err(problems),
        }
    }

    /// Addresses of creates, updates and rows.
    fn calls(&self, problems: &mut Vec<SettingProblem>) -> Option<[Url; 3]> {
        match &self.addresses {
            Addresses::Urls { create, update, progress } => {
                let create = read("create_url", create, problems);
                let update = read("update_url", update, problems);
                let progress = read("progress_url", progress, problems);
                Some([create?, update?, progress?])
            }
            Addresses::Query { record, progress, agency } => {
                check_not_empty(&[("agency_code", agency)], problems);
                let record = read("record_url", record, problems);
                let progress = read("progress_url", progress, problems);
                let of_agency = |url: Url| with(url, AGENCY, agency);
                let (record, progress) = (of_agency(record?), of_agency(progress?));
                let create = with(record.clone(), IS_UPDATING, "False");
                Some([create, with(record, IS_UPDATING, "True"), progress])
            }
        }
    }
}

fn read(key: &'static str, text: &str, problems: &mut Vec<SettingProblem>) -> Option<Url> {
    let rule = "must be an address, as in https://lgsp.example/KetNoiMotCuaQuocGia/ThemMoi";
    address(key, text, rule, problems)
}

fn with(mut url: Url, parameter: &str, value: &str) -> Url {
    url.query_pairs_mut().append_pair(parameter, value);
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wrapper::testing;

    #[test]
    fn each_call_has_its_own_address() {
        let endpoints = testing::settings("http://lgsp.example/mc").endpoints().unwrap();
        assert_eq!(endpoints.create.as_str(), "http://lgsp.example/mc/ThemMoi");
        assert_eq!(endpoints.update.as_str(), "http://lgsp.example/mc/CapNhat");
        assert_eq!(endpoints.progress.as_str(), "http://lgsp.example/mc/TienTrinh");
        assert_eq!(endpoints.probe.as_str(), "http://lgsp.example/");
    }

    #[test]
    fn a_query_says_who_speaks_and_whether_the_dossier_is_there() {
        let endpoints = testing::by_query("http://lgsp.example").endpoints().unwrap();
        let create = "http://lgsp.example/DongBoHoSoMC?ma=1&MaDinhDanhDV=000.00.25.H56&isUpdating=False";
        assert_eq!(endpoints.create.as_str(), create);
        assert_eq!(endpoints.update.as_str(), create.replace("False", "True"));
        assert_eq!(endpoints.progress.as_str(), "http://lgsp.example/TienTrinh?MaDinhDanhDV=000.00.25.H56");
        assert_eq!(endpoints.probe.as_str(), "http://lgsp.example/suc-khoe");
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let mut settings = testing::settings("lgsp.example");
        settings.probe_url = "lgsp.example".to_owned();
        settings.header_name = "X-Khoa".to_owned();
        settings.rows_per_call = 0;
        settings.success_codes.clear();
        settings.success_phrases.clear();
        let problems = settings.endpoints().unwrap_err();
        let keys: Vec<&str> = problems.iter().map(|problem| problem.key).collect();
        assert_eq!(
            keys,
            [
                "rows_per_call",
                "success_codes",
                "success_phrases",
                "header_value",
                "create_url",
                "update_url",
                "progress_url",
                "probe_url"
            ]
        );
        let mut settings = testing::by_query("http://lgsp.example");
        settings.addresses =
            Addresses::Query { record: String::new(), progress: String::new(), agency: " ".to_owned() };
        let problems = settings.endpoints().unwrap_err();
        let keys: Vec<&str> = problems.iter().map(|problem| problem.key).collect();
        assert_eq!(keys, ["agency_code", "record_url", "progress_url"]);
    }

    #[test]
    fn settings_never_print_the_header() {
        let printed = format!("{:?}", testing::by_query("http://lgsp.example"));
        assert!(!printed.contains(testing::HEADER), "{printed}");
    }
}
