//! A little journal for one dossier: it applies plans, keeps the lane, and lets handoffs end.

use super::sample;
use crate::event::{Event, Snapshot};
use crate::handoff::{Content, HandoffKind, Leg};
use crate::ids::{HandoffId, OrderNumber};
use crate::news::{Became, Told};
use crate::outcome::{Reason, ReasonCode};
use crate::plan::{Born, Cause, Change, Ended, Follows, Known, Open, Place, Plan, Settlement, Stage, plan};
use crate::state::DossierState;
use crate::status::Status;
use crate::tables::Tables;
use crate::tracking::{Meaning, TrackingEvent};
use jiff::Timestamp;
use std::convert::Infallible;
use std::fmt::Write;

/// One dossier, what is planned for it, and what became of it.
pub(super) struct World {
    pub(super) tables: Tables,
    pub(super) state: DossierState,
    pub(super) basis: Option<Snapshot>,
    pub(super) open: Vec<Open>,
    /// Every row planned to be sent.
    pub(super) rows: Vec<Content>,
    /// Every order number that was accepted.
    pub(super) accepted: Vec<OrderNumber>,
    pub(super) now: Timestamp,
    story: String,
    feed: u64,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with_tables(sample::tables())
    }

    pub(super) fn with_tables(tables: Tables) -> Self {
        Self {
            tables,
            state: DossierState::default(),
            basis: None,
            open: Vec::new(),
            rows: Vec::new(),
            accepted: Vec::new(),
            now: sample::minute(10_000),
            story: String::new(),
            feed: 0,
        }
    }

    /// The desk says something.
    pub(super) fn desk(&mut self, event: &Event) -> Plan {
        let status =
            event.snapshot.dossier.status.map_or(String::new(), |status| format!(" {}", status.code()));
        let title = format!("{} {}{status}", event.id, event.kind.name());
        self.cause(&title, Cause::Desk(event), Some(&event.snapshot))
    }

    /// The post reports about an order, at some minute.
    pub(super) fn track(&mut self, number: &str, says: impl Into<Meaning>, minute: u64) -> Plan {
        self.feed += 1;
        let report = TrackingEvent {
            feed_id: self.feed.to_string(),
            number: OrderNumber::new(number),
            meaning: says.into(),
            wire_code: "0".into(),
            at: sample::minute(minute),
            waybill: None,
        };
        let title = format!("tracking {} {}", self.short(number), report.meaning);
        self.cause(&title, Cause::Tracking(&report), None)
    }

    /// The first open handoff of that kind is accepted.
    pub(super) fn accept(&mut self, kind: HandoffKind) -> Plan {
        let open = self.take(kind);
        if kind == HandoffKind::PostOrder {
            self.accepted.extend(open.number.clone());
        }
        self.settle(open, Ended::Accepted(Reason::new(ReasonCode::known("OK"))))
    }

    /// Everything that waits is accepted, in lane order.
    pub(super) fn accept_all(&mut self) {
        while let Some(next) = self.open.iter().find(|open| open.stage == Stage::Waiting) {
            let kind = next.kind;
            self.accept(kind);
        }
    }

    /// The first open handoff of that kind is refused.
    pub(super) fn refuse(&mut self, kind: HandoffKind, code: &'static str, field: Option<&str>) -> Plan {
        let mut reason = Reason::new(ReasonCode::known(code));
        reason.field = field.map(str::to_owned);
        let index = self.open.iter().position(|open| open.kind == kind).unwrap();
        let open = &mut self.open[index];
        open.stage = Stage::Dead;
        open.attempted = true;
        open.dead = Some(reason.clone());
        let open = open.clone();
        self.settle(open, Ended::Dead(reason))
    }

    /// The first open handoff of that kind is being attempted, or was.
    pub(super) fn attempt(&mut self, kind: HandoffKind, stage: Stage) {
        let open = self.open.iter_mut().find(|open| open.kind == kind).unwrap();
        open.stage = stage;
        open.attempted = true;
    }

    /// What the lanes hold, in order.
    pub(super) fn lanes(&self) -> Vec<String> {
        self.open.iter().map(|open| self.line(open.content.as_ref().unwrap(), open.stage)).collect()
    }

    /// The story so far, for golden files.
    pub(super) fn story(&self) -> &str {
        &self.story
    }

    fn take(&mut self, kind: HandoffKind) -> Open {
        let index = self.open.iter().position(|open| open.kind == kind && open.stage != Stage::Dead).unwrap();
        self.open.remove(index)
    }

    fn settle(&mut self, open: Open, ended: Ended) -> Plan {
        let content = open.content.clone().unwrap();
        let word = match &ended {
            Ended::Accepted(_) => "accepted",
            Ended::Dead(_) => "dead",
            Ended::ByHand => "by hand",
            Ended::Reopened => "reopened",
            Ended::SentLate(_) => "sent late",
        };
        let title = format!("{word}: {}", self.what(&content));
        let settlement = Settlement {
            handoff: open.id,
            kind: open.kind,
            leg: open.leg,
            number: open.number,
            status: status_of(&content),
            at: self.now,
            ended,
        };
        self.cause(&title, Cause::Settled(&settlement), None)
    }

    fn cause(&mut self, title: &str, cause: Cause<'_>, own: Option<&Snapshot>) -> Plan {
        let known = self.known();
        let made = plan(cause, &known, &self.tables, &sample::Strict, self.now);
        if let Cause::Settled(settlement) = cause {
            let Ok(follows) = settlement
                .follows(|| Ok::<_, Infallible>(self.tables.tell_communes()), || Ok(self.state.clone()));
            let state = match follows {
                Follows::Nothing => Some(self.state.clone()),
                Follows::State(state) => Some(*state),
                Follows::Plan => None,
            };
            let alone = made.handoffs.is_empty() && made.changes.is_empty() && made.flags.is_empty();
            let alone = alone && made.basis.is_none();
            assert!(state.is_none_or(|state| alone && made.state == state), "{title} changed something else");
        }
        self.tell(title, &made);
        self.apply(&made, own);
        made
    }

    /// What the journal would know of the dossier.
    pub(super) fn known(&self) -> Known {
        Known {
            agency: Some(sample::profile().code),
            state: self.state.clone(),
            basis: self.basis.clone(),
            open: self.open.clone(),
        }
    }

    fn apply(&mut self, made: &Plan, own: Option<&Snapshot>) {
        self.state = made.state.clone();
        if let Some(basis) = &made.basis {
            self.basis = Some(basis.clone());
        }
        let from = own.or(self.basis.as_ref()).cloned().map(Box::new);
        for planned in &made.handoffs {
            let (leg, number) = address(&planned.content);
            let (stage, dead) = standing(&planned.born);
            let open = Open {
                id: planned.id.clone(),
                kind: planned.content.kind(),
                leg,
                number,
                stage,
                attempted: false,
                dead,
                planned_from: from.clone(),
                content: Some(planned.content.clone()),
            };
            if planned.content.kind() == HandoffKind::PortalProgress && planned.born == Born::Due {
                self.rows.push(planned.content.clone());
            }
            match &planned.place {
                Place::Last => self.open.push(open),
                Place::Of(id) => {
                    let index = self.index(id);
                    self.open.insert(index, open);
                }
            }
        }
        for change in &made.changes {
            match change {
                Change::Supersede { id } | Change::Annihilate { id } => {
                    let index = self.index(id);
                    let gone = self.open.remove(index);
                    let may_go = gone.stage == Stage::Dead || gone.kind == HandoffKind::PostOrder;
                    let called_back = gone.attempted && !may_go;
                    assert!(!called_back, "an attempted handoff was called back");
                }
                Change::Replan { id, content, born } => {
                    let index = self.index(id);
                    let open = &mut self.open[index];
                    (open.stage, open.dead) = standing(born);
                    open.attempted = false;
                    open.planned_from.clone_from(&from);
                    open.content = Some((**content).clone());
                }
            }
        }
    }

    fn index(&self, id: &HandoffId) -> usize {
        self.open.iter().position(|open| open.id == *id).expect("a plan changes open handoffs only")
    }

    fn tell(&mut self, title: &str, made: &Plan) {
        let mut lines = Vec::new();
        for planned in &made.handoffs {
            let (stage, _) = standing(&planned.born);
            let place = match &planned.place {
                Place::Last => String::new(),
                Place::Of(id) => format!(" in place of {}", self.name_of(id)),
            };
            let why = match &planned.born {
                Born::Due => String::new(),
                Born::Dead(reason) | Born::Held(reason) => {
                    format!(" {} {}", reason.code, reason.field.as_deref().unwrap_or("-"))
                }
            };
            lines.push(format!("+ {}{why}{place}", self.line(&planned.content, stage)));
        }
        for change in &made.changes {
            lines.push(match change {
                Change::Supersede { id } => format!("- superseded: {}", self.name_of(id)),
                Change::Annihilate { id } => format!("- annihilated: {}", self.name_of(id)),
                Change::Replan { content, born, .. } => {
                    format!("~ planned anew: {}", self.line(content, standing(born).0))
                }
            });
        }
        for flag in &made.flags {
            lines.push(format!("! {}{}", flag.code, if flag.task { " (task)" } else { "" }));
        }
        if lines.is_empty() {
            lines.push("nothing".to_owned());
        }
        writeln!(self.story, "{title}\n    {}", lines.join("\n    ")).unwrap();
    }

    fn name_of(&self, id: &HandoffId) -> String {
        self.what(self.open[self.index(id)].content.as_ref().unwrap())
    }

    fn line(&self, content: &Content, stage: Stage) -> String {
        let mark = match stage {
            Stage::Waiting => "",
            Stage::Sending => " sending",
            Stage::Uncertain => " uncertain",
            Stage::Dead => " DEAD",
            Stage::Held => " HELD",
        };
        format!("{}{mark}", self.what(content))
    }

    fn what(&self, content: &Content) -> String {
        match content {
            Content::Record(record) => format!("record {}", record.status.code()),
            Content::Row(row) => format!("row {}", row.status.code()),
            Content::Status(standing) => format!("status {}", standing.status.code()),
            Content::Order(order) if order.cash > 0 => {
                format!("order {} cash {}", self.short(order.number.as_str()), order.cash)
            }
            Content::Order(order) => format!("order {}", self.short(order.number.as_str())),
            Content::Cancel(cancel) => format!("cancel {}", self.short(cancel.number.as_str())),
            Content::News(news) => format!("news {}: {}", news.sequence, self.told(&news.told)),
        }
    }

    fn told(&self, told: &Told) -> String {
        match told {
            Told::Portal(news) => {
                let status = news.status.map_or("-".to_owned(), |status| status.code().to_string());
                format!("{:?} {status} {}", news.update, became(&news.became))
            }
            Told::Order(news) => {
                let number = self.short(news.number.as_str());
                format!("{:?} {number} {}", news.request, became(&news.became))
            }
            Told::Parcel(news) => {
                format!("Parcel {} {}", self.short(news.number.as_str()), news.state.name())
            }
            Told::Cash(news) => {
                format!("Cash {} {}", self.short(news.number.as_str()), news.money.name())
            }
            Told::Notice(notice) => {
                format!("Notice {}{}", notice.code, if notice.task { " (task)" } else { "" })
            }
        }
    }

    fn short(&self, number: &str) -> String {
        number.replace(&format!("{}-", sample::CODE), "").replace(sample::SLIP, "slip")
    }
}

fn became(became: &Became) -> String {
    match became {
        Became::Stopped(reason) => {
            format!("stopped {} {}", reason.code, reason.field.as_deref().unwrap_or("-"))
        }
        Became::Held(reason) => format!("held {} {}", reason.code, reason.field.as_deref().unwrap_or("-")),
        Became::Accepted | Became::SettledByHand | Became::Reopened | Became::CalledOff => {
            format!("{became:?}")
        }
    }
}

fn status_of(content: &Content) -> Option<Status> {
    match content {
        Content::Record(record) => Some(record.status),
        Content::Row(row) => Some(row.status),
        Content::Status(standing) => Some(standing.status),
        Content::Order(_) | Content::Cancel(_) | Content::News(_) => None,
    }
}

fn standing(born: &Born) -> (Stage, Option<Reason>) {
    match born {
        Born::Due => (Stage::Waiting, None),
        Born::Dead(reason) => (Stage::Dead, Some(reason.clone())),
        Born::Held(reason) => (Stage::Held, Some(reason.clone())),
    }
}

fn address(content: &Content) -> (Option<Leg>, Option<OrderNumber>) {
    match content {
        Content::Order(order) => (Some(order.leg), Some(order.number.clone())),
        Content::Cancel(cancel) => (Some(cancel.leg), Some(cancel.number.clone())),
        Content::Record(_) | Content::Row(_) | Content::Status(_) | Content::News(_) => (None, None),
    }
}
