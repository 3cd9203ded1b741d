//! *Bưu điện*: a post clerk's items, and the slip with which they are handed over.

use super::{Desk, Language, Layout, Menu, Trouble, Visit, shown};
use crate::acts::{Weight, orders};
use crate::journal::report::Tab;
use crate::users::Right;
use crate::views::post::{OrderView, OrdersView, Persons, PlaceCount, Question};
use crate::views::slip::SlipView;
use crate::views::{times, words};
use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use jiff::civil::Date;
use lienthong_core::tables::AgencyProfile;
use lienthong_core::text;
use serde::Deserialize;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route(Menu::Post.path(), get(list))
        .route("/post/persons", get(back).post(unmask))
        .route("/post/slip", get(back).post(hand_over))
}

/// Which orders, and why where a reason is asked for. A field that is left empty is no choice.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    tab: String,
    agency: String,
    day: String,
    from: String,
    to: String,
    page: Option<usize>,
    reason: String,
}

impl Wanted {
    fn question(&self, now: Timestamp) -> Result<Question, Trouble> {
        let tab = match self.tab.as_str() {
            "" => Tab::Desk,
            name => Tab::from_name(name).ok_or(Trouble::NotFound)?,
        };
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        Ok(Question {
            agency: Some(self.agency.trim().to_owned()).filter(|agency| !agency.is_empty()),
            day: day(&self.day)?,
            page: self.page.unwrap_or(1),
            ..Question::new(tab, now).between(from, to)
        })
    }
}

fn day(text: &str) -> Result<Option<Date>, Trouble> {
    match text.trim() {
        "" => Ok(None),
        day => day.parse().map(Some).map_err(|_no_day| {
            Trouble::input(
                "Ngày không đọc được; hãy ghi như 2022-09-15.",
                "The day cannot be read; write it as in 2022-09-15.",
            )
        }),
    }
}

#[derive(Template)]
#[template(path = "post.html")]
struct PostPage {
    layout: Layout,
    lang: Language,
    may_unmask: bool,
    is_shown: bool,
    /// The agencies that the actor may choose from.
    agencies: Vec<Choice>,
    tabs: Vec<TabLink>,
    rows: Vec<Cells>,
    /// Where this very page is, and those beside it.
    here: String,
    before: Option<String>,
    next: Option<String>,
    caption: String,
    period: String,
    seen: OrdersView,
}

/// An agency in the list of agencies.
struct Choice {
    code: String,
    name: String,
    is_chosen: bool,
}

/// A place in the row of places.
struct TabLink {
    path: String,
    label: String,
    count: usize,
    is_here: bool,
}

/// Path of the question that led to a view, with another tab or page.
fn path(seen: &OrdersView, tab: Tab, page: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("tab", tab.name());
    if let Some(agency) = &seen.agency {
        query.append_pair("agency", agency);
    }
    if let Some(day) = seen.day {
        query.append_pair("day", &day.to_string());
    }
    query.append_pair("from", &seen.from.to_string()).append_pair("to", &seen.to.to_string());
    if page > 1 {
        query.append_pair("page", &page.to_string());
    }
    format!("{}?{}", Menu::Post.path(), query.finish())
}

/// An order in words.
struct Cells {
    n: usize,
    dossier: String,
    order: String,
    waybill: Option<String>,
    agency: String,
    code: Option<String>,
    leg: String,
    state: String,
    since: String,
    name: String,
    phone: String,
    address: String,
    cash: String,
}

impl Cells {
    fn of(lang: Language, order: &OrderView) -> Self {
        let erased = || lang.of("đã xóa", "erased").to_owned();
        let person = order.person.as_ref();
        let cash = order.cash.map_or_else(erased, words::money);
        let cashed = order.cashed.as_deref();
        let cashed = cashed.map(|cashed| format!(" ({})", lang.of(words::cash(cashed), cashed)));
        Self {
            n: order.n,
            dossier: order.dossier.clone(),
            order: order.order.clone(),
            waybill: order.waybill.clone(),
            agency: order.agency.clone(),
            code: order.code.clone(),
            leg: lang.of(words::leg(&order.leg), &order.leg).to_owned(),
            state: lang.of(words::parcel(&order.state), &order.state).to_owned(),
            since: times::local(order.since),
            name: person.map_or_else(erased, |person| person.name.clone()),
            phone: person.map_or_else(erased, |person| person.phone.clone()),
            address: person.map_or_else(erased, |person| person.address.clone()),
            cash: format!("{cash}{}", cashed.unwrap_or_default()),
        }
    }
}

/// What a place is called.
fn tab(lang: Language, tab: Tab) -> String {
    let en = match tab {
        Tab::Unsent => "registered, not sent",
        Tab::Collect => "to collect at home",
        Tab::Desk => "to take from the desk",
        Tab::Moving => "in delivery",
        Tab::Delivered => "delivered",
        Tab::Returned => "returned",
    };
    text::capital(lang.of(words::place(tab.name()), en))
}

async fn list(
    State(desk): State<Desk>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let question = wanted.question(visit.now)?;
    // What takes seconds of a processor is not counted again because a page stands open.
    let fresh = orders::weight(&desk, &visit.actor, &question) == Weight::Look;
    let seen = orders::listed(&desk, &visit.actor, question, visit.now).await?;
    Ok(page(&desk, &visit, seen, fresh))
}

/// The masked list: what was unmasked is shown once, in answer to the form, and stands nowhere.
async fn back() -> Redirect {
    Redirect::to(Menu::Post.path())
}

async fn unmask(
    State(desk): State<Desk>,
    visit: Visit,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Trouble> {
    let question = wanted.question(visit.now)?;
    match orders::unmasked(&desk, &visit.actor, question, &wanted.reason, visit.now).await {
        // What was unmasked for a reason does not keep itself up to date.
        Ok(seen) => Ok(page(&desk, &visit, seen, false)),
        Err(trouble) => again(&desk, &visit, &wanted, trouble).await,
    }
}

/// The masked list once more, with what is wrong.
async fn again(desk: &Desk, visit: &Visit, wanted: &Wanted, trouble: Trouble) -> Result<Response, Trouble> {
    let (status, visit) = visit.again(trouble, Menu::Post.path())?;
    let seen = orders::listed(desk, &visit.actor, wanted.question(visit.now)?, visit.now).await?;
    Ok((status, page(desk, &visit, seen, false)).into_response())
}

fn page(desk: &Desk, visit: &Visit, seen: OrdersView, fresh: bool) -> Response {
    let (lang, is_shown) = (visit.lang, seen.persons == Persons::Shown);
    let mut layout = visit.layout(Menu::Post);
    if !fresh {
        layout.as_of = None;
    }
    let tab_link = |place: &PlaceCount| TabLink {
        path: path(&seen, place.tab, 1),
        label: tab(lang, place.tab),
        count: place.count,
        is_here: place.tab == seen.tab,
    };
    let beside = |page: usize| (1..=seen.pages).contains(&page).then(|| path(&seen, seen.tab, page));
    shown(&PostPage {
        layout,
        lang,
        may_unmask: visit.actor.may(Right::SeePersons),
        is_shown,
        agencies: choices(desk, visit, seen.agency.as_deref()),
        tabs: seen.places.iter().map(tab_link).collect(),
        rows: seen.orders.iter().map(|order| Cells::of(lang, order)).collect(),
        here: path(&seen, seen.tab, seen.page),
        before: beside(seen.page - 1),
        next: beside(seen.page + 1),
        caption: tab(lang, seen.tab),
        period: format!("{} – {}", words::day(seen.from), words::day(seen.to)),
        seen,
    })
}

/// The agencies with a desk that the actor sees.
fn choices(desk: &Desk, visit: &Visit, chosen: Option<&str>) -> Vec<Choice> {
    let configured = desk.settings().tables.agencies.values().filter(|agency| agency.desk.is_some());
    let seen = configured.filter(|agency| visit.actor.sees(agency.code.as_str()));
    let choice = |agency: &AgencyProfile| Choice {
        code: agency.code.as_str().to_owned(),
        name: agency.name.clone(),
        is_chosen: chosen == Some(agency.code.as_str()),
    };
    seen.map(choice).collect()
}

#[derive(Template)]
#[template(path = "slip.html")]
struct SlipPage {
    layout: Layout,
    lang: Language,
    rows: Vec<Cells>,
    caption: String,
    made_at: String,
    day: Option<String>,
    cash: String,
    seen: SlipView,
}

/// A slip names persons on paper: whoever prints it needs the right, and it stands in the audit.
async fn hand_over(
    State(desk): State<Desk>,
    visit: Visit,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Trouble> {
    let question = wanted.question(visit.now)?;
    let seen = match orders::slip(&desk, &visit.actor, question, &wanted.reason, visit.now).await {
        Ok(seen) => seen,
        Err(trouble) => return again(&desk, &visit, &wanted, trouble).await,
    };
    let title = visit.lang.of("Phiếu bàn giao", "Hand-over slip");
    let layout = Layout { as_of: None, ..visit.titled(title, Some(Menu::Post)) };
    let lang = visit.lang;
    Ok(shown(&SlipPage {
        layout,
        lang,
        rows: seen.items.iter().map(|order| Cells::of(lang, order)).collect(),
        caption: tab(lang, seen.tab),
        made_at: times::local(seen.made_at),
        day: seen.day.map(words::day),
        cash: words::money(seen.cash),
        seen,
    }))
}
