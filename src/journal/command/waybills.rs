//! The pool of waybills as an operator fills it, and takes what must not be used out of it.

use super::super::replay::Refusal;
use super::super::{Error, millis, waybills};
use super::{Acted, Acting, CommandJournal, refused};
use jiff::Timestamp;
use lienthong_core::ids::AccountName;
use lienthong_core::waybill::Waybill;
use rusqlite::{OptionalExtension, params};

/// What an import brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// New in the pool.
    pub new: usize,
    /// Known before, whatever became of them: they stay as they are.
    pub known: usize,
}

impl CommandJournal {
    /// Brings waybills into the pool of an account, and lets orders that wait for one go. What is known already stays as
    /// it is; a waybill of another account refuses the whole import.
    ///
    /// # Errors
    /// When the store fails; nothing is imported then.
    pub fn import_waybills(
        &mut self,
        account: &AccountName,
        given: &[Waybill],
        now: Timestamp,
    ) -> Result<Result<Imported, Refusal>, Error> {
        let mut imported = Ok(Imported::default());
        self.act("waybills-import", now, |acting| {
            imported = acting.import(account, given)?;
            let brought = match &imported {
                Ok(brought) => *brought,
                Err(refusal) => return refused(refusal.clone()),
            };
            let ends = given.first().zip(given.last());
            let ends = ends.map_or_else(String::new, |(first, last)| format!(", {first} to {last}"));
            let detail = format!("{} new, {} known{ends}", brought.new, brought.known);
            acting.note_on(account.as_str(), None, None, Some(&detail))?;
            waybills::wake(acting.tx, acting.around, account)?;
            Ok(Acted::Done)
        })?;
        Ok(imported)
    }

    /// Takes a free waybill out of the pool for ever.
    ///
    /// # Errors
    /// When the store fails.
    pub fn retire_waybill(&mut self, waybill: &str, reason: &str, now: Timestamp) -> Result<Acted, Error> {
        self.act("waybills-retire", now, |acting| {
            let found: Option<(Option<String>, Option<i64>)> = acting
                .tx
                .prepare_cached("SELECT number, retired_at FROM waybill WHERE code = ?1")?
                .query_row([waybill], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            match found {
                None | Some((_, Some(_))) => refused(Refusal::Unknown),
                Some((Some(number), None)) => refused(Refusal::WaybillInUse(number)),
                Some((None, None)) => {
                    waybills::retire(acting.tx, waybill, "hand", acting.now)?;
                    acting.note_on(waybill, None, Some(reason), None)?;
                    Ok(Acted::Done)
                }
            }
        })
    }
}

impl Acting<'_> {
    fn import(&self, account: &AccountName, given: &[Waybill]) -> Result<Result<Imported, Refusal>, Error> {
        let mut insert = self.tx.prepare_cached(
            "INSERT INTO waybill (code, account, imported_at) VALUES (?1, ?2, ?3) ON CONFLICT (code) DO NOTHING",
        )?;
        let mut owner = self.tx.prepare_cached("SELECT account FROM waybill WHERE code = ?1")?;
        let mut imported = Imported::default();
        for waybill in given {
            if insert.execute(params![waybill.as_str(), account.as_str(), millis(self.now)])? > 0 {
                imported.new += 1;
                continue;
            }
            let owner: String = owner.query_row([waybill.as_str()], |row| row.get(0))?;
            if owner != account.as_str() {
                return Ok(Err(Refusal::WaybillOfOther(waybill.to_string(), owner)));
            }
            imported.known += 1;
        }
        Ok(Ok(imported))
    }
}
