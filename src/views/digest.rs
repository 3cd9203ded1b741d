//! *Bản tin ngày*: what failed on a day, what of it healed by itself, what by hand, and what is still open.
//!
//! A day is a legal day of Việt Nam. What failed is the day's; what became of it is as of now. Each number is defined in
//! `docs/digest.md`, with a query that gives it. No person is named.

mod parts;

use super::Sentence;
use super::advice::Advice;
use super::corrections::Label;
use super::overview::is_seen;
use super::{times, words};
use crate::config::settings::Settings;
use crate::journal::Error;
use crate::journal::report::JournalReport;
use crate::partners::Partners;
use crate::users::Agencies;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use lienthong_core::tables::{VIETNAM, day_in_vietnam};
use parts::{Part, Parts};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a day brought.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Digest {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Its midnight in Việt Nam.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// The midnight after it.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// When this was read: what became of failures is as of now.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Whether the day is over.
    pub complete: bool,
    /// Everything in one sentence.
    pub says: Sentence,
    /// Handoffs that failed on the day: all of the four shares below.
    pub failed: Share,
    /// Accepted since, and no operator acted on them.
    pub healed_by_itself: Share,
    /// How many of these went again because the desk sent its dossier anew, or because the storm in which they stopped was over.
    pub revived: u32,
    /// Accepted or resolved since, and an operator acted on them.
    pub healed_by_hand: Share,
    /// Superseded or dismissed since.
    pub ended_otherwise: Share,
    /// Not final yet.
    pub open: Share,
    /// Handoffs that did not fail on the day and wait behind what is open of it.
    pub waiting_behind: u32,
    /// What stands stopped now, whenever it stopped.
    pub standing: Vec<Standing>,
    /// What came and went on the day.
    pub totals: Totals,
}

/// A part of what failed.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Share {
    /// How many handoffs.
    pub count: u32,
    /// How many of each partner.
    pub partners: BTreeMap<String, u32>,
    /// How many of each reason, most first.
    pub reasons: Vec<FailedFor>,
    /// The oldest of them.
    pub oldest: Vec<Failed>,
}

/// Handoffs that failed for one reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FailedFor {
    /// The partner.
    pub partner: String,
    /// Their kind.
    pub kind: String,
    /// Where they stand, of open ones: `dead`, `held`, `uncertain`, `sending`, `waiting` to be sent again, or `behind` another.
    pub state: Option<String>,
    /// The reason: of the last failure of the day; of what stands stopped, the one for which it does.
    pub code: Option<String>,
    /// What the code means.
    pub means: Sentence,
    /// Field that it names.
    pub field: Option<String>,
    /// What the field is called.
    pub field_label: Option<Label>,
    /// How many.
    pub count: u32,
    /// Since when the oldest of them stands so, or when it first failed on the day.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// What to do, of open ones.
    pub advice: Option<Advice>,
}

/// A handoff that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Failed {
    /// Its dossier.
    pub dossier: String,
    /// The handoff.
    pub handoff: String,
    /// Its kind.
    pub kind: String,
    /// Its state now.
    pub state: String,
    /// The reason.
    pub code: Option<String>,
    /// Since when it stands so, or when it first failed on the day.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

/// What stands stopped, of one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Standing {
    /// `dead`, `held` or `uncertain`.
    pub state: String,
    /// How many.
    pub count: u32,
    /// Since when the oldest of it stands.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

/// What came and went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Totals {
    /// Events that arrived; nothing where contents of the day are not kept any more.
    pub events: Option<u32>,
    /// Postal orders that were accepted; likewise.
    pub orders: Option<u32>,
    /// Records that were accepted; likewise.
    pub records: Option<u32>,
    /// Progress rows that were accepted; likewise.
    pub rows: Option<u32>,
    /// Messages that were set aside, of the agencies that their routing keys name.
    pub quarantined: usize,
    /// What operators did, by act: to dossiers of the agencies, and by all agencies' users to anything.
    pub acts: BTreeMap<String, u32>,
    /// Pauses of partners and accounts that were begun.
    pub pauses: Vec<Pause>,
}

/// A pause that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pause {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Of what: a partner or an account.
    pub scope: String,
    /// Why.
    pub reason: Option<String>,
}

/// The day that is asked for, else yesterday; `None` when it has not begun.
pub(crate) fn day_of(asked: Option<Date>, now: Timestamp) -> Option<Date> {
    let today = day_in_vietnam(now);
    let day = asked.unwrap_or_else(|| today.yesterday().unwrap_or(today));
    (day <= today).then_some(day)
}

/// What a day brought, at these agencies.
pub(crate) fn digest(
    report: &JournalReport,
    (settings, partners): (&Settings, &Partners),
    agencies: &Agencies,
    day: Date,
    now: Timestamp,
) -> Result<Digest, Error> {
    let midnight = |day: Date| VIETNAM.to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(now);
    let (since, until) = (midnight(day), midnight(day.tomorrow().unwrap_or(day)));
    let mut parts = Parts::default();
    report.failed((since, until), agencies, |line| parts.count(line))?;
    let mut in_lanes = 0;
    for (dossier, partner) in &parts.lanes {
        in_lanes += report.waiting_behind(*dossier, partner)?;
    }
    let share = |part: Part| part.told(partners);
    let Parts { failed, itself, by_hand, otherwise, open, revived, behind, .. } = parts;
    let mut digest = Digest {
        day,
        since,
        until,
        as_of: now,
        complete: until <= now,
        says: Sentence::default(),
        failed: share(failed),
        healed_by_itself: share(itself),
        revived,
        healed_by_hand: share(by_hand),
        ended_otherwise: share(otherwise),
        open: share(open),
        waiting_behind: in_lanes.saturating_sub(behind),
        standing: standing(report, agencies)?,
        totals: totals(report, settings, agencies, (since, until), now)?,
    };
    digest.says = says(&digest);
    Ok(digest)
}

fn standing(report: &JournalReport, agencies: &Agencies) -> Result<Vec<Standing>, Error> {
    let lines = report.standing_stopped(agencies)?.into_iter();
    Ok(lines.map(|line| Standing { state: line.state, count: line.count, since: line.since }).collect())
}

fn totals(
    report: &JournalReport,
    settings: &Settings,
    agencies: &Agencies,
    span: (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Totals, Error> {
    let kept = SignedDuration::from_hours(24 * i64::from(settings.journal.payload_days));
    let is_kept = now.checked_sub(kept).is_ok_and(|oldest| span.0 >= oldest);
    let accepted: BTreeMap<String, u32> = match is_kept {
        true => report.accepted(span, agencies)?.into_iter().collect(),
        false => BTreeMap::new(),
    };
    let of = |kind: &str| is_kept.then(|| accepted.get(kind).copied().unwrap_or(0));
    let pauses = report.pauses_begun(span)?.into_iter();
    let pauses = pauses.filter(|pause| is_seen(&pause.scope, agencies, settings));
    Ok(Totals {
        events: is_kept.then(|| report.arrived(span, agencies)).transpose()?,
        orders: of("post.order"),
        records: of("portal.record"),
        rows: of("portal.progress"),
        quarantined: report.set_aside(span, agencies)?,
        acts: report.acts_done(span, agencies)?.into_iter().collect(),
        pauses: pauses
            .map(|pause| Pause { at: pause.at, scope: pause.scope, reason: pause.reason })
            .collect(),
    })
}

fn says(digest: &Digest) -> Sentence {
    let (day, read) = (words::day(digest.day), times::local(digest.as_of));
    let until = VIETNAM.to_datetime(digest.as_of).strftime("%H:%M");
    let (vi, en) = match digest.complete {
        true => (format!("Ngày {day} (xem lúc {read})"), format!("{} (as of {read})", digest.day)),
        false => (
            format!("Ngày {day}, chưa hết ngày, số liệu đến {until}"),
            format!("{}, not over yet, figures until {until}", digest.day),
        ),
    };
    let [failed, itself, hand, otherwise, open] = [
        &digest.failed,
        &digest.healed_by_itself,
        &digest.healed_by_hand,
        &digest.ended_otherwise,
        &digest.open,
    ]
    .map(|share| share.count);
    Sentence::new(
        format!(
            "{vi}: {failed} việc có lỗi; {itself} tự khắc phục, {hand} do người vận hành khắc phục, {otherwise} kết thúc cách khác, {open} còn mở."
        ),
        format!(
            "{en}: {failed} handoffs failed; {itself} healed by themselves, {hand} by hand, {otherwise} ended otherwise, {open} are open."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_of_yesterday_unless_a_day_that_has_begun_is_asked_for() {
        // 00:30 of the 15th in Việt Nam, 17:30 of the 14th in UTC.
        let now: Timestamp = "2022-09-14T17:30:00Z".parse().unwrap();
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(day_of(None, now), Some(day("2022-09-14")));
        assert_eq!(day_of(None, now - SignedDuration::from_mins(31)), Some(day("2022-09-13")));
        assert_eq!(day_of(Some(day("2022-09-15")), now), Some(day("2022-09-15")));
        assert_eq!(day_of(Some(day("2022-09-16")), now), None);
        assert_eq!(day_of(Some(day("2021-01-01")), now), Some(day("2021-01-01")));
    }
}
