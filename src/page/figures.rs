//! *Đồng bộ (766)*: the figures by which an agency is scored, and the lists behind them.

mod chosen;
mod lists;

use super::{Desk, Language, Layout, Menu, Trouble, Visit, done, shown};
use crate::acts::figures::{Wanted, counts, file, intake};
use crate::acts::{Weight, days, reason};
use crate::journal::command::Brought;
use crate::journal::report::FigureList;
use crate::users::Right;
use crate::views::figures::{self, AgencyFigures, CashShown, Figures, said};
use crate::views::{times, words};
use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use chosen::Chosen;
use lienthong_core::figures::Share;
use lienthong_core::text;
use serde::Deserialize;

/// Where counts of the national report are imported.
const REPORTED: &str = "/sync/reported";

/// Lines of a list on a page.
const LINES: usize = 500;

/// Days of a period that a page keeps up to date by itself: a longer one is looked at for what it was.
const KEPT_FRESH: usize = 31;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route(Menu::Sync.path(), get(overview))
        .route("/sync/missing", get(lists::missing))
        .route("/sync/list", get(lists::list))
        .route(REPORTED, get(reported_form).post(import))
}

#[derive(Template)]
#[template(path = "figures.html")]
struct FiguresPage {
    layout: Layout,
    lang: Language,
    chosen: Chosen,
    seen: Figures,
    may_import: bool,
}

impl FiguresPage {
    fn title(&self) -> String {
        let (vi, en) = said::period(&self.seen.period);
        text::capital(self.lang.of(&vi, &en))
    }

    fn doubts(&self) -> Vec<String> {
        let said = self.seen.doubts.iter().map(said::doubt);
        said.map(|(vi, en)| self.lang.of(&vi, &en).to_owned()).collect()
    }

    fn until(&self) -> String {
        self.seen
            .complete_until
            .map_or_else(|| self.lang.of(said::NOTHING.0, said::NOTHING.1).to_owned(), times::local)
    }

    /// The agencies, and their sum where there is more than one.
    fn rows(&self) -> impl Iterator<Item = &AgencyFigures> {
        let total = (self.seen.agencies.len() > 1).then_some(&self.seen.total);
        self.seen.agencies.iter().chain(total)
    }

    fn share(&self, share: &Share) -> String {
        said::share(*share).unwrap_or_else(|| self.lang.of(said::NOTHING.0, said::NOTHING.1).to_owned())
    }

    fn cash(&self, cash: &CashShown) -> String {
        format!("{} ({})", words::money(cash.sum), cash.count)
    }

    fn link(&self, agency: &AgencyFigures) -> String {
        self.chosen.query(agency.agency.as_deref())
    }

    fn list(&self, list: &str) -> &'static str {
        let said = FigureList::from_name(list).map_or(("", ""), said::list);
        self.lang.of(said.0, said.1)
    }

    /// The counts of an agency with a list behind each: name of the list, and the count.
    fn spoils(&self, agency: &AgencyFigures) -> [(&'static str, u64); 3] {
        [
            ("without-9", agency.without_9),
            ("asked-again", agency.asked_again),
            ("without-order", agency.without_order),
        ]
    }

    fn parcels(&self, agency: &AgencyFigures) -> [(&'static str, u64); 3] {
        [("not-collected", agency.not_collected), ("failed", agency.failed), ("returned", agency.returned)]
    }
}

async fn overview(
    State(desk): State<Desk>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let (period, now) = (wanted.period(visit.now)?, visit.now);
    let (sees, intake, settings) = (wanted.sees(&visit.actor), intake(desk.health()), desk.clone());
    let weight = wanted.weight(&desk, &visit.actor, period);
    let read = desk
        .read(weight, move |report| {
            figures::figures(report, settings.settings(), sees, (period, intake), now)
        })
        .await?;
    if wanted.is_csv() {
        return Ok(file(&format!("dong-bo-{period}"), figures::figures_csv(&read)));
    }
    let mut layout = visit.layout(Menu::Sync);
    // What takes seconds of a processor is not counted again because a page stands open.
    let fresh = weight == Weight::Look && days(period.first(), period.last()) <= KEPT_FRESH;
    layout.as_of = read.complete_until.filter(|_| fresh);
    let may_import = visit.actor.may(Right::Figures);
    let chosen = Chosen::of(&wanted, period);
    Ok(shown(&FiguresPage { layout, lang: visit.lang, chosen, seen: read, may_import }))
}

#[derive(Template)]
#[template(path = "figures_reported.html")]
struct ReportedPage {
    layout: Layout,
    lang: Language,
    counts: String,
}

async fn reported_form(visit: Visit) -> Result<Response, Trouble> {
    visit.actor.need(Right::Figures)?;
    Ok(reported_page(&visit, "agency,period,received\n".to_owned()))
}

fn reported_page(visit: &Visit, counts: String) -> Response {
    let title = visit.lang.of("Nhập số liệu báo cáo quốc gia", "Import counts of the national report");
    let mut layout = visit.titled(title, Some(Menu::Sync));
    layout.as_of = None;
    shown(&ReportedPage { layout, lang: visit.lang, counts })
}

/// A list of counts, pasted.
#[derive(Debug, Deserialize)]
struct Pasted {
    counts: String,
    reason: String,
}

async fn import(
    State(desk): State<Desk>,
    visit: Visit,
    Form(pasted): Form<Pasted>,
) -> Result<Response, Trouble> {
    visit.actor.need(Right::Figures)?;
    let brought = match brought(&desk, &visit, &pasted).await {
        Ok(brought) => brought,
        Err(trouble) => {
            let (status, visit) = visit.again(trouble, REPORTED)?;
            return Ok((status, reported_page(&visit, pasted.counts)).into_response());
        }
    };
    let said = match visit.lang {
        Language::Vietnamese => format!(
            "Đã nhập: {} mới, {} thay đổi, {} giữ nguyên.",
            brought.new, brought.changed, brought.same
        ),
        Language::English => {
            format!("Imported: {} new, {} changed, {} the same.", brought.new, brought.changed, brought.same)
        }
    };
    Ok(done(&desk, &visit, Menu::Sync.path(), said))
}

async fn brought(desk: &Desk, visit: &Visit, pasted: &Pasted) -> Result<Brought, Trouble> {
    let reason = reason(&pasted.reason)?;
    let (counts, now) = (counts(desk, &visit.actor, &pasted.counts)?, visit.now);
    desk.act(&visit.actor, Right::Figures, move |journal| {
        journal.import_reported(&counts, Some(&reason), now)
    })
    .await
}
