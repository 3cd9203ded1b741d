//! The tracker: reads each account's tracking feed by its durable cursor.
//!
//! It reads more often while orders are under way. A page's rows, its cursor and what they cause are one commit in the
//! journal; dying before it reads the page again, and rows are told apart by their feed id.

use crate::clock;
use crate::dispatcher::Gates;
use crate::journal::{Error, FeedReading, Journal};
use crate::partners::{Account, Partners};
use lienthong_core::outcome::Outcome;
use lienthong_core::port::FeedPage;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts a reader for each account; they end when told to stop.
pub fn start(
    tasks: &TaskTracker,
    journal: &Arc<Journal>,
    partners: &Partners,
    gates: &Arc<Gates>,
    stop: &CancellationToken,
) {
    for account in partners.iter() {
        let reader =
            Reader { journal: Arc::clone(journal), account: account.clone(), gates: Arc::clone(gates) };
        tasks.spawn(reader.run(stop.clone()));
    }
}

struct Reader {
    journal: Arc<Journal>,
    account: Account,
    gates: Arc<Gates>,
}

/// What a round of reading says about the next.
enum Round {
    More,
    Later,
    /// The partner asked to wait.
    After(Duration),
    NoFeed,
}

impl Reader {
    async fn run(self, stop: CancellationToken) {
        loop {
            let wait = match self.round().await {
                Round::More => Duration::ZERO,
                Round::Later => self.interval().await,
                Round::After(asked) => {
                    self.interval().await.max(asked.min(self.account.schedule.longest_wait))
                }
                Round::NoFeed => return,
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn interval(&self) -> Duration {
        match self.journal.has_open_orders(&self.account.name, clock::now()).await {
            Ok(true) | Err(_) => self.account.feed_busy,
            Ok(false) => self.account.feed_idle,
        }
    }

    async fn round(&self) -> Round {
        match self.read().await {
            Ok(round) => round,
            Err(error) => {
                tracing::error!(account = %self.account.name, error = error.told(), "failed to store a page of the tracking feed");
                Round::Later
            }
        }
    }

    async fn read(&self) -> Result<Round, Error> {
        if !self.journal.may_call(&self.account.name, self.account.partner, clock::now()).await? {
            return Ok(Round::Later);
        }
        let cursor = self.journal.feed_cursor(&self.account.name).await?;
        let permit = self.gates.pass(&self.account.name).await;
        let page = self.account.port.read_feed(cursor.as_deref()).await;
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
                if unreadable > 0 {
                    tracing::warn!(account = %self.account.name, rows = unreadable, "rows of the tracking feed cannot be read");
                }
                let reading =
                    FeedReading { account: self.account.name.clone(), rows, cursor, read_at: clock::now() };
                let progress = self.journal.track(reading, rand::random()).await?;
                if progress.new > 0 {
                    tracing::info!(
                        account = %self.account.name, rows = progress.new, strangers = progress.strangers,
                        "the tracking feed brought news"
                    );
                }
                Ok(if more { Round::More } else { Round::Later })
            }
        }
    }

    async fn after(&self, outcome: Outcome) -> Result<Round, Error> {
        let wait = match &outcome {
            Outcome::Unavailable { wait: Some(asked), .. } => Round::After(*asked),
            Outcome::Unavailable { wait: None, .. }
            | Outcome::Blocked(_)
            | Outcome::Accepted(_)
            | Outcome::Rejected(_)
            | Outcome::Uncertain(_) => Round::Later,
        };
        self.journal.note_refused_call(&self.account.name, outcome, clock::now()).await?;
        Ok(wait)
    }
}
