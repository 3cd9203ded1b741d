//! *Tổng quan*: how everything stands.

use super::chart::{Chart, number};
use super::{Desk, Language, Layout, Menu, Trouble, Visit, shown};
use crate::users::Right;
use crate::views::lamps::{Lamp, Light};
use crate::views::overview::{Oldest, Overview};
use crate::views::{times, words};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;
use lienthong_core::tables::VIETNAM;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route(Menu::Overview.path(), get(page))
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    layout: Layout,
    lang: Language,
    seen: Overview,
    plots: [Plot; 2],
}

/// A plot with its words.
struct Plot {
    id: &'static str,
    title: String,
    describes: String,
    chart: Chart,
}

async fn page(State(desk): State<Desk>, visit: Visit) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let seen = desk.overview(&visit.actor, visit.now).await?;
    let plots = plots(&seen, visit.lang);
    Ok(shown(&OverviewPage { layout: visit.layout(Menu::Overview), lang: visit.lang, seen, plots }))
}

fn plots(seen: &Overview, lang: Language) -> [Plot; 2] {
    let events: Vec<f64> = seen.hours.iter().map(|slice| slice.events_per_minute).collect();
    let open: Vec<f64> = seen.hours.iter().map(|slice| f64::from(slice.open)).collect();
    let describes = |values: &[f64]| {
        let (last, most) =
            (values.last().copied().unwrap_or(0.0), values.iter().copied().fold(0.0, f64::max));
        match lang {
            Language::Vietnamese => {
                format!("Sáu giờ qua, mỗi 5 phút. Mới nhất {}, cao nhất {}.", number(last), number(most))
            }
            Language::English => {
                format!("The last six hours, each 5 minutes. Newest {}, most {}.", number(last), number(most))
            }
        }
    };
    [
        Plot {
            id: "events",
            title: lang.of("Sự kiện đến mỗi phút", "Events a minute").to_owned(),
            describes: describes(&events),
            chart: Chart::of(&events),
        },
        Plot {
            id: "open",
            title: lang.of("Việc đang mở", "Handoffs that stand open").to_owned(),
            describes: describes(&open),
            chart: Chart::of(&open),
        },
    ]
}

/// What templates ask of values; words and times as people read them.
impl OverviewPage {
    fn lamp(&self, lamp: &Lamp) -> &'static str {
        let english = match lamp.name {
            "queue" => "Queue",
            "store" => "Store",
            "post" => "Post",
            "portal" => "Portal",
            _ => "Clock",
        };
        self.lang.of(words::lamp(lamp.name), english)
    }

    fn light(&self, lamp: &Lamp) -> &'static str {
        let english = match lamp.light {
            Light::Good => "good",
            Light::Warn => "look at it",
            Light::Bad => "broken",
            Light::Off => "not known",
        };
        self.lang.of(words::light(lamp.light), english)
    }

    fn class(lamp: &Lamp) -> &'static str {
        match lamp.light {
            Light::Good => "good",
            Light::Warn => "warn",
            Light::Bad => "bad",
            Light::Off => "off",
        }
    }

    fn partner<'p>(&self, partner: &'p str) -> &'p str {
        self.lang.of(words::partner(partner), partner)
    }

    fn age(&self, oldest: &Oldest) -> String {
        match oldest.planned_at {
            None => self.lang.of("không có việc chờ", "nothing waits").to_owned(),
            Some(planned_at) => times::lasted(planned_at, self.seen.as_of, self.lang == Language::Vietnamese),
        }
    }

    fn time(at: &Timestamp) -> String {
        times::local(*at)
    }

    fn maybe(at: &Option<Timestamp>) -> String {
        times::local_or_dash(*at)
    }

    fn clock(at: &Timestamp) -> String {
        VIETNAM.to_datetime(*at).strftime("%H:%M").to_string()
    }

    fn first(&self) -> String {
        self.seen.hours.first().map(|slice| Self::clock(&slice.at)).unwrap_or_default()
    }

    fn last(&self) -> String {
        self.seen.hours.last().map(|slice| Self::clock(&slice.at)).unwrap_or_default()
    }
}
