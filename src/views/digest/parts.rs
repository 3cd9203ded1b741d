//! What failed, counted: what became of each handoff, in which share it is, and for which reason.

use super::{Failed, FailedFor, Share};
use crate::journal::report::FailedLine;
use crate::partners::Partners;
use crate::views::Sentence;
use crate::views::advice::{advice, of_waiting};
use crate::views::corrections;
use crate::views::letters::sentences;
use jiff::Timestamp;
use lienthong_core::letters::class;
use lienthong_core::plan::Stage;
use std::collections::{BTreeMap, BTreeSet};

/// Handoffs of a share that are named.
const NAMED: usize = 5;

/// What became of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    ByItself,
    ByHand,
    Otherwise,
    Open,
}

/// A word of a person counts as an act, whoever else acted.
fn fate(state: &str, by_hand: bool) -> Fate {
    match state {
        "waiting" | "sending" | "uncertain" | "dead" | "held" => Fate::Open,
        "resolved" => Fate::ByHand,
        "accepted" if by_hand => Fate::ByHand,
        "accepted" => Fate::ByItself,
        _superseded_or_dismissed => Fate::Otherwise,
    }
}

/// What failed, as it is counted.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) failed: Part,
    pub(super) itself: Part,
    pub(super) by_hand: Part,
    pub(super) otherwise: Part,
    pub(super) open: Part,
    /// Of what healed by itself, what had stopped.
    pub(super) revived: u32,
    /// Of what is open, what waits behind something.
    pub(super) behind: u32,
    /// Where something is open: row of the dossier, and partner.
    pub(super) lanes: BTreeSet<(i64, String)>,
}

impl Parts {
    pub(super) fn count(&mut self, line: FailedLine) {
        let fate = fate(&line.state, line.by_hand);
        self.failed.count(&line, None);
        match fate {
            Fate::ByItself => {
                self.revived += u32::from(line.revived);
                self.itself.count(&line, None);
            }
            Fate::ByHand => self.by_hand.count(&line, None),
            Fate::Otherwise => self.otherwise.count(&line, None),
            Fate::Open => {
                self.behind += u32::from(line.behind);
                let stands = if line.behind { "behind" } else { &line.state };
                self.open.count(&line, Some(stands));
                self.lanes.insert((line.dossier_row, line.partner));
            }
        }
    }
}

/// What handoffs of one reason have in common: partner, kind, where they stand, code, field.
type Cause = (String, String, Option<String>, Option<String>, Option<String>);

#[derive(Default)]
pub(super) struct Part {
    count: u32,
    partners: BTreeMap<String, u32>,
    causes: BTreeMap<Cause, (u32, Timestamp)>,
    oldest: Vec<Failed>,
}

impl Part {
    /// `stands`: where it stands, of an open one.
    fn count(&mut self, line: &FailedLine, stands: Option<&str>) {
        let stopped = matches!(stands, Some("dead" | "held"));
        let (code, field) = match stopped {
            true => (&line.stopped_code, &line.stopped_field),
            false => (&line.code, &line.field),
        };
        let since = stands.and(line.stopped_at).unwrap_or(line.first_at);
        self.count += 1;
        *self.partners.entry(line.partner.clone()).or_default() += 1;
        let stands = stands.map(str::to_owned);
        let cause = (line.partner.clone(), line.kind.clone(), stands, code.clone(), field.clone());
        let place = self.causes.entry(cause).or_insert((0, since));
        *place = (place.0 + 1, place.1.min(since));
        self.oldest.push(Failed {
            dossier: line.dossier.clone(),
            handoff: line.handoff.clone(),
            kind: line.kind.clone(),
            state: line.state.clone(),
            code: code.clone(),
            since,
        });
        self.oldest.sort_by_key(|failed| failed.since);
        self.oldest.truncate(NAMED);
    }

    pub(super) fn told(self, partners: &Partners) -> Share {
        let mut reasons: Vec<FailedFor> =
            self.causes.into_iter().map(|(cause, counted)| failed_for(partners, cause, counted)).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        Share { count: self.count, partners: self.partners, reasons, oldest: self.oldest }
    }
}

fn failed_for(partners: &Partners, cause: Cause, (count, since): (u32, Timestamp)) -> FailedFor {
    let (partner, kind, state, code, field) = cause;
    let (vi, en) = sentences(partners, code.as_deref());
    let means = Sentence::new(vi.unwrap_or("Chưa có lời giải thích."), en.unwrap_or("Not explained."));
    let advice = state.as_deref().map(|state| {
        let stage = match state {
            "dead" => Stage::Dead,
            "held" => Stage::Held,
            "uncertain" => Stage::Uncertain,
            _waiting => return of_waiting(state == "behind"),
        };
        advice(&kind, class(stage, code.as_deref().unwrap_or_default()).name(), field.is_some())
    });
    let field_label = field.as_deref().and_then(corrections::label);
    FailedFor { partner, kind, state, code, means, field, field_label, count, since, advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_final_healed_by_itself_by_hand_or_ended_otherwise() {
        for (state, by_hand, expected) in [
            ("accepted", false, Fate::ByItself),
            ("accepted", true, Fate::ByHand),
            ("resolved", false, Fate::ByHand),
            ("superseded", true, Fate::Otherwise),
            ("dismissed", true, Fate::Otherwise),
            ("waiting", true, Fate::Open),
            ("sending", false, Fate::Open),
            ("uncertain", false, Fate::Open),
            ("dead", false, Fate::Open),
            ("held", true, Fate::Open),
        ] {
            assert_eq!(fate(state, by_hand), expected, "{state} {by_hand}");
        }
    }
}
