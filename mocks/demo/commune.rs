//! What the commune's own system heard, beside what it should have heard.

use crate::stage::Stage;
use mock_commune::Heard;
use pilot::{Expected, Move, OrderEnd, Pilot, Script, expect};
use std::collections::BTreeMap;

/// Differences, as (dossier, what differs).
pub(crate) fn judge(stage: &Stage, pilot: &Pilot) -> Vec<(String, String)> {
    let all = stage.commune.once();
    let mut heard: BTreeMap<String, Vec<Heard>> = BTreeMap::new();
    for one in &all {
        heard.entry(one.subject().to_owned()).or_default().push(one.clone());
    }
    let mut differences = Vec::new();
    for script in &pilot.scripts {
        let own = heard.remove(&script.code).unwrap_or_default();
        let expected = expect(script);
        let told = judge_portal(script, &expected, &own).into_iter().chain(judge_parcels(&expected, &all));
        differences.extend(told.map(|difference| (script.code.clone(), difference)));
    }
    // What came about before a slip had a code is told of the slip.
    let strangers = heard.into_keys().filter(|subject| !subject.starts_with("phieu:"));
    differences.extend(strangers.map(|subject| (subject, "the commune heard of a stranger".to_owned())));
    differences
}

fn judge_portal(script: &Script, expected: &Expected, heard: &[Heard]) -> Vec<String> {
    let mut differences = Vec::new();
    let lines: Vec<String> = heard.iter().map(Heard::line).collect();
    let mut rows: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for row in &expected.rows {
        rows.entry(row.status.clone()).or_default().0 += 1;
    }
    for line in &lines {
        if let Some(status) =
            line.strip_prefix("portal progress ").and_then(|rest| rest.strip_suffix(" accepted"))
        {
            rows.entry(status.to_owned()).or_default().1 += 1;
        }
    }
    for (status, (wanted, told)) in rows {
        if wanted != told {
            differences.push(format!("the commune heard of {told} rows {status}, expected {wanted}"));
        }
    }
    let record =
        lines.iter().rev().find_map(|line| line.strip_prefix("portal record ")?.strip_suffix(" accepted"));
    let wanted = expected.record.get("TrangThaiHoSo").map(String::as_str);
    if record != wanted {
        differences.push(format!("the commune heard last of record {record:?}, expected {wanted:?}"));
    }
    for code in &expected.dead {
        if !lines.iter().any(|line| line.contains(" stopped ") && line.ends_with(code)) {
            differences.push(format!("the commune has not heard of {code}"));
        }
    }
    let people = || script.events().map(|event| event.data.applicant.name.to_owned());
    if let Some(one) = heard.iter().find(|one| people().any(|name| one.body.to_string().contains(&name))) {
        differences.push(format!("the outcome {} names a person", one.id));
    }
    differences
}

/// What was said of a pickup before there was a code is told of its slip.
fn judge_parcels(expected: &Expected, all: &[Heard]) -> Vec<String> {
    let mut differences = Vec::new();
    for (number, order) in &expected.orders {
        if let OrderEnd::Moved(to @ (Move::Delivered | Move::Returned)) = order.end {
            let state = if to == Move::Delivered { "delivered" } else { "returned" };
            let told = |one: &&Heard| {
                let parcel = one.body.pointer("/data/parcel");
                let field = |name| parcel.and_then(|parcel| parcel.get(name)?.as_str());
                field("number") == Some(number.as_str()) && field("state") == Some(state)
            };
            let count = all.iter().filter(told).count();
            if count != 1 {
                differences.push(format!("the commune heard {count} times that {number} was {state}"));
            }
        }
    }
    differences
}
