//! One account: whose it is, its limits, and what the daemon asks of its interface.

use super::OutcomesSettings;
use lienthong_core::breaker::BreakerRules;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::nudge::Judge;
use lienthong_core::schedule::Schedule;
use lienthong_core::status::Status;
use lienthong_http::ClientSettings;
use lienthong_post::ngsp::config::AreaTable;
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// One account at one interface of a partner.
#[derive(Clone, Debug)]
pub struct AccountSettings {
    /// Its name in the tables.
    pub name: AccountName,
    /// Attempts under way at once.
    pub concurrency: usize,
    /// Attempts a second at most.
    pub rate: u32,
    /// Calls a day at most, if there is a quota.
    pub quota_per_day: Option<u32>,
    /// When an operation that fails is left alone.
    pub breaker: BreakerRules,
    /// When it is tried again.
    pub schedule: Schedule,
    /// How often its tracking feed is read while orders are under way.
    pub feed_busy: Duration,
    /// How often its tracking feed is read else.
    pub feed_idle: Duration,
    /// The interface with its own settings.
    pub interface: InterfaceSettings,
}

impl AccountSettings {
    /// Whose interface it is.
    pub fn partner(&self) -> Partner {
        self.interface.facts().partner
    }

    /// What its orders name the sender by (mã khách hàng); `None` of other partners.
    pub fn customer_code(&self) -> Option<&str> {
        self.interface.facts().customer_code
    }

    /// The postal areas that its orders are addressed with; `None` for a partner that needs none.
    pub fn areas(&self) -> Option<&AreaTable> {
        self.interface.facts().areas
    }

    /// Statuses that it takes of dossiers that were lodged at the portal; none where it has no such service, or none is used.
    pub fn statuses(&self) -> BTreeSet<Status> {
        self.interface.facts().statuses
    }

    /// Whether its orders name communes by the post's own numbers.
    pub fn numbers_communes(&self) -> bool {
        self.interface.facts().numbers_communes
    }

    /// Judges what its partner sends by itself, where it takes that.
    pub fn judge(&self) -> Option<Arc<dyn Judge>> {
        self.interface.facts().judge
    }

    /// How it calls; `None` for an interface without HTTP.
    pub fn client(&self) -> Option<&ClientSettings> {
        self.interface.facts().client
    }

    /// The secret of its credential; empty where the interface has none.
    pub fn secret(&self) -> &SecretString {
        self.interface.facts().secret
    }

    /// The same account with another secret.
    #[must_use]
    pub fn with_secret(mut self, secret: SecretString) -> Self {
        self.interface.set_secret(secret);
        self
    }
}

/// The interfaces that there are adapters for.
#[derive(Clone, Debug)]
pub enum InterfaceSettings {
    /// Vietnam Post, NGSP order API.
    PostNgsp(Box<lienthong_post::ngsp::config::NgspSettings>),
    /// Vietnam Post, BCCI order service with waybills of our own.
    PostBcci(Box<lienthong_post::bcci::config::BcciSettings>),
    /// Vietnam Post, MyVNPost.
    PostMyVnPost(Box<lienthong_post::myvnpost::config::MyVnPostSettings>),
    /// National portal, adapter on the exchange axis.
    PortalAdapter(Box<lienthong_portal::axis::config::AxisSettings>),
    /// National portal, a province's wrapper in front of it.
    PortalWrapper(Box<lienthong_portal::wrapper::config::WrapperSettings>),
    /// The commune's own system, an exchange of outcomes at its broker.
    CommuneAmqp(Box<OutcomesSettings>),
}

/// What the daemon asks of an interface's settings, whichever it is.
struct Facts<'a> {
    partner: Partner,
    secret: &'a SecretString,
    client: Option<&'a ClientSettings>,
    customer_code: Option<&'a str>,
    areas: Option<&'a AreaTable>,
    statuses: BTreeSet<Status>,
    numbers_communes: bool,
    judge: Option<Arc<dyn Judge>>,
}

impl<'a> Facts<'a> {
    /// Of an interface with this credential that is asked nothing more.
    fn of(partner: Partner, secret: &'a SecretString) -> Self {
        let (client, customer_code, areas, judge) = (None, None, None, None);
        let statuses = BTreeSet::new();
        Self { partner, secret, client, customer_code, areas, statuses, numbers_communes: false, judge }
    }

    /// The same, called over HTTP.
    fn over(self, client: &'a ClientSettings) -> Self {
        Self { client: Some(client), ..self }
    }

    /// The same, of the post, for this customer there.
    fn customer(self, code: &'a str, areas: &'a AreaTable) -> Self {
        Self { customer_code: Some(code), areas: Some(areas), ..self }
    }
}

impl InterfaceSettings {
    fn facts(&self) -> Facts<'_> {
        match self {
            Self::PostNgsp(post) => Facts::of(Partner::Post, &post.customer_secret)
                .over(&post.client)
                .customer(&post.customer_code, &post.areas),
            Self::PostBcci(post) => Facts::of(Partner::Post, post.flavour.secret())
                .over(&post.client)
                .customer(&post.customer_code, &post.areas),
            Self::PostMyVnPost(post) => {
                let judge = post.webhook.clone().map(|signature| Arc::new(signature) as Arc<dyn Judge>);
                let facts = Facts::of(Partner::Post, &post.password)
                    .over(&post.client)
                    .customer(&post.customer_code, &post.areas);
                Facts { judge, numbers_communes: true, ..facts }
            }
            Self::PortalAdapter(portal) => {
                let statuses = portal.status_codes.keys().copied().collect();
                Facts { statuses, ..Facts::of(Partner::Portal, &portal.password).over(&portal.client) }
            }
            Self::PortalWrapper(wrapper) => {
                Facts::of(Partner::Portal, &wrapper.header_value).over(&wrapper.client)
            }
            Self::CommuneAmqp(outcomes) => Facts::of(Partner::Commune, &outcomes.connection.url),
        }
    }

    fn set_secret(&mut self, secret: SecretString) {
        match self {
            Self::PostNgsp(post) => post.customer_secret = secret,
            Self::PostBcci(post) => post.flavour.set_secret(secret),
            Self::PostMyVnPost(post) => post.password = secret,
            Self::PortalAdapter(portal) => portal.password = secret,
            Self::PortalWrapper(wrapper) => wrapper.header_value = secret,
            Self::CommuneAmqp(outcomes) => outcomes.connection.url = secret,
        }
    }
}
