//! Settings of one account at the post's NGSP order API.
//!
//! [`NgspSettings`] is filled by the daemon's configuration; what no public document settles has its default in
//! [`defaults`], with its source. Nothing here reads a file or the environment. [`NgspSettings::service`] is the last
//! place where a setting can be wrong: what it returns is complete.

pub use crate::areas::{Area, AreaRow, AreaTable, OPERATIONAL};
use crate::ngsp::classify::WORDS;
use crate::orders::client::{Access, Addresses, Service};
pub use crate::orders::settings::{CodeMeaning, NoDistrict};
use crate::orders::settings::{check_codes, check_feed};
use lienthong_core::port::Uniqueness;
use lienthong_core::tracking::Meaning;
use lienthong_http::ClientSettings;
use lienthong_http::credential::Credential;
pub use lienthong_http::settings::SettingProblem;
use lienthong_http::settings::{address, check_not_empty};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// One account at the NGSP order API.
#[derive(Clone, Debug)]
pub struct NgspSettings {
    /// Where tokens are given (`apiGetToken`).
    pub token_url: String,
    /// Where orders are made (`apiPostOrder`).
    pub order_url: String,
    /// Where orders are cancelled (`apiCancelOrder`).
    pub cancel_url: String,
    /// Where the tracking feed is read (`apiGetOrderTracking`).
    pub tracking_url: String,
    /// Customer code that the post gave to the agency.
    pub customer_code: String,
    /// Name of the credential.
    pub customer_key: String,
    /// Its secret.
    pub customer_secret: SecretString,
    /// How long a refused token is answered from memory; also the longest wait honoured after a token request.
    pub token_quiet: Duration,
    /// Whether the post refuses a second order with the same number; ask the post.
    pub number_unique: Uniqueness,
    /// How long an order may take to appear in the feed.
    pub visibility_delay: Duration,
    /// Age at which an uncertain order that the feed does not show goes to a person.
    pub uncertain_limit: Duration,
    /// What the post's `Status` codes mean, by their text.
    pub codes: BTreeMap<String, CodeMeaning>,
    /// What the feed's `StatusCode`s mean, by their text; the rest is [`Meaning::UNKNOWN`].
    pub tracking_codes: BTreeMap<String, Meaning>,
    /// Rows of the feed in one call, 1 to 1000.
    pub feed_page_size: u16,
    /// What stands in a district's field when the address has none.
    pub no_district: NoDistrict,
    /// Postal areas.
    pub areas: Arc<AreaTable>,
    /// How calls are made.
    pub client: ClientSettings,
}

/// What is assumed where nothing else is configured.
pub mod defaults {
    use super::CodeMeaning;
    use lienthong_core::tracking::TrackingState;
    use std::time::Duration;

    /// 100 and 101: DichVuCong_KhoaLuan_PASETO, VNPostServices.cs, read 08/2026, of the order service behind an LGSP
    /// that takes the same fields. 103 and 104: no public source; assumed, and to be confirmed by the post.
    pub const CODES: &[(&str, CodeMeaning)] = &[
        ("100", CodeMeaning::Done),
        ("101", CodeMeaning::AlreadyThere),
        ("103", CodeMeaning::UnknownOrder),
        ("104", CodeMeaning::AlreadyCollected),
    ];

    /// The codes on which no two sources disagree (code table of the post's office for administrative dossiers in
    /// capstone_web_platform, first database scripts, read 08/2026). *Delivered* is 4 in OpenCPS and 5 in that table:
    /// it has no default and must be configured.
    pub const TRACKING_CODES: &[(&str, TrackingState)] = &[
        ("1", TrackingState::Collected),
        ("2", TrackingState::InTransit),
        ("3", TrackingState::InTransit),
        ("12", TrackingState::OutForDelivery),
    ];

    /// Half of what the API allows (1000): at some 400 bytes a row a page stays below a body cap of 1 MiB.
    pub const FEED_PAGE_SIZE: u16 = 500;

    /// Five wrong passwords lock many systems for half an hour; a try every quarter of an hour stays below that.
    pub const TOKEN_QUIET: Duration = Duration::from_secs(15 * 60);

    /// The feed may show an order only after its collection; looking at our index of it is cheap, but no news comes
    /// faster than the feed is read.
    pub const VISIBILITY_DELAY: Duration = Duration::from_secs(10 * 60);

    /// By the next day's collection the feed shows an order that the post has; what it does not show then, a person
    /// asks about.
    pub const UNCERTAIN_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);
}

const ADDRESS_RULE: &str = "must be an address, as in https://ngsp.example/vnpost/order";

impl NgspSettings {
    /// The service that the settings speak of; reads the addresses and checks everything.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub(crate) fn service(&self) -> Result<Service, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let texts = [("customer_code", &*self.customer_code), ("customer_key", &*self.customer_key)];
        check_not_empty(&texts, &mut problems);
        check_feed(self.feed_page_size, &self.tracking_codes, &mut problems);
        check_codes(&self.codes, &mut problems);
        let token = address("token_url", &self.token_url, ADDRESS_RULE, &mut problems);
        let order = address("order_url", &self.order_url, ADDRESS_RULE, &mut problems);
        let cancel = address("cancel_url", &self.cancel_url, ADDRESS_RULE, &mut problems);
        let tracking = address("tracking_url", &self.tracking_url, ADDRESS_RULE, &mut problems);
        let (Some(token), Some(order), Some(cancel), Some(tracking), true) =
            (token, order, cancel, tracking, problems.is_empty())
        else {
            return Err(problems);
        };
        Ok(Service {
            words: &WORDS,
            addresses: Addresses { order, cancel: Some(cancel), tracking: Some(tracking) },
            access: Access::Token {
                url: token,
                key: self.customer_key.clone(),
                secret: self.customer_secret.clone(),
                held: Box::new(Credential::new(self.token_quiet)),
            },
            codes: self.codes.clone(),
            tracking_codes: self.tracking_codes.clone(),
            feed_page_size: self.feed_page_size,
            number_unique: self.number_unique == Uniqueness::Yes,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ngsp::testing;

    #[test]
    fn every_problem_is_reported_at_once() {
        let mut settings = testing::settings("http://ngsp.example");
        settings.customer_code = " ".to_owned();
        settings.feed_page_size = 1001;
        settings.tracking_codes.clear();
        settings.codes.clear();
        settings.cancel_url = "ngsp.example/cancel".to_owned();
        let problems = settings.service().err().unwrap();
        let keys: Vec<&str> = problems.iter().map(|problem| problem.key).collect();
        assert_eq!(keys, ["customer_code", "feed_page_size", "tracking_codes", "codes", "cancel_url"]);
    }

    #[test]
    fn settings_never_print_the_secret() {
        let printed = format!("{:?}", testing::settings("http://ngsp.example"));
        assert!(!printed.contains(testing::SECRET), "{printed}");
    }
}
