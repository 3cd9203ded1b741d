//! What goes wrong between desk and broker without anybody's fault: messages twice, in another dialect, in another order,
//! and ids that were used before.

use crate::calendar::END;
use crate::chance::Chance;
use crate::dialect::Dialect;
use crate::script::{Publication, Script, Step, What};

const REDELIVERED: usize = 40;
const CONFLICTING: usize = 6;
const SWAPPED: usize = 8;

/// Lets incidents happen in the scripts.
pub(crate) fn happen(scripts: &mut [Script], chance: &mut Chance) {
    let mut order: Vec<usize> = (0..scripts.len()).collect();
    chance.shuffle(&mut order);
    let mut chosen = order.into_iter();
    for (count, strike) in [
        (SWAPPED, swap as fn(&mut Script, &mut Chance) -> bool),
        (CONFLICTING, conflict),
        (REDELIVERED, deliver_again),
    ] {
        let mut struck = 0;
        for index in chosen.by_ref() {
            let script = scripts.get_mut(index).expect("an index of the list");
            struck += usize::from(strike(script, chance));
            if struck == count {
                break;
            }
        }
    }
}

/// Two events change places on their way. Not the first one: before it, nothing is known that could be missing.
fn swap(script: &mut Script, _: &mut Chance) -> bool {
    let pair = script.steps.windows(2).position(|pair| match pair {
        [
            Step { what: What::Publish { event: one, .. }, .. },
            Step { what: What::Publish { event: other, .. }, .. },
        ] => one.sequence > 1 && one.subject == other.subject,
        _ => false,
    });
    let Some(first) = pair else { return false };
    script.steps.swap(first, first + 1);
    if let Some([one, other]) = script.steps.get_mut(first..first + 2) {
        one.at = other.at.max(one.at);
        other.at = one.at;
    }
    true
}

/// A message comes again, at once or days later, perhaps over a bus that speaks the other dialect.
fn deliver_again(script: &mut Script, chance: &mut Chance) -> bool {
    let Some((index, mut step)) = published(script, chance) else { return false };
    if let What::Publish { dialect, publication, .. } = &mut step.what {
        *publication = Publication::Again;
        if chance.percent(40) {
            *dialect = match dialect {
                Dialect::Json => Dialect::Xml,
                Dialect::Xml => Dialect::Json,
            };
        }
    }
    if chance.percent(60) {
        script.steps.insert(index + 1, step);
    } else {
        let last = script.steps.last().map_or(END, |step| step.at);
        script.steps.push(Step { at: last, ..step });
    }
    true
}

/// Another content under an id that was used.
fn conflict(script: &mut Script, chance: &mut Chance) -> bool {
    let Some((index, mut step)) = published(script, chance) else { return false };
    if let What::Publish { event, publication, .. } = &mut step.what {
        *publication = Publication::Conflict;
        event.data.step.text.push_str(" (sửa lại)");
    }
    script.steps.insert(index + 1, step);
    true
}

fn published(script: &Script, chance: &mut Chance) -> Option<(usize, Step)> {
    let places = script.steps.iter().enumerate();
    let places: Vec<usize> = places
        .filter(|(_, step)| matches!(step.what, What::Publish { .. }))
        .map(|(index, _)| index)
        .collect();
    if places.is_empty() {
        return None;
    }
    let index = *chance.pick(&places);
    script.steps.get(index).map(|step| (index, step.clone()))
}
