//! The journal's own limit, without broker and partners, and what the disk and SQLite can do at best.

use crate::load::{Load, ROUTING_KEY, SOURCE};
use crate::runner::figures::{Figures, count};
use crate::runner::stage::{CONCURRENCY, Run};
use crate::runner::{Measure, say};
use anyhow::{Context as _, Result, bail};
use lienthong::intake::{Admission as _, Arrival, Read};
use lienthong::journal::Journal;
use lienthong_commune::{Limits, decode};
use rusqlite::Connection;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long each limit is looked for.
const LONG: usize = 2_000;
/// Bytes of a page, and of a payload such as an event's.
const PAGE: [u8; 4_096] = [7; 4_096];
const ROW: [u8; 1_024] = [7; 1_024];
/// Rows in one commit where commits are not the limit.
const ROWS: usize = 10_000;
/// Events in one commit: one alone, a quiet day, and the largest batch of the default configuration.
const BATCHES: [usize; 3] = [1, 16, 256];

const SIDE: &str = "gateway";

/// As often as pairs run.
pub(super) async fn play(measure: &mut Measure) -> Result<()> {
    let long = u64::try_from(measure.options.share(LONG))?;
    for _ in 0..measure.options.pairs() {
        let run = measure.stage.run(CONCURRENCY).await?;
        disk(run.folder(), Duration::from_millis(long), &mut measure.figures)?;
        sqlite(run.folder(), Duration::from_millis(long), &mut measure.figures)?;
        for batch in BATCHES {
            let events = measure.options.share(20_000.min(batch * 2_000));
            journal(&run, batch, events, &mut measure.figures).await?;
        }
        run.close(true).await?;
        say("  journal");
    }
    Ok(())
}

/// Appends a page and syncs it, again and again.
fn disk(folder: &Path, long: Duration, figures: &mut Figures) -> Result<()> {
    let mut file = File::create(folder.join("pages"))?;
    let (begun, mut syncs) = (Instant::now(), 0);
    while begun.elapsed() < long {
        file.write_all(&PAGE)?;
        file.sync_data()?;
        syncs += 1;
    }
    figures.add("disk", SIDE, "4 KiB appended and synced", "1 / s", per_second(syncs, begun));
    Ok(())
}

/// Commits of one small row, and rows in large commits, with the journal's pragmas.
fn sqlite(folder: &Path, long: Duration, figures: &mut Figures) -> Result<()> {
    let mut connection = Connection::open(folder.join("bare.db"))?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")?;
    let (begun, mut commits) = (Instant::now(), 0);
    while begun.elapsed() < long {
        connection.prepare_cached("INSERT INTO row (body) VALUES (?1)")?.execute([ROW])?;
        commits += 1;
    }
    figures.add("SQLite alone, 1 KiB a row", SIDE, "commits of one row", "1 / s", per_second(commits, begun));
    let (begun, mut rows) = (Instant::now(), 0);
    while begun.elapsed() < long {
        let tx = connection.transaction()?;
        for _ in 0..ROWS {
            tx.prepare_cached("INSERT INTO row (body) VALUES (?1)")?.execute([ROW])?;
        }
        tx.commit()?;
        rows += ROWS;
    }
    figures.add("SQLite alone, 1 KiB a row", SIDE, "rows in large commits", "1 / s", per_second(rows, begun));
    Ok(())
}

/// Admits events into a journal of their own, batch by batch, plans included.
async fn journal(run: &Run, batch: usize, events: usize, figures: &mut Figures) -> Result<()> {
    let path = run.journal();
    let mut settings = run.settings()?;
    settings.journal.path = path.with_extension(format!("{batch}.db"));
    let partners = lienthong::partners::build(&settings.accounts)?;
    let journal = Journal::open(&settings, partners, lienthong::clock::now())?;
    let load = Load::once(events);
    let arrivals = load.told().into_iter().map(|told| arrival(&told.body()));
    let arrivals: Vec<Arrival> = arrivals.collect::<Result<_>>()?;
    let (begun, mut commits, mut stored) = (Instant::now(), 0, 0);
    for batch in arrivals.chunks(batch) {
        stored += journal.admit(batch.to_vec()).await?.stored;
        commits += 1;
    }
    let case = format!("journal, {batch} events a commit");
    figures.add(&case, SIDE, "commits", "1 / s", per_second(commits, begun));
    figures.add(&case, SIDE, "events", "1 / s", per_second(stored, begun));
    let seconds = begun.elapsed().as_secs_f64();
    journal.close()?;
    figures.add(&case, SIDE, "rows", "1 / s", rows_of(&settings.journal.path)? / seconds);
    if stored != events {
        bail!("{stored} of {events} events were stored");
    }
    Ok(())
}

fn arrival(body: &[u8]) -> Result<Arrival> {
    let event = decode(Some("application/json"), body, &Limits::default())
        .map_err(|refusal| anyhow::anyhow!("an event of {SOURCE} cannot be read: {refusal:?}"))?;
    Ok(Arrival {
        arrived_at: lienthong::clock::now(),
        routing_key: ROUTING_KEY.to_owned(),
        user_id: None,
        content_type: Some("application/json".to_owned()),
        trace: None,
        headers: Vec::new(),
        redelivered: false,
        read: Read::Event(Box::new(event.into())),
    })
}

/// Rows of all tables that intake writes.
fn rows_of(path: &Path) -> Result<f64> {
    let connection = Connection::open(path)?;
    let mut rows = 0.0;
    for table in ["payload", "dossier", "inbox", "handoff", "flag"] {
        let count: u32 = connection
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .with_context(|| format!("failed to count the rows of {table}"))?;
        rows += f64::from(count);
    }
    Ok(rows)
}

fn per_second(number: usize, begun: Instant) -> f64 {
    count(number) / begun.elapsed().as_secs_f64()
}
