//! The journal's own transitions, on a real file with planning and ports that only say what they can do.

mod accounts;
mod ahead;
mod bulk;
mod checkpoints;
mod commands;
mod cures;
pub(crate) mod digest;
pub(crate) mod feed;
pub(crate) mod figures;
mod gaps;
mod letters;
mod migrating;
mod outages;
mod plans;
mod pressure;
mod quarantine;
mod receipts;
mod reconcile;
mod retention;
mod review;
mod settling;
mod slips;
mod traced;
mod turns;
mod watch;
mod waybills;
pub(crate) mod world;
mod writer;

use crate::admin::Health;
use crate::dispatcher::{Dispatcher, Gates};
use crate::intake::{Admission as _, AdmittedCounts};
use crate::journal::command::{Acted, CommandJournal, Refusal};
use crate::journal::{Error, Journal, open};
use crate::partners::Partners;
use lienthong_core::handoff::{Content, Handoff, Partner};
use lienthong_core::ids::HandoffId;
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::{Outcome, Problem, ReasonText};
use lienthong_core::port::{Abilities, FeedPage, LookUp, Pending, Port, Sent};
use lienthong_core::receipt::Receipt;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
use world::{PORTAL, World, abilities, account, arrival, at, event, partners, reason, saying, take};

#[tokio::test]
async fn an_event_is_stored_with_its_plan() {
    let world = World::open();
    let counts = world.admit([event(1, 1, 9)]).await;
    assert_eq!(counts, AdmittedCounts { stored: 1, ..AdmittedCounts::default() });
    assert_eq!(world.states(), ["portal.record waiting", "portal.progress waiting", "post.order waiting"]);
}

#[tokio::test]
async fn a_duplicate_changes_nothing_and_a_conflict_is_set_aside_beside_its_neighbours() {
    let world = World::open();
    let conflict = saying(event(1, 1, 2), "Nội dung khác");
    let counts = world.admit([event(1, 1, 2), event(1, 1, 2), conflict, event(2, 1, 2)]).await;
    assert_eq!(counts, AdmittedCounts { stored: 2, duplicates: 1, quarantined: 1, waiting: 0 });
    assert_eq!(world.states().len(), 4);
    let aside =
        world.count("SELECT count(*) FROM quarantine WHERE code = 'COMMUNE-CONFLICT' AND field = 'id'");
    assert_eq!(aside, 1);
}

#[tokio::test]
async fn an_event_behind_a_gap_waits_for_the_missing_one() {
    let world = World::open();
    let counts = world.admit([event(1, 1, 2), event(1, 4, 9), event(1, 3, 6)]).await;
    assert_eq!((counts.stored, counts.waiting), (3, 2));
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'portal.progress'"), 1);
    world.admit([event(1, 2, 4)]).await;
    let rows = "SELECT group_concat(row_status, ' ') FROM (SELECT row_status FROM handoff WHERE row_status > 0 ORDER BY place)";
    assert_eq!(world.file().query_row(rows, [], |row| row.get::<_, String>(0)).unwrap(), "2 4 6 9");
    assert_eq!(world.count("SELECT count(*) FROM inbox WHERE state = 'waiting'"), 0);
}

#[tokio::test]
async fn a_gap_is_given_up_after_its_time_and_told() {
    let world = World::open();
    world.admit([event(1, 1, 2), event(1, 3, 9)]).await;
    assert_eq!(world.journal.release_gaps(at(599)).await.unwrap(), 0);
    assert!(world.journal.release_gaps(at(600)).await.unwrap() > 0);
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'portal.progress'"), 2);
    assert_eq!(world.count("SELECT count(*) FROM flag WHERE code = 'DESK-SEQUENCE-GAP'"), 1);
}

#[tokio::test]
async fn a_claim_takes_the_heads_of_lanes_and_commits_their_attempts() {
    let world = World::open();
    world.admit([event(1, 1, 9), event(2, 1, 2)]).await;
    let calls = world.calls(at(1)).await;
    let kinds: Vec<_> = calls.iter().map(|call| call.handoffs[0].kind().name()).collect();
    assert_eq!(kinds, ["portal.record", "portal.record", "post.order"]);
    assert_eq!(world.count("SELECT count(*) FROM attempt WHERE ended_at IS NULL"), 3);
    assert!(world.calls(at(2)).await.is_empty(), "what is under way is not claimed again");
}

#[tokio::test]
async fn rows_that_follow_each_other_travel_in_one_call_and_a_5_alone() {
    let world = World::open();
    world.admit([event(1, 1, 2), event(1, 2, 4), event(1, 3, 5), event(1, 4, 4)]).await;
    let mut sizes = Vec::new();
    loop {
        let mut calls = world.calls(at(1)).await;
        let Some(call) = calls.pop() else { break };
        if call.handoffs[0].kind().name() == "portal.progress" {
            sizes.push(call.handoffs.len());
        }
        world.settle(call, Outcome::Accepted(reason("TEST-OK")), at(1)).await;
    }
    assert_eq!(sizes, [2, 1, 1]);
}

#[tokio::test]
async fn a_paused_partner_gets_nothing_and_the_other_goes_on() {
    let world = World::open();
    let mut operator = CommandJournal::open(&world.settings, partners(), "test").unwrap();
    operator.pause("portal", "bảo trì", Some(at(100)), at(0)).unwrap();
    world.admit([event(1, 1, 9)]).await;
    let calls = world.calls(at(1)).await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].handoffs[0].kind().name(), "post.order");
    assert_eq!(world.calls(at(100)).await.len(), 1, "the pause ends at its time");
    operator.pause(PORTAL, "kiểm tra", None, at(100)).unwrap();
    world.admit([event(2, 1, 2)]).await;
    assert!(world.calls(at(101)).await.is_empty());
    assert!(operator.resume(PORTAL, None, at(2)).unwrap());
    assert_eq!(world.calls(at(102)).await.len(), 1);
}

/// A port that looks, in the middle of sending, at what is on disk.
struct Witness {
    journal: PathBuf,
    saw: Mutex<Vec<(String, i64)>>,
}

impl Port for Witness {
    fn abilities(&self) -> Abilities {
        abilities()
    }

    fn translate(&self, _: &[&Content]) -> Result<serde_json::Value, Vec<Problem>> {
        Ok(serde_json::Value::Null)
    }

    fn send<'a>(&'a self, handoffs: &'a [Handoff], _: Option<&'a str>) -> Pending<'a, Sent> {
        let sql = "SELECT count(*) FROM attempt a JOIN handoff h ON h.id = a.handoff
             WHERE h.handoff_id = ?1 AND a.ended_at IS NULL AND h.state = 'sending'";
        let file = rusqlite::Connection::open(&self.journal).unwrap();
        for handoff in handoffs {
            let open = file.query_row(sql, [handoff.id.as_str()], |row| row.get(0)).unwrap();
            self.saw.lock().unwrap().push((handoff.kind().name().to_owned(), open));
        }
        let sent = Sent {
            outcome: Outcome::Accepted(reason("TEST-OK")),
            http_status: None,
            steps: Vec::new(),
            receipt: Receipt::default(),
        };
        Box::pin(async { sent })
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

    fn read_feed<'a>(&'a self, _: Option<&'a str>) -> Pending<'a, FeedPage> {
        Box::pin(async { FeedPage::NoFeed })
    }

    fn reasons(&self) -> &'static [ReasonText] {
        &[]
    }
}

#[tokio::test]
async fn every_attempt_is_on_disk_before_the_request_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let settings = world::settings(folder.path());
    let witness = Arc::new(Witness { journal: settings.journal.path.clone(), saw: Mutex::default() });
    let port = |partner, name| account(name, partner, Arc::<Witness>::clone(&witness));
    let partners = Partners::of([port(Partner::Portal, PORTAL), port(Partner::Post, world::POST)]);
    let journal = Arc::new(Journal::open(&settings, partners.clone(), at(0)).unwrap());
    journal.admit(vec![arrival(event(1, 1, 9), at(0))]).await.unwrap();

    let stop = CancellationToken::new();
    let gates = Arc::new(Gates::new(&partners));
    let dispatcher = Dispatcher::new(Arc::clone(&journal), partners, gates, Arc::new(Health::new()));
    let stopping = async {
        while witness.saw.lock().unwrap().len() < 3 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    tokio::join!(dispatcher.run(stop.clone()), stopping);
    let mut saw = witness.saw.lock().unwrap().clone();
    saw.sort();
    let expected = ["portal.progress", "portal.record", "post.order"].map(|kind| (kind.to_owned(), 1));
    assert_eq!(saw, expected);
}

#[tokio::test]
async fn a_second_daemon_is_refused() {
    let world = World::open();
    let second = Journal::open(&world.settings, partners(), at(0));
    assert!(matches!(second, Err(Error::Locked { .. })));
}

#[tokio::test]
async fn erasing_takes_payloads_and_leaves_what_identifies() {
    let world = World::open();
    world.admit([event(1, 1, 9), event(2, 1, 2), saying(event(2, 1, 2), "Khác")]).await;
    // Dossier 2 stays open: its record is refused.
    let mut calls = world.calls(at(1)).await;
    let refused = calls.iter().position(|call| call.handoffs[0].dossier.as_str() == world::code(2)).unwrap();
    world
        .settle(calls.remove(refused), Outcome::Rejected(reason("TEST-57").saying("Lò Thị Bưởi")), at(1))
        .await;
    for call in calls {
        world.settle(call, Outcome::Accepted(reason("TEST-OK")), at(1)).await;
    }
    world.accept_all(at(2)).await;

    let day = 24 * 3600;
    while world.journal.erase(at(31 * day)).await.unwrap() > 0 {}
    let kept = |dossier| {
        let sql = "SELECT count(*) FROM inbox JOIN dossier ON dossier.id = inbox.dossier WHERE key = '{}' AND payload IS NOT NULL";
        world.count(&sql.replace("{}", &world::code(dossier)))
    };
    assert_eq!((kept(1), kept(2)), (0, 1), "what waits for a person keeps its content");
    assert_eq!(world.count("SELECT count(*) FROM quarantine WHERE payload IS NOT NULL"), 1);
    let again = world.admit([event(1, 1, 9)]).await;
    assert_eq!(again.duplicates, 1, "ids and hashes stay");
    while world.journal.erase(at(91 * day)).await.unwrap() > 0 {}
    assert_eq!(world.count("SELECT count(*) FROM quarantine WHERE payload IS NOT NULL"), 0);
}

#[tokio::test]
async fn a_process_that_died_while_sending_leaves_attempts_that_count_as_made() {
    let world = World::open();
    world.admit([event(1, 1, 9), event(2, 1, 5)]).await;
    let mut calls = world.calls(at(1)).await;
    for _ in 0..2 {
        world.settle(take(&mut calls, "portal.record"), Outcome::Accepted(reason("TEST-OK")), at(1)).await;
    }
    world.admit([event(3, 1, 2)]).await;
    assert_eq!(world.calls(at(2)).await.len(), 3, "two rows and a record are under way, beside two orders");
    let world = world.die();
    assert!(world.journal.recover(at(3), 0.5).await.unwrap() >= 4);
    let marked = "SELECT group_concat(kind || ' ' || ifnull(row_status, '') || ' ' || state || ' ' || maybe_doubled, ', ')
        FROM (SELECT * FROM handoff WHERE attempts > 0 AND state <> 'accepted' ORDER BY id)";
    let marked: String = world.file().query_row(marked, [], |row| row.get(0)).unwrap();
    let expected = "portal.progress 9 waiting 1, post.order  uncertain 0, portal.progress 5 dead 0, portal.record  waiting 0";
    assert_eq!(
        marked, expected,
        "a row may be doubled, a 5 may not, a record may be repeated, an order is asked about"
    );
    assert_eq!(world.count("SELECT count(*) FROM attempt WHERE ended_at IS NULL"), 0);
    assert_eq!(world.journal.recover(at(4), 0.5).await.unwrap(), 0);
}

#[tokio::test]
async fn an_account_that_is_no_longer_configured_does_not_stop_the_start() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    assert_eq!(world.calls(at(1)).await.len(), 2);
    let World { journal, settings, folder: _folder } = world.die();
    Arc::into_inner(journal).expect("nobody else holds it").close().unwrap();
    let journal = Journal::open(&settings, Partners::default(), at(2)).unwrap();
    assert_eq!(journal.recover(at(2), 0.5).await.unwrap(), 2);
    let file = rusqlite::Connection::open(&settings.journal.path).unwrap();
    let dead = "SELECT count(*) FROM handoff WHERE state = 'dead' AND code = 'GATEWAY-NO-ACCOUNT'";
    assert_eq!(file.query_row(dead, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
    let open = "SELECT count(*) FROM attempt WHERE ended_at IS NULL";
    assert_eq!(file.query_row(open, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    // With the account back, what may be there still needs somebody's word.
    let mut operator = CommandJournal::open(&settings, partners(), "test").unwrap();
    let order = "SELECT handoff_id FROM handoff WHERE kind = 'post.order'";
    let order = HandoffId::new(file.query_row(order, [], |row| row.get::<_, String>(0)).unwrap());
    assert_eq!(operator.replay(&order, false, None, at(3)).unwrap(), Acted::Refused(Refusal::MayBeThere));
}

/// A planner that breaks over one text.
struct Brittle;

impl Brittle {
    const OVER: &'static str = "hỏng";
}

impl world::Planning for Brittle {
    fn look_at(&self, content: &Content) {
        if let Content::Row(row) = content {
            assert_ne!(row.text, Self::OVER, "this is the panic of a test");
        }
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_planned_is_set_aside_and_harms_nobody() {
    let world = World::with(world::partners_with(Arc::new(Brittle)));
    let broken = saying(event(1, 1, 2), Brittle::OVER);
    let counts = world.admit([event(2, 1, 2), broken, event(3, 1, 2)]).await;
    assert_eq!((counts.stored, counts.quarantined), (2, 1));
    assert_eq!(world.states().len(), 4);

    // The same behind a gap: with the missing event, and when the gap is given up.
    let late = |dossier| saying(event(dossier, 3, 9), Brittle::OVER);
    world.admit([late(2), late(3), event(2, 2, 4)]).await;
    world.journal.release_gaps(at(600)).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM quarantine WHERE code = 'GATEWAY-UNPLANNABLE'"), 3);
    assert_eq!(world.count("SELECT count(*) FROM inbox WHERE state = 'waiting'"), 0);
    assert_eq!(
        world.count("SELECT count(*) FROM handoff WHERE row_status = 4"),
        1,
        "its neighbour is planned"
    );
}

/// Identity of the only handoff of a kind.
fn id_of(world: &World, kind: &str) -> HandoffId {
    let sql = "SELECT handoff_id FROM handoff WHERE kind = ?1";
    HandoffId::new(world.file().query_row(sql, [kind], |row| row.get::<_, String>(0)).unwrap())
}

/// What a power cut may take is decided by two pragmas; they are read back from the connections that write.
#[tokio::test]
async fn the_connections_that_write_sync_every_commit() {
    let read = |connection: &Connection| {
        let synchronous: i64 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
        let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        Ok::<_, rusqlite::Error>((synchronous, mode))
    };
    let full = (2, "wal".to_owned());
    let world = World::open();
    let daemons = world.journal.writer.write(move |tx| Ok(read(tx)?)).await.unwrap();
    assert_eq!(daemons, full, "the daemon's");
    let commands = open::connect(&world.settings.journal.path).unwrap();
    assert_eq!(read(&commands).unwrap(), full, "a command's");
    assert!(
        commands.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG).unwrap(),
        "statements are prepared once"
    );
}
