//! No person in the logs: what the events planted is searched for in everything that the gateway wrote.

use crate::stage::Stage;
use anyhow::Result;
use pilot::{Applicant, Pilot};
use std::collections::BTreeSet;

/// Findings that are named at most; none is quoted.
const NAMED: usize = 5;

/// Where a person, an identity number, a phone or a secret stands in the log.
pub(crate) fn search(stage: &Stage, pilot: &Pilot) -> Result<Vec<String>> {
    let log = std::fs::read_to_string(stage.gateway.log_file())?;
    let planted = planted(pilot);
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(log.lines()) {
        if line.contains("panicked") {
            findings.push(format!("log line {number}: a panic"));
        }
        // One needle for all phones and identity numbers: they begin like nobody's.
        let suspicious = ["0510", "510 ", "99919900", "mat-khau"].iter().any(|needle| line.contains(needle));
        if suspicious || planted.iter().any(|name| line.contains(name.as_str())) {
            findings.push(format!("log line {number}: somebody can be recognised"));
        }
    }
    findings.truncate(NAMED);
    Ok(findings)
}

/// Names and addresses of everybody; the names are drawn from few words, so there are not many.
fn planted(pilot: &Pilot) -> BTreeSet<String> {
    let events = pilot.scripts.iter().flat_map(|script| script.events());
    events
        .flat_map(|event| {
            let Applicant { name, email, .. } = &event.data.applicant;
            [Some(name.clone()), email.clone(), Some(event.data.step.officer.to_owned())]
                .into_iter()
                .flatten()
        })
        .collect()
}
