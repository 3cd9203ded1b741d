//! Promise 8: what the post reports is taken in once. A gateway that dies at every page of the tracking feed loses no row of it and
//! tells no change of a parcel twice.
//!
//! A page has five rows, a parcel six, so that pages begin and end within parcels. The portal is paused while the
//! gateway dies, so that no row's answer is lost in the same deaths; the commune's system hears all the time.

use crate::support::{
    AGENCY, AGENCY_2, DEADLINE, Dossier, Event, Options, POST_ACCOUNT, POST_ACCOUNT_2, World, until,
};
use mock_commune::Listener;
use mock_kit::{Deed, Fault};
use mock_post::Step;
use std::collections::{BTreeMap, BTreeSet};

const PAGE: u16 = 5;

/// Parcels of each account whose pages the gateway dies at, one account after the other.
const ONE_AFTER_THE_OTHER: usize = 4;
/// Parcels of each account that both feeds tell of at once.
const AT_ONCE: usize = 3;

/// What the usual way of a parcel is called to the commune.
const WAY: [&str; 6] = ["accepted", "collected", "in-transit", "in-transit", "out-for-delivery", "delivered"];

/// An account of the post, and the dossiers of its agency.
struct Side {
    account: &'static str,
    customer: &'static str,
    dossiers: Vec<Dossier>,
}

struct Story {
    world: World,
    listener: Listener,
    sides: [Side; 2],
    deaths: BTreeMap<String, usize>,
}

impl Side {
    fn of(agency: &'static str, account: &'static str, customer: &'static str) -> Self {
        let dossiers = (0..ONE_AFTER_THE_OTHER + AT_ONCE).map(|number| Dossier::of(agency, number).by_post());
        Self { account, customer, dossiers: dossiers.collect() }
    }

    /// The parcel whose rows are shown last, long after rows with later ids.
    fn late(&self) -> String {
        self.dossiers[ONE_AFTER_THE_OTHER].order("TRA")
    }
}

impl Story {
    /// Every result is ordered home, and nothing has moved yet.
    async fn begin() -> Self {
        let options = Options { told: true, feed_page_size: PAGE, ..Options::default() };
        let world = World::with(options).await;
        let listener = Listener::bind(&world.vhost.url, "#").await.unwrap();
        let mut sides = [
            Side::of(AGENCY, POST_ACCOUNT, "LC_XA_TIENTHANH"),
            Side::of(AGENCY_2, POST_ACCOUNT_2, "LC_XA_TIENLOI"),
        ];
        let gateway = world.gateway().await;
        let of_all = sides.iter_mut().flat_map(|side| &mut side.dossiers);
        let events: Vec<Event> = of_all.map(|dossier| dossier.status(9)).collect();
        world.publish(&events).await;
        world.settled(events.len(), DEADLINE).await;
        let read = "SELECT count(*) FROM account WHERE feed_read_at IS NOT NULL";
        until("both feeds were read", DEADLINE, || world.journal().count(read) == 2).await;
        gateway.stop().await;
        let paused = world.command(&["pause", "portal", "--reason", "thử"]).await;
        assert!(paused.status.success(), "{paused:?}");
        Self { world, listener, sides, deaths: BTreeMap::new() }
    }

    /// The post delivers these parcels; its feed tells all of it at once.
    fn deliver(&self, side: usize, parcels: std::ops::Range<usize>) {
        for dossier in &self.sides[side].dossiers[parcels] {
            self.world.post.partner().advance_to(&dossier.order("TRA"), Step::Delivered);
        }
    }

    /// Rows of an account that the journal has.
    fn rows(&self, account: &str) -> usize {
        let sql = format!("SELECT count(*) FROM tracking_row WHERE account = '{account}'");
        usize::try_from(self.world.journal().count(&sql)).unwrap()
    }

    /// Dies at a crash point.
    async fn dies(&mut self, point: &str) {
        let words = self.world.spawn_to_die(point).last_words().await;
        assert!(words.starts_with(point), "{words}");
        *self.deaths.entry(point.to_owned()).or_default() += 1;
    }

    /// Killed while the post has answered with the page after so many and the answer is on its way.
    async fn killed_under_way(&mut self, side: usize, pages: usize) {
        let deed = Deed::Delay { ms: 60_000, taken: true };
        let fault = Fault::new(deed).on("tracking").account(self.sides[side].customer).times(1);
        let fault = self.world.post.fault(fault.after(u32::try_from(pages).unwrap()));
        let gateway = self.world.spawn();
        let held = self.world.post.until(DEADLINE, |post| post.hits(fault) == Some(1)).await;
        assert!(held, "page {pages} is not asked for");
        gateway.kill().await;
        self.world.post.clear_fault(fault);
        *self.deaths.entry("under way".to_owned()).or_default() += 1;
    }

    /// Three deaths at every page of an account: as it comes, before its commit, after its commit.
    async fn dies_at_every_page(&mut self, side: usize, rows: usize) {
        let (account, page) = (self.sides[side].account, usize::from(PAGE));
        for read in 0..rows.div_ceil(page) {
            let before = self.rows(account);
            assert_eq!(before, read * page, "whole pages of {account}");
            self.killed_under_way(side, read).await;
            self.dies("track.before_commit rows new").await;
            assert_eq!(self.rows(account), before, "a page whose commit was lost");
            self.dies("track.after_commit rows").await;
            assert_eq!(self.rows(account), rows.min(before + page), "a page whose commit was done");
        }
    }

    /// One feed after the other, so that it is known whose page it dies at.
    async fn one_after_the_other(&mut self) {
        let rows = ONE_AFTER_THE_OTHER * WAY.len();
        for side in 0..self.sides.len() {
            self.deliver(side, 0..ONE_AFTER_THE_OTHER);
            self.dies_at_every_page(side, rows).await;
        }
        let pages = self.sides.len() * rows.div_ceil(usize::from(PAGE));
        let at_each = ["track.after_commit rows", "track.before_commit rows new", "under way"]
            .map(|point| (point.to_owned(), pages));
        assert_eq!(self.deaths, BTreeMap::from(at_each));
    }

    /// Both feeds at once, read in turns; the first parcel of each is shown when the others have been read.
    async fn at_once_and_late(&mut self) {
        let post = self.world.post.partner();
        let all = ONE_AFTER_THE_OTHER + AT_ONCE;
        for (side, late) in self.sides.iter().map(Side::late).enumerate() {
            post.set_late(&late, true);
            self.deliver(side, ONE_AFTER_THE_OTHER..all);
        }
        self.dies_until((all - 1) * WAY.len()).await;
        for late in self.sides.iter().map(Side::late) {
            self.world.post.partner().set_late(&late, false);
        }
        self.dies_until(all * WAY.len()).await;
    }

    /// Dies after each page that brings news, until the journal has so many rows of either account.
    async fn dies_until(&mut self, rows: usize) {
        let missing = |story: &Self| story.sides.iter().any(|side| story.rows(side.account) < rows);
        while missing(self) {
            self.dies("track.after_commit rows").await;
        }
    }

    /// The portal is told now, and everything comes to rest.
    async fn end(&self) {
        let gateway = self.world.gateway().await;
        let resumed = self.world.command(&["resume", "portal"]).await;
        assert!(resumed.status.success(), "{resumed:?}");
        let events = self.sides.iter().map(|side| side.dossiers.len()).sum();
        self.world.settled(events, DEADLINE).await;
        let told = self.told();
        until("the last outcome is heard", DEADLINE, || told.is_subset(&self.heard())).await;
        gateway.stop().await;
    }

    /// The outcomes that the journal says were told.
    fn told(&self) -> BTreeSet<String> {
        let handoffs = self.world.journal().handoffs().into_iter();
        handoffs
            .filter(|one| one.kind == "commune.event" && one.state == "accepted")
            .map(|one| one.id)
            .collect()
    }

    fn heard(&self) -> BTreeSet<String> {
        self.listener.once().into_iter().map(|one| one.id).collect()
    }

    /// The judge of the journal: every row of the feed stands in it, once, and no other.
    fn judge_journal(&self) {
        for side in &self.sides {
            let post = self.world.post.partner();
            let feed = side.dossiers.iter().flat_map(|one| post.feed_of(side.customer, &one.order("TRA")));
            let mut feed: Vec<String> =
                feed.map(|row| format!("{} {} {}", row.object_id(), row.number, row.code)).collect();
            feed.sort();
            assert_eq!(feed.len(), side.dossiers.len() * WAY.len());
            let sql = format!(
                "SELECT feed_id || ' ' || number || ' ' || wire_code FROM tracking_row WHERE account = '{}' ORDER BY 1",
                side.account
            );
            assert_eq!(self.world.journal().texts(&sql), feed, "{}", side.account);
        }
    }

    /// The judge of what was told: each change of each parcel once, at the portal and to the commune's system.
    fn judge_told(&self) {
        assert_eq!(self.world.portal.partner().doubled_rows(), []);
        assert_eq!(self.world.post.partner().doubled(), []);
        for dossier in self.sides.iter().flat_map(|side| &side.dossiers) {
            let rows = self.world.rows(dossier);
            let statuses: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
            assert_eq!(statuses, ["9", "9", "10"], "{rows:?}");
            assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), 3, "{rows:?}");
            let held = self.world.portal.partner().dossier(&dossier.code).unwrap();
            let records: Vec<&str> = held.versions.iter().map(|version| version.status.as_str()).collect();
            assert_eq!(records, ["9", "10"], "{}", dossier.code);
        }
        let [told, untold] = &self.sides;
        for dossier in &told.dossiers {
            let heard = self.listener.lines(&dossier.code);
            let parcel: Vec<&str> =
                heard.iter().filter_map(|line| line.strip_prefix("parcel TRA ")).collect();
            assert_eq!(parcel, WAY, "{}", dossier.code);
        }
        assert!(untold.dossiers.iter().all(|dossier| self.listener.of(&dossier.code).is_empty()));
    }
}

#[tokio::test]
async fn a_gateway_killed_at_every_page_boundary_neither_loses_nor_repeats_a_tracking_row() {
    let mut story = Story::begin().await;
    story.one_after_the_other().await;
    story.at_once_and_late().await;
    story.end().await;
    println!("{} deaths: {:?}", story.deaths.values().sum::<usize>(), story.deaths);
    story.judge_journal();
    story.judge_told();
}
