//! The partners' accounts, each with its adapter.
//!
//! [`build`] is the one place that knows which interfaces there are. Everything else sees [`Account`]s with a
//! [`Port`], and no interface's words.

use crate::clock;
use crate::config::settings::{AccountSettings, InterfaceSettings};
use crate::publisher::OutcomePort;
use crate::reasons;
use lienthong_core::breaker::BreakerRules;
use lienthong_core::handoff::{Content, Partner};
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::{Problem, ReasonCode, ReasonText, gateway};
use lienthong_core::plan::reasons::REASONS as DESK_REASONS;
use lienthong_core::port::{Port, Translate};
use lienthong_core::reconcile::REASONS as RECONCILE_REASONS;
use lienthong_core::schedule::Schedule;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// One account at one interface.
#[derive(Clone)]
pub struct Account {
    /// Its name in the configuration.
    pub name: AccountName,
    /// Whose it is.
    pub partner: Partner,
    /// Its adapter.
    pub port: Arc<dyn Port>,
    /// When attempts are made again.
    pub schedule: Schedule,
    /// Attempts under way at once.
    pub concurrency: usize,
    /// Attempts a second at most.
    pub rate: u32,
    /// Calls a day at most, if there is a quota.
    pub quota_per_day: Option<u32>,
    /// When an operation that fails is left alone.
    pub breaker: BreakerRules,
    /// How often its tracking feed is read while orders are under way.
    pub feed_busy: Duration,
    /// How often its tracking feed is read else.
    pub feed_idle: Duration,
}

/// All accounts by name.
#[derive(Clone, Default)]
pub struct Partners {
    accounts: BTreeMap<AccountName, Account>,
}

/// An account whose adapter could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Of the post.
    #[error("failed to build the adapter of account {account}")]
    Post {
        /// Which account.
        account: AccountName,
        /// Why.
        source: lienthong_post::BuildError,
    },
    /// Of the portal.
    #[error("failed to build the adapter of account {account}")]
    Portal {
        /// Which account.
        account: AccountName,
        /// Why.
        source: lienthong_portal::axis::BuildError,
    },
    /// Of the portal, behind a province's wrapper.
    #[error("failed to build the adapter of account {account}")]
    Wrapper {
        /// Which account.
        account: AccountName,
        /// Why.
        source: lienthong_portal::wrapper::BuildError,
    },
}

/// Builds the adapters of all configured accounts.
///
/// # Errors
/// When a certificate or an address of an account cannot be used.
pub fn build(settings: &BTreeMap<AccountName, AccountSettings>) -> Result<Partners, BuildError> {
    let accounts = settings
        .values()
        .map(|account| Ok((account.name.clone(), build_account(account)?)))
        .collect::<Result<_, BuildError>>()?;
    Ok(Partners { accounts })
}

/// Builds the adapter of an account.
///
/// # Errors
/// When a certificate or an address cannot be used.
pub(crate) fn build_port(settings: &AccountSettings) -> Result<Arc<dyn Port>, BuildError> {
    let account = || settings.name.clone();
    Ok(match &settings.interface {
        InterfaceSettings::PostNgsp(post) => Arc::new(
            lienthong_post::ngsp::NgspPort::build((**post).clone())
                .map_err(|source| BuildError::Post { account: account(), source })?,
        ),
        InterfaceSettings::PostBcci(post) => Arc::new(
            lienthong_post::bcci::BcciPort::build((**post).clone())
                .map_err(|source| BuildError::Post { account: account(), source })?,
        ),
        InterfaceSettings::PostMyVnPost(post) => Arc::new(
            lienthong_post::myvnpost::MyVnPostPort::build((**post).clone(), clock::now)
                .map_err(|source| BuildError::Post { account: account(), source })?,
        ),
        InterfaceSettings::CommuneAmqp(outcomes) => {
            Arc::new(OutcomePort::new((**outcomes).clone(), sentences))
        }
        InterfaceSettings::PortalAdapter(portal) => Arc::new(
            lienthong_portal::axis::AxisPort::build((**portal).clone())
                .map_err(|source| BuildError::Portal { account: account(), source })?,
        ),
        InterfaceSettings::PortalWrapper(wrapper) => Arc::new(
            lienthong_portal::wrapper::WrapperPort::build(wrapper)
                .map_err(|source| BuildError::Wrapper { account: account(), source })?,
        ),
    })
}

/// The sentences of a reason, Vietnamese and English, whichever interface gives it.
fn sentences(code: &ReasonCode) -> Option<(&'static str, &'static str)> {
    let adapters = [
        lienthong_post::ngsp::REASONS,
        lienthong_post::bcci::REASONS,
        lienthong_post::myvnpost::REASONS,
        lienthong_portal::axis::REASONS,
        lienthong_portal::wrapper::REASONS,
    ];
    text_of(code, adapters.into_iter().flatten()).map(|text| (text.vi, text.en))
}

/// The row of a code, in the tables of the gateway and of the given adapters.
fn text_of<'a>(code: &ReasonCode, adapters: impl Iterator<Item = &'a ReasonText>) -> Option<ReasonText> {
    let own =
        [gateway::REASONS, reasons::REASONS, DESK_REASONS, RECONCILE_REASONS, lienthong_commune::REASONS];
    let texts: Vec<_> = own.into_iter().flatten().chain(adapters).copied().collect();
    let find = |code: &str| texts.iter().find(|text| text.code == code).copied();
    // A partner's code that no row lists shares the sentence of its partner's unlisted codes.
    find(code.as_str()).or_else(|| {
        let (partner, _) = code.as_str().split_once('-')?;
        find(&format!("{partner}-UNLISTED"))
    })
}

fn build_account(settings: &AccountSettings) -> Result<Account, BuildError> {
    Ok(Account {
        name: settings.name.clone(),
        partner: settings.partner(),
        port: build_port(settings)?,
        schedule: settings.schedule.clone(),
        concurrency: settings.concurrency,
        rate: settings.rate,
        quota_per_day: settings.quota_per_day,
        breaker: settings.breaker.clone(),
        feed_busy: settings.feed_busy,
        feed_idle: settings.feed_idle,
    })
}

impl Partners {
    /// Puts accounts together that were built elsewhere, as tests do.
    pub fn of(accounts: impl IntoIterator<Item = Account>) -> Self {
        Self { accounts: accounts.into_iter().map(|account| (account.name.clone(), account)).collect() }
    }

    /// The account of that name.
    pub fn get(&self, name: &AccountName) -> Option<&Account> {
        self.accounts.get(name)
    }

    /// All accounts.
    pub fn iter(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The sentences of a reason, whoever gives it; `None` for a code that no table lists.
    pub fn reason_text(&self, code: &ReasonCode) -> Option<ReasonText> {
        text_of(code, self.accounts.values().flat_map(|account| account.port.reasons()))
    }
}

impl Translate for Partners {
    fn check(&self, account: &AccountName, content: &Content) -> Result<(), Vec<Problem>> {
        match self.accounts.get(account) {
            Some(account) => account.port.check(&[content]),
            None => Err(vec![Problem::new(gateway::NO_AGENCY_PROFILE, "agency.code")]),
        }
    }
}
