//! The answer to a look-up → what the portal has under a code.
//!
//! Only an empty and a non-empty `result` are evidenced (`TraCuuHoSo`, OpenCPS `DVCQGIntegrationActionImpl.java`, read
//! 08/2026); the keys of its elements are taken as help, whatever their case. An element without a code answers the code
//! that was asked for; one with another code is none of ours, and counted.

use super::classify::{Operation, TABLE};
use super::client::value_of;
use crate::wire::Reply;
use lienthong_core::ids::DossierCode;
use lienthong_core::inspect::{Inspected, Theirs};
use lienthong_http::classify::{Cure, Ends, Usual, Verdict};
use serde_json::Value;

/// What the answer shows.
pub(crate) fn inspected(verdict: Verdict, body: &[u8], code: &DossierCode) -> Inspected {
    match (verdict.row.ends, verdict.row.cure) {
        (Ends::Accepted, _) => shown(body, code),
        (_, Cure::OtherHalf) => held(Vec::new(), 0),
        (
            Ends::Rejected | Ends::Unavailable | Ends::Uncertain | Ends::Blocked,
            Cure::Nothing | Cure::Renew,
        ) => Inspected::Failed(verdict.outcome()),
    }
}

fn shown(body: &[u8], code: &DossierCode) -> Inspected {
    let reply = Reply::read(body);
    let Some(rows) = reply.as_ref().and_then(Reply::found) else { return unreadable() };
    let things: Vec<Theirs> = rows.iter().filter_map(|row| theirs(row, code)).collect();
    match rows.len() - things.len() {
        // Elements, and none of them ours: that is no "not there".
        others if others > 0 && things.is_empty() => unreadable(),
        others => held(things, others),
    }
}

fn theirs(row: &Value, code: &DossierCode) -> Option<Theirs> {
    let ours = value_of(row, "mahoso").is_none_or(|found| found == code.as_str());
    (row.is_object() && ours).then(|| Theirs::dossier(code.as_str(), value_of(row, "trangthai")))
}

fn held(things: Vec<Theirs>, unreadable: usize) -> Inspected {
    Inspected::Held { things, unreadable, next: None }
}

fn unreadable() -> Inspected {
    Inspected::Failed(TABLE.usual(Operation::LookUp.effect(), Usual::Unreadable).outcome())
}
