//! Rotation: a new secret is taken into use without a restart.
//!
//! When a file that a secret was read from changes, or SIGHUP comes, the configuration is read again. An account whose
//! secret differs gets a new adapter in place of the old one: attempts under way end with the old, the next begin with
//! the new, and no refusal is remembered. If its credential was what blocked the account, the block ends: replacing the
//! secret is the act that it waited for. A storm, or a contract that does not fit, stays blocked.
//!
//! Nothing but the secrets of accounts is taken over; limits, tables, addresses and the broker's password need a
//! restart. A configuration that has become wrong changes nothing and is told.

use crate::config::settings::AccountSettings;
use crate::config::{self, Settings};
use crate::journal::Journal;
use crate::partners::{Account, Partners, build_port};
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::ids::AccountName;
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, ReasonText};
use lienthong_core::port::{Abilities, FeedPage, LookUp, Pending, Port, Sent};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

/// How often the files are looked at: a password is changed by hand, and nobody waits longer than this for it.
const LOOK: Duration = Duration::from_secs(5);

/// Watches the secrets of the accounts.
pub struct Rotation {
    file: PathBuf,
    secret_files: Vec<PathBuf>,
    accounts: BTreeMap<AccountName, AccountSettings>,
    ports: BTreeMap<AccountName, Arc<Exchangeable>>,
}

/// Makes the adapters of these accounts exchangeable, and says who exchanges them.
pub fn prepare(settings: &Settings, partners: &Partners) -> (Partners, Rotation) {
    let ports: BTreeMap<_, _> = partners
        .iter()
        .map(|account| (account.name.clone(), Arc::new(Exchangeable::new(Arc::clone(&account.port)))))
        .collect();
    let accounts = partners.iter().filter_map(|account| {
        let port = Arc::clone(ports.get(&account.name)?);
        Some(Account { port, ..account.clone() })
    });
    let exchangeable = Partners::of(accounts);
    let rotation = Rotation {
        file: settings.file.clone(),
        secret_files: settings.secret_files.clone(),
        accounts: settings.accounts.clone(),
        ports,
    };
    (exchangeable, rotation)
}

impl Rotation {
    /// Watches until told to stop.
    ///
    /// # Cancel safety
    /// Dropping it leaves every account with a working adapter.
    pub async fn run(mut self, journal: Arc<Journal>, stop: CancellationToken) {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = match signal(SignalKind::hangup()) {
            Ok(hangup) => hangup,
            Err(error) => {
                tracing::error!(error = %error, "secrets are not watched: a new one needs a restart");
                return;
            }
        };
        let mut seen = self.stamps();
        loop {
            let asked = tokio::select! {
                () = stop.cancelled() => return,
                Some(()) = hangup.recv() => true,
                () = tokio::time::sleep(LOOK) => false,
            };
            let now = self.stamps();
            if asked || now != seen {
                seen = now;
                self.read_again(&journal).await;
            }
        }
    }

    /// What tells a changed file from the one that was read.
    fn stamps(&self) -> Vec<Option<(SystemTime, u64)>> {
        let stamp = |path: &PathBuf| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        self.secret_files.iter().map(stamp).collect()
    }

    async fn read_again(&mut self, journal: &Journal) {
        let settings = match config::load(&self.file) {
            Ok(settings) => settings,
            Err(problems) => {
                let problems = problems.all().len();
                tracing::error!(problems, "the configuration has become wrong: the secrets in use stay");
                return;
            }
        };
        let replaced: Vec<AccountSettings> =
            settings.accounts.values().filter_map(|account| self.with_new_secret(account)).collect();
        if replaced.is_empty() {
            tracing::info!("the configuration was read again, no account has a new secret");
        }
        for account in replaced {
            self.exchange(account, journal).await;
        }
    }

    /// The account as it runs, with the secret of its new settings, when that is another.
    fn with_new_secret(&self, new: &AccountSettings) -> Option<AccountSettings> {
        let old = self.accounts.get(&new.name).filter(|old| old.partner() == new.partner())?;
        let differs = old.secret().expose_secret() != new.secret().expose_secret();
        differs.then(|| old.clone().with_secret(new.secret().clone()))
    }

    async fn exchange(&mut self, account: AccountSettings, journal: &Journal) {
        let Some(port) = self.ports.get(&account.name) else { return };
        match build_port(&account) {
            Ok(new) => port.exchange(new),
            Err(error) => {
                tracing::error!(account = %account.name, error = %error, "an account's new secret cannot be used");
                return;
            }
        }
        tracing::info!(account = %account.name, "an account's secret was replaced");
        if let Err(error) = journal.credential_replaced(&account.name).await {
            tracing::error!(account = %account.name, error = error.told(), "failed to end the block of an account");
        }
        self.accounts.insert(account.name.clone(), account);
    }
}

/// A port that can be exchanged for another of the same account.
struct Exchangeable {
    current: RwLock<Arc<dyn Port>>,
}

impl Exchangeable {
    fn new(port: Arc<dyn Port>) -> Self {
        Self { current: RwLock::new(port) }
    }

    fn exchange(&self, port: Arc<dyn Port>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = port;
    }

    fn current(&self) -> Arc<dyn Port> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Port for Exchangeable {
    fn abilities(&self) -> Abilities {
        self.current().abilities()
    }

    fn translate(&self, contents: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
        self.current().translate(contents)
    }

    fn check(&self, contents: &[&Content]) -> Result<(), Vec<Problem>> {
        self.current().check(contents)
    }

    fn send<'a>(&'a self, handoffs: &'a [Handoff], trace: Option<&'a str>) -> Pending<'a, Sent> {
        let port = self.current();
        Box::pin(async move { port.send(handoffs, trace).await })
    }

    fn look_up<'a>(&'a self, handoff: &'a Handoff) -> Pending<'a, LookUp> {
        let port = self.current();
        Box::pin(async move { port.look_up(handoff).await })
    }

    fn inspect<'a>(&'a self, inspection: &'a Inspection) -> Pending<'a, Inspected> {
        let port = self.current();
        Box::pin(async move { port.inspect(inspection).await })
    }

    fn probe(&self) -> Pending<'_, Outcome> {
        let port = self.current();
        Box::pin(async move { port.probe().await })
    }

    fn read_feed<'a>(&'a self, after: Option<&'a str>) -> Pending<'a, FeedPage> {
        let port = self.current();
        Box::pin(async move { port.read_feed(after).await })
    }

    fn reasons(&self) -> &'static [ReasonText] {
        self.current().reasons()
    }
}
