//! The mocks' ledgers, counted: how often each operation was asked for, and what became of it.

use crate::stage::Stage;
use mock_kit::{Entry, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One operation of a partner.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    /// Requests received.
    pub(crate) received: usize,
    /// … that took effect.
    pub(crate) accepted: usize,
    /// … of these, with an answer that was lost or could not be read.
    pub(crate) lost: usize,
    /// … that the partner refused.
    pub(crate) refused: usize,
    /// … that a fault answered or broke off before they took effect.
    pub(crate) disturbed: usize,
}

/// Operations by partner and name.
pub(crate) fn calls(stage: &Stage) -> BTreeMap<(&'static str, String), Calls> {
    let mut calls: BTreeMap<(&'static str, String), Calls> = BTreeMap::new();
    let portal = stage.portal.ledger().into_iter().map(|entry| ("portal", entry));
    let post = stage.post.ledger().into_iter().map(|entry| ("post", entry));
    for (partner, entry) in portal.chain(post) {
        let line = calls.entry((partner, entry.operation.clone())).or_default();
        line.received += 1;
        match &entry.verdict {
            Verdict::Accepted => {
                line.accepted += 1;
                line.lost += usize::from(answer_was_lost(&entry));
            }
            Verdict::Refused { .. } => line.refused += 1,
            Verdict::NotRead | Verdict::NotTaken => line.disturbed += 1,
        }
    }
    calls
}

/// How often each row stands in a call that took effect although its sender could not know: these may stand once more.
pub(crate) fn possibly_doubled(stage: &Stage) -> BTreeMap<[String; 4], usize> {
    let mut rows: BTreeMap<[String; 4], usize> = BTreeMap::new();
    let lost = stage.portal.received("CapNhatTienDoHoSoMC").into_iter().filter(answer_was_lost);
    for entry in lost {
        let body = entry.json();
        for row in body.get("data").and_then(serde_json::Value::as_array).into_iter().flatten() {
            let field =
                |name| row.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            let key = ["MaHoSo", "ThoiDiemXuLy", "TrangThai", "NoiDungXuLy"].map(field);
            *rows.entry(key).or_default() += 1;
        }
    }
    rows
}

fn answer_was_lost(entry: &Arc<Entry>) -> bool {
    entry.took_effect() && entry.fault.is_some_and(|fault| fault != "delay" && fault != "slow")
}
