//! What may be sent: judged at the moment of sending by what the test itself saw, never by what the journal believes.

use super::life::{Broken, Life};
use crate::journal::Call;
use jiff::SignedDuration;
use lienthong_core::handoff::{Content, Handoff};
use lienthong_core::port::{LookUpAbility, Uniqueness};
use lienthong_core::status::Status;

/// Promise 3, and the rows that must not be told twice.
pub(super) fn is_allowed(life: &mut Life<'_>, call: &Call) -> Result<(), Broken> {
    let first = &call.handoffs[0];
    let together = call.handoffs.len();
    if together > 1 {
        life.tally.count("rows that travelled together");
        let strangers =
            call.handoffs.iter().any(|one| one.dossier != first.dossier || one.account != first.account);
        let fives = call.handoffs.iter().any(is_a_supplement);
        if strangers || fives || together > life.town.rows_per_call {
            return Err(format!("these do not travel together: {:?}", call.handoffs));
        }
    }
    for handoff in &call.handoffs {
        is_no_guess(life, handoff)?;
        life.book.past(handoff.id.as_str()).sent += 1;
    }
    Ok(())
}

/// Whether it begins a round of supplements: a second one makes a dossier late.
pub(super) fn is_a_supplement(handoff: &Handoff) -> bool {
    matches!(&handoff.content, Content::Row(row) if row.status == Status::SupplementAsked)
}

fn is_no_guess(life: &mut Life<'_>, handoff: &Handoff) -> Result<(), Broken> {
    let past = *life.book.past(handoff.id.as_str());
    let Some(doubt) = past.doubt else { return Ok(()) };
    match &handoff.content {
        Content::Record(_) | Content::Status(_) | Content::Cancel(_) | Content::News(_) => return Ok(()),
        Content::Row(row) => {
            let flagged = life.stands.handoff(handoff.id.as_str()).is_some_and(|one| one.maybe_doubled);
            if past.word {
                life.tally.count("sent again on somebody's word");
            } else if row.status == Status::SupplementAsked {
                return Err(format!("a row with status 5 was repeated: {}", handoff.id));
            } else if !flagged {
                return Err(format!("a row was repeated and nobody will know: {}", handoff.id));
            } else {
                life.tally.count("rows that may stand twice");
            }
        }
        Content::Order(order) => {
            let able = life.town.abilities(&handoff.account);
            let asked = able.look_up == LookUpAbility::Authoritative
                && doubt.absent >= able.absent_looks
                && doubt.last_absent.is_some_and(|at| {
                    let delay = SignedDuration::try_from(able.visibility_delay).expect("a minute");
                    at >= doubt.since + delay
                });
            if able.number_unique == Uniqueness::Yes {
                life.tally.count("orders repeated: number is unique");
                return Ok(());
            }
            if past.word {
                life.tally.count("sent again on somebody's word");
            } else if asked {
                life.tally.count("orders repeated: absent is believed");
            } else {
                return Err(format!("order {} was repeated on a guess ({doubt:?})", order.number));
            }
        }
    }
    let past = life.book.past(handoff.id.as_str());
    (past.doubt, past.word) = (None, false);
    Ok(())
}
