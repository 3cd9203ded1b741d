//! Everything about one dossier: what arrived, what was planned, sent and answered, what the post reported, what people did.
//!
//! What was said to partners and answered is masked unless [`Persons::Shown`] is asked for: whoever calls has seen to the
//! right and the audit. A request is made again from what the handoff says, as its attempts make it; an answer is what
//! was kept of it.

use super::mask::{self, Mask};
use super::post::{Persons, agency_name};
use crate::config::Settings;
use crate::journal::Error;
use crate::journal::report::{
    AuditLine, CashLine, DossierReport, EditLine, EventLine, FlagLine, FoundLine, HandoffLine, JournalReport,
    Said, TrackingLine,
};
use crate::partners::Partners;
use jiff::Timestamp;
use lienthong_core::handoff::Content;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::ReasonCode;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Dossiers that a search lists at most.
pub const MOST_FOUND: usize = 20;

/// Everything about one dossier.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DossierView {
    /// Its code, or its slip.
    pub dossier: String,
    /// Its agency.
    pub agency: String,
    /// The agency's name, as configured.
    pub agency_name: String,
    /// When anything last changed.
    pub updated_at: Timestamp,
    /// Whether persons are shown.
    pub persons: Persons,
    /// Events of the desk, in the order of their arrival.
    pub events: Vec<EventLine>,
    /// Handoffs, in the order in which they were planned.
    pub handoffs: Vec<HandoffLine>,
    /// What was said to partners, handoff by handoff.
    pub exchanges: Vec<ExchangeView>,
    /// What the codes of stopped handoffs and of flags mean, each once.
    pub explanations: Vec<Explanation>,
    /// What the post reported, oldest first.
    pub tracking: Vec<TrackingLine>,
    /// Orders whose cash the postman collects, or is reported to have collected.
    pub cash: Vec<CashLine>,
    /// What the desk should see.
    pub flags: Vec<FlagLine>,
    /// What operators did.
    pub acts: Vec<AuditLine>,
}

/// What was said to a partner, and what it answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExchangeView {
    /// The handoff.
    pub handoff: String,
    /// The request, as it is made of what the handoff says now; `None` when that was erased or cannot be sent.
    pub request: Option<Value>,
    /// What keeps it from being sent: code, and field of the event to correct.
    pub problems: Vec<String>,
    /// The answers that were kept, each with the number of its attempt.
    pub answers: Vec<AnswerView>,
    /// What persons made of its content, with the content before.
    pub edits: Vec<EditLine>,
}

/// A partner's answer to an attempt.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnswerView {
    /// Which attempt, from 1.
    pub n: u32,
    /// What it said.
    pub said: Value,
}

/// What a code means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Explanation {
    /// The code.
    pub code: String,
    /// In Vietnamese.
    pub vi: &'static str,
    /// In English.
    pub en: &'static str,
}

/// Dossiers that a code, slip, order number or waybill leads to, or whose codes begin so; of agencies that `sees` allows.
///
/// # Errors
/// When the store fails.
pub fn search(
    report: &JournalReport,
    text: &str,
    sees: impl Fn(&str) -> bool,
) -> Result<Vec<FoundLine>, Error> {
    match report.find(text)? {
        Some(found) => Ok([found].into_iter().filter(|found| sees(&found.agency)).collect()),
        None => report.beginning(text, MOST_FOUND, sees),
    }
}

/// A dossier by its code, slip, order number or waybill; `None` also when `sees` does not allow its agency.
///
/// # Errors
/// When the store fails.
pub fn dossier(
    report: &JournalReport,
    settings: &Settings,
    partners: &Partners,
    name: &str,
    sees: impl Fn(&str) -> bool,
    persons: Persons,
) -> Result<Option<DossierView>, Error> {
    let Some(found) = report.find(name)?.filter(|found| sees(&found.agency)) else { return Ok(None) };
    let Some(dossier) = report.dossier(&found.dossier)? else { return Ok(None) };
    let exchanges = dossier.handoffs.iter().map(|handoff| exchange(report, partners, handoff, persons));
    Ok(Some(DossierView {
        exchanges: exchanges.collect::<Result<_, _>>()?,
        explanations: explanations(&dossier, partners),
        agency_name: agency_name(settings, &dossier.agency),
        persons,
        dossier: dossier.dossier,
        agency: dossier.agency,
        updated_at: dossier.updated_at,
        events: dossier.events,
        handoffs: dossier.handoffs,
        tracking: dossier.tracking,
        cash: dossier.cash,
        flags: dossier.flags,
        acts: dossier.acts,
    }))
}

fn exchange(
    report: &JournalReport,
    partners: &Partners,
    handoff: &HandoffLine,
    persons: Persons,
) -> Result<ExchangeView, Error> {
    let Said { content, answers } = report.said(&handoff.handoff)?;
    let (request, problems) = match &content {
        Some(content) => request(partners, &handoff.account, content, persons),
        None => (None, Vec::new()),
    };
    let seen = |value: Value| match persons {
        Persons::Shown => value,
        // A partner may answer in words of its own: what is not surely a code is masked.
        Persons::Masked => mask::strict(&value),
    };
    let edits = report.edits(&handoff.handoff)?.into_iter().map(|edit| EditLine {
        original: edit.original.map(seen),
        patch: edit.patch.map(seen),
        ..edit
    });
    Ok(ExchangeView {
        handoff: handoff.handoff.clone(),
        request,
        problems,
        answers: answers.into_iter().map(|(n, said)| AnswerView { n, said: seen(said) }).collect(),
        edits: edits.collect(),
    })
}

/// The request that a content makes, and what keeps it from being sent.
fn request(
    partners: &Partners,
    account: &str,
    content: &Content,
    persons: Persons,
) -> (Option<Value>, Vec<String>) {
    // An account that is no longer configured can be asked nothing.
    let Some(account) = partners.get(&AccountName::new(account)) else { return (None, Vec::new()) };
    match account.port.translate(&[content]) {
        Ok(wire) => match persons {
            Persons::Shown => (Some(wire), Vec::new()),
            Persons::Masked => (Some(Mask::of_content(content).value(&wire)), Vec::new()),
        },
        Err(problems) => {
            let told =
                |problem: &lienthong_core::outcome::Problem| format!("{} ({})", problem.code, problem.field);
            (None, problems.iter().map(told).collect())
        }
    }
}

/// What the codes of stopped handoffs and of flags say, each once.
fn explanations(dossier: &DossierReport, partners: &Partners) -> Vec<Explanation> {
    let stopped = dossier
        .handoffs
        .iter()
        .filter(|handoff| matches!(handoff.state.as_str(), "dead" | "held" | "uncertain"));
    let flags = dossier.flags.iter().map(|flag| &flag.code);
    let codes: BTreeSet<&String> = stopped.filter_map(|handoff| handoff.code.as_ref()).chain(flags).collect();
    let explained = codes.into_iter().filter_map(|code| {
        let text = partners.reason_text(&ReasonCode::stored(code.clone()))?;
        Some(Explanation { code: code.clone(), vi: text.vi, en: text.en })
    });
    explained.collect()
}
