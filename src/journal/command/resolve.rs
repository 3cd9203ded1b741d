//! What a person found out: the partner has it. Checked by a look-up where the interface can be asked, or by the feed.

use super::super::replay::Refusal;
use super::super::{Error, lanes, rows};
use super::{Acted, Acting, CommandJournal, refused};
use crate::partners::Account;
use jiff::Timestamp;
use lienthong_core::handoff::{Handoff, HandoffKind};
use lienthong_core::ids::{HandoffId, OrderNumber};
use lienthong_core::next::Next;
use lienthong_core::outcome::{Reason, ReasonCode, gateway};
use lienthong_core::plan::Ended;
use lienthong_core::port::{LookUp, LookUpAbility};
use lienthong_core::tables::Mode;
use rusqlite::{OptionalExtension, params};

/// What a person says of a handoff.
#[derive(Clone, Copy, Debug)]
pub struct Resolution<'a> {
    /// The number under which the partner has it.
    pub partner_number: &'a str,
    /// Why, or from whom it is known.
    pub reason: Option<&'a str>,
    /// It stands although a look-up says otherwise.
    pub unchecked: bool,
}

/// Whom to ask about a handoff, and about what.
pub struct Witness {
    /// The account.
    pub account: Account,
    /// The handoff.
    pub handoff: Handoff,
}

/// What the witnesses make of a person's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Shown by the partner itself.
    Found,
    /// Nobody could be asked, or the person stands by it.
    Unchecked,
    /// The partner says it does not have it.
    Absent,
    /// The partner has something else.
    Differs,
}

fn judge(answer: Option<&LookUp>, in_feed: bool, can: LookUpAbility, unchecked: bool) -> Verdict {
    match answer {
        Some(LookUp::Found { same: true, .. }) => Verdict::Found,
        Some(LookUp::Found { same: false, .. }) if !unchecked => Verdict::Differs,
        Some(_) | None if in_feed => Verdict::Found,
        Some(LookUp::Absent) if can == LookUpAbility::Authoritative && !unchecked => Verdict::Absent,
        Some(
            LookUp::Found { same: false, .. } | LookUp::Absent | LookUp::CouldNotAsk(_) | LookUp::AskTheFeed,
        )
        | None => Verdict::Unchecked,
    }
}

impl CommandJournal {
    /// Who can be asked about a handoff; `None` when nobody can, or nobody may because the gateway only observes.
    ///
    /// # Errors
    /// When the store fails.
    pub fn witness(&self, id: &HandoffId) -> Result<Option<Witness>, Error> {
        let Some(row) = rows::handoff_row_of(&self.connection, id)? else { return Ok(None) };
        let asked_for = matches!(row.kind, HandoffKind::PostOrder | HandoffKind::PortalRecord);
        if !asked_for || !matches!(row.state.as_str(), "dead" | "held" | "uncertain") {
            return Ok(None);
        }
        let Some(handoff) = row.handoff(&self.connection)? else { return Ok(None) };
        let observed =
            self.around.tables.agency(&handoff.agency).is_some_and(|agency| agency.mode == Mode::Observe);
        if observed || self.around.mode == Mode::Observe {
            return Ok(None);
        }
        let account = self.around.partners.get(&row.account).cloned();
        Ok(account.map(|account| Witness { account, handoff }))
    }

    /// Ends a handoff because a person says that the partner has it; `answer` is what the partner said, if it was asked.
    ///
    /// # Errors
    /// When the store fails.
    pub fn resolve(
        &mut self,
        id: &HandoffId,
        resolution: Resolution<'_>,
        answer: Option<&LookUp>,
        now: Timestamp,
    ) -> Result<Acted, Error> {
        self.act("resolve", now, |acting| {
            let Some(row) = rows::handoff_row_of(acting.tx, id)? else { return refused(Refusal::Unknown) };
            match row.state.as_str() {
                "dead" | "held" | "uncertain" => acting.resolve(&row, resolution, answer),
                "sending" => refused(Refusal::UnderWay),
                _other => refused(Refusal::NotDead),
            }
        })
    }
}

impl Acting<'_> {
    fn resolve(
        &self,
        row: &rows::HandoffRow,
        resolution: Resolution<'_>,
        answer: Option<&LookUp>,
    ) -> Result<Acted, Error> {
        if let Some(other) = self.other_of(row, resolution.partner_number)? {
            return refused(Refusal::OtherParcel(other));
        }
        let account = self.around.partners.get(&row.account);
        let can = account.map_or(LookUpAbility::None, |account| account.port.abilities().look_up);
        let verdict = judge(answer, self.is_in_feed(row)?, can, resolution.unchecked);
        let detail = match verdict {
            Verdict::Found => "found",
            Verdict::Unchecked => "unchecked",
            Verdict::Absent => return refused(Refusal::Absent),
            Verdict::Differs => return refused(Refusal::Differs),
        };
        let detail = format!("{detail}, number {}", resolution.partner_number);
        self.note(row, resolution.reason, Some(&detail))?;
        self.tx
            .prepare_cached("UPDATE handoff SET partner_number = ?2 WHERE id = ?1")?
            .execute(params![row.id, resolution.partner_number])?;
        let reason = |code| Reason::new(ReasonCode::known(code));
        if verdict == Verdict::Found {
            self.settling().become_what(row, &Next::Accepted(reason(gateway::FOUND)))?;
            return Ok(Acted::Found);
        }
        rows::end(self.tx, row.id, "resolved", Some(gateway::UNCHECKED), self.now)?;
        // For what follows, the order stands, the cancel is confirmed, the portal has the record.
        self.settling().follow_up(row, Ended::Accepted(reason(gateway::UNCHECKED)))?;
        lanes::refresh(self.tx, row.dossier, &self.around.tables)?;
        Ok(Acted::Done)
    }

    fn is_in_feed(&self, row: &rows::HandoffRow) -> Result<bool, Error> {
        if row.kind != HandoffKind::PostOrder {
            return Ok(false);
        }
        Ok(self
            .tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM tracking WHERE number = ?1)")?
            .query_row([row.number.as_ref().map(OrderNumber::as_str)], |row| row.get(0))?)
    }

    /// Another order that the number belongs to: by the post's feed, because somebody resolved it so, or as its waybill.
    fn other_of(&self, row: &rows::HandoffRow, partner_number: &str) -> Result<Option<String>, Error> {
        if row.kind != HandoffKind::PostOrder {
            return Ok(None);
        }
        let number = row.number.as_ref().map(OrderNumber::as_str);
        Ok(self
            .tx
            .prepare_cached(
                "SELECT number FROM tracking WHERE (waybill = ?1 OR number = ?1) AND number IS NOT ?2
                 UNION ALL SELECT number FROM handoff WHERE partner_number = ?1 AND id <> ?3
                 UNION ALL SELECT number FROM waybill
                     WHERE code = ?1 AND number IS NOT NULL AND number IS NOT ?2 AND retired_at IS NULL LIMIT 1",
            )?
            .query_row(params![partner_number, number, row.id], |row| row.get(0))
            .optional()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_word_is_weighed_against_what_the_partner_shows() {
        use LookUpAbility::{Authoritative, None as Never, PositiveOnly};
        let check = |answer: Option<LookUp>, in_feed, can, unchecked, expected| {
            assert_eq!(judge(answer.as_ref(), in_feed, can, unchecked), expected, "{answer:?} {can:?}");
        };
        let could_not = || Some(LookUp::CouldNotAsk(Reason::new(ReasonCode::known("TEST-AWAY"))));
        check(Some(LookUp::found(true)), false, Authoritative, false, Verdict::Found);
        check(Some(LookUp::found(false)), false, Authoritative, false, Verdict::Differs);
        check(Some(LookUp::found(false)), false, Authoritative, true, Verdict::Unchecked);
        check(Some(LookUp::Absent), false, Authoritative, false, Verdict::Absent);
        check(Some(LookUp::Absent), false, Authoritative, true, Verdict::Unchecked);
        check(Some(LookUp::Absent), false, PositiveOnly, false, Verdict::Unchecked);
        check(Some(LookUp::AskTheFeed), true, PositiveOnly, false, Verdict::Found);
        check(Some(LookUp::AskTheFeed), false, PositiveOnly, false, Verdict::Unchecked);
        check(could_not(), false, Authoritative, false, Verdict::Unchecked);
        check(None, false, Never, false, Verdict::Unchecked);
    }
}
