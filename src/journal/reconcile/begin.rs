//! How a run begins: by a command, or by the night.

use super::super::{Error, Journal, millis};
use jiff::Timestamp;
use jiff::civil::Date;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, AgencyCode};
use rusqlite::{Connection, OptionalExtension, params};

/// What is compared.
#[derive(Clone, Debug)]
pub struct Scope {
    /// With whom.
    pub partner: Partner,
    /// Dossiers and orders of this agency only.
    pub agency: Option<AgencyCode>,
    /// Of these accounts only; empty: of all.
    pub accounts: Vec<AccountName>,
    /// Dossiers with an event that arrived, and orders that were planned, from then on.
    pub from: Timestamp,
    /// And before this.
    pub to: Timestamp,
    /// An order that was accepted later may not show yet.
    pub visible_before: Timestamp,
    /// These codes instead, which somebody says that the portal has, through this account.
    pub listed: Option<(AccountName, Vec<String>)>,
}

/// What became of the wish for a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It has begun.
    Begun(i64),
    /// One with this partner is running.
    Runs(i64),
}

impl Journal {
    /// Begins the run of a night, unless there was one or another is running; gives its number.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin_night(&self, scope: Scope, night: Date, now: Timestamp) -> Result<Option<i64>, Error> {
        let night = night.to_string();
        self.writer
            .write(move |tx| {
                let was: bool = tx
                    .prepare_cached(
                        "SELECT EXISTS (SELECT 1 FROM reconcile_run WHERE partner = ?1 AND night = ?2)",
                    )?
                    .query_row(params![scope.partner.name(), night], |row| row.get(0))?;
                if was {
                    return Ok(None);
                }
                match begin(tx, &scope, Some(&night), NIGHTLY, now)? {
                    Asked::Begun(run) => Ok(Some(run)),
                    Asked::Runs(_) => Ok(None),
                }
            })
            .await
    }
}

/// Who has what repairs itself repaired, as the audit shows it.
pub(super) const NIGHTLY: &str = "lienthong (nightly)";

/// Begins a run.
pub(in crate::journal) fn begin(
    tx: &Connection,
    scope: &Scope,
    night: Option<&str>,
    who: &str,
    now: Timestamp,
) -> Result<Asked, Error> {
    let partner = scope.partner.name();
    let running: Option<i64> = tx
        .prepare_cached("SELECT id FROM reconcile_run WHERE partner = ?1 AND ended_at IS NULL")?
        .query_row([partner], |row| row.get(0))
        .optional()?;
    if let Some(running) = running {
        return Ok(Asked::Runs(running));
    }
    let table = if scope.partner == Partner::Post { POST_ROWS } else { PORTAL_ROWS };
    let bounds = match scope.listed {
        Some(_) => (0, 0),
        None => (last_before(tx, table, scope.from)?, last_before(tx, table, scope.to)?),
    };
    let accounts: Vec<&str> = scope.accounts.iter().map(AccountName::as_str).collect();
    tx.prepare_cached(
        "INSERT INTO reconcile_run (partner, night, who, agency, accounts, from_at, to_at, visible_before, made_at, state,
             cursor, upto) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'gathering', ?10, ?11)",
    )?
    .execute(params![
        partner,
        night,
        who,
        scope.agency.as_ref().map(AgencyCode::as_str),
        (!accounts.is_empty()).then(|| accounts.join(" ")),
        millis(scope.from),
        millis(scope.to),
        millis(scope.visible_before),
        millis(now),
        bounds.0,
        bounds.1,
    ])?;
    let run = tx.last_insert_rowid();
    if let Some((account, codes)) = &scope.listed {
        list(tx, run, account, codes)?;
    }
    tracing::info!(run, partner, "a comparison of both sides has begun");
    Ok(Asked::Begun(run))
}

/// Writes down the codes of an operator's list.
fn list(tx: &Connection, run: i64, account: &AccountName, codes: &[String]) -> Result<(), Error> {
    for code in codes {
        let dossier = super::dossier_of(tx, code)?;
        super::gather::add(
            tx,
            run,
            account.as_str(),
            &super::gather::Subject { name: code, dossier, handoff: None, listed: true },
        )?;
    }
    Ok(())
}

/// Rows that grow with time: the newest id and the time of one.
type Rows = (&'static str, &'static str);

const PORTAL_ROWS: Rows = (
    "SELECT ifnull(max(id), 0) FROM inbox",
    "SELECT arrived_at FROM inbox WHERE id >= ?1 ORDER BY id LIMIT 1",
);
const POST_ROWS: Rows = (
    "SELECT ifnull(max(id), 0) FROM handoff",
    "SELECT planned_at FROM handoff WHERE id >= ?1 ORDER BY id LIMIT 1",
);

/// The last row before a time: ids grow with time, so it is found by halving.
fn last_before(tx: &Connection, (newest, time): Rows, at: Timestamp) -> Result<i64, Error> {
    let mut above: i64 = tx.prepare_cached(newest)?.query_row([], |row| row.get::<_, i64>(0))? + 1;
    let mut below = 0;
    // Every row up to `below` is older than `at`; the first one from `above` on is not.
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        let found: Option<i64> = tx.prepare_cached(time)?.query_row([middle], |row| row.get(0)).optional()?;
        if found.is_some_and(|found| found < millis(at)) {
            below = middle;
        } else {
            above = middle;
        }
    }
    Ok(below)
}
