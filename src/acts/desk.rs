//! What page and API work with: settings, partners, health, users, and the journal, read and acted on.
//!
//! A reading opens a connection of its own that cannot write, on a thread where blocking is allowed; so many at once and no
//! more, so that neither intake nor dispatch ever waits for somebody who looks. An act is what the command line does too:
//! one transaction with its row in the audit, under the name of whoever is logged in.

use super::Trouble;
use crate::admin::Health;
use crate::config::settings::Settings;
use crate::journal;
use crate::journal::command::CommandJournal;
use crate::journal::report::JournalReport;
use crate::partners::Partners;
use crate::users::{Actor, Begun, Refused, Right, Users};
use jiff::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Readings and acts under way at once: some people look, and each page is read in milliseconds.
const AT_ONCE: usize = 4;

/// Passwords that are checked at once: each takes a processor and 19 MiB.
const LOGINS_AT_ONCE: usize = 2;

/// How long somebody waits for a turn.
const TURN: Duration = Duration::from_secs(10);

/// The desk's state; cheap to clone.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Inner>);

struct Inner {
    settings: Settings,
    partners: Partners,
    health: Arc<Health>,
    users: Users,
    room: Semaphore,
    logins: Semaphore,
}

impl Desk {
    /// The desk, where users are configured and it is not turned off.
    pub(crate) fn where_configured(
        settings: &Settings,
        partners: &Partners,
        health: &Arc<Health>,
    ) -> Option<Self> {
        if settings.users.is_empty() || !settings.admin.desk {
            return None;
        }
        let users = Users::new(settings.users.iter().cloned(), settings.admin.sessions);
        Some(Self(Arc::new(Inner {
            settings: settings.clone(),
            partners: partners.clone(),
            health: Arc::clone(health),
            users,
            room: Semaphore::new(AT_ONCE),
            logins: Semaphore::new(LOGINS_AT_ONCE),
        })))
    }

    /// The configuration.
    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The partners' accounts.
    pub(crate) fn partners(&self) -> &Partners {
        &self.0.partners
    }

    /// What the parts of the daemon say of themselves.
    pub(crate) fn health(&self) -> &Health {
        &self.0.health
    }

    /// Who may use it, and who is logged in.
    pub(crate) fn users(&self) -> &Users {
        &self.0.users
    }

    /// Reads the journal. The closure must be bounded: it holds one of a few places.
    ///
    /// # Errors
    /// When it is too busy, or the store fails.
    pub(crate) async fn report<T: Send + 'static>(
        &self,
        read: impl FnOnce(&JournalReport) -> Result<T, journal::Error> + Send + 'static,
    ) -> Result<T, Trouble> {
        let path = self.0.settings.journal.path.clone();
        let _turn = turn(&self.0.room).await?;
        blocking(move || read(&JournalReport::open(&path)?)).await
    }

    /// Acts on the journal under the actor's name, who must have the right. What is acted on must be of an agency that the
    /// actor sees: that is the closure's to check.
    ///
    /// # Errors
    /// When the actor may not, when it is too busy, or the store fails.
    pub(crate) async fn act<T: Send + 'static>(
        &self,
        actor: &Actor,
        right: Right,
        act: impl FnOnce(&mut CommandJournal) -> Result<T, journal::Error> + Send + 'static,
    ) -> Result<T, Trouble> {
        if !actor.may(right) {
            return Err(Trouble::NotAllowed);
        }
        let _turn = turn(&self.0.room).await?;
        let (desk, who) = (self.clone(), actor.signature());
        blocking(move || {
            let Inner { settings, partners, .. } = &*desk.0;
            act(&mut CommandJournal::open(settings, partners.clone(), &who)?)
        })
        .await
    }

    /// Logs somebody in; `Ok(Err(…))` when the login is refused.
    ///
    /// # Errors
    /// When too many are at it.
    pub(crate) async fn log_in(
        &self,
        (name, password): (String, String),
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Result<Begun, Refused>, Trouble> {
        let _turn = turn(&self.0.logins).await?;
        let desk = self.clone();
        blocking(move || Ok(desk.0.users.log_in(&name, &password, address, now))).await
    }
}

async fn turn(room: &Semaphore) -> Result<SemaphorePermit<'_>, Trouble> {
    match tokio::time::timeout(TURN, room.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_closed)) => Err(Trouble::Failed),
        Err(_elapsed) => Err(Trouble::Busy),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, journal::Error> + Send + 'static,
) -> Result<T, Trouble> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(Trouble::from),
        Err(_panicked) => Err(Trouble::Failed),
    }
}
