//! The promises of the design, checked after every step, from the rows that stand and from the partners' ledgers.
//!
//! Nothing here asks the engine why it did something: it says what must be true whatever the reason.

use super::law::{Hold, hold};
use super::life::{Broken, Carried, Life};
use super::partners::Parcel;
use super::store::{BreakerStands, Handoff, Stands};
use crate::journal::{Want, Work};
use jiff::Timestamp;
use lienthong_core::handoff::{HandoffKind, Partner};
use lienthong_core::ids::AccountName;
use std::collections::{BTreeMap, BTreeSet};

const FINAL: [&str; 5] = ["accepted", "superseded", "dismissed", "resolved", "observed"];

/// Everything that must be true now.
pub(super) fn check(life: &Life<'_>, before: &Stands) -> Result<(), Broken> {
    nothing_is_lost(life)?;
    final_is_final(before, &life.stands)?;
    attempts_are_written_ahead(life)?;
    lanes_are_in_order(&life.stands)?;
    nothing_ends_silently(&life.stands)?;
    there_is_one_order(life)?;
    no_row_is_told_twice_unseen(life)
}

/// Promises 1 and 2: what was acknowledged is there, once, planned or waiting with a time, or set aside with the reason.
fn nothing_is_lost(life: &Life<'_>) -> Result<(), Broken> {
    let mut found: BTreeMap<&str, u32> = BTreeMap::new();
    for received in &life.stands.inbox {
        *found.entry(received.event.as_str()).or_default() += 1;
        match (received.state.as_str(), received.plan_at) {
            ("planned", None) | ("waiting", Some(_)) => {}
            other => return Err(format!("event {} stands as {other:?}", received.event)),
        }
    }
    if let Some(lost) = life.book.stored.keys().find(|id| !found.contains_key(id.as_str())) {
        return Err(format!("event {lost} was acknowledged and is lost"));
    }
    if let Some((twice, _)) = found.iter().find(|(_, times)| **times > 1) {
        return Err(format!("event {twice} is stored twice"));
    }
    let mut aside: BTreeMap<&str, usize> = BTreeMap::new();
    for (code, _) in &life.book.aside {
        *aside.entry(code).or_default() += 1;
    }
    for (code, wanted) in aside {
        let kept = life.stands.quarantine.iter().filter(|kept| *kept == code).count();
        if kept < wanted {
            return Err(format!("{kept} of {wanted} messages with {code} are in the quarantine"));
        }
    }
    let known = ["TEST-MALFORMED", "COMMUNE-CONFLICT", "COMMUNE-NOT-ALLOWED"];
    match life.stands.quarantine.iter().find(|code| !known.contains(&code.as_str())) {
        Some(code) => Err(format!("a message was set aside with {code}")),
        None => Ok(()),
    }
}

/// What is final stays as it is, and nothing vanishes.
fn final_is_final(before: &Stands, after: &Stands) -> Result<(), Broken> {
    for old in &before.handoffs {
        let Some(new) = after.handoff(&old.id) else { return Err(format!("{} has vanished", old.id)) };
        let was_final = FINAL.contains(&old.state.as_str());
        if was_final && new.state != old.state {
            return Err(format!("{} was {} and is {}", old.id, old.state, new.state));
        }
        // An attempt that nobody began is handed back; whose it was, is checked with the attempts.
        let handed_back = old.is("sending") && new.is("waiting") && new.attempts + 1 == old.attempts;
        if new.attempts < old.attempts && !handed_back {
            return Err(format!("{} forgot an attempt", old.id));
        }
        // A record or status that the portal may know of is never called back, unless it was dead.
        let called_back = new.is("superseded") && old.is("waiting") && old.attempts > 0;
        if called_back && matches!(new.kind, HandoffKind::PortalRecord | HandoffKind::PortalStatus) {
            return Err(format!("the record or status {} was tried and called back", old.id));
        }
        // Refused and replaced at once leaves the refusal's code.
        if new.is("superseded") && old.is("sending") && new.code.is_none() {
            return Err(format!("{} was called back while it was being sent", old.id));
        }
        if new.kind == HandoffKind::PortalProgress && new.is("superseded") {
            return Err(format!("the row {} was merged away", old.id));
        }
    }
    Ok(())
}

/// What is being sent has one open attempt and one worker; nothing else has either.
fn attempts_are_written_ahead(life: &Life<'_>) -> Result<(), Broken> {
    let mut carried: BTreeMap<&str, u32> = BTreeMap::new();
    for flight in &life.flights {
        match &flight.stage {
            Carried::Claimed(call) | Carried::Answered(call, _) => {
                for handoff in &call.handoffs {
                    *carried.entry(handoff.id.as_str()).or_default() += 1;
                }
            }
            Carried::Question(_) | Carried::Probe(_) => {}
        }
    }
    for handoff in &life.stands.handoffs {
        let sending = u32::from(handoff.is("sending"));
        let in_hands = carried.get(handoff.id.as_str()).copied().unwrap_or_default();
        if handoff.open_attempts != sending || in_hands != sending {
            return Err(format!(
                "{} is {} with {} open attempts and {in_hands} workers",
                handoff.id, handoff.state, handoff.open_attempts
            ));
        }
    }
    Ok(())
}

/// Promises 4 and 5: a handoff is ready when nothing ahead of it in its lane holds it, and only then; no other lane, no
/// pause and no block has a part in it.
fn lanes_are_in_order(stands: &Stands) -> Result<(), Broken> {
    for dossier in stands.dossiers.keys() {
        for partner in Partner::ALL {
            let lane = stands.lane(*dossier, partner);
            for (index, one) in lane.iter().enumerate() {
                let mut held_by = "nobody";
                let expected = match one.state.as_str() {
                    "waiting" => match hold(&lane[..index], one) {
                        // An operator's pause of the lane holds it until its end, or for ever.
                        Hold::FreeFrom(at) => {
                            match stands.lane_pauses.get(&(*dossier, partner.name().to_owned())) {
                                None => Some(at),
                                Some(until) => until.map(|until| at.max(until)),
                            }
                        }
                        Hold::By(other) => {
                            held_by = other;
                            None
                        }
                    },
                    // A question that is being asked is asked again later by itself.
                    "uncertain" => one.ready_at.filter(|at| *at >= one.due_at).or(Some(one.due_at)),
                    _ => None,
                };
                if one.ready_at != expected {
                    return Err(format!(
                        "{} {} ({}) is ready at {:?}, and should be at {expected:?}, held by {held_by}",
                        one.kind.name(),
                        one.id,
                        one.state,
                        one.ready_at
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Promise 6: whatever is open goes on at a time, is held by somebody that is open itself, or shows its reason.
fn nothing_ends_silently(stands: &Stands) -> Result<(), Broken> {
    for handoff in stands.handoffs.iter().filter(|handoff| handoff.is_open()) {
        let fine = match handoff.state.as_str() {
            "dead" => handoff.code.is_some() && handoff.dead_at.is_some(),
            "held" => handoff.code.is_some(),
            "uncertain" => handoff.ready_at.is_some() && handoff.uncertain_since.is_some(),
            // Who holds it was checked with its lane; being sent, with its attempts.
            _ => true,
        };
        if !fine {
            return Err(format!("{} is {} and nobody knows why or until when", handoff.id, handoff.state));
        }
    }
    Ok(())
}

/// Promise 3: the post has at most one parcel of a number, and at most one living parcel of a leg.
fn there_is_one_order(life: &Life<'_>) -> Result<(), Broken> {
    let mut living: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (number, parcels) in life.posts.iter().flat_map(|post| &post.parcels) {
        if parcels.len() > 1 {
            return Err(format!("the post has {} parcels of {number}", parcels.len()));
        }
        let leg = leg_of(number);
        if parcels.iter().any(Parcel::lives) && !leg.ends_with("CHUYEN") && !life.book.by_hand.contains(leg) {
            living.entry(leg).or_default().push(number);
        }
    }
    match living.values().find(|numbers| numbers.len() > 1) {
        Some(numbers) => Err(format!("a leg has several living parcels: {numbers:?}")),
        None => Ok(()),
    }
}

/// Dossier and leg of a number, without its count.
pub(super) fn leg_of(number: &str) -> &str {
    number.rsplit_once('-').map_or(number, |(leg, _)| leg)
}

/// A row that the portal has twice is marked, and a row with status 5 it never has twice.
fn no_row_is_told_twice_unseen(life: &Life<'_>) -> Result<(), Broken> {
    let mut seen = BTreeSet::new();
    for row in life.portals.iter().flat_map(|portal| &portal.rows) {
        if seen.insert(row.handoff.as_str()) {
            continue;
        }
        let marked = life.stands.handoff(&row.handoff).is_some_and(|handoff| handoff.maybe_doubled);
        if row.status == 5 || !marked {
            return Err(format!("the portal has row {} ({}) twice", row.handoff, row.status));
        }
    }
    Ok(())
}

/// Promise 5 again, at a claim: closed accounts get nothing, and nobody's room is taken by another account.
pub(super) fn claims_are_allowed(
    before: &Stands,
    wants: &[Want],
    work: &[(AccountName, Work)],
    now: Timestamp,
) -> Result<(), Broken> {
    for want in wants {
        let name = want.account.as_str();
        let got: Vec<&Work> =
            work.iter().filter(|(account, _)| *account == want.account).map(|(_, work)| work).collect();
        let probes = got.iter().filter(|work| matches!(work, Work::Probe(_))).count();
        let ready =
            |one: &&Handoff| one.account == name && one.ready_at.is_some_and(|at| at <= now.as_millisecond());
        let ready: Vec<&Handoff> = before.handoffs.iter().filter(ready).collect();
        // What no breaker holds goes as far as there is room; of what one holds, what it allows.
        let is_free = |one: &&&Handoff| one.is("uncertain") || before.breaker(one).is_none();
        let free = ready.iter().filter(is_free).count();
        let room = if is_closed(before, name, want.partner, now) { 0 } else { want.calls };
        let expected = free.min(room.saturating_sub(probes));
        let ahead = got.iter().skip(want.calls).filter(|work| may_wait(work)).count();
        if got.len() > room + ahead.min(want.ahead) || probes > 1 || got.len() - probes < expected {
            return Err(format!("{name} has {free} free to go, room for {room}, and got {}", got.len()));
        }
        for ((_, kind), breaker) in before.breakers.iter().filter(|((account, _), _)| account == name) {
            let of_kind =
                |work: &&&Work| matches!(work, Work::Send(call) if call.handoffs[0].kind().name() == kind);
            let sends = u64::try_from(got.iter().filter(of_kind).count()).unwrap_or(u64::MAX);
            let most = if let BreakerStands::Trying(permits) = breaker { *permits } else { 0 };
            if sends > most {
                return Err(format!("{name} sends {sends} {kind} while its breaker allows {most}"));
            }
        }
    }
    Ok(())
}

/// What may be claimed and wait for room: what nobody has to decide about when the process dies.
fn may_wait(work: &Work) -> bool {
    let Work::Send(call) = work else { return false };
    let harmless = |one: &lienthong_core::handoff::Handoff| match one.kind() {
        HandoffKind::PortalRecord | HandoffKind::CommuneEvent => true,
        HandoffKind::PortalProgress => !super::sending::is_a_supplement(one),
        HandoffKind::PortalStatus | HandoffKind::PostOrder | HandoffKind::PostCancel => false,
    };
    call.attempt == 1 && call.handoffs.iter().all(harmless)
}

fn is_closed(stands: &Stands, name: &str, partner: Partner, now: Timestamp) -> bool {
    let now = now.as_millisecond();
    let paused = [name, partner.name()]
        .into_iter()
        .any(|scope| stands.pauses.get(scope).is_some_and(|until| until.is_none_or(|until| until > now)));
    let account = stands.accounts.get(name);
    paused || account.is_some_and(|one| one.blocked.is_some() || one.not_before.is_some_and(|at| at > now))
}
