//! Settings of one account at the portal's adapter on the exchange axis.
//!
//! [`AxisSettings`] is filled by the daemon's configuration; the defaults that no public document settles (session
//! life, phrases, codes) stand in [`defaults`] with their sources. Nothing here reads a file or the environment.
//! [`AxisSettings::endpoints`] joins and checks the addresses and is the last place where a setting can be wrong: what
//! it returns is complete.

use crate::FieldSet;
use lienthong_core::status::Status;
use lienthong_http::ClientSettings;
pub use lienthong_http::settings::SettingProblem;
use lienthong_http::settings::{address, check_not_empty};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// One account at the adapter on the exchange axis.
#[derive(Clone, Debug)]
pub struct AxisSettings {
    /// Base address of the agency's adapter.
    pub adapter_url: String,
    /// Path of the login; joined to `adapter_url` by plain concatenation, as are the next two.
    pub auth_endpoint: String,
    /// Path of the services that write.
    pub integration_endpoint: String,
    /// Path of the services that read.
    pub share_endpoint: String,
    /// Account that the Government Office issued.
    pub username: String,
    /// Its password.
    pub password: SecretString,
    /// Identifier of the agency at the portal (`madonvi`).
    pub madonvi: String,
    /// Destination subsystem on the exchange axis, such as `VN:GOV:000.00.00.G22:vpcpdvcprovider`; empty: not sent.
    pub dstcode: String,
    /// Where `dstcode` travels.
    pub dstcode_place: DstcodePlace,
    /// Age at which a session is renewed without being asked.
    pub session_life: Duration,
    /// How long a refused login is answered from memory; also the longest wait honoured after a login.
    pub login_quiet: Duration,
    /// Words in an error's text that mean a dead session.
    pub session_words: Vec<String>,
    /// Phrases that mean *we have this dossier already*.
    pub exists_phrases: Vec<String>,
    /// Phrases that mean *we do not have this dossier*.
    pub missing_phrases: Vec<String>,
    /// Values of `error_code` that mean success.
    pub success_codes: Vec<String>,
    /// Code of `DongBoTrangThaiHoSo` for each status that is told there, of dossiers that were lodged at the portal; empty:
    /// the service is not used.
    pub status_codes: BTreeMap<Status, String>,
    /// Which fields a record has.
    pub field_set: FieldSet,
    /// Progress rows in one call at most.
    pub rows_per_call: usize,
    /// How calls are made.
    pub client: ClientSettings,
}

/// Where the destination subsystem travels: sources disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DstcodePlace {
    /// As the header `dstcode` (OpenCPS).
    Header,
    /// As the query parameter `dstcode` (other integrators).
    Query,
}

/// What is assumed where nothing else is configured.
pub mod defaults {
    use lienthong_core::status::Status;
    use std::time::Duration;

    /// OpenCPS v2, branch release-candidate-3.0, DVCQGIntegrationActionImpl.java, read 08/2026: 4, 6, 9 and 10 become 2;
    /// 3, 7 and 8 become 5. That 2 stays 2 is the contract's sample. Of 1 and 5 nothing is known that could be told: what
    /// this service calls 5 is an end, and a dossier that waits for papers has not ended. Another integrator sends 11 for 3.
    pub const STATUS_CODES: &[(Status, &str)] = &[
        (Status::Received, "2"),
        (Status::Refused, "5"),
        (Status::Processing, "2"),
        (Status::PaymentAsked, "2"),
        (Status::Withdrawn, "5"),
        (Status::Stopped, "5"),
        (Status::Done, "2"),
        (Status::Returned, "2"),
    ];

    /// OpenCPS keeps a session for 10 minutes, a client's assumption and not the portal's promise
    /// (OpenCPS v2, AccessTokenLocalServiceImpl.java, read 08/2026); one minute is the margin for clocks and calls.
    pub const SESSION_LIFE: Duration = Duration::from_secs(9 * 60);

    /// Five wrong passwords lock many systems for half an hour; a try every quarter of an hour stays below that.
    pub const LOGIN_QUIET: Duration = Duration::from_secs(15 * 60);

    /// No public source records the answer to a dead session; any of these words in an error is taken for one.
    pub const SESSION_WORDS: &[&str] = &["session", "phiên", "đăng nhập"];

    /// DichVuCong_KhoaLuan_PASETO, SyncLocalDataToDVCQGService.cs, read 08/2026.
    pub const EXISTS_PHRASES: &[&str] = &["đã tồn tại"];

    /// The mirror image of the phrase above; inferred.
    pub const MISSING_PHRASES: &[&str] = &["không tồn tại", "chưa tồn tại", "không tìm thấy"];

    /// OpenCPS v2, DVCQGIntegrationActionImpl.java, read 08/2026: three comparisons in one code base.
    pub const SUCCESS_CODES: &[&str] = &["0", "00"];

    /// DichVuCong_KhoaLuan_PASETO, SyncLocalDataToDVCQGService.cs, read 08/2026.
    pub const ROWS_PER_CALL: usize = 10;
}

/// The joined and checked addresses.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) auth: Url,
    pub(crate) integration: Url,
    pub(crate) share: Url,
}

impl AxisSettings {
    /// Joins the addresses and checks everything.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub(crate) fn endpoints(&self) -> Result<Endpoints, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let texts =
            [("username", &*self.username), ("madonvi", &*self.madonvi), ("adapter_url", &*self.adapter_url)];
        check_not_empty(&texts, &mut problems);
        if self.rows_per_call == 0 {
            problems.push(SettingProblem { key: "rows_per_call", rule: "must be at least 1, as in 10" });
        }
        if self.success_codes.is_empty() {
            problems
                .push(SettingProblem { key: "success_codes", rule: "must name one, as in [\"0\", \"00\"]" });
        }
        let auth = self.join("auth_endpoint", &self.auth_endpoint, &mut problems);
        let integration = self.join("integration_endpoint", &self.integration_endpoint, &mut problems);
        let share = self.join("share_endpoint", &self.share_endpoint, &mut problems);
        match (auth, integration, share) {
            (Some(auth), Some(integration), Some(share)) if problems.is_empty() => {
                Ok(Endpoints { auth, integration, share })
            }
            _ => Err(problems),
        }
    }

    fn join(&self, key: &'static str, endpoint: &str, problems: &mut Vec<SettingProblem>) -> Option<Url> {
        let rule =
            "adapter_url and endpoint together must be an address, as in http://axis.example:8080 and /login";
        let mut url = address(key, &format!("{}{endpoint}", self.adapter_url), rule, problems)?;
        if self.dstcode_place == DstcodePlace::Query && !self.dstcode.is_empty() {
            url.query_pairs_mut().append_pair("dstcode", &self.dstcode);
        }
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::testing;

    #[test]
    fn addresses_are_joined_by_plain_concatenation() {
        let settings = testing::settings("http://axis.example:8080/XrdAdapter/RestService/forward");
        let endpoints = settings.endpoints().unwrap();
        assert_eq!(
            endpoints.auth.as_str(),
            "http://axis.example:8080/XrdAdapter/RestService/forward/mapi/login"
        );
        assert_eq!(
            endpoints.share.as_str(),
            "http://axis.example:8080/XrdAdapter/RestService/forward/mapi/s"
        );
    }

    #[test]
    fn the_destination_joins_a_query_that_is_there() {
        let mut settings = testing::settings("http://axis.example:8080");
        settings.dstcode_place = DstcodePlace::Query;
        settings.share_endpoint = "/s?providerurl=http%3A%2F%2Fp.example".to_owned();
        let endpoints = settings.endpoints().unwrap();
        let pairs: Vec<(String, String)> = endpoints.share.query_pairs().into_owned().collect();
        assert_eq!(pairs[0], ("providerurl".to_owned(), "http://p.example".to_owned()));
        assert_eq!(pairs[1], ("dstcode".to_owned(), "VN:GOV:000.00.00.G22:vpcpdvcprovider".to_owned()));
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let mut settings = testing::settings("axis.example");
        settings.madonvi = " ".to_owned();
        settings.rows_per_call = 0;
        settings.success_codes.clear();
        let problems = settings.endpoints().unwrap_err();
        let keys: Vec<&str> = problems.iter().map(|problem| problem.key).collect();
        assert_eq!(
            keys,
            [
                "madonvi",
                "rows_per_call",
                "success_codes",
                "auth_endpoint",
                "integration_endpoint",
                "share_endpoint"
            ]
        );
    }

    #[test]
    fn settings_never_print_the_password() {
        let printed = format!("{:?}", testing::settings("http://axis.example"));
        assert!(!printed.contains(testing::PASSWORD), "{printed}");
    }
}
