//! What a dead letter would say if it were planned now, and giving it another content under the same key.
//!
//! The desk's next event cures by itself; this is for a person who corrected a table, or the content, and asks for it.
//! Rows, statuses, cancels and news say what they said: a row is what an event reported. A handoff keeps its account: what
//! it says is judged by that one, even if the agency has another by now.

use super::draft::Draft;
use super::{Born, Change, Known, Plan, label, portal};
use crate::handoff::{Content, Partner};
use crate::ids::{AccountName, HandoffId};
use crate::port::Translate;
use crate::tables::Tables;
use jiff::Timestamp;

/// What the dead letter says when it is planned anew from the newest snapshot, and what it would be born as. `None` when
/// there is no snapshot any more, or the gateway does not report the dossier now.
pub fn content(
    id: &HandoffId,
    account: &AccountName,
    old: &Content,
    known: &Known,
    tables: &Tables,
    translate: &dyn Translate,
    now: Timestamp,
) -> Option<(Content, Born)> {
    let draft = Draft::new(&["anew", id.as_str()], None, now, known, tables, translate);
    let basis = known.basis.as_ref()?;
    let as_of = known.state.as_of?;
    match old {
        Content::Record(_) => {
            tables.account(&basis.agency.code, Partner::Portal, now)?;
            let side = portal::side_through(account, basis, as_of, tables)?;
            let record = portal::record(&draft, &side, basis)?;
            let born = portal::judge(&draft, &side, &record);
            Some((record, born))
        }
        Content::Order(order) => {
            let (number, name) = (order.number.clone(), order.label.clone());
            let label = label::write(order.leg, number, name, basis, as_of, tables);
            let content = Content::Order(Box::new(label.order));
            let born = label.refusal.map_or_else(|| draft.judge(account, &content), Born::Dead);
            Some((content, born))
        }
        Content::Row(_) | Content::Status(_) | Content::Cancel(_) | Content::News(_) => {
            Some((old.clone(), draft.judge(account, old)))
        }
    }
}

/// Gives a dead letter this content under the same key; what the state says of it follows.
pub fn rewrite(
    id: &HandoffId,
    content: Content,
    known: &Known,
    tables: &Tables,
    translate: &dyn Translate,
    now: Timestamp,
) -> Plan {
    let mut draft = Draft::new(&["rewrite", id.as_str()], None, now, known, tables, translate);
    if let Content::Order(order) = &content
        && let Some(state) = draft.state.legs.get_mut(&order.leg)
        && state.order == *id
    {
        state.cash = order.cash;
    }
    draft.change(Change::Replan { id: id.clone(), content: Box::new(content), born: Born::Due });
    draft.finish()
}
