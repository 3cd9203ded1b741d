//! What page and API work with: settings, partners, health, users, and the journal, read and acted on.
//!
//! A reading opens a connection of its own that cannot write, on a thread where blocking is allowed; so many at once and no
//! more, so that neither intake nor dispatch ever waits for somebody who looks. What counts a year or a whole province takes
//! seconds of a processor, so it has a place of its own: one at a time, and nobody who only looks waits behind it. A reading
//! keeps its place until it has ended, and ends when nobody waits for it any more, or after a limit. An act is what the
//! command line does too: one transaction with its row in the audit, under the name of whoever is logged in.

use super::Trouble;
use crate::admin::Health;
use crate::config::settings::Settings;
use crate::journal;
use crate::journal::command::CommandJournal;
use crate::journal::report::{Halt, JournalReport};
use crate::partners::Partners;
use crate::users::{Actor, Begun, Refused, Right, Users};
use jiff::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Readings and acts under way at once: some people look, and each page is read in milliseconds.
const AT_ONCE: usize = 4;

/// Passwords that are checked at once: each takes a processor and 19 MiB.
const LOGINS_AT_ONCE: usize = 2;

/// Countings under way at once: a second one would take the processor that the gateway itself works with.
const COUNTINGS_AT_ONCE: usize = 1;

/// How long somebody waits for a turn.
const TURN: Duration = Duration::from_secs(10);

/// How long somebody waits for a counting that is under way: it is usually a month of a province, and takes seconds.
const TURN_TO_COUNT: Duration = Duration::from_secs(30);

/// How long a reading may take; milliseconds are usual, and a cold disk makes seconds of them.
const LONGEST_LOOK: Duration = Duration::from_secs(20);

/// How long a counting may take: a province's year takes half a minute of a slow processor (`docs/figures.md`).
const LONGEST_COUNT: Duration = Duration::from_secs(120);

/// Days of dossiers, at each agency of them, beyond which a reading counts: a busy agency's quarter is looked at in a fraction
/// of a second.
const AGENCY_DAYS: usize = 124;

/// How much a reading goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// What people look at all day.
    Look,
    /// A year of an agency, or a month of a province.
    Count,
}

impl Weight {
    /// Of a reading that goes through the dossiers of so many days at so many agencies.
    pub(crate) fn of(agencies: usize, days: usize) -> Self {
        if agencies.saturating_mul(days) > AGENCY_DAYS { Self::Count } else { Self::Look }
    }

    fn longest(self) -> Duration {
        match self {
            Self::Look => LONGEST_LOOK,
            Self::Count => LONGEST_COUNT,
        }
    }
}

/// The desk's state; cheap to clone.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Inner>);

struct Inner {
    settings: Settings,
    partners: Partners,
    health: Arc<Health>,
    users: Users,
    room: Arc<Semaphore>,
    countings: Arc<Semaphore>,
    logins: Arc<Semaphore>,
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
            room: Arc::new(Semaphore::new(AT_ONCE)),
            countings: Arc::new(Semaphore::new(COUNTINGS_AT_ONCE)),
            logins: Arc::new(Semaphore::new(LOGINS_AT_ONCE)),
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
    /// When it is too busy or takes too long, or the store fails.
    pub(crate) async fn report<T: Send + 'static>(
        &self,
        read: impl FnOnce(&JournalReport) -> Result<T, journal::Error> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.read(Weight::Look, read).await
    }

    /// Reads as much of the journal as the weight says.
    ///
    /// # Errors
    /// When it is too busy or takes too long, or the store fails.
    ///
    /// # Cancel safety
    /// When it is dropped, the reading ends soon and gives its place back then, not before.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        weight: Weight,
        read: impl FnOnce(&JournalReport) -> Result<T, journal::Error> + Send + 'static,
    ) -> Result<T, Trouble> {
        let place = match weight {
            Weight::Look => turn(&self.0.room, TURN).await?,
            Weight::Count => turn(&self.0.countings, TURN_TO_COUNT).await?,
        };
        let path = self.0.settings.journal.path.clone();
        let asker = Asker(Halt::default());
        let halt = asker.0.clone();
        let reading = blocking(place, move || read(&JournalReport::open_until(&path, halt)?));
        match tokio::time::timeout(weight.longest(), reading).await {
            Ok(done) => done,
            Err(_elapsed) => {
                tracing::warn!(
                    seconds = weight.longest().as_secs(),
                    "a reading of the desk took too long and was ended"
                );
                Err(Trouble::TooLong)
            }
        }
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
        let place = turn(&self.0.room, TURN).await?;
        let (desk, who) = (self.clone(), actor.signature());
        blocking(place, move || {
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
        let place = turn(&self.0.logins, TURN).await?;
        let desk = self.clone();
        blocking(place, move || Ok(desk.0.users.log_in(&name, &password, address, now))).await
    }
}

/// Somebody who waits for a reading: when nobody does any more, it ends.
struct Asker(Halt);

impl Drop for Asker {
    fn drop(&mut self) {
        self.0.call();
    }
}

async fn turn(room: &Arc<Semaphore>, wait: Duration) -> Result<OwnedSemaphorePermit, Trouble> {
    match tokio::time::timeout(wait, Arc::clone(room).acquire_owned()).await {
        Ok(Ok(place)) => Ok(place),
        Ok(Err(_closed)) => Err(Trouble::Failed),
        Err(_elapsed) => Err(Trouble::Busy),
    }
}

/// Works where blocking is allowed, and keeps the place until the work has ended, whoever still waits for it.
async fn blocking<T: Send + 'static>(
    place: OwnedSemaphorePermit,
    work: impl FnOnce() -> Result<T, journal::Error> + Send + 'static,
) -> Result<T, Trouble> {
    let placed = move || {
        let _place = place;
        work()
    };
    match tokio::task::spawn_blocking(placed).await {
        Ok(done) => done.map_err(Trouble::from),
        Err(_panicked) => Err(Trouble::Failed),
    }
}

#[cfg(test)]
mod tests;
