//! Settings of one account at MyVNPost.
//!
//! [`MyVnPostSettings`] is filled by the daemon's configuration; what no public document settles has its default in
//! [`defaults`], with its source. Nothing here reads a file or the environment. [`MyVnPostSettings::endpoints`] is the
//! last place where a setting can be wrong: what it returns is complete.

pub use crate::areas::AreaTable;
use crate::myvnpost::webhook::Signature;
use lienthong_core::port::{LookUpAbility, Uniqueness};
use lienthong_core::tracking::{Meaning, TrackingState};
use lienthong_http::ClientSettings;
pub use lienthong_http::settings::SettingProblem;
use lienthong_http::settings::{address, check_not_empty};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// One account at MyVNPost.
#[derive(Clone, Debug)]
pub struct MyVnPostSettings {
    /// What stands before the name of every call, a prefix such as `/customer-partner` included.
    pub base_url: String,
    /// Name of the login.
    pub username: String,
    /// Its password.
    pub password: SecretString,
    /// Customer code that the post gave to the agency.
    pub customer_code: String,
    /// Number of the contract, where there is one.
    pub contract_code: Option<String>,
    /// How long a token is used; a dead one is renewed whatever this says.
    pub token_life: Duration,
    /// How long a refused login is answered from memory; also the longest wait honoured after a login.
    pub token_quiet: Duration,
    /// The post's service.
    pub service_code: String,
    /// Weight of a parcel, in grams.
    pub weight: u32,
    /// Means of transport.
    pub vehicle: String,
    /// How the desk's parcels enter the network.
    pub send_type: SendType,
    /// Service that collects money.
    pub cash_service: String,
    /// Its properties, all of them, with `{amount}` where the đồng stand.
    pub cash_properties: String,
    /// What stands in a district's field when the address has none.
    pub no_district: String,
    /// Whether the post refuses a second order with the same number; ask the post.
    pub number_unique: Uniqueness,
    /// What a search of the list of orders proves.
    pub look_up: LookUpAbility,
    /// How often an authoritative search must find nothing.
    pub absent_looks: u32,
    /// How long an order may take to appear in the list.
    pub visibility_delay: Duration,
    /// Age at which an uncertain order that was not found goes to a person.
    pub uncertain_limit: Duration,
    /// What the post's statuses mean, by their text; the rest is [`Meaning::UNKNOWN`].
    pub tracking_codes: BTreeMap<String, Meaning>,
    /// Orders of the list in one call, 1 to 500.
    pub page_size: u16,
    /// Postal areas, with numbers of communes.
    pub areas: Arc<AreaTable>,
    /// How webhooks of the account are judged, where it takes any.
    pub webhook: Option<Signature>,
    /// How calls are made.
    pub client: ClientSettings,
}

/// How a parcel enters the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendType {
    /// The postman collects it at the door.
    Collected,
    /// The sender brings it to a post office.
    Brought,
}

impl SendType {
    /// The post's word for it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Collected => "1",
            Self::Brought => "2",
        }
    }
}

/// Where the đồng stand in [`MyVnPostSettings::cash_properties`].
pub const AMOUNT: &str = "{amount}";

/// What is assumed where nothing else is configured.
pub mod defaults {
    use lienthong_core::tracking::TrackingState;
    use std::time::Duration;

    /// Documents, fast: shipping_integration, VnpostCatalog.php, read 08/2026. The post lists no service for
    /// administrative dossiers: ask which one the contract names.
    pub const SERVICE_CODE: &str = "ETN011";

    /// Some sheets in an envelope.
    pub const WEIGHT: u32 = 100;

    /// By road: shipping_integration, VnpostProvider.php, read 08/2026.
    pub const VEHICLE: &str = "BO";

    /// Cash on delivery and its one property: shipping_integration, VnpostCatalog.php, read 08/2026.
    pub const CASH_SERVICE: &str = "GTG021";
    /// See [`CASH_SERVICE`].
    pub const CASH_PROPERTIES: &str = "PROP0018:{amount}";

    /// Stands for the district in addresses of two levels: shipping_integration, README.md, read 08/2026.
    pub const NO_DISTRICT: &str = "VNPOST";

    /// The life of a token is not documented. A dead one is renewed within the attempt, so this only spares calls.
    pub const TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);

    /// Five wrong passwords lock many systems for half an hour; a try every quarter of an hour stays below that.
    pub const TOKEN_QUIET: Duration = Duration::from_secs(15 * 60);

    /// Nothing tells how soon a new order shows in the list of orders.
    pub const VISIBILITY_DELAY: Duration = Duration::from_secs(10 * 60);

    /// For contracts whose list is known to be complete.
    pub const ABSENT_LOOKS: u32 = 3;

    /// By the next day's collection the post has scanned what it has; what is not found then, a person asks about.
    pub const UNCERTAIN_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

    /// A fifth of what the API allows (500): a record is known to have some forty members, so that a page stays below a
    /// body cap of 1 MiB.
    pub const PAGE_SIZE: u16 = 100;

    /// The list of statuses 0 to 29 (public clients of the API, read 08/2026). *Delivered* has no default: another
    /// interface of the same post says *collecting* with the code that is said to mean it in a third place, and a wrong
    /// guess tells citizens of parcels that never came. 8 (collection failed for good), 20 and 23 (parts of a parcel)
    /// fit none of our states. 21 says that the cash was paid out, 28 and 29 speak of fees, as far as their names tell: what
    /// they mean for a contract, `cash-settled` or nothing, its account says. Without a row they are stored and shown as
    /// unknown.
    pub const TRACKING_CODES: &[(&str, TrackingState)] = &[
        ("0", TrackingState::Requested),
        ("1", TrackingState::Accepted),
        ("2", TrackingState::Collecting),
        ("3", TrackingState::Accepted),
        ("4", TrackingState::Collecting),
        ("5", TrackingState::Collecting),
        ("6", TrackingState::Collected),
        ("7", TrackingState::Collected),
        ("9", TrackingState::Cancelled),
        ("10", TrackingState::InTransit),
        ("11", TrackingState::InTransit),
        ("12", TrackingState::OutForDelivery),
        ("13", TrackingState::InTransit),
        ("15", TrackingState::FailedAttempt),
        ("16", TrackingState::Returning),
        ("17", TrackingState::Returning),
        ("18", TrackingState::Returning),
        ("19", TrackingState::Returned),
        ("22", TrackingState::Cancelled),
        ("24", TrackingState::Returning),
    ];
}

/// The checked addresses of the calls.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) token: Url,
    pub(crate) create: Url,
    pub(crate) cancel: Url,
    pub(crate) order: Url,
    pub(crate) list: Url,
    pub(crate) history: Url,
}

const ADDRESS_RULE: &str = "must be an address, as in https://connect-my.vnpost.example/customer-partner";

impl MyVnPostSettings {
    /// Reads the addresses and checks everything.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub(crate) fn endpoints(&self) -> Result<Endpoints, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let texts = [
            ("username", &*self.username),
            ("customer_code", &*self.customer_code),
            ("service_code", &*self.service_code),
            ("vehicle", &*self.vehicle),
            ("cash_service", &*self.cash_service),
            ("no_district", &*self.no_district),
        ];
        check_not_empty(&texts, &mut problems);
        let mut require = |holds: bool, key, rule| {
            if !holds {
                problems.push(SettingProblem { key, rule });
            }
        };
        require(self.weight > 0, "weight", "must be at least 1 gram, as in 100");
        require((1..=500).contains(&self.page_size), "page_size", "must be 1 to 500, as in 100");
        require(self.absent_looks > 0, "absent_looks", "must be at least 1, as in 3");
        require(
            self.cash_properties.contains(AMOUNT),
            "cash_properties",
            "must say where the amount stands, as in \"PROP0018:{amount}\"",
        );
        require(
            self.tracking_codes.values().any(|meaning| meaning.parcel == Some(TrackingState::Delivered)),
            "tracking_codes",
            "must name the code that means delivered, as in 14 = \"delivered\"; ask the post which it is",
        );
        let base = address("base_url", &self.base_url, ADDRESS_RULE, &mut problems);
        match base {
            Some(base) if problems.is_empty() => Ok(Endpoints::below(&base)),
            Some(_) | None => Err(problems),
        }
    }
}

impl Endpoints {
    fn below(base: &Url) -> Self {
        let call = |name: &str| {
            let mut url = base.clone();
            url.set_path(&format!("{}/{name}", base.path().trim_end_matches('/')));
            url
        };
        Self {
            token: call("GetAccessToken"),
            create: call("CreateOrder"),
            cancel: call("orderCancel"),
            order: call("getOrder"),
            list: call("GetListOrder"),
            history: call("GetStatusHistoryOrder"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::myvnpost::testing;

    #[test]
    fn every_problem_is_reported_at_once() {
        let mut settings = testing::settings("https://my.example/api");
        settings.username = " ".to_owned();
        settings.weight = 0;
        settings.page_size = 501;
        settings.absent_looks = 0;
        settings.cash_properties = "PROP0018:8000".to_owned();
        settings.tracking_codes.remove("14");
        settings.base_url = "my.example/api".to_owned();
        let problems = settings.endpoints().unwrap_err();
        let keys: Vec<&str> = problems.iter().map(|problem| problem.key).collect();
        let expected = [
            "username",
            "weight",
            "page_size",
            "absent_looks",
            "cash_properties",
            "tracking_codes",
            "base_url",
        ];
        assert_eq!(keys, expected);
    }

    #[test]
    fn calls_stand_below_the_base_address() {
        for base in ["https://my.example/api", "https://my.example/api/"] {
            let endpoints = testing::settings(base).endpoints().unwrap();
            assert_eq!(endpoints.token.as_str(), "https://my.example/api/GetAccessToken");
            assert_eq!(endpoints.cancel.as_str(), "https://my.example/api/orderCancel");
        }
        let endpoints = testing::settings("https://my.example").endpoints().unwrap();
        assert_eq!(endpoints.list.as_str(), "https://my.example/GetListOrder");
    }

    #[test]
    fn settings_never_print_the_secret() {
        let printed = format!("{:?}", testing::settings("https://my.example"));
        assert!(!printed.contains(testing::SECRET), "{printed}");
    }
}
