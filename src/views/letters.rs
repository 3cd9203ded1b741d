//! Dead letters, as they are shown: groups of one cause, and one letter with all that is known of it.
//!
//! Nothing here names a person unless whoever asks has asked for it: contents, edits and what a partner said are masked.

use super::advice::{Advice, advice};
use super::corrections::{self, Correction, Label};
use super::mask;
use crate::journal::Error;
use crate::journal::report::{EditLine, GroupLine, HandoffLine, JournalReport};
use crate::partners::Partners;
use crate::users::Agencies;
use jiff::Timestamp;
use lienthong_core::handoff::{HandoffKind, Leg};
use lienthong_core::letters::{self, Class};
use lienthong_core::outcome::{Reason, ReasonCode};
use lienthong_core::plan::Stage;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A group as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownGroup {
    /// What its dead letters have in common.
    pub cause: GroupLine,
    /// Why they stopped, in Vietnamese.
    pub vi: Option<&'static str>,
    /// The same in English.
    pub en: Option<&'static str>,
    /// What to do, with the commands that do it.
    pub action: &'static str,
    /// What to do.
    pub advice: Advice,
    /// What the field is called.
    pub field_label: Option<Label>,
}

/// Groups of what is shown, the largest first.
///
/// # Errors
/// When the store fails.
pub fn groups(
    report: &JournalReport,
    partners: &Partners,
    agencies: &Agencies,
    now: Timestamp,
) -> Result<Vec<ShownGroup>, Error> {
    let lines = report.groups(agencies, now)?;
    Ok(lines.into_iter().map(|line| shown_group(partners, line)).collect())
}

fn shown_group(partners: &Partners, cause: GroupLine) -> ShownGroup {
    let (vi, en) = sentences(partners, cause.code.as_deref());
    let advice = advice(&cause.kind, cause.class, cause.field.is_some());
    let field_label = cause.field.as_deref().and_then(corrections::label);
    ShownGroup { cause, vi, en, action: advice.command, advice, field_label }
}

/// One dead letter as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownLetter {
    /// The handoff, with its attempts.
    pub handoff: HandoffLine,
    /// Why it stopped, in Vietnamese.
    pub vi: Option<&'static str>,
    /// The same in English.
    pub en: Option<&'static str>,
    /// The group that it belongs to while it stands.
    pub group: Option<String>,
    /// What stopped it, roughly, while it stands.
    pub class: Option<&'static str>,
    /// What to do, with the commands that do it.
    pub action: Option<&'static str>,
    /// What to do.
    pub advice: Option<Advice>,
    /// What the field is called.
    pub field_label: Option<Label>,
    /// What can be corrected here without writing JSON.
    pub corrections: Vec<Correction>,
    /// What it says; `None` where it is erased.
    #[schema(value_type = Option<Object>)]
    pub content: Option<Value>,
    /// The partner's last words about it.
    #[schema(value_type = Option<Object>)]
    pub said: Option<Value>,
    /// What persons made of its content.
    pub edits: Vec<EditLine>,
}

/// One handoff, whether it stands or has ended; `personal`: with persons.
///
/// # Errors
/// When the store fails.
pub fn letter(
    report: &JournalReport,
    partners: &Partners,
    id: &str,
    personal: bool,
    agencies: &Agencies,
) -> Result<Option<ShownLetter>, Error> {
    let Some(handoff) = report.handoff(id)?.filter(|handoff| agencies.has(&handoff.agency)) else {
        return Ok(None);
    };
    let seen = |value: Option<Value>| value.map(|value| if personal { value } else { mask::strict(&value) });
    let (content, said) = report.handoff_payload(id)?;
    let (content, said) = (seen(content), seen(said));
    let edits = report.edits(id)?.into_iter().map(|edit| {
        let (original, patch) = (seen(edit.original), seen(edit.patch));
        EditLine { original, patch, ..edit }
    });
    let edits = edits.collect();
    let (vi, en) = sentences(partners, handoff.code.as_deref());
    let standing = group_of(&handoff);
    let class = standing.as_ref().map(|(_, class)| class.name());
    let advice = class.map(|class| advice(&handoff.kind, class, handoff.field.is_some()));
    Ok(Some(ShownLetter {
        vi,
        en,
        class,
        action: advice.map(|advice| advice.command),
        advice,
        field_label: handoff.field.as_deref().and_then(corrections::label),
        corrections: corrections_of(&handoff, content.as_ref()),
        group: standing.map(|(group, _)| group),
        content,
        said,
        edits,
        handoff,
    }))
}

/// What of a handoff can be corrected where it stands: nothing of what has ended, or is under way.
fn corrections_of(handoff: &HandoffLine, content: Option<&Value>) -> Vec<Correction> {
    let stands = matches!(handoff.state.as_str(), "dead" | "held");
    let (Some(field), Some(content), true) = (&handoff.field, content, stands) else { return Vec::new() };
    let leg = Leg::ALL.into_iter().find(|leg| Some(leg.name()) == handoff.leg.as_deref());
    HandoffKind::from_name(&handoff.kind)
        .map(|kind| corrections::of(kind, leg, field, content))
        .unwrap_or_default()
}

/// Group and class of a handoff that stopped.
pub(crate) fn group_of(handoff: &HandoffLine) -> Option<(String, Class)> {
    let stage = match handoff.state.as_str() {
        "dead" => Stage::Dead,
        "held" => Stage::Held,
        "uncertain" => Stage::Uncertain,
        _under_way_or_ended => return None,
    };
    let kind = HandoffKind::from_name(&handoff.kind)?;
    let code = handoff.code.clone().map(ReasonCode::stored);
    let class = letters::class(stage, handoff.code.as_deref().unwrap_or_default());
    let reason = code.map(|code| Reason { code, field: handoff.field.clone(), said: None });
    Some((letters::fingerprint(kind, stage, reason.as_ref()), class))
}

/// What a reason code says to people, Vietnamese and English.
pub(crate) fn sentences(
    partners: &Partners,
    code: Option<&str>,
) -> (Option<&'static str>, Option<&'static str>) {
    let text = code.and_then(|code| partners.reason_text(&ReasonCode::stored(code.to_owned())));
    (text.map(|text| text.vi), text.map(|text| text.en))
}
