//! The journal itself as a store of the model.
//!
//! A crash is the death of the process: what was committed stands, the rest is gone. That the commit survives a loss of
//! power too is the pragma's doing (`synchronous = FULL`), which this test trusts: its file lies in memory where it can.

use super::store::{AccountStands, Act, BreakerStands, Failed, Handoff, Received, Stands, Store, Told};
use super::town::Town;
use crate::intake::{AdmittedCounts, Arrival};
use crate::journal::command::{CommandJournal, Resolution};
use crate::journal::{
    Answered, Call, Error, FeedProgress, FeedReading, Journal, Probe, Question, Want, Work,
};
use futures_lite::future::block_on;
use jiff::Timestamp;
use lienthong_core::handoff::{HandoffKind, Leg};
use lienthong_core::ids::{AccountName, HandoffId};
use lienthong_core::outcome::Outcome;
use lienthong_core::port::LookUp;
use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags, Row};
use std::path::Path;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, OnceLock};

/// Why an operator does something.
const WHY: &str = "mô hình";

/// The journal on its file.
pub(super) struct Disk {
    journal: Option<Journal>,
    commands: Option<CommandJournal>,
    /// Looks at what is committed, beside the journal.
    looking: Option<Connection>,
    town: Arc<Town>,
}

impl Disk {
    pub(super) fn open(town: &Arc<Town>) -> Self {
        std::fs::write(&town.settings.journal.path, empty(town)).expect("the folder can be written");
        Self { journal: Some(journal(town)), commands: None, looking: None, town: Arc::clone(town) }
    }

    fn journal(&self) -> &Journal {
        self.journal.as_ref().expect("it is closed for a moment only")
    }

    fn commands(&mut self) -> &mut CommandJournal {
        let town = &self.town;
        self.commands.get_or_insert_with(|| {
            CommandJournal::open(&town.settings, town.partners.clone(), "operator")
                .expect("the journal is there")
        })
    }

    fn looking(&mut self) -> &mut Connection {
        let path = &self.town.settings.journal.path;
        self.looking.get_or_insert_with(|| {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags).expect("the journal is there");
            super::super::open::keep_statements(&connection).expect("it can be set");
            connection
        })
    }

    /// Only a refused commit may fail a call; and once it is over, none is refused any more.
    fn told<T>(&self, told: Result<T, Error>) -> Told<T> {
        self.journal().writer.refusals.until.store(0, SeqCst);
        told.map_err(|error| {
            assert!(matches!(error, Error::Commit(_)), "the journal failed: {error:?}");
            Failed
        })
    }
}

fn journal(town: &Town) -> Journal {
    Journal::open(&town.settings, town.partners.clone(), super::town::moment(0)).expect("it can be opened")
}

/// An empty journal's file: every life begins with a copy, which is faster than all migrations.
fn empty(town: &Town) -> &'static [u8] {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    EMPTY.get_or_init(|| {
        journal(town).close().expect("it can be closed");
        std::fs::read(&town.settings.journal.path).expect("it was just made")
    })
}

impl Store for Disk {
    fn admit(&mut self, batch: &[Arrival]) -> Told<AdmittedCounts> {
        use crate::intake::Admission as _;
        let admitted = block_on(self.journal().admit(batch.to_vec()));
        self.journal().writer.refusals.until.store(0, SeqCst);
        admitted.map_err(|_refused| Failed)
    }

    fn claim(&mut self, wants: &[Want], _: &[i64], now: Timestamp) -> Told<Vec<(AccountName, Work)>> {
        let claimed = block_on(self.journal().claim(wants.to_vec(), now));
        self.told(claimed.map(|claimed| claimed.work))
    }

    fn hand_back(&mut self, call: &Call) -> Told<()> {
        let handed_back = block_on(self.journal().hand_back(call));
        self.told(handed_back)
    }

    fn settle(&mut self, answered: &Arc<Answered>) -> Told<()> {
        let settled = block_on(self.journal().settle(Arc::clone(answered)));
        self.told(settled.map(drop))
    }

    fn settle_look_up(
        &mut self,
        question: &Question,
        answer: &LookUp,
        now: Timestamp,
        draw: f64,
    ) -> Told<()> {
        let settled = block_on(self.journal().settle_look_up(question, answer.clone(), now, draw));
        self.told(settled.map(drop))
    }

    fn settle_probe(&mut self, probe: &Probe, outcome: &Outcome, now: Timestamp) -> Told<()> {
        let probe = Probe { account: probe.account.clone(), kinds: probe.kinds.clone() };
        let settled = block_on(self.journal().settle_probe(probe, outcome.clone(), now));
        self.told(settled)
    }

    fn track(&mut self, reading: &FeedReading, draw: f64) -> Told<FeedProgress> {
        let tracked = block_on(self.journal().track(reading.clone(), draw));
        self.told(tracked)
    }

    fn cursor(&mut self, account: &AccountName) -> Option<String> {
        // The end of what was read, not the mark behind it where the reader begins: the town draws its own overlap.
        let account = account.clone();
        let end = self.journal().reader.read(move |tx| {
            let sql = "SELECT max(feed_cursor) FROM account WHERE name = ?1";
            Ok(tx.prepare_cached(sql)?.query_row([account.as_str()], |row| row.get(0))?)
        });
        block_on(end).expect("the journal can be read")
    }

    fn release_gaps(&mut self, now: Timestamp) -> Told<()> {
        let released = block_on(self.journal().release_gaps(now));
        self.told(released.map(drop))
    }

    fn recover(&mut self, now: Timestamp, draw: f64) -> Told<usize> {
        let recovered = block_on(self.journal().recover(now, draw));
        self.told(recovered)
    }

    fn act(&mut self, act: &Act, now: Timestamp) -> String {
        let commands = self.commands();
        let named = |id: &String| HandoffId::new(id.as_str());
        let acted = match act {
            Act::Pause { scope, until } => {
                commands.pause(scope, WHY, *until, now).expect("it can be written");
                return String::new();
            }
            Act::Resume { scope } => {
                return format!("{:?}", commands.resume(scope, None, now).expect("it can be written"));
            }
            Act::Replay { id, not_there } => commands.replay(&named(id), *not_there, None, now),
            Act::Dismiss { id } => commands.dismiss(&named(id), WHY, now),
            Act::Skip { id, not_there } => commands.skip(&named(id), WHY, *not_there, now),
            Act::Resolve { id } => {
                let word = Resolution { partner_number: id, reason: None, unchecked: false };
                commands.resolve(&named(id), word, None, now)
            }
            Act::PauseLane { dossier, partner, until } => {
                commands.pause_lanes(*dossier, &[*partner], WHY, *until, now)
            }
            Act::ReleaseLane { dossier, partner } => commands.release_lanes(*dossier, &[*partner], now),
        };
        format!("{:?}", acted.expect("it can be written"))
    }

    fn die(&mut self) {
        self.looking = None;
        // Every call was awaited: nothing waits in the writer's queue that closing would still write.
        self.journal.take().expect("it is open").close().expect("it can be closed");
        self.journal = Some(journal(&self.town));
    }

    fn refuse_commit(&mut self, n: u32) {
        self.journal().writer.refusals.until.store(n, SeqCst);
    }

    fn stands(&mut self) -> Stands {
        let tx = self.looking().transaction().expect("the journal is open");
        read(&tx).expect("the journal can be read")
    }
}

fn rows<T>(
    tx: &Connection,
    sql: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = tx.prepare_cached(sql)?;
    statement.query_map([], read)?.collect()
}

fn pair<A: FromSql, B: FromSql>(row: &Row<'_>) -> rusqlite::Result<(A, B)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn read(tx: &Connection) -> rusqlite::Result<Stands> {
    Ok(Stands {
        handoffs: rows(
            tx,
            "SELECT id, handoff_id, dossier, account, kind, leg, number, row_status, place, state, alone, maybe_doubled,
                 attempts, failures, counted_attempts, counted_age_ms, due_at, ready_at, uncertain_since, absent_looks,
                 code, field, dead_at, inbox,
                 (SELECT count(*) FROM attempt WHERE attempt.handoff = handoff.id AND ended_at IS NULL)
             FROM handoff ORDER BY id",
            handoff,
        )?,
        inbox: rows(tx, "SELECT id, event_id, dossier, state, plan_at FROM inbox ORDER BY id", |row| {
            Ok(Received {
                id: row.get(0)?,
                event: row.get(1)?,
                dossier: row.get(2)?,
                state: row.get(3)?,
                plan_at: row.get(4)?,
            })
        })?,
        quarantine: rows(tx, "SELECT code FROM quarantine ORDER BY id", |row| row.get(0))?,
        accounts: rows(
            tx,
            "SELECT name, blocked_code, not_before, last_success_at FROM account
             WHERE coalesce(blocked_code, not_before, last_success_at) IS NOT NULL",
            |row| {
                let stands = AccountStands {
                    blocked: row.get(1)?,
                    not_before: row.get(2)?,
                    last_success: row.get(3)?,
                };
                Ok((row.get(0)?, stands))
            },
        )?
        .into_iter()
        .collect(),
        breakers: rows(tx, "SELECT account, operation, state FROM breaker", |row| {
            Ok(((row.get(0)?, row.get(1)?), breaker(&row.get::<_, String>(2)?)))
        })?
        .into_iter()
        .filter_map(|(which, stands)| Some((which, stands?)))
        .collect(),
        pauses: rows(tx, "SELECT scope, until FROM pause", pair)?.into_iter().collect(),
        lane_pauses: rows(tx, "SELECT dossier, partner, until FROM lane_pause", |row| {
            Ok(((row.get(0)?, row.get(1)?), row.get(2)?))
        })?
        .into_iter()
        .collect(),
        dossiers: rows(tx, "SELECT id, key FROM dossier", pair)?.into_iter().collect(),
        tracking: rows(tx, "SELECT number, state FROM tracking", pair)?.into_iter().collect(),
        cash: rows(tx, "SELECT number, cash FROM tracking WHERE cash IS NOT NULL", pair)?.into_iter().collect(),
        flags: rows(tx, "SELECT dossier, code FROM flag ORDER BY id", pair)?,
    })
}

/// How a breaker stands; `None` when it is closed.
fn breaker(state: &str) -> Option<BreakerStands> {
    let state: serde_json::Value = serde_json::from_str(state).expect("a breaker is JSON");
    let phase = &state["phase"];
    match phase["is"].as_str().expect("it is something") {
        "closed" => None,
        "trying" => Some(BreakerStands::Trying(phase["permits"].as_u64().expect("permits are a number"))),
        _open_or_probing => {
            let until = phase["until"].as_str().expect("it waits for something");
            let until: Timestamp = until.parse().expect("a time");
            Some(BreakerStands::Open(until.as_millisecond()))
        }
    }
}

fn handoff(row: &Row<'_>) -> rusqlite::Result<Handoff> {
    let kind: String = row.get(4)?;
    let leg: Option<String> = row.get(5)?;
    let legs = [Leg::Pickup, Leg::Return, Leg::PapersBack, Leg::Forward];
    Ok(Handoff {
        row: row.get(0)?,
        id: row.get(1)?,
        dossier: row.get(2)?,
        account: row.get(3)?,
        kind: HandoffKind::from_name(&kind).expect("kinds are known"),
        leg: leg.and_then(|name| legs.into_iter().find(|leg| leg.name() == name)),
        number: row.get(6)?,
        status: row.get(7)?,
        place: row.get(8)?,
        state: row.get(9)?,
        alone: row.get(10)?,
        maybe_doubled: row.get(11)?,
        attempts: row.get(12)?,
        failures: row.get(13)?,
        counted_attempts: row.get(14)?,
        counted_age: row.get(15)?,
        due_at: row.get(16)?,
        ready_at: row.get(17)?,
        uncertain_since: row.get(18)?,
        absent_looks: row.get(19)?,
        code: row.get(20)?,
        field: row.get(21)?,
        dead_at: row.get(22)?,
        inbox: row.get(23)?,
        open_attempts: row.get(24)?,
    })
}

/// A folder in memory where there is one: fsync costs nothing there.
pub(super) fn folder() -> tempfile::TempDir {
    let shared = Path::new("/dev/shm");
    let made = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
    made.or_else(|_no_room| tempfile::tempdir()).expect("a temporary folder")
}
