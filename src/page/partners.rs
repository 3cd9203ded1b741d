//! *Đối tác*: accounts, and their pause and resume.

use super::{Desk, Language, Layout, Menu, Trouble, Visit, done, shown};
use crate::acts::partners::Pausing;
use crate::users::Right;
use crate::views::certificates::{Certificate, Purpose};
use crate::views::partners::{Account, Partners};
use crate::views::stops::{Cause, Stop};
use crate::views::{times, words};
use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use jiff::civil::DateTime;
use lienthong_core::tables::VIETNAM;
use serde::Deserialize;

const PAUSE: &str = "/partners/pause";
const RESUME: &str = "/partners/resume";

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route(Menu::Partners.path(), get(page))
        .route(PAUSE, post(pause))
        .route(RESUME, post(resume))
}

#[derive(Template)]
#[template(path = "partners.html")]
struct PartnersPage {
    layout: Layout,
    lang: Language,
    seen: Partners,
}

async fn page(State(desk): State<Desk>, visit: Visit) -> Result<Response, Trouble> {
    page_of(&desk, &visit).await
}

async fn page_of(desk: &Desk, visit: &Visit) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let seen = desk.partners_seen(&visit.actor, visit.now).await?;
    Ok(shown(&PartnersPage { layout: visit.layout(Menu::Partners), lang: visit.lang, seen }))
}

#[derive(Deserialize)]
struct PauseForm {
    scope: String,
    reason: String,
    /// As the browser writes a day and a time; by the clocks of Việt Nam.
    until: String,
}

async fn pause(
    State(desk): State<Desk>,
    visit: Visit,
    Form(form): Form<PauseForm>,
) -> Result<Response, Trouble> {
    let paused = match until(&form.until) {
        Ok(until) => {
            let pausing = Pausing { until, scope: form.scope.clone(), reason: form.reason };
            desk.pause(&visit.actor, pausing, visit.now).await
        }
        Err(trouble) => Err(trouble),
    };
    if let Err(trouble) = paused {
        return again(&desk, &visit, trouble).await;
    }
    let said = match visit.lang {
        Language::Vietnamese => format!("Đã tạm dừng {}.", form.scope),
        Language::English => format!("{} is paused.", form.scope),
    };
    Ok(done(&desk, &visit, Menu::Partners.path(), said))
}

#[derive(Deserialize)]
struct ResumeForm {
    scope: String,
    reason: String,
}

async fn resume(
    State(desk): State<Desk>,
    visit: Visit,
    Form(form): Form<ResumeForm>,
) -> Result<Response, Trouble> {
    if let Err(trouble) = desk.resume(&visit.actor, form.scope.clone(), &form.reason, visit.now).await {
        return again(&desk, &visit, trouble).await;
    }
    let said = match visit.lang {
        Language::Vietnamese => format!("Đã tiếp tục {}.", form.scope),
        Language::English => format!("{} goes on.", form.scope),
    };
    Ok(done(&desk, &visit, Menu::Partners.path(), said))
}

/// The page once more, with what is wrong.
async fn again(desk: &Desk, visit: &Visit, trouble: Trouble) -> Result<Response, Trouble> {
    let (status, visit) = visit.again(trouble, Menu::Partners.path())?;
    Ok((status, page_of(desk, &visit).await?).into_response())
}

/// The end of a pause; none where nothing was written.
fn until(text: &str) -> Result<Option<Timestamp>, Trouble> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let at = text.trim().parse::<DateTime>().ok().and_then(|at| VIETNAM.to_timestamp(at).ok());
    let wrong = || {
        Trouble::input(
            "Không hiểu thời điểm kết thúc; hãy chọn ngày và giờ.",
            "The end is not understood; choose a day and a time.",
        )
    };
    at.map(Some).ok_or_else(wrong)
}

/// What the template asks of values.
impl PartnersPage {
    fn partner<'p>(&self, partner: &'p str) -> &'p str {
        self.lang.of(words::partner(partner), partner)
    }

    fn time(at: &Option<Timestamp>) -> String {
        times::local_or_dash(*at)
    }

    fn class(stop: &Stop) -> &'static str {
        match stop.cause {
            Cause::Blocked | Cause::Away => "bad",
            Cause::Paused | Cause::Maintenance | Cause::QuotaSpent | Cause::AskedToWait | Cause::Trying => {
                "warn"
            }
        }
    }

    fn cause(&self, stop: &Stop) -> String {
        self.lang.said(&stop.cause.word()).to_owned()
    }

    fn operation<'s>(&self, operation: &'s str) -> &'s str {
        self.lang.of(words::kind(operation), operation)
    }

    /// 15 giây, 1 phút, …
    fn waits(&self, account: &Account) -> String {
        let written = account.schedule.waits_seconds.iter().map(|seconds| match seconds {
            0 => self.lang.of("dưới 1 giây", "below 1 s").to_owned(),
            1..60 => format!("{seconds} {}", self.lang.of("giây", "s")),
            60..3600 => format!("{} {}", seconds / 60, self.lang.of("phút", "min")),
            _ => format!("{} {}", seconds / 3600, self.lang.of("giờ", "h")),
        });
        written.collect::<Vec<_>>().join(", ")
    }

    fn hours(&self, account: &Account) -> String {
        match account.schedule.hours {
            0 => self.lang.of("dưới 1 giờ", "below 1 h").to_owned(),
            hours => format!("{hours} {}", self.lang.of("giờ", "h")),
        }
    }

    fn purpose(&self, certificate: &Certificate) -> &'static str {
        let english = match certificate.purpose {
            Purpose::Client => "our certificate",
            Purpose::Authority => "trusted CA",
        };
        self.lang.of(words::purpose(certificate.purpose), english)
    }

    fn days(&self, certificate: &Certificate) -> String {
        match (certificate.days_left, self.lang) {
            (None, _) => self.lang.of("không đọc được", "cannot be read").to_owned(),
            (Some(days), Language::Vietnamese) if days < 0 => "đã hết hạn".to_owned(),
            (Some(days), Language::English) if days < 0 => "has ended".to_owned(),
            (Some(days), Language::Vietnamese) => format!("còn {days} ngày"),
            (Some(days), Language::English) => format!("{days} days left"),
        }
    }

    /// Whether this scope is paused by an operator, or blocked: whether there is something to resume.
    fn held(&self, scope: &str) -> bool {
        let stops = self.seen.accounts.iter().flat_map(|account| &account.stops);
        let ends = |stop: &Stop| match stop.cause {
            Cause::Blocked | Cause::Paused | Cause::Away => true,
            Cause::Maintenance | Cause::Trying | Cause::QuotaSpent | Cause::AskedToWait => false,
        };
        stops.filter(|stop| stop.scope == scope).any(ends)
    }
}

#[cfg(test)]
mod tests {
    use super::until;

    #[test]
    fn an_end_is_a_time_in_vietnam_or_nothing() {
        assert_eq!(until(" "), Ok(None));
        assert_eq!(until("2022-09-15T17:00"), Ok(Some("2022-09-15T10:00:00Z".parse().unwrap())));
        assert!(until("mai").is_err());
    }
}
