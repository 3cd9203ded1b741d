//! A plan while it is being made: what is known, what was decided so far.

use super::{Born, Change, Flag, Known, Open, Place, Plan, Planned, news};
use crate::event::Snapshot;
use crate::handoff::{Content, Partner};
use crate::identity::{handoff_id, short_hash};
use crate::ids::{AccountName, AgencyCode, HandoffId};
use crate::news::Told;
use crate::outcome::{Reason, ReasonCode};
use crate::port::Translate;
use crate::state::DossierState;
use crate::tables::Tables;
use jiff::Timestamp;

/// A plan while it is being made.
pub(super) struct Draft<'a> {
    pub(super) known: &'a Known,
    pub(super) tables: &'a Tables,
    pub(super) state: DossierState,
    translate: &'a dyn Translate,
    cause: String,
    at: Option<Timestamp>,
    now: Timestamp,
    basis: Option<Snapshot>,
    handoffs: Vec<Planned>,
    changes: Vec<Change>,
    flags: Vec<Flag>,
    told: Vec<Told>,
}

impl<'a> Draft<'a> {
    /// Begins a plan; `cause` names what it is made for, so that the same cause gives the same handoffs. `at` is when the
    /// cause came about; without it the commune's system is told nothing. `now` says which accounts are in force.
    pub(super) fn new(
        cause: &[&str],
        at: Option<Timestamp>,
        now: Timestamp,
        known: &'a Known,
        tables: &'a Tables,
        translate: &'a dyn Translate,
    ) -> Self {
        Self {
            known,
            tables,
            state: known.state.clone(),
            translate,
            cause: short_hash(cause),
            at,
            now,
            basis: None,
            handoffs: Vec::new(),
            changes: Vec::new(),
            flags: Vec::new(),
            told: Vec::new(),
        }
    }

    /// The finished plan.
    pub(super) fn finish(mut self) -> Plan {
        news::tell(&mut self);
        let changed = self.basis.filter(|basis| self.known.basis.as_ref() != Some(basis));
        Plan {
            state: self.state,
            basis: changed,
            handoffs: self.handoffs,
            changes: self.changes,
            flags: self.flags,
            tables_version: Some(self.tables.version.clone()),
        }
    }

    /// Adds a handoff. `refusal` is what planning itself found wrong with it; else the adapter is asked.
    pub(super) fn hand_off(
        &mut self,
        account: &AccountName,
        content: Content,
        refusal: Option<Reason>,
    ) -> HandoffId {
        let born = refusal.map_or_else(|| self.judge(account, &content), Born::Dead);
        self.add(account, content, born, Place::Last)
    }

    /// Adds a handoff that was judged already.
    pub(super) fn add(
        &mut self,
        account: &AccountName,
        content: Content,
        born: Born,
        place: Place,
    ) -> HandoffId {
        let id = self.id_of(&content);
        let account = account.clone();
        self.handoffs.push(Planned { id: id.clone(), account, content, born, place });
        id
    }

    /// The id that a handoff with this content gets in this plan: a plan has one record, one row and one status at
    /// most, and its postal handoffs differ by their numbers. News differs by its place: the same cause can come twice, as when a person
    /// settles something by hand, takes it back and settles it again.
    pub(super) fn id_of(&self, content: &Content) -> HandoffId {
        let place;
        let number = match content {
            Content::Order(order) => order.number.as_str(),
            Content::Cancel(cancel) => cancel.number.as_str(),
            Content::News(news) => {
                place = news.sequence.to_string();
                &place
            }
            Content::Record(_) | Content::Row(_) | Content::Status(_) => "",
        };
        let kind = content.kind();
        handoff_id(&self.cause, kind.partner().name(), kind.name(), number)
    }

    /// Whether the adapter of that account could send it.
    pub(super) fn judge(&self, account: &AccountName, content: &Content) -> Born {
        match self.translate.check(account, content) {
            Ok(()) => Born::Due,
            Err(problems) => problems
                .into_iter()
                .next()
                .map_or(Born::Due, |problem| Born::Dead(Reason::new(problem.code).at(problem.field))),
        }
    }

    /// Notes what becomes of an earlier handoff.
    pub(super) fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Tells the desk something.
    pub(super) fn inform(&mut self, code: &'static str) {
        self.raise(code, false);
    }

    /// Asks the desk to act.
    pub(super) fn ask(&mut self, code: &'static str) {
        self.raise(code, true);
    }

    fn raise(&mut self, code: &'static str, task: bool) {
        let code = ReasonCode::known(code);
        match self.flags.iter_mut().find(|flag| flag.code == code) {
            Some(flag) => flag.task |= task,
            None => self.flags.push(Flag { code, task }),
        }
    }

    /// Tells the commune's system something, if it is told anything.
    pub(super) fn tell(&mut self, told: Told) {
        self.told.push(told);
    }

    /// Agency that the dossier belongs to after this plan.
    pub(super) fn agency(&self) -> Option<&AgencyCode> {
        self.basis.as_ref().map(|basis| &basis.agency.code).or(self.known.agency.as_ref())
    }

    /// The agency's account at a partner: what is planned now goes through the one that is in force now.
    pub(super) fn account(&self, agency: &AgencyCode, partner: Partner) -> Option<&'a AccountName> {
        self.tables.account(agency, partner, self.now)
    }

    /// When the cause came about.
    pub(super) fn at(&self) -> Option<Timestamp> {
        self.at
    }

    /// What is decided so far, as the commune's system is told it.
    pub(super) fn all_told(&mut self) -> Vec<Told> {
        let mut told = std::mem::take(&mut self.told);
        told.extend(
            self.handoffs.iter().filter_map(|planned| news::of_birth(&planned.content, &planned.born)),
        );
        told.extend(self.changes.iter().filter_map(|change| news::of_change(change, self.known)));
        told.extend(self.flags.iter().map(news::of_flag));
        told
    }

    /// Sets the newest snapshot.
    pub(super) fn set_basis(&mut self, snapshot: Snapshot) {
        self.basis = Some(snapshot);
    }

    /// The open handoff with this id.
    pub(super) fn open(&self, id: &HandoffId) -> Option<&'a Open> {
        self.known.open.iter().find(|open| open.id == *id)
    }

    /// Whether this plan has a handoff with this id.
    pub(super) fn is_new(&self, id: &HandoffId) -> bool {
        self.handoffs.iter().any(|planned| planned.id == *id)
    }
}
