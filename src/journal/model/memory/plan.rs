//! Planning: what is known goes in, the plan is written down, the lanes are marked.

use super::{Memory, Row, next_id};
use jiff::Timestamp;
use lienthong_core::handoff::{Content, HandoffKind, Partner};
use lienthong_core::ids::{HandoffId, OrderNumber};
use lienthong_core::lane::{self, Pause};
use lienthong_core::outcome::{Reason, ReasonCode};
use lienthong_core::plan::{self, Born, Cause, Change, Known, Open, Place, Planned, Stage};
use lienthong_core::{handoff::Leg, status::Status};
use std::rc::Rc;

impl Memory {
    /// Open handoffs of a dossier, in the order of their lanes.
    pub(super) fn open_rows(&self, dossier: i64) -> Vec<&Row> {
        let mut open: Vec<_> =
            self.rows.values().filter(|row| row.dossier == dossier && row.stage().is_some()).collect();
        open.sort_by_key(|row| (row.kind.partner().name(), row.place, row.id));
        open
    }

    /// Marks what is ready in all lanes.
    pub(super) fn refresh(&mut self, dossier: i64) {
        let mut marks = Vec::new();
        for partner in Partner::ALL {
            let lane: Vec<_> =
                self.open_rows(dossier).into_iter().filter(|row| row.kind.partner() == partner).collect();
            let entries: Vec<_> = lane.iter().map(|row| row.entry()).collect();
            let free = lane::may_go(&entries, self.tables.dead_row_holds);
            let pause = self.lane_pauses.get(&(dossier, partner.name()));
            let pause = pause.map(|until| until.map_or(Pause::UntilReleased, Pause::Until));
            let free = lane::while_paused(&entries, free, pause);
            for (index, row) in lane.iter().enumerate() {
                marks.push((row.id, free.iter().find(|(free, _)| *free == index).map(|(_, at)| *at)));
            }
        }
        for (row, at) in marks {
            self.row(row).ready_at = at;
        }
    }

    /// Whether the partner may know of it.
    pub(super) fn attempted(&self, row: &Row) -> bool {
        match row.kind {
            HandoffKind::PortalRecord
            | HandoffKind::PortalProgress
            | HandoffKind::PortalStatus
            | HandoffKind::CommuneEvent => row.attempts > 0,
            HandoffKind::PostOrder | HandoffKind::PostCancel => {
                let mut own = self.attempts.values().filter(|attempt| attempt.row == row.id);
                own.any(|one| !one.ended || matches!(one.outcome, Some("uncertain" | "accepted")))
            }
        }
    }

    fn opened(&self, row: &Row) -> Open {
        let stage = row.stage().expect("only what is open is known");
        let attempted = self.attempted(row);
        let dead = stage == Stage::Dead;
        let changeable = row.kind == HandoffKind::PostOrder && (!attempted || dead);
        let reason = |code: &String| Reason {
            code: ReasonCode::stored(code.clone()),
            field: row.field.clone(),
            said: None,
        };
        let from = row.inbox.and_then(|inbox| self.inbox.get(&inbox)).filter(|_| dead);
        Open {
            id: row.handoff.clone(),
            kind: row.kind,
            leg: row.leg,
            number: row.number.clone(),
            stage,
            attempted,
            dead: row.code.as_ref().map(reason).filter(|_| dead),
            planned_from: from.map(|row| Box::new(row.event.snapshot.clone())),
            content: changeable.then(|| (*row.content).clone()),
        }
    }

    /// Plans a cause and writes the plan down.
    pub(super) fn plan(&mut self, dossier: i64, inbox: Option<i64>, cause: Cause<'_>, now: Timestamp) {
        let row = &self.dossiers[&dossier];
        let known = Known {
            agency: Some(row.agency.clone()),
            state: row.state.clone(),
            basis: row.basis.as_deref().cloned(),
            open: self.open_rows(dossier).into_iter().map(|row| self.opened(row)).collect(),
        };
        let plan = plan::plan(cause, &known, &self.tables, &self.partners, now);
        let row = self.dossiers.get_mut(&dossier).expect("it was just there");
        row.state = plan.state;
        if let Some(basis) = plan.basis {
            row.agency = basis.agency.code.clone();
            row.basis = Some(Rc::new(basis));
        }
        let mut places = Vec::new();
        for change in &plan.changes {
            let (Change::Supersede { id } | Change::Annihilate { id } | Change::Replan { id, .. }) = change;
            let Some(row) = self.row_of(id) else { continue };
            places.push((id.clone(), self.rows[&row].place));
            self.change(row, change, inbox, now);
        }
        let marks = !plan.changes.is_empty() || !plan.handoffs.is_empty();
        for planned in plan.handoffs {
            self.write(dossier, inbox, planned, &places, now);
        }
        self.flags.extend(plan.flags.iter().map(|flag| (dossier, flag.code.as_str().to_owned())));
        if marks {
            self.refresh(dossier);
        }
    }

    fn change(&mut self, row: i64, change: &Change, inbox: Option<i64>, now: Timestamp) {
        match change {
            Change::Supersede { .. } => self.end(row, "superseded", None),
            Change::Annihilate { .. } => self.end(row, "superseded", Some("GATEWAY-ANNIHILATED")),
            Change::Replan { content, born, .. } => {
                let (state, reason) = standing(born);
                let row = self.row(row);
                row.state = state;
                row.content = Rc::new((**content).clone());
                row.code = reason.map(|reason| reason.code.as_str().to_owned());
                row.field = reason.and_then(|reason| reason.field.clone());
                row.due_at = now;
                (row.failures, row.counted_attempts, row.counted_age) = (0, 0, 0);
                row.inbox = inbox.or(row.inbox);
                row.dead_at = (state == "dead").then_some(now);
                row.ready_at = None;
            }
        }
    }

    fn write(
        &mut self,
        dossier: i64,
        inbox: Option<i64>,
        planned: Planned,
        places: &[(HandoffId, i64)],
        now: Timestamp,
    ) {
        let id = next_id(&self.rows);
        let place = match &planned.place {
            Place::Last => None,
            Place::Of(other) => places.iter().find(|(of, _)| of == other).map(|(_, place)| *place),
        };
        let (leg, number, status) = facets(&planned.content);
        let (state, reason) = standing(&planned.born);
        let row = Row {
            id,
            handoff: planned.id,
            dossier,
            account: planned.account,
            kind: planned.content.kind(),
            leg,
            number,
            status,
            place: place.unwrap_or(id),
            state,
            alone: false,
            maybe_doubled: false,
            attempts: 0,
            failures: 0,
            counted_attempts: 0,
            counted_age: 0,
            last_attempt_at: None,
            planned_at: now,
            due_at: now,
            ready_at: None,
            uncertain_since: None,
            absent_looks: 0,
            code: reason.map(|reason| reason.code.as_str().to_owned()),
            field: reason.and_then(|reason| reason.field.clone()),
            dead_at: (state == "dead").then_some(now),
            inbox,
            content: Rc::new(planned.content),
        };
        assert!(self.row_of(&row.handoff).is_none(), "{} was planned twice", row.handoff);
        self.rows.insert(id, row);
    }

    /// Sets a handoff to a final state.
    pub(super) fn end(&mut self, row: i64, state: &'static str, code: Option<&str>) {
        let row = self.row(row);
        row.state = state;
        row.code = code.map(str::to_owned).or_else(|| row.code.take());
        row.ready_at = None;
    }
}

fn standing(born: &Born) -> (&'static str, Option<&Reason>) {
    match born {
        Born::Due => ("waiting", None),
        Born::Dead(reason) => ("dead", Some(reason)),
        Born::Held(reason) => ("held", Some(reason)),
    }
}

fn facets(content: &Content) -> (Option<Leg>, Option<OrderNumber>, Option<Status>) {
    match content {
        Content::Record(_) | Content::News(_) => (None, None, None),
        Content::Row(row) => (None, None, Some(row.status)),
        Content::Status(standing) => (None, None, Some(standing.status)),
        Content::Order(order) => (Some(order.leg), Some(order.number.clone()), None),
        Content::Cancel(cancel) => (Some(cancel.leg), Some(cancel.number.clone()), None),
    }
}
