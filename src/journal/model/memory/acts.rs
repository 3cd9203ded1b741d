//! What an operator does.

use super::{Memory, Row};
use crate::journal::model::store::Act;
use jiff::Timestamp;
use lienthong_core::handoff::{HandoffKind, Leg};
use lienthong_core::ids::HandoffId;
use lienthong_core::lane;
use lienthong_core::letters::{Again, Later, again};
use lienthong_core::next::Next;
use lienthong_core::outcome::{Reason, ReasonCode, gateway};
use lienthong_core::plan::Ended;

const REFUSED_UNKNOWN: &str = "Refused(Unknown)";
const NOT_DEAD: &str = "Refused(NotDead)";
const MAY_BE_THERE: &str = "Refused(MayBeThere)";

impl Memory {
    pub(super) fn do_act(&mut self, act: &Act, now: Timestamp) -> String {
        let told = match act {
            Act::Pause { scope, until } => {
                self.pauses.insert(scope.clone(), *until);
                ""
            }
            Act::Resume { scope } => {
                let paused = self.pauses.remove(scope).is_some();
                let blocked = self.accounts.get_mut(scope).and_then(|account| account.blocked.take());
                if self.hurry(scope, now) || paused || blocked.is_some() { "true" } else { "false" }
            }
            Act::Replay { id, not_there } => self.replay(&HandoffId::new(id.as_str()), *not_there, now),
            Act::Dismiss { id } => match self.row_of(&HandoffId::new(id.as_str())) {
                None => REFUSED_UNKNOWN,
                Some(id) if !self.rows[&id].is_stopped() => NOT_DEAD,
                Some(id) => self.end_by_hand(id, now),
            },
            Act::Skip { id, not_there } => self.skip(&HandoffId::new(id.as_str()), *not_there, now),
            Act::Resolve { id } => self.resolve(&HandoffId::new(id.as_str()), now),
            Act::PauseLane { dossier, partner, until } => {
                self.lane_pauses.insert((*dossier, partner.name()), *until);
                self.refresh(*dossier);
                "Done"
            }
            Act::ReleaseLane { dossier, partner } => {
                if self.lane_pauses.remove(&(*dossier, partner.name())).is_some() {
                    self.refresh(*dossier);
                    "Done"
                } else {
                    REFUSED_UNKNOWN
                }
            }
        };
        told.to_owned()
    }

    fn replay(&mut self, handoff: &HandoffId, not_there: bool, now: Timestamp) -> &'static str {
        let Some(id) = self.row_of(handoff) else { return REFUSED_UNKNOWN };
        let row = &self.rows[&id];
        if !row.is_stopped() {
            return NOT_DEAD;
        }
        if row.may_be_there() && !not_there {
            return MAY_BE_THERE;
        }
        let late = match again(row.kind, row.status, self.later(row)) {
            Again::InPlace => false,
            Again::Late => true,
            Again::NewerRecord => return "Refused(NewerRecord)",
            Again::NewerStatus => return "Refused(NewerStatus)",
            Again::LateSupplement => return "Refused(LateSupplement)",
            Again::OtherOrder => return "Refused(OtherOrder)",
        };
        let row = self.row(id);
        (row.state, row.due_at) = ("waiting", now);
        (row.dead_at, row.code, row.field, row.uncertain_since) = (None, None, None, None);
        (row.failures, row.counted_attempts, row.counted_age, row.absent_looks) = (0, 0, 0, 0);
        let (dossier, attempts) = (row.dossier, row.attempts);
        if late {
            self.follow_up(id, Ended::SentLate(attempts), now);
        }
        self.refresh(dossier);
        if late { "DueLate" } else { "Done" }
    }

    fn later(&self, row: &Row) -> Later {
        let behind = self.rows.values().any(|other| {
            (other.dossier, other.kind) == (row.dossier, row.kind)
                && matches!(other.state, "accepted" | "resolved")
                && (other.place, other.id) > (row.place, row.id)
        });
        let leg = row.leg.filter(|leg| *leg != Leg::Forward);
        let serves = leg.and_then(|leg| self.dossiers[&row.dossier].state.legs.get(&leg));
        match row.kind {
            HandoffKind::PortalRecord => Later { record: behind, ..Later::default() },
            HandoffKind::PortalStatus => Later { status: behind, ..Later::default() },
            HandoffKind::PortalProgress => Later { rows: behind, ..Later::default() },
            HandoffKind::PostOrder => {
                Later { order: serves.is_some_and(|leg| leg.order != row.handoff), ..Later::default() }
            }
            HandoffKind::PostCancel | HandoffKind::CommuneEvent => Later::default(),
        }
    }

    fn end_by_hand(&mut self, id: i64, now: Timestamp) -> &'static str {
        self.end(id, "dismissed", None);
        self.follow_up(id, Ended::ByHand, now);
        let dossier = self.rows[&id].dossier;
        self.refresh(dossier);
        "Done"
    }

    fn skip(&mut self, handoff: &HandoffId, not_there: bool, now: Timestamp) -> &'static str {
        let Some(id) = self.row_of(handoff) else { return REFUSED_UNKNOWN };
        let row = &self.rows[&id];
        if row.stage().is_none() {
            return NOT_DEAD;
        }
        if row.state == "sending" {
            return "Refused(UnderWay)";
        }
        let in_doubt = row.state == "uncertain" || row.may_be_there();
        if in_doubt && row.kind == HandoffKind::PostOrder && !not_there {
            return MAY_BE_THERE;
        }
        let lane = self.open_rows(row.dossier).into_iter();
        let lane: Vec<_> = lane.filter(|other| other.kind.partner() == row.kind.partner()).collect();
        let entries: Vec<_> = lane.iter().map(|row| row.entry()).collect();
        let index = lane.iter().position(|other| other.id == id).expect("it is in its lane");
        if lane::holder(&entries, index, self.tables.dead_row_holds).is_some() {
            return "Refused(NotHead)";
        }
        if !row.is_stopped() {
            let row = self.row(id);
            row.code = Some(if in_doubt { gateway::UNCERTAIN } else { gateway::SKIPPED }.to_owned());
            (row.field, row.dead_at) = (None, Some(now));
        }
        self.end_by_hand(id, now)
    }

    fn resolve(&mut self, handoff: &HandoffId, now: Timestamp) -> &'static str {
        let Some(id) = self.row_of(handoff) else { return REFUSED_UNKNOWN };
        let row = &self.rows[&id];
        if row.state == "sending" {
            return "Refused(UnderWay)";
        }
        if row.state != "uncertain" && !row.is_stopped() {
            return NOT_DEAD;
        }
        let in_feed = row.kind == HandoffKind::PostOrder
            && row.number.as_ref().is_some_and(|number| self.tracking.contains_key(number.as_str()));
        let dossier = row.dossier;
        if in_feed {
            self.become_what(id, &Next::Accepted(Reason::new(ReasonCode::known(gateway::FOUND))), now);
            return "Found";
        }
        let unchecked = Reason::new(ReasonCode::known(gateway::UNCHECKED));
        self.end(id, "resolved", Some(gateway::UNCHECKED));
        self.follow_up(id, Ended::Accepted(unchecked), now);
        self.refresh(dossier);
        "Done"
    }
}

impl Row {
    fn is_stopped(&self) -> bool {
        self.state == "dead" || self.state == "held"
    }

    /// Whether repeating it needs the word of somebody who asked.
    fn may_be_there(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        let doubted = [gateway::UNCERTAIN, gateway::DIFFERS, gateway::NO_ACCOUNT].contains(&code);
        match self.kind {
            HandoffKind::PostOrder | HandoffKind::PortalProgress => doubted,
            HandoffKind::PortalRecord | HandoffKind::PortalStatus | HandoffKind::PostCancel => {
                code == gateway::UNCERTAIN
            }
            HandoffKind::CommuneEvent => false,
        }
    }
}
