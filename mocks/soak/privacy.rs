//! No person in the logs: what the events planted is searched for in everything that the gateway wrote.

use crate::stage::Stage;
use anyhow::Result;
use pilot::Pilot;
use std::collections::BTreeSet;

/// Beginning of phones.
const PHONE: &str = "0510";

/// Phones in another spelling of the desk, beginning of identity numbers, mail addresses, the accounts' secret.
const NEEDLES: [&str; 4] = ["510 ", "99919900", "@thu.example", "mat-khau"];

/// Findings that are named at most; none is quoted.
const NAMED: usize = 5;

/// Where a person, an identity number, a phone or a secret stands in the log.
pub(crate) fn search(stage: &Stage, pilot: &Pilot) -> Result<Vec<String>> {
    let log = std::fs::read_to_string(stage.gateway.log_file())?;
    let names = names(pilot);
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(log.lines()) {
        if line.contains("panicked") {
            findings.push(format!("log line {number}: a panic"));
        }
        // One needle for all phones and identity numbers: they begin like nobody's. And no name is plain ASCII.
        let suspicious = shows_a_phone(line) || NEEDLES.iter().any(|needle| line.contains(needle));
        let named = !line.is_ascii() && names.iter().any(|name| line.contains(name.as_str()));
        if suspicious || named {
            findings.push(format!("log line {number}: somebody can be recognised"));
        }
    }
    findings.truncate(NAMED);
    Ok(findings)
}

/// Names of everybody; they are drawn from few words, so there are not many.
fn names(pilot: &Pilot) -> BTreeSet<String> {
    let events = pilot.scripts.iter().flat_map(|script| script.events());
    events.flat_map(|event| [event.data.applicant.name.clone(), event.data.step.officer.to_owned()]).collect()
}

/// Whether a phone begins somewhere; the code of a dossier of the 10th of May, such as `-220510-0041`, shows none.
fn shows_a_phone(line: &str) -> bool {
    line.split(PHONE).zip(line.split(PHONE).skip(1)).any(|(before, after)| {
        let of_a_code = before.ends_with("-22") && after.starts_with('-');
        !of_a_code
    })
}
