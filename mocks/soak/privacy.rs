//! No person in the logs: what the events planted is searched for in everything that the gateway wrote.

use crate::stage::Stage;
use anyhow::Result;
use pilot::Pilot;
use std::collections::BTreeSet;

/// Beginning of phones.
const PHONE: &str = "0510";

/// Digits of a phone.
const PHONE_DIGITS: usize = 10;

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

/// Whether the ten digits of a phone stand somewhere by themselves: an id, a time and a dossier's code may have such digits
/// among others.
fn shows_a_phone(line: &str) -> bool {
    let bytes = line.as_bytes();
    let is_apart = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at)).is_none_or(|byte| !byte.is_ascii_hexdigit() && *byte != b'-')
    };
    line.match_indices(PHONE).any(|(at, _)| {
        let digits = bytes.iter().skip(at).take_while(|byte| byte.is_ascii_digit()).count();
        digits == PHONE_DIGITS && is_apart(at.checked_sub(1)) && is_apart(Some(at + digits))
    })
}
