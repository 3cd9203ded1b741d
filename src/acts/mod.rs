//! What people do at the desk, whichever face they use: the right, the agency and the reason are checked here, then the
//! journal does what the command line does too, in one transaction with its row in the audit.
//!
//! ```text
//! page ─┐                        ┌ letters  replay, correct, resolve, dismiss, reopen
//! API  ─┴▶ right, agency, reason ┼ replays  preview, begin, stop
//!                                ├ tasks    what a desk was asked to do
//!                                ├ asides   quarantine and uncertain orders, with persons where they are asked for
//!                                ├ dossiers, orders  as they are listed, with persons where they are asked for; slips
//!                                ├ digest   what a day brought
//!                                ├ figures, partners  what is asked for; counts of the national report; pause and resume
//!                                └ persons  that somebody saw them
//! ```
//!
//! Guarantee: what is not of an agency that the actor sees is answered like what does not exist. What the journal refuses
//! has changed nothing.

pub(crate) mod asides;
mod desk;
pub(crate) mod digest;
pub(crate) mod dossiers;
pub(crate) mod figures;
pub(crate) mod letters;
pub(crate) mod orders;
pub(crate) mod partners;
pub(crate) mod persons;
mod reason;
pub(crate) mod replays;
pub(crate) mod tasks;
#[cfg(test)]
pub(crate) mod tests;
mod trouble;

pub(crate) use desk::{Desk, Weight};
pub(crate) use reason::reason;
pub(crate) use trouble::Trouble;

use crate::journal::command::{Acted, Refusal};
use crate::users::{Actor, Agencies};
use crate::views::refusals::{self, Told};
use jiff::civil::Date;

/// What an act came to, or why nothing was done.
fn told(acted: &Acted) -> Result<Told, Trouble> {
    match acted {
        Acted::Done | Acted::DueLate | Acted::Found => Ok(refusals::told(acted)),
        Acted::Refused(refusal) => Err(refused(refusal)),
    }
}

fn refused(refusal: &Refusal) -> Trouble {
    if *refusal == Refusal::Unknown { Trouble::NotFound } else { Trouble::Act(refusals::refused(refusal)) }
}

/// How many days there are, both counted.
pub(crate) fn days(first: Date, last: Date) -> usize {
    usize::try_from((last - first).get_days() + 1).unwrap_or(0)
}

/// The agencies of an actor, or the one of them that is asked for.
///
/// # Errors
/// When it is not one of them.
pub(crate) fn among(actor: &Actor, agency: Option<&str>) -> Result<Agencies, Trouble> {
    match agency.map(str::trim).filter(|agency| !agency.is_empty()) {
        None => Ok(actor.agencies.clone()),
        Some(one) if actor.sees(one) => Agencies::of([one]).ok_or(Trouble::NotFound),
        Some(_) => Err(Trouble::NotFound),
    }
}
