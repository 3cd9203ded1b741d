//! The tracker: reads each account's tracking feed by its durable cursor.
//!
//! It reads more often while orders are under way. A page's rows, its cursor and what they cause are one commit in the
//! journal; dying before it reads the page again, and rows are told apart by their feed id. Each round begins some minutes
//! behind the end of the feed, so that a row which becomes visible late is not missed. A hint ([`Nudges`]) begins a round
//! before its time, some seconds after the last one at the earliest.
//!
//! A feed that answers and does not move on is told of, and read again at the usual interval: it is never walked in a
//! circle. What a cursor is made of is the interface's business.

use crate::clock;
use crate::dispatcher::Gates;
use crate::journal::{Error, FeedProgress, FeedReading, Journal};
use crate::partners::{Account, Partners};
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::FeedPage;
use lienthong_core::tracking::TrackingEvent;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Shortest time between a round of reading and one that a hint asked for: a flood of hints is no flood of readings.
const NUDGE_WAIT: Duration = Duration::from_secs(5);

/// Starts a reader for each account; they end when told to stop.
pub fn start(
    tasks: &TaskTracker,
    journal: &Arc<Journal>,
    partners: &Partners,
    gates: &Arc<Gates>,
    nudges: &Nudges,
    stop: &CancellationToken,
) {
    for account in partners.iter() {
        let reader = Reader {
            journal: Arc::clone(journal),
            account: account.clone(),
            gates: Arc::clone(gates),
            nudged: nudges.of(&account.name),
        };
        tasks.spawn(reader.run(stop.clone()));
    }
}

/// Hints that an account's feed has news. However many come, one reading follows, and none sooner than [`NUDGE_WAIT`] after
/// the one before.
#[derive(Clone, Default)]
pub struct Nudges {
    accounts: BTreeMap<AccountName, Arc<Notify>>,
}

impl Nudges {
    /// For these accounts.
    pub fn new(partners: &Partners) -> Self {
        Self { accounts: partners.iter().map(|account| (account.name.clone(), Arc::default())).collect() }
    }

    /// Lets the account's feed be read soon.
    pub fn nudge(&self, account: &AccountName) {
        if let Some(reader) = self.accounts.get(account) {
            reader.notify_one();
        }
    }

    /// What an account's reader waits for.
    pub(crate) fn of(&self, account: &AccountName) -> Arc<Notify> {
        self.accounts.get(account).cloned().unwrap_or_default()
    }
}

/// Rows that one commit takes at most: the largest page that any interface's document allows, whatever is answered.
const MOST_ROWS: usize = 1000;

struct Reader {
    journal: Arc<Journal>,
    account: Account,
    gates: Arc<Gates>,
    nudged: Arc<Notify>,
}

/// What a round of reading says about the next.
enum Round {
    /// The page was full: the next one follows at once.
    More(Walk),
    Later,
    /// The partner asked to wait.
    After(Duration),
    NoFeed,
}

/// The pages of one round.
#[derive(Default)]
struct Walk {
    /// Where the next page begins; `None` at the begin of the round.
    next: Option<String>,
    /// What was asked before in this round.
    asked: BTreeSet<String>,
}

impl Walk {
    /// Why the feed does not move on with a page that was read after `asked`, if it does not.
    fn stuck(&self, asked: Option<&str>, page: &Page) -> Option<Stuck> {
        let behind = |next: &str| Some(next) == asked || self.asked.contains(next);
        let stays = page.cursor.as_deref().is_none_or(behind);
        // An interface may make its rounds itself, and begin one where the last was left.
        let begins = self.next.is_none() && page.cursor.is_some();
        match (stays, page.more) {
            (true, true) if !begins => Some(Stuck::Cursor),
            (true, false) if page.unreadable > 0 => Some(Stuck::Unreadable),
            (true | false, _) => None,
        }
    }

    /// The walk after a full page.
    fn on(mut self, asked: Option<String>, next: Option<String>) -> Self {
        self.asked.extend(asked);
        Self { next, asked: self.asked }
    }
}

/// Why a feed that answers does not move on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stuck {
    /// A full page behind which the cursor stays, or goes back.
    Cursor,
    /// Rows that cannot be read, and the cursor stays before them.
    Unreadable,
    /// The partner refuses to read on from there.
    Refused,
}

impl Stuck {
    fn name(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
        }
    }
}

/// A page as it was read.
struct Page {
    rows: Vec<TrackingEvent>,
    cursor: Option<String>,
    unreadable: usize,
    more: bool,
}

impl Reader {
    async fn run(self, stop: CancellationToken) {
        let mut walk = Walk::default();
        loop {
            let round = self.round(std::mem::take(&mut walk)).await;
            let (wait, may_be_hurried) = match round {
                Round::More(further) => {
                    walk = further;
                    (Duration::ZERO, false)
                }
                Round::Later => (self.interval().await, true),
                Round::After(asked) => {
                    (self.interval().await.max(asked.min(self.account.schedule.longest_wait)), false)
                }
                Round::NoFeed => return,
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
                () = self.hurried(), if may_be_hurried => {}
            }
        }
    }

    /// Ends when somebody says that there is news, and not at once after the round before.
    async fn hurried(&self) {
        tokio::time::sleep(NUDGE_WAIT).await;
        self.nudged.notified().await;
    }

    async fn interval(&self) -> Duration {
        match self.journal.has_open_orders(&self.account.name, clock::now()).await {
            Ok(true) | Err(_) => self.account.feed_busy,
            Ok(false) => self.account.feed_idle,
        }
    }

    async fn round(&self, walk: Walk) -> Round {
        match self.read(walk).await {
            Ok(round) => round,
            Err(error) => {
                tracing::error!(account = %self.account.name, error = error.told(), "failed to store a page of the tracking feed");
                Round::Later
            }
        }
    }

    /// Reads a page: the next one, or the first of a round, which begins behind the end of the feed.
    async fn read(&self, walk: Walk) -> Result<Round, Error> {
        if !self.journal.may_call(&self.account.name, self.account.partner, clock::now()).await? {
            return Ok(Round::Later);
        }
        let asked = match &walk.next {
            Some(next) => Some(next.clone()),
            None => self.journal.feed_cursor(&self.account.name).await?,
        };
        let permit = self.gates.pass(&self.account.name).await;
        let page = self.account.port.read_feed(asked.as_deref()).await;
        drop(permit);
        if page != FeedPage::NoFeed {
            self.journal.count_call(&self.account.name, clock::now()).await?;
        }
        match page {
            FeedPage::NoFeed => Ok(Round::NoFeed),
            FeedPage::Failed(outcome) => {
                let reason = &outcome.reason().code;
                tracing::warn!(account = %self.account.name, outcome = outcome.name(), reason = %reason, "failed to read the tracking feed");
                self.after(outcome).await
            }
            FeedPage::Rows { rows, cursor, unreadable, more } => {
                self.take(walk, asked, Page { rows, cursor, unreadable, more }).await
            }
        }
    }

    /// Stores a page, and says how to go on.
    async fn take(&self, walk: Walk, asked: Option<String>, page: Page) -> Result<Round, Error> {
        if page.unreadable > 0 {
            tracing::warn!(account = %self.account.name, rows = page.unreadable, "rows of the tracking feed cannot be read");
        }
        let stuck = walk.stuck(asked.as_deref(), &page);
        if let Some(why) = stuck {
            self.tell_stuck(why);
        }
        let (next, more) = (page.cursor.clone(), page.more);
        let progress = self.store(page, stuck.is_some()).await?;
        if progress.new > 0 {
            tracing::info!(
                account = %self.account.name, rows = progress.new, strangers = progress.strangers,
                "the tracking feed brought news"
            );
        }
        Ok(if more && stuck.is_none() { Round::More(walk.on(asked, next)) } else { Round::Later })
    }

    fn tell_stuck(&self, why: Stuck) {
        tracing::warn!(account = %self.account.name, why = why.name(), "the tracking feed does not move on");
    }

    /// Stores a page in parts of [`MOST_ROWS`]; the cursor comes with the last of them, so that a crash in between reads
    /// the page again.
    async fn store(&self, page: Page, stuck: bool) -> Result<FeedProgress, Error> {
        let Page { mut rows, cursor, more, unreadable: _ } = page;
        let mut progress = FeedProgress::default();
        loop {
            let rest = if rows.len() > MOST_ROWS { rows.split_off(MOST_ROWS) } else { Vec::new() };
            let last = rest.is_empty();
            let reading = FeedReading {
                account: self.account.name.clone(),
                rows,
                cursor: cursor.clone().filter(|_| last),
                more: more || !last,
                stuck: stuck && last,
                read_at: clock::now(),
            };
            let part = self.journal.track(reading, rand::random()).await?;
            progress.new += part.new;
            progress.strangers += part.strangers;
            if last {
                return Ok(progress);
            }
            rows = rest;
        }
    }

    async fn after(&self, outcome: Outcome) -> Result<Round, Error> {
        let wait = match &outcome {
            Outcome::Unavailable { wait: Some(asked), .. } => Round::After(*asked),
            Outcome::Rejected(_) => {
                self.tell_stuck(Stuck::Refused);
                self.journal.note_refused_cursor(&self.account.name, clock::now()).await?;
                Round::Later
            }
            Outcome::Unavailable { wait: None, .. }
            | Outcome::Blocked(_)
            | Outcome::Accepted(_)
            | Outcome::Uncertain(_) => Round::Later,
        };
        self.journal.note_refused_call(&self.account.name, outcome, clock::now()).await?;
        Ok(wait)
    }
}

#[cfg(test)]
mod tests;
