//! Gathering: which dossiers or orders a run compares, in chunks.

use super::super::{Error, Surroundings};
use super::{Run, enter};
use jiff::Timestamp;
use jiff::civil::Date;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, AgencyCode, DossierKey};
use rusqlite::{Connection, OptionalExtension, params};

/// Rows looked at in one transaction: keeps commits short, and whoever waits behind them.
const CHUNK: i64 = 500;

/// One thing to compare.
pub(super) struct Subject<'a> {
    /// Code of the dossier, or number of the order.
    pub(super) name: &'a str,
    pub(super) dossier: Option<i64>,
    pub(super) handoff: Option<i64>,
    pub(super) listed: bool,
}

/// Looks at the next chunk.
pub(super) fn advance(
    tx: &Connection,
    around: &Surroundings,
    run: &Run,
    now: Timestamp,
) -> Result<(), Error> {
    let until = run.upto.min(run.cursor + CHUNK);
    match run.partner.as_str() {
        "post" => orders(tx, run, until)?,
        _portal => dossiers(tx, around, run, until, now)?,
    }
    tx.prepare_cached("UPDATE reconcile_run SET cursor = ?2 WHERE id = ?1")?
        .execute(params![run.id, until])?;
    if until < run.upto {
        return Ok(());
    }
    if run.partner == "post" {
        accounts_of_the_post(tx, around, run)?;
    }
    enter(tx, run, "asking")
}

/// Dossiers with an event in this chunk of the inbox; a slip has nothing at the portal.
fn dossiers(
    tx: &Connection,
    around: &Surroundings,
    run: &Run,
    until: i64,
    now: Timestamp,
) -> Result<(), Error> {
    let mut statement = tx.prepare_cached(
        "SELECT DISTINCT d.id, d.key, d.agency FROM inbox i JOIN dossier d ON d.id = i.dossier
         WHERE i.id > ?1 AND i.id <= ?2",
    )?;
    let found: Vec<(i64, String, String)> = statement
        .query_map(params![run.cursor, until], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (dossier, key, agency) in found {
        if DossierKey::new(&*key).slip().is_some() || is_another(run, &agency) {
            continue;
        }
        let Some(account) = portal_account(tx, around, dossier, &agency, now)? else { continue };
        if run.takes(account.as_str()) {
            let subject = Subject { name: &key, dossier: Some(dossier), handoff: None, listed: false };
            add(tx, run.id, account.as_str(), &subject)?;
        }
    }
    Ok(())
}

/// The account that the agency has at the portal now; else the one that told the portal last.
fn portal_account(
    tx: &Connection,
    around: &Surroundings,
    dossier: i64,
    agency: &str,
    now: Timestamp,
) -> Result<Option<AccountName>, Error> {
    if let Some(account) = around.tables.account(&AgencyCode::new(agency), Partner::Portal, now) {
        return Ok(Some(account.clone()));
    }
    Ok(tx
        .prepare_cached(
            "SELECT account FROM handoff WHERE dossier = ?1 AND kind = 'portal.record' ORDER BY id DESC LIMIT 1",
        )?
        .query_row([dossier], |row| row.get::<_, String>(0))
        .optional()?
        .map(AccountName::new))
}

/// Orders that were planned in this chunk, whatever became of them.
fn orders(tx: &Connection, run: &Run, until: i64) -> Result<(), Error> {
    let mut statement = tx.prepare_cached(
        "SELECT id, dossier, account, number, agency FROM handoff
         WHERE id > ?1 AND id <= ?2 AND kind = 'post.order' AND number IS NOT NULL",
    )?;
    let found: Vec<(i64, i64, String, String, String)> = statement
        .query_map(params![run.cursor, until], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?
        .collect::<Result<_, _>>()?;
    for (handoff, dossier, account, number, agency) in found {
        if !is_another(run, &agency) && run.takes(&account) {
            let subject =
                Subject { name: &number, dossier: Some(dossier), handoff: Some(handoff), listed: false };
            add(tx, run.id, &account, &subject)?;
        }
    }
    Ok(())
}

/// Every account of the post has a part of its own, orders or not: strangers may stand on it.
fn accounts_of_the_post(tx: &Connection, around: &Surroundings, run: &Run) -> Result<(), Error> {
    for account in around.partners.iter().filter(|account| account.partner == Partner::Post) {
        let of_the_agency = run.agency.as_ref().is_none_or(|agency| {
            let profile = around.tables.agency(&AgencyCode::new(&**agency));
            let accounts = profile.and_then(|profile| profile.accounts(Partner::Post));
            accounts.is_some_and(|accounts| accounts.until(Date::MAX).any(|name| *name == account.name))
        });
        if of_the_agency && run.takes(account.name.as_str()) {
            part(tx, run.id, account.name.as_str())?;
        }
    }
    Ok(())
}

fn is_another(run: &Run, agency: &str) -> bool {
    run.agency.as_deref().is_some_and(|wanted| wanted != agency)
}

/// Adds a thing to the part of its account, once.
pub(super) fn add(tx: &Connection, run: i64, account: &str, subject: &Subject<'_>) -> Result<(), Error> {
    part(tx, run, account)?;
    let added = tx
        .prepare_cached(
            "INSERT INTO reconcile_item (run, account, name, dossier, handoff, listed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![run, account, subject.name, subject.dossier, subject.handoff, subject.listed])?;
    if added > 0 {
        tx.prepare_cached("UPDATE reconcile_part SET total = total + 1 WHERE run = ?1 AND account = ?2")?
            .execute(params![run, account])?;
    }
    Ok(())
}

fn part(tx: &Connection, run: i64, account: &str) -> Result<(), Error> {
    tx.prepare_cached(
        "INSERT INTO reconcile_part (run, account, state) VALUES (?1, ?2, 'asking') ON CONFLICT DO NOTHING",
    )?
    .execute(params![run, account])?;
    Ok(())
}
