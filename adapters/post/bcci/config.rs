//! Settings of one account at the post's BCCI order service.
//!
//! [`BcciSettings`] is filled by the daemon's configuration; what no public document settles has its default in
//! [`defaults`], with its source. Nothing here reads a file or the environment. [`BcciSettings::service`] is the last
//! place where a setting can be wrong: what it returns is complete.

pub use crate::areas::AreaTable;
use crate::bcci::classify::WORDS;
use crate::orders::client::{Access, Addresses, Service, with_query};
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
use url::Url;

/// One account at the BCCI order service.
#[derive(Clone, Debug)]
pub struct BcciSettings {
    /// The way to the service.
    pub flavour: Flavour,
    /// Customer code that the post gave to the agency.
    pub customer_code: String,
    /// What stands in `FlagConfig`.
    pub flag_config: i64,
    /// Whether the post refuses a second order with the same number.
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

/// The way to the service.
#[derive(Clone, Debug)]
pub enum Flavour {
    /// At the post itself, with a token that stays the same.
    Direct {
        /// Where orders are made.
        order_url: String,
        /// Where orders are cancelled, if they can be.
        cancel_url: Option<String>,
        /// Where the tracking feed is read, if there is one.
        tracking_url: Option<String>,
        /// The token, sent as the header `access_token`.
        access_token: SecretString,
    },
    /// Through the province's LGSP: one address, services told apart by name.
    Lgsp {
        /// Where the LGSP gives tokens.
        token_url: String,
        /// Where the services stand.
        service_url: String,
        /// The service that makes orders.
        order_service: String,
        /// The service that cancels them, if there is one.
        cancel_service: Option<String>,
        /// The service that has the tracking feed, if there is one.
        tracking_service: Option<String>,
        /// Name of the credential at the LGSP.
        client_id: String,
        /// Its secret.
        client_secret: SecretString,
        /// How long a refused token is answered from memory; also the longest wait honoured after a token request.
        token_quiet: Duration,
    },
}

impl Flavour {
    /// The secret of the credential.
    pub fn secret(&self) -> &SecretString {
        match self {
            Self::Direct { access_token, .. } => access_token,
            Self::Lgsp { client_secret, .. } => client_secret,
        }
    }

    /// Takes another secret into use.
    pub fn set_secret(&mut self, secret: SecretString) {
        match self {
            Self::Direct { access_token, .. } => *access_token = secret,
            Self::Lgsp { client_secret, .. } => *client_secret = secret,
        }
    }

    /// Whether orders can be followed.
    pub fn has_feed(&self) -> bool {
        match self {
            Self::Direct { tracking_url, .. } => tracking_url.is_some(),
            Self::Lgsp { tracking_service, .. } => tracking_service.is_some(),
        }
    }
}

/// What is assumed where nothing else is configured; what is the same at NGSP has NGSP's default.
pub mod defaults {
    pub use crate::ngsp::config::defaults::{
        FEED_PAGE_SIZE, TOKEN_QUIET, TRACKING_CODES, UNCERTAIN_LIMIT, VISIBILITY_DELAY,
    };
    use crate::orders::settings::CodeMeaning;

    /// 100 and 101: DichVuCong_KhoaLuan_PASETO, VNPostServices.cs, read 08/2026. 103 and 104, as of NGSP, and 105: no
    /// public source; assumed, and to be confirmed by the post.
    pub const CODES: &[(&str, CodeMeaning)] = &[
        ("100", CodeMeaning::Done),
        ("101", CodeMeaning::AlreadyThere),
        ("103", CodeMeaning::UnknownOrder),
        ("104", CodeMeaning::AlreadyCollected),
        ("105", CodeMeaning::WaybillUnusable),
    ];

    /// The one client that was seen sends it always; its meaning is not public.
    pub const FLAG_CONFIG: i64 = 2;
}

const ADDRESS_RULE: &str = "must be an address, as in https://bcci.example/vnpost/order";

impl BcciSettings {
    /// The service that the settings speak of; reads the addresses and checks everything.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub(crate) fn service(&self) -> Result<Service, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        check_not_empty(&[("customer_code", &self.customer_code)], &mut problems);
        if self.flavour.has_feed() {
            check_feed(self.feed_page_size, &self.tracking_codes, &mut problems);
        }
        check_codes(&self.codes, &mut problems);
        let way = match &self.flavour {
            Flavour::Direct { order_url, cancel_url, tracking_url, access_token } => {
                direct(order_url, [cancel_url, tracking_url], access_token, &mut problems)
            }
            Flavour::Lgsp { .. } => lgsp(&self.flavour, &mut problems),
        };
        match way {
            Some((addresses, access)) if problems.is_empty() => Ok(Service {
                words: &WORDS,
                addresses,
                access,
                codes: self.codes.clone(),
                tracking_codes: self.tracking_codes.clone(),
                feed_page_size: self.feed_page_size,
                number_unique: self.number_unique == Uniqueness::Yes,
            }),
            Some(_) | None => Err(problems),
        }
    }
}

fn direct(
    order_url: &str,
    [cancel_url, tracking_url]: [&Option<String>; 2],
    access_token: &SecretString,
    problems: &mut Vec<SettingProblem>,
) -> Option<(Addresses, Access)> {
    let mut read = |key, text: &str| address(key, text, ADDRESS_RULE, problems);
    let order = read("order_url", order_url);
    let cancel = cancel_url.as_deref().map(|url| read("cancel_url", url));
    let tracking = tracking_url.as_deref().map(|url| read("tracking_url", url));
    let addresses = Addresses { order: order?, cancel: cancel.flatten(), tracking: tracking.flatten() };
    Some((addresses, Access::Header("access_token", access_token.clone())))
}

/// Services of an LGSP differ in the query alone.
fn lgsp(flavour: &Flavour, problems: &mut Vec<SettingProblem>) -> Option<(Addresses, Access)> {
    let Flavour::Lgsp {
        token_url,
        service_url,
        order_service,
        cancel_service,
        tracking_service,
        client_id,
        client_secret,
        token_quiet,
    } = flavour
    else {
        return None;
    };
    check_not_empty(&[("order_service", &**order_service), ("client_id", &**client_id)], problems);
    let token = address("token_url", token_url, ADDRESS_RULE, problems);
    let base = address("service_url", service_url, ADDRESS_RULE, problems)?;
    let at = |name: &str| -> Url { with_query(&base, &[("service", name)]) };
    let addresses = Addresses {
        order: at(order_service),
        cancel: cancel_service.as_deref().map(at),
        tracking: tracking_service.as_deref().map(at),
    };
    let access = Access::Token {
        url: token?,
        key: client_id.clone(),
        secret: client_secret.clone(),
        held: Box::new(Credential::new(*token_quiet)),
    };
    Some((addresses, access))
}

#[cfg(test)]
mod tests {
    use super::Flavour;
    use crate::bcci::testing;

    fn problems(settings: &super::BcciSettings) -> Vec<&'static str> {
        settings.service().err().unwrap().iter().map(|problem| problem.key).collect()
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let mut settings = testing::settings("http://bcci.example");
        settings.customer_code = " ".to_owned();
        settings.feed_page_size = 0;
        settings.tracking_codes.clear();
        settings.codes.clear();
        if let Flavour::Direct { cancel_url, .. } = &mut settings.flavour {
            *cancel_url = Some("bcci.example/cancel".to_owned());
        }
        let expected = ["customer_code", "feed_page_size", "tracking_codes", "codes", "cancel_url"];
        assert_eq!(problems(&settings), expected);
        let mut settings = testing::lgsp("lgsp.example");
        if let Flavour::Lgsp { order_service, client_id, .. } = &mut settings.flavour {
            order_service.clear();
            client_id.clear();
        }
        assert_eq!(problems(&settings), ["order_service", "client_id", "token_url", "service_url"]);
    }

    #[test]
    fn an_account_without_a_feed_needs_no_tracking_codes() {
        let mut settings = testing::settings("http://bcci.example");
        settings.tracking_codes.clear();
        assert!(settings.service().is_err());
        if let Flavour::Direct { tracking_url, .. } = &mut settings.flavour {
            *tracking_url = None;
        }
        assert!(settings.service().is_ok());
    }

    #[test]
    fn settings_never_print_the_secret() {
        for settings in [testing::settings("http://bcci.example"), testing::lgsp("http://lgsp.example")] {
            let printed = format!("{settings:?}");
            assert!(!printed.contains(testing::SECRET), "{printed}");
            let service = settings.service().ok().unwrap();
            assert!(!format!("{:?}", service.access).contains(testing::SECRET));
        }
    }
}
