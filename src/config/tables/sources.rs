//! Rules of the event sources: how they count, what their words mean, and for whom they may speak.

use super::Silences;
use crate::config::problems::meant;
use crate::config::reader::Section;
use crate::config::rules::{age, choice, list, number, patience, text};
use crate::users::matches;
use jiff::SignedDuration;
use lienthong_commune::opencps::{self, Sites};
use lienthong_commune::{FAMILIES, Family};
use lienthong_core::ids::{AgencyCode, Source};
use lienthong_core::status::Status;
use lienthong_core::tables::{AgencyProfile, DoneMeans, SequenceRule, SourceRules};
use std::collections::BTreeMap;

const SEQUENCES: &[(&str, SequenceRule)] = &[
    ("contiguous", SequenceRule::Contiguous),
    ("increasing", SequenceRule::Increasing),
    ("none", SequenceRule::None),
];
const DONE: &[(&str, DoneMeans)] =
    &[("handed-over", DoneMeans::HandedOver), ("dispatched", DoneMeans::Dispatched)];

/// Reads `[[sources]]`.
pub(super) fn sources(
    root: &Section<'_>,
    agencies: &BTreeMap<AgencyCode, AgencyProfile>,
) -> (BTreeMap<Source, SourceRules>, Silences, Sites) {
    let (mut sources, mut silences, mut sites) = (BTreeMap::new(), Silences::new(), Sites::default());
    let entries = root.each("sources");
    if entries.is_empty() {
        root.problem(
            "sources",
            "has no entry; every event would be refused: write [[sources]] with source and agencies",
        );
    }
    for section in entries {
        let source = Source::new(section.required("source", text("urn:lienthong:commune:H11.01.07")));
        let family = section.or("dialect", choice(FAMILIES), Family::CloudEvents);
        let rules = SourceRules {
            sequence: sequence(&section, family),
            gap_hold: section.or("gap_hold", age().such_as("10m"), SignedDuration::from_mins(10)),
            done_means: section.or("done_means", choice(DONE), DoneMeans::HandedOver),
            agencies: spoken_for(&section, agencies),
            user_id: section.optional("user_id", text("tien-thanh")),
        };
        site(&section, family, (&source, &rules.agencies), &mut sites);
        silences.insert(source.clone(), section.optional("silent_after", patience().such_as("16h")));
        if sources.insert(source.clone(), rules).is_some() {
            section
                .problem("source", format!("{:?} stands twice; write one entry a source", source.as_str()));
        }
    }
    (sources, silences, sites)
}

/// How a source counts. The actions of OpenCPS grow from one to the next, and other dossiers' lie between them.
fn sequence(section: &Section<'_>, family: Family) -> SequenceRule {
    let written = section.optional("sequence", choice(SEQUENCES));
    match (family, written) {
        (Family::CloudEvents, written) => written.unwrap_or(SequenceRule::Contiguous),
        (Family::OpenCps, None | Some(SequenceRule::Increasing)) => SequenceRule::Increasing,
        (Family::OpenCps, Some(SequenceRule::Contiguous | SequenceRule::None)) => {
            let text =
                "does not fit dialect = \"opencps\", whose actions grow with gaps; write \"increasing\"";
            section.problem("sequence", text);
            SequenceRule::Increasing
        }
    }
}

/// Notes a source of OpenCPS's object, with what its own statuses mean.
fn site(
    section: &Section<'_>,
    family: Family,
    (source, agencies): (&Source, &[AgencyCode]),
    sites: &mut Sites,
) {
    let statuses = section.map("statuses", &number::<u8>(1..=10, 5));
    if family == Family::CloudEvents {
        if !statuses.is_empty() {
            section.problem(
                "statuses",
                "belongs to dialect = \"opencps\"; CloudEvents carry the portal's status",
            );
        }
        return;
    }
    for word in statuses.keys().filter(|word| !opencps::is_mappable(word)) {
        let text = format!(
            "{word:?} has a meaning, or is no status of OpenCPS; write a sub-status, as in \"processing_200\""
        );
        section.problem("statuses", text);
    }
    let statuses = statuses.into_iter().filter_map(|(word, code)| Some((word, Status::try_from(code).ok()?)));
    if let Err(taken) = sites.add(source, agencies, statuses.collect()) {
        let taken: Vec<&str> = taken.iter().map(AgencyCode::as_str).collect();
        let text = format!(
            "{} has another source with dialect = \"opencps\"; a dossier names its agency alone",
            taken.join(", ")
        );
        section.problem("agencies", text);
    }
}

/// The agencies that a source may speak for: codes, or `H11.01.*` for all configured agencies below.
fn spoken_for(section: &Section<'_>, agencies: &BTreeMap<AgencyCode, AgencyProfile>) -> Vec<AgencyCode> {
    let mut found = Vec::new();
    for pattern in section.required("agencies", list(text("H11.01.07"))) {
        let before = found.len();
        found.extend(agencies.keys().filter(|code| matches(&pattern, code.as_str())).cloned());
        if found.len() == before && !agencies.is_empty() {
            let known: Vec<&str> = agencies.keys().map(AgencyCode::as_str).collect();
            let text =
                format!("{pattern:?} is no agency of the table of agencies; {}", meant(&pattern, &known));
            section.problem("agencies", text);
        }
    }
    found.sort();
    found.dedup();
    found
}
