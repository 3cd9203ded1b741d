//! Compares what the mocks hold with what the pilot's table expects, dossier by dossier; then what the gateway says it
//! could not do with what the table says it cannot.

use crate::conditions::station;
use crate::ledgers;
use crate::stage::Stage;
use anyhow::Result;
use mock_portal::Dossier;
use mock_post::{Order, Parcel, Step as Station};
use pilot::{Expected, ExpectedOrder, ExpectedRow, OrderEnd, Pilot, Publication, Script, What, expect};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// Differences by dossier.
    pub(crate) differences: BTreeMap<String, Vec<String>>,
    /// Rows that stand twice because an answer was lost.
    pub(crate) doubled: usize,
    /// Dead letters as the gateway lists them.
    pub(crate) dead: Vec<DeadLetter>,
    /// Messages in the quarantine by reason.
    pub(crate) quarantine: BTreeMap<String, usize>,
    /// The gateway's own count of events, and of those that wait.
    pub(crate) events: u64,
    /// Tasks that it left for the desk.
    pub(crate) tasks: u64,
    /// Handoffs that wait behind a dead letter of their dossier.
    pub(crate) waiting: u64,
}

/// A dead letter.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DeadLetter {
    pub(crate) dossier: String,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) code: String,
    pub(crate) field: String,
    pub(crate) handoff: String,
    /// What it says to people, in English.
    pub(crate) sentence: String,
}

impl Judgement {
    pub(crate) fn differ(&mut self, dossier: &str, text: impl Into<String>) {
        self.differences.entry(dossier.to_owned()).or_default().push(text.into());
    }
}

/// Judges what the mocks hold.
pub(crate) fn judge_ledgers(stage: &Stage, pilot: &Pilot) -> Judgement {
    let mut judgement = Judgement::default();
    let mut dossiers = stage.portal.partner().dossiers();
    let mut orders = stage.post.partner().orders();
    let mut lost = ledgers::possibly_doubled(stage);
    for script in &pilot.scripts {
        let expected = expect(script);
        let name = format!("{} ({})", script.code, script.about);
        judge_portal(&mut judgement, &name, script, &expected, dossiers.remove(&script.code), &mut lost);
        for (number, wanted) in &expected.orders {
            judge_order(&mut judgement, &name, script, (number, wanted), orders.remove(number));
        }
    }
    for code in dossiers.keys() {
        judgement.differ(code, "the portal has a dossier that nobody published");
    }
    for number in orders.keys() {
        judgement.differ(number, "the post has an order that nobody expects");
    }
    let foreign = |account: &Option<String>| {
        account.as_deref().is_some_and(|account| !["H11.01.07", "LC_XA_TIENTHANH"].contains(&account))
    };
    let calls = stage.portal.ledger().into_iter().chain(stage.post.ledger());
    for account in calls.filter(|entry| foreign(&entry.account)).map(|entry| entry.account.clone()).take(1) {
        judgement.differ("accounts", format!("a partner was called for {account:?}, which only observes"));
    }
    judgement
}

fn judge_portal(
    judgement: &mut Judgement,
    name: &str,
    script: &Script,
    expected: &Expected,
    found: Option<Dossier>,
    lost: &mut BTreeMap<[String; 4], usize>,
) {
    let Some(found) = found else {
        if !expected.record.is_empty() {
            judgement.differ(name, "the portal has no record of it");
        }
        return;
    };
    let record = found.record();
    for (field, wanted) in &expected.record {
        let has = match record.get(*field) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(items)) => items.len().to_string(),
            other => format!("{other:?}"),
        };
        if has != *wanted {
            judgement.differ(name, format!("last record: {field} is {has:?}, expected {wanted:?}"));
        }
    }
    if expected.record.is_empty() {
        judgement.differ(name, "the portal has a record of it, expected none");
    }
    let mut rows: Vec<ExpectedRow> = Vec::new();
    for row in &found.rows {
        let seen = ExpectedRow { time: row.time.clone(), status: row.status.clone(), text: row.text.clone() };
        let key = [script.code.clone(), row.time.clone(), row.status.clone(), row.text.clone()];
        let spare = lost.get_mut(&key).filter(|spare| **spare > 0 && rows.contains(&seen));
        if let Some(spare) = spare {
            *spare -= 1;
            judgement.doubled += 1;
        } else {
            rows.push(seen);
        }
    }
    judge_rows(judgement, name, &expected.rows, &rows);
}

fn judge_rows(judgement: &mut Judgement, name: &str, expected: &[ExpectedRow], found: &[ExpectedRow]) {
    if expected == found {
        return;
    }
    let told = |row: &ExpectedRow| format!("{} {} {:?}", row.time, row.status, row.text);
    let missing: Vec<String> = expected.iter().filter(|row| !found.contains(row)).map(told).collect();
    let surplus: Vec<String> = found.iter().filter(|row| !expected.contains(row)).map(told).collect();
    for row in &missing {
        judgement.differ(name, format!("row missing: {row}"));
    }
    for row in &surplus {
        judgement.differ(name, format!("row not expected: {row}"));
    }
    if missing.is_empty() && surplus.is_empty() {
        let order: Vec<String> = found.iter().map(told).collect();
        judgement.differ(name, format!("rows in another order, or twice: {}", order.join(" | ")));
    }
}

fn judge_order(
    judgement: &mut Judgement,
    name: &str,
    script: &Script,
    (number, wanted): (&str, &ExpectedOrder),
    found: Option<Order>,
) {
    let parcels = found.map(|order| order.parcels).unwrap_or_default();
    let [parcel] = parcels.as_slice() else {
        return judgement
            .differ(name, format!("order {number}: {} parcels at the post, expected 1", parcels.len()));
    };
    let body = parcel.order();
    let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let ends = [("sender", "Sender", &wanted.from), ("receiver", "Receiver", &wanted.to)];
    for (end, prefix, (wanted_name, wanted_phone)) in ends {
        let (has, phone) = (text(&format!("{prefix}Name")), text(&format!("{prefix}Tel")));
        if (&has, &phone) != (wanted_name, wanted_phone) {
            judgement.differ(
                name,
                format!("order {number}: {end} is {has} {phone}, expected {wanted_name} {wanted_phone}"),
            );
        }
    }
    if cash(&body) != wanted.cash {
        let (has, wanted) = (cash(&body), wanted.cash);
        judgement.differ(name, format!("order {number}: {has} đồng are to be collected, expected {wanted}"));
    }
    let told = format!("{} {}", text("SenderDesc"), text("Description"));
    let secrets = script.events().flat_map(|event| {
        let dossier = &event.data.dossier;
        let results = dossier.results.iter().flatten().map(|result| result.name.to_owned());
        results.chain([dossier.procedure_name.to_owned(), dossier.subject.clone()])
    });
    if let Some(secret) = secrets.into_iter().find(|secret| told.contains(secret.as_str())) {
        judgement.differ(name, format!("order {number}: the label tells what the paper is: {secret}"));
    }
    let (has, wanted) = (stands(parcel), wanted_end(wanted.end));
    if has != wanted {
        judgement.differ(name, format!("order {number}: stands at {has:?}, expected {wanted:?}"));
    }
}

/// What the postman is to collect, in đồng.
pub(crate) fn cash(order: &Value) -> u64 {
    order.get("CODAmount").and_then(Value::as_u64).unwrap_or_default()
}

fn stands(parcel: &Parcel) -> Option<Station> {
    noted(parcel.step())
}

fn wanted_end(end: OrderEnd) -> Option<Station> {
    match end {
        OrderEnd::Taken => None,
        OrderEnd::Cancelled => Some(Station::Cancelled),
        OrderEnd::Moved(to) => noted(Some(station(to))),
    }
}

/// That the post took note of an order changes nothing for anybody; a clerk may do it at any time.
fn noted(station: Option<Station>) -> Option<Station> {
    station.filter(|station| *station != Station::Accepted)
}

/// Judges what the gateway says of itself.
pub(crate) async fn judge_gateway(
    stage: &Stage,
    pilot: &Pilot,
    mut judgement: Judgement,
) -> Result<Judgement> {
    let gateway = &stage.gateway;
    let status = gateway.ask(&["status"]).await?;
    let number = |field: &str| status.get(field).and_then(Value::as_u64).unwrap_or_default();
    (judgement.events, judgement.tasks) = (number("events"), number("tasks"));
    let published = pilot.scripts.iter().map(|script| script.events().count()).sum::<usize>();
    if usize::try_from(judgement.events).ok() != Some(published) {
        let text = format!("it took in {} events, {published} were published", judgement.events);
        judgement.differ("gateway", text);
    }
    let text =
        |line: &Value, field: &str| line.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let dead = gateway.ask(&["dead-letters", "list", "--all", "--limit", "10000"]).await?;
    judgement.dead = dead
        .as_array()
        .into_iter()
        .flatten()
        .map(|line| DeadLetter {
            dossier: text(line, "dossier"),
            kind: text(line, "kind"),
            state: text(line, "state"),
            code: text(line, "code"),
            field: text(line, "field"),
            handoff: text(line, "handoff"),
            sentence: String::new(),
        })
        .collect();
    for dead in &mut judgement.dead {
        let shown = gateway.ask(&["dead-letters", "show", &dead.handoff]).await?;
        dead.sentence = text(&shown, "en");
    }
    judge_dead(&mut judgement, pilot);
    judge_waiting(stage, &status, &mut judgement).await?;
    let quarantine = gateway.ask(&["quarantine", "list", "--limit", "10000"]).await?;
    for line in quarantine.as_array().into_iter().flatten() {
        *judgement.quarantine.entry(text(line, "code")).or_default() += 1;
    }
    judge_quarantine(&mut judgement, pilot);
    Ok(judgement)
}

/// Nothing may wait in the end but what stands behind a dead letter.
async fn judge_waiting(stage: &Stage, status: &Value, judgement: &mut Judgement) -> Result<()> {
    let list =
        |value: &Value, field: &str| value.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    let waits =
        |line: &Value| matches!(line.get("state").and_then(Value::as_str), Some("waiting" | "sending"));
    let open = list(status, "open");
    let count = |line: &Value| line.get("count").and_then(Value::as_u64).unwrap_or_default();
    let all: u64 = open.iter().filter(|line| waits(line)).map(count).sum();
    let dossiers: BTreeSet<String> = judgement.dead.iter().map(|dead| dead.dossier.clone()).collect();
    for dossier in dossiers {
        let report = stage.gateway.ask(&["dossier", &dossier]).await?;
        let behind = list(&report, "handoffs").iter().filter(|line| waits(line)).count();
        judgement.waiting += u64::try_from(behind)?;
    }
    if all != judgement.waiting {
        let text = format!("{all} handoffs wait, {} of them behind a dead letter", judgement.waiting);
        judgement.differ("gateway", text);
    }
    Ok(())
}

fn judge_dead(judgement: &mut Judgement, pilot: &Pilot) {
    let expected: BTreeSet<(String, String)> = pilot
        .scripts
        .iter()
        .flat_map(|script| expect(script).dead.into_iter().map(|code| (script.code.clone(), code.to_owned())))
        .collect();
    let found: BTreeSet<(String, String)> =
        judgement.dead.iter().map(|dead| (dead.dossier.clone(), dead.code.clone())).collect();
    for (dossier, code) in expected.difference(&found) {
        judgement.differ(dossier, format!("dead letter missing: {code}"));
    }
    for (dossier, code) in found.difference(&expected) {
        judgement.differ(dossier, format!("stopped, held or uncertain, and not expected: {code}"));
    }
}

fn judge_quarantine(judgement: &mut Judgement, pilot: &Pilot) {
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for stray in &pilot.strays {
        *expected.entry(stray.reason.to_owned()).or_default() += 1;
    }
    let conflicts = pilot
        .scripts
        .iter()
        .flat_map(|script| &script.steps)
        .filter(|step| matches!(step.what, What::Publish { publication: Publication::Conflict, .. }));
    expected.insert("COMMUNE-CONFLICT".to_owned(), conflicts.count());
    if expected != judgement.quarantine {
        let text = format!("quarantine is {:?}, expected {expected:?}", judgement.quarantine);
        judgement.differ("gateway", text);
    }
}
