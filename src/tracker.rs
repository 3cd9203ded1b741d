//! The tracker: reads each account's tracking feed by its durable cursor.
//!
//! It reads more often while orders are under way. A page's rows, its cursor and what they cause are one commit in the
//! journal; dying before it reads the page again, and rows are told apart by their feed id. Each round begins some minutes
//! behind the end of the feed, so that a row which becomes visible late is not missed. A hint ([`Nudges`]) begins a round
//! before its time, some seconds after the last one at the earliest.

use crate::clock;
use crate::dispatcher::Gates;
use crate::journal::{Error, FeedReading, Journal};
use crate::partners::{Account, Partners};
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::FeedPage;
use std::collections::BTreeMap;
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

struct Reader {
    journal: Arc<Journal>,
    account: Account,
    gates: Arc<Gates>,
    nudged: Arc<Notify>,
}

/// What a round of reading says about the next.
enum Round {
    /// The page was full: the next begins after this row.
    More(Option<String>),
    Later,
    /// The partner asked to wait.
    After(Duration),
    NoFeed,
}

impl Reader {
    async fn run(self, stop: CancellationToken) {
        let mut after = None;
        loop {
            let round = self.round(after.take()).await;
            let (wait, may_be_hurried) = match round {
                Round::More(cursor) => {
                    after = cursor;
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

    async fn round(&self, after: Option<String>) -> Round {
        match self.read(after).await {
            Ok(round) => round,
            Err(error) => {
                tracing::error!(account = %self.account.name, error = error.told(), "failed to store a page of the tracking feed");
                Round::Later
            }
        }
    }

    /// Reads a page: the next one, or the first of a round, which begins behind the end of the feed.
    async fn read(&self, after: Option<String>) -> Result<Round, Error> {
        if !self.journal.may_call(&self.account.name, self.account.partner, clock::now()).await? {
            return Ok(Round::Later);
        }
        let cursor = match after {
            Some(after) => Some(after),
            None => self.journal.feed_cursor(&self.account.name).await?,
        };
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
                let account = self.account.name.clone();
                let next = cursor.clone();
                let reading = FeedReading { account, rows, cursor, more, read_at: clock::now() };
                let progress = self.journal.track(reading, rand::random()).await?;
                if progress.new > 0 {
                    tracing::info!(
                        account = %self.account.name, rows = progress.new, strangers = progress.strangers,
                        "the tracking feed brought news"
                    );
                }
                Ok(if more { Round::More(next) } else { Round::Later })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::Admission as _;
    use crate::journal::tests::world::{POST, World, account, arrival, event, partners, reason};
    use lienthong_core::handoff::{Content, Handoff, Partner};
    use lienthong_core::inspect::{Inspected, Inspection};
    use lienthong_core::outcome::{Problem, ReasonText};
    use lienthong_core::port::{Abilities, LookUp, Pending, Port, Sent};
    use std::collections::VecDeque;
    use std::sync::Mutex;

    /// A feed that answers what it was told to, and remembers after what it was asked.
    #[derive(Default)]
    struct Feed {
        pages: Mutex<VecDeque<FeedPage>>,
        asked: Mutex<Vec<Option<String>>>,
    }

    impl Port for Feed {
        fn abilities(&self) -> Abilities {
            crate::journal::tests::world::abilities()
        }

        fn translate(&self, _: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
            Ok(serde_json::Value::Null)
        }

        fn send<'a>(&'a self, _: &'a [Handoff], _: Option<&'a str>) -> Pending<'a, Sent> {
            Box::pin(async { panic!("nobody sends here") })
        }

        fn look_up<'a>(&'a self, _: &'a Handoff) -> Pending<'a, LookUp> {
            Box::pin(async { LookUp::AskTheFeed })
        }

        fn inspect<'a>(&'a self, _: &'a Inspection) -> Pending<'a, Inspected> {
            Box::pin(async { Inspected::NoQuestion })
        }

        fn probe(&self) -> Pending<'_, Outcome> {
            Box::pin(async { Outcome::Accepted(reason("TEST-OK")) })
        }

        fn read_feed<'a>(&'a self, after: Option<&'a str>) -> Pending<'a, FeedPage> {
            self.asked.lock().unwrap().push(after.map(str::to_owned));
            let page = self.pages.lock().unwrap().pop_front().unwrap_or(FeedPage::NoFeed);
            Box::pin(async { page })
        }

        fn reasons(&self) -> &'static [ReasonText] {
            &[]
        }
    }

    fn reader(world: &World, pages: impl IntoIterator<Item = FeedPage>) -> (Reader, Arc<Feed>) {
        let feed = Arc::new(Feed { pages: Mutex::new(pages.into_iter().collect()), asked: Mutex::default() });
        let account = account(POST, Partner::Post, Arc::<Feed>::clone(&feed));
        let gates = Arc::new(Gates::new(&Partners::of([account.clone()])));
        let nudged = Arc::default();
        (Reader { journal: Arc::clone(&world.journal), account, gates, nudged }, feed)
    }

    fn page(cursor: &str, more: bool) -> FeedPage {
        FeedPage::Rows { rows: Vec::new(), cursor: Some(cursor.to_owned()), unreadable: 0, more }
    }

    #[tokio::test]
    async fn the_feed_is_read_often_only_while_orders_are_under_way() {
        let world = World::with(partners());
        let (reader, _feed) = reader(&world, []);
        assert_eq!(reader.interval().await, reader.account.feed_idle);
        let now = clock::now();
        world.journal.admit(vec![arrival(event(1, 1, 9), now)]).await.unwrap();
        world.accept_all(now).await;
        assert_eq!(reader.interval().await, reader.account.feed_busy);
    }

    #[tokio::test]
    async fn a_refused_feed_blocks_its_account_and_is_not_asked_again() {
        let world = World::with(partners());
        let (reader, feed) =
            reader(&world, [FeedPage::Failed(Outcome::Blocked(reason("TEST-401"))), page("a1", false)]);
        assert!(matches!(reader.round(None).await, Round::Later));
        assert_eq!(world.count("SELECT count(*) FROM account WHERE blocked_code = 'TEST-401'"), 1);
        assert!(matches!(reader.round(None).await, Round::Later));
        assert_eq!(feed.asked.lock().unwrap().len(), 1, "a login is not hammered");
    }

    #[tokio::test]
    async fn a_wait_that_the_partner_asks_for_is_honoured() {
        let world = World::with(partners());
        let wait = Some(Duration::from_secs(7));
        let busy = Outcome::Unavailable { reason: reason("TEST-429"), wait, unsent: false };
        let (reader, feed) = reader(&world, [FeedPage::Failed(busy)]);
        assert!(matches!(reader.round(None).await, Round::After(asked) if Some(asked) == wait));
        // The wait holds the whole account: the feed is not asked meanwhile.
        assert!(matches!(reader.round(None).await, Round::Later));
        assert_eq!(feed.asked.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_feed_that_is_down_is_read_again_later() {
        let world = World::with(partners());
        let down = Outcome::Unavailable { reason: reason("TEST-503"), wait: None, unsent: false };
        let (reader, _feed) = reader(&world, [FeedPage::Failed(down)]);
        assert!(matches!(reader.round(None).await, Round::Later));
        assert!(matches!(reader.round(None).await, Round::NoFeed));
    }

    #[tokio::test]
    async fn a_full_page_is_followed_by_the_next_and_a_new_round_begins_at_the_mark() {
        let world = World::with(partners());
        let (reader, feed) = reader(&world, [page("a1", true), page("a2", false), page("a3", false)]);
        let Round::More(next) = reader.round(None).await else { panic!("the page was full") };
        assert!(matches!(reader.round(next).await, Round::Later));
        reader.round(None).await;
        let asked = feed.asked.lock().unwrap().clone();
        assert_eq!(asked, [None, Some("a1".to_owned()), Some("a2".to_owned())]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_hints_causes_one_reading_some_seconds_after_the_last() {
        let (reader, _feed) = reader(&World::with(partners()), []);
        for _ in 0..3 {
            let before = tokio::time::Instant::now();
            (0..100).for_each(|_| reader.nudged.notify_one());
            reader.hurried().await;
            assert_eq!(before.elapsed(), NUDGE_WAIT);
        }
        let unasked = tokio::time::timeout(NUDGE_WAIT * 100, reader.hurried()).await;
        assert!(unasked.is_err(), "nobody said that there is news");
    }
}
