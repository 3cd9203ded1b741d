//! Where an event stands among those of its dossier that were heard before.
//!
//! The journal asks before planning and holds an event behind a gap for the source's time; released by time, the event
//! is planned as if it were in order, with a flag. Order is a matter of one source and one subject: what two sources say
//! is ordered by arrival. Slips count apart from dossiers, because they are subjects of their own.

use crate::event::{Event, Subject};
use crate::state::{DossierState, Heard};
use crate::tables::{SequenceRule, SourceRules};

/// Where an event stands among those heard before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// The first from this source: any number and any status will do.
    First,
    /// The next, as far as can be told.
    InOrder,
    /// Something newer was heard already.
    Late,
    /// Something before it is missing.
    Gap,
}

/// Says where the event stands. A source without rules counts nothing: its times order.
pub fn place_of(event: &Event, state: &DossierState, rules: Option<&SourceRules>) -> Position {
    let Some(heard) = state.heard_of(&event.source, is_slip(event)) else { return Position::First };
    let rule = rules.map_or(SequenceRule::None, |rules| rules.sequence);
    let numbers = match rule {
        SequenceRule::Contiguous | SequenceRule::Increasing => event.sequence.zip(heard.sequence),
        SequenceRule::None => None,
    };
    let late = match numbers {
        Some((new, last)) => new <= last,
        None => event.time < heard.time,
    };
    if late {
        return Position::Late;
    }
    let skipped = numbers.is_some_and(|(new, last)| new - last > 1);
    if rule == SequenceRule::Contiguous && skipped { Position::Gap } else { Position::InOrder }
}

/// Notes that the event was heard.
pub(super) fn remember(event: &Event, state: &mut DossierState) {
    let slip = is_slip(event);
    let known = state.heard.iter_mut().find(|heard| heard.source == event.source && heard.slip == slip);
    match known {
        Some(heard) => {
            heard.sequence = heard.sequence.max(event.sequence);
            heard.time = heard.time.max(event.time);
        }
        None => state.heard.push(Heard {
            source: event.source.clone(),
            slip,
            sequence: event.sequence,
            time: event.time,
        }),
    }
}

fn is_slip(event: &Event) -> bool {
    match event.subject {
        Subject::Slip(_) => true,
        Subject::Dossier(_) => false,
    }
}
