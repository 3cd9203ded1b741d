//! The figures of Decision 766/QĐ-TTg: each agency that may be seen, and their sum; and the lists behind them.
//!
//! What each number means, and the query that gives it, stands in `docs/figures.md`. A number that cannot be known is left
//! open; what makes the numbers incomplete is said beside them ([`Doubt`]), and until when they are complete.

mod files;
mod lists;
pub(crate) mod said;

pub(crate) use files::{figures_csv, list_csv, missing_csv};
pub use lists::{FigureListShown, MissingShown, Reason, list, missing};

use crate::config::Settings;
use crate::journal::Error;
use crate::journal::report::{AgencyCounts, Asked, JournalReport};
use jiff::Timestamp;
use jiff::civil::Date;
use lienthong_core::figures::{Cash, Period, Share, Sync, Tally};
use serde::Serialize;
use utoipa::ToSchema;

/// What is known of the taking in of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intake {
    /// Events are taken in: what was published is here, but for what is on its way.
    Open,
    /// Nothing is taken in, since then.
    Closed(Option<Timestamp>),
    /// Nobody can say: a command looks at the journal alone.
    Unknown,
}

/// Figures of a period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Figures {
    /// The period.
    pub period: PeriodShown,
    /// As of when.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Until when they are complete; nothing when no event was ever taken in.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub complete_until: Option<Timestamp>,
    /// Why they are not all there is.
    pub doubts: Vec<Doubt>,
    /// Working hours before the promised date from which on a dossier is at risk.
    pub at_risk_hours: i64,
    /// The last promised date that is.
    #[schema(value_type = String, format = DateTime)]
    pub at_risk_until: Timestamp,
    /// Working hours of the post from which on an order is not collected.
    pub not_collected_hours: i64,
    /// The last time at which such an order was taken.
    #[schema(value_type = String, format = DateTime)]
    pub not_collected_since: Timestamp,
    /// One agency each.
    pub agencies: Vec<AgencyFigures>,
    /// All of them together.
    pub total: AgencyFigures,
}

/// A period, by its name or by its days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeriodShown {
    /// `2026-11`, `2026-Q4`, `2026`; nothing of other days.
    pub name: Option<String>,
    /// First day.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
}

/// Why figures are not all there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Doubt {
    /// A stable word.
    pub code: &'static str,
    /// How many, where that says something.
    pub count: Option<u64>,
}

/// How many, and how much together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CashShown {
    /// Orders.
    pub count: u64,
    /// Whole đồng.
    pub sum: u64,
}

/// Figures of an agency, or of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct AgencyFigures {
    /// Its code; nothing for the sum.
    pub agency: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Received according to the national report, where it was imported; of the sum: of those agencies together.
    pub reported: Option<u64>,
    /// Received here.
    pub received: u64,
    /// The greater of both.
    pub denominator: u64,
    /// Received here and acknowledged by the portal.
    pub acknowledged: u64,
    /// Received here and not acknowledged.
    pub missing: u64,
    /// In the national report and never heard of here.
    pub unheard: u64,
    /// Sync rate in per cent; nothing of an empty denominator.
    pub sync_percent: Option<f64>,
    /// Ended in time.
    pub on_time: u64,
    /// Ended late.
    pub late: u64,
    /// Not ended, date not passed.
    pub running: u64,
    /// Not ended, and late.
    pub overdue: u64,
    /// Without a promised date: not judged.
    pub undated: u64,
    /// In time, ended or not, in per cent of all that are judged.
    pub in_time_percent: Option<f64>,
    /// Not ended, and the promised date is near; nothing when the period is not under way.
    pub at_risk: Option<u64>,
    /// Returned (10) without a 9.
    pub without_9: u64,
    /// Asked for supplements more than once.
    pub asked_again: u64,
    /// At 9, registered for return by post, and no order.
    pub without_order: u64,
    /// Orders made in the period that the post has taken.
    pub orders: u64,
    /// Of these, not collected for too long.
    pub not_collected: u64,
    /// Not delivered at the door.
    pub failed: u64,
    /// On the way back, or back.
    pub returned: u64,
    /// Cash that is to come of the orders, or came.
    pub cash_expected: CashShown,
    /// Collected at the door.
    pub cash_collected: CashShown,
    /// Settled by the post.
    pub cash_settled: CashShown,
    /// Messages of the period that were set aside.
    pub quarantined: u64,
    /// Events that wait behind one that has not come.
    pub waiting: u64,
    #[serde(skip)]
    pub(crate) sync: Share,
    #[serde(skip)]
    pub(crate) in_time: Share,
}

/// What is asked of the journal.
pub(crate) fn asked(settings: &Settings, period: Period, now: Timestamp) -> Asked {
    let (calendars, rules) = (&settings.calendars, settings.figures);
    Asked {
        period,
        now,
        left_since: calendars.post.before(now, rules.not_collected),
        at_risk_until: calendars.agencies.later(now, rules.at_risk),
    }
}

/// Figures of the agencies that `sees` names.
///
/// # Errors
/// When the store fails.
pub fn figures(
    report: &JournalReport,
    settings: &Settings,
    sees: impl Fn(&str) -> bool,
    (period, intake): (Period, Intake),
    now: Timestamp,
) -> Result<Figures, Error> {
    let asked = asked(settings, period, now);
    report.at_one_moment(|| {
        let (mut agencies, mut sum) = (Vec::new(), Sum::default());
        let profiles = settings.tables.agencies.values().filter(|profile| sees(profile.code.as_str()));
        let profiles: Vec<_> = profiles.collect();
        let codes: Vec<&str> = profiles.iter().map(|profile| profile.code.as_str()).collect();
        for (profile, counts) in profiles.into_iter().zip(report.figures(&codes, &asked)?) {
            sum.join(&counts);
            let code = (profile.code.to_string(), profile.name.clone());
            agencies.push(shown(Some(code), &counts, sync_of(&counts), asked.is_open()));
        }
        let total = sum.shown(asked.is_open());
        let complete_until = complete_until(intake, report.newest_event()?, sum.counts.waiting.1, now);
        Ok(Figures {
            period: PeriodShown::of(period),
            as_of: now,
            complete_until,
            doubts: doubts(&asked, intake, &total),
            at_risk_hours: settings.figures.at_risk.as_hours(),
            at_risk_until: asked.at_risk_until,
            not_collected_hours: settings.figures.not_collected.as_hours(),
            not_collected_since: asked.left_since,
            agencies,
            total,
        })
    })
}

/// Until when everything that was published is counted: now, or since when nothing is taken in, or when the newest event
/// came; and not beyond the oldest event that waits for another.
fn complete_until(
    intake: Intake,
    newest: Option<Timestamp>,
    waiting: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let until = match intake {
        Intake::Open => Some(now),
        Intake::Closed(since) => since.or(newest),
        Intake::Unknown => newest,
    };
    match (until, waiting) {
        (Some(until), Some(waiting)) => Some(until.min(waiting)),
        (until, _) => until,
    }
}

fn doubts(asked: &Asked, intake: Intake, total: &AgencyFigures) -> Vec<Doubt> {
    let doubt = |stands: bool, code, count| stands.then_some(Doubt { code, count });
    let counted = |count: u64, code| doubt(count > 0, code, Some(count));
    let found = [
        doubt(asked.now < asked.period.ends(), "period-open", None),
        doubt(matches!(intake, Intake::Closed(_)), "intake-closed", None),
        doubt(intake == Intake::Unknown, "intake-unknown", None),
        counted(total.waiting, "events-waiting"),
        counted(total.quarantined, "quarantined"),
        counted(total.unheard, "unheard"),
    ];
    found.into_iter().flatten().collect()
}

impl PeriodShown {
    /// The period as it is shown.
    pub(crate) fn of(period: Period) -> Self {
        Self { name: period.name(), from: period.first(), to: period.last() }
    }
}

impl From<Cash> for CashShown {
    fn from(cash: Cash) -> Self {
        Self { count: cash.count, sum: cash.sum }
    }
}

fn sync_of(counts: &AgencyCounts) -> Sync {
    let Tally { received, acknowledged, .. } = counts.tally;
    Sync { reported: counts.reported, received, acknowledged }
}

/// The sum of all agencies: denominators are added, each being the greater of its own two counts.
#[derive(Default)]
struct Sum {
    counts: AgencyCounts,
    denominator: u64,
}

impl Sum {
    fn join(&mut self, other: &AgencyCounts) {
        let counts = &mut self.counts;
        counts.tally.join(&other.tally);
        counts.at_risk += other.at_risk;
        counts.quarantined += other.quarantined;
        counts.waiting.0 += other.waiting.0;
        counts.waiting.1 = counts.waiting.1.into_iter().chain(other.waiting.1).min();
        if let Some(reported) = other.reported {
            counts.reported = Some(counts.reported.unwrap_or(0) + reported);
        }
        self.denominator += sync_of(other).denominator();
    }

    fn shown(&self, open: bool) -> AgencyFigures {
        let own = sync_of(&self.counts);
        let sum = Sync { reported: Some(self.denominator), ..own };
        AgencyFigures { reported: own.reported, ..shown(None, &self.counts, sum, open) }
    }
}

fn shown(
    agency: Option<(String, String)>,
    counts: &AgencyCounts,
    sync: Sync,
    is_open: bool,
) -> AgencyFigures {
    let (tally, orders) = (&counts.tally, &counts.tally.orders);
    let (agency, name) = agency.unzip();
    AgencyFigures {
        agency,
        name,
        reported: sync.reported,
        received: sync.received,
        denominator: sync.denominator(),
        acknowledged: sync.acknowledged,
        missing: sync.missing(),
        unheard: sync.unheard(),
        sync_percent: percent(sync.share()),
        on_time: tally.on_time,
        late: tally.late,
        running: tally.running,
        overdue: tally.overdue,
        undated: tally.undated,
        in_time_percent: percent(tally.in_time()),
        at_risk: is_open.then_some(counts.at_risk),
        without_9: tally.without_done,
        asked_again: tally.asked_again,
        without_order: tally.without_order,
        orders: orders.taken,
        not_collected: orders.left,
        failed: orders.failed,
        returned: orders.returned,
        cash_expected: orders.expected.into(),
        cash_collected: orders.collected.into(),
        cash_settled: orders.settled.into(),
        quarantined: counts.quarantined,
        waiting: counts.waiting.0,
        sync: sync.share(),
        in_time: tally.in_time(),
    }
}

fn percent(share: Share) -> Option<f64> {
    let hundredths = u32::try_from(share.hundredths()?).ok()?;
    Some(f64::from(hundredths) / 100.0)
}
