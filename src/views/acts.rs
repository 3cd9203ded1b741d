//! What operators did, as far as somebody may see it.

use super::{times, words};
use crate::journal::Error;
use crate::journal::report::{AuditLine, JournalReport};
use crate::users::Agencies;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// Acts of one page at most.
pub const PAGE: u32 = 200;

/// Which acts are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Not older than this.
    pub since: Timestamp,
    /// Done before the act of this number; `None`: up to the newest.
    pub before: Option<i64>,
}

impl Span {
    /// The last days before now, each of 24 hours.
    pub fn days(days: u16, before: Option<i64>, now: Timestamp) -> Self {
        let ago = SignedDuration::from_hours(24 * i64::from(days));
        Self { since: now.checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH), before }
    }
}

/// Acts, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Acts {
    /// Whether acts on anything are among them; else those on dossiers of one's own agencies.
    pub all_agencies: bool,
    /// The acts.
    pub acts: Vec<Act>,
    /// Ask for what was done before this number: there may be more.
    pub before: Option<i64>,
}

/// An act of an operator.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Act {
    /// Its number; later acts have higher ones.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who: a user of the desk, or one of the system.
    pub who: String,
    /// What was done.
    pub act: String,
    /// The same in Vietnamese.
    pub meaning: String,
    /// To what: a handoff, dossier, partner, account, or the number of a task.
    pub subject: String,
    /// The dossier concerned.
    pub dossier: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Codes and numbers worth knowing.
    pub detail: Option<String>,
}

impl Act {
    /// When, as clocks show it in Việt Nam.
    pub(crate) fn local(&self) -> String {
        times::local(self.at)
    }
}

/// The newest acts of a span. Whoever is bound to agencies sees what was done to their dossiers, and nothing else.
///
/// # Errors
/// When the store fails.
pub fn acts(report: &JournalReport, agencies: &Agencies, span: Span) -> Result<Acts, Error> {
    let lines = report.audit_of(agencies, (span.since, span.before), PAGE)?;
    let is_full = lines.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
    let before = lines.last().map(|line| line.number).filter(|_| is_full);
    Ok(Acts { all_agencies: agencies.is_all(), acts: lines.into_iter().map(act).collect(), before })
}

fn act(line: AuditLine) -> Act {
    let AuditLine { number, at, who, act, subject, dossier, reason, detail } = line;
    Act { number, at, who, meaning: words::act(&act).to_owned(), act, subject, dossier, reason, detail }
}
