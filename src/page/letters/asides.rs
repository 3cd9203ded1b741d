//! What waits for a person without being a dead letter: what partners may have, the quarantine, tasks of desks.

use super::form::{self, Filled};
use super::{Desk, LINES, Language, Layout, Menu, Trouble, Visit, show, shown};
use crate::acts::{asides, tasks};
use crate::page::done;
use crate::users::Right;
use crate::views::desk_tasks::{self, ShownDeskTask};
use crate::views::quarantine::{self, ShownMessage};
use crate::views::uncertain::{End, Parcel, UncertainHandoff};
use crate::views::words;
use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

/// What partners may have.
const UNCERTAIN: &str = "/letters/uncertain";

/// Tasks of desks.
const TASKS: &str = "/letters/tasks";

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route(UNCERTAIN, get(uncertain))
        .route("/letters/uncertain/persons", post(uncertain_persons))
        .route("/letters/quarantine", get(messages))
        .route("/letters/quarantine/{id}", get(message))
        .route("/letters/quarantine/{id}/persons", post(message_persons))
        .route(TASKS, get(desk_tasks))
        .route("/letters/tasks/{number}/done", post(task_done))
}

#[derive(Template)]
#[template(path = "letters/uncertain.html")]
struct UncertainPage {
    layout: Layout,
    lang: Language,
    rows: Vec<UncertainRow>,
    may_unmask: bool,
}

struct UncertainRow {
    link: String,
    kind: String,
    dossier: String,
    dossier_link: String,
    agency: String,
    account: String,
    since: String,
    why: String,
    todo: Option<String>,
    needs_a_person: bool,
    first_sent: String,
    last_sent: String,
    attempts: u32,
    parcel: Option<ParcelRow>,
}

/// What to tell the post office.
struct ParcelRow {
    customer_code: String,
    number: String,
    leg: String,
    label: String,
    from: String,
    to: String,
    cash: String,
}

impl ParcelRow {
    fn of(lang: Language, parcel: &Parcel) -> Self {
        Self {
            customer_code: show::or_dash(parcel.customer_code.as_deref()),
            number: parcel.number.clone(),
            leg: show::leg(lang, &parcel.leg),
            label: parcel.label.clone(),
            from: end(&parcel.from),
            to: end(&parcel.to),
            cash: words::money(parcel.cash),
        }
    }
}

fn end(end: &End) -> String {
    format!("{}, {}, {}, {}", end.name, end.phone, end.address, end.commune)
}

impl UncertainRow {
    fn of(lang: Language, shown: &UncertainHandoff) -> Self {
        let handoff = &shown.handoff;
        Self {
            link: show::handoff(&handoff.handoff),
            kind: show::kind(lang, &handoff.kind),
            dossier: handoff.dossier.clone(),
            dossier_link: show::dossier(&handoff.dossier),
            agency: handoff.agency.clone(),
            account: handoff.account.clone(),
            since: show::local_or_dash(handoff.uncertain_since.or(handoff.dead_at)),
            why: handoff.code.as_ref().map_or_else(String::new, |_| show::sentence(lang, shown.vi, shown.en)),
            todo: shown.advice.map(|advice| lang.of(advice.vi, advice.en).to_owned()),
            needs_a_person: shown.needs_a_person,
            first_sent: show::local_or_dash(shown.first_sent),
            last_sent: show::local_or_dash(shown.last_sent),
            attempts: handoff.attempts,
            parcel: shown.parcel.as_ref().map(|parcel| ParcelRow::of(lang, parcel)),
        }
    }
}

async fn uncertain(State(desk): State<Desk>, visit: Visit) -> Result<Response, Trouble> {
    uncertain_page(&desk, &visit, None).await
}

async fn uncertain_persons(
    State(desk): State<Desk>,
    visit: Visit,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    match uncertain_page(&desk, &visit, Some(form::value(&filled, "reason"))).await {
        Ok(page) => Ok(page),
        Err(trouble) => {
            let (status, visit) = visit.again(trouble, UNCERTAIN)?;
            Ok((status, uncertain_page(&desk, &visit, None).await?).into_response())
        }
    }
}

async fn uncertain_page(desk: &Desk, visit: &Visit, why: Option<&str>) -> Result<Response, Trouble> {
    let (lang, agencies) = (visit.lang, visit.actor.agencies.clone());
    let handoffs = asides::uncertain(desk, &visit.actor, agencies, LINES, why).await?;
    let title = lang.of("Chưa rõ đối tác đã nhận hay chưa", "What partners may have");
    let mut layout = visit.titled(title, Some(Menu::Letters));
    if why.is_some() {
        layout.as_of = None;
    }
    let page = UncertainPage {
        layout,
        lang,
        rows: handoffs.iter().map(|handoff| UncertainRow::of(lang, handoff)).collect(),
        may_unmask: why.is_none() && visit.actor.may(Right::SeePersons),
    };
    Ok(shown(&page))
}

struct MessageRow {
    link: String,
    id: i64,
    arrived_at: String,
    code: String,
    why: String,
    field: String,
    detail: String,
    routing_key: String,
    content_type: String,
    size: i64,
    sha256: String,
}

impl MessageRow {
    fn of(lang: Language, shown: &ShownMessage) -> Self {
        let message = &shown.message;
        Self {
            link: format!("/letters/quarantine/{}", message.id),
            id: message.id,
            arrived_at: show::local(message.arrived_at),
            code: message.code.clone(),
            why: show::sentence(lang, shown.vi, shown.en),
            field: show::or_dash(message.field.as_deref()),
            detail: message.detail.clone(),
            routing_key: message.routing_key.clone(),
            content_type: show::or_dash(message.content_type.as_deref()),
            size: message.size,
            sha256: message.sha256.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "letters/quarantine.html")]
struct MessagesPage {
    layout: Layout,
    lang: Language,
    messages: Vec<MessageRow>,
    all_agencies: bool,
}

async fn messages(State(desk): State<Desk>, visit: Visit) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let (lang, agencies, partners) = (visit.lang, visit.actor.agencies.clone(), desk.partners().clone());
    let messages =
        desk.report(move |report| quarantine::messages(report, &partners, LINES, &agencies)).await?;
    let title = lang.of("Thông điệp bị cách ly", "Quarantine");
    let page = MessagesPage {
        layout: visit.titled(title, Some(Menu::Letters)),
        lang,
        messages: messages.iter().map(|message| MessageRow::of(lang, message)).collect(),
        all_agencies: visit.actor.sees_all(),
    };
    Ok(shown(&page))
}

#[derive(Template)]
#[template(path = "letters/message.html")]
struct MessagePage {
    layout: Layout,
    lang: Language,
    message: MessageRow,
    body: Option<String>,
    may_unmask: bool,
    asked: bool,
}

async fn message(State(desk): State<Desk>, visit: Visit, Path(id): Path<i64>) -> Result<Response, Trouble> {
    message_page(&desk, &visit, id, None).await
}

async fn message_persons(
    State(desk): State<Desk>,
    visit: Visit,
    Path(id): Path<i64>,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    match message_page(&desk, &visit, id, Some(form::value(&filled, "reason"))).await {
        Ok(page) => Ok(page),
        Err(trouble) => {
            let (status, visit) = visit.again(trouble, format!("/letters/quarantine/{id}"))?;
            Ok((status, message_page(&desk, &visit, id, None).await?).into_response())
        }
    }
}

async fn message_page(desk: &Desk, visit: &Visit, id: i64, why: Option<&str>) -> Result<Response, Trouble> {
    let (message, lang) = (asides::message(desk, &visit.actor, id, why).await?, visit.lang);
    let title = format!("{} {id}", lang.of("Thông điệp cách ly số", "Message in quarantine"));
    let mut layout = visit.titled(title, Some(Menu::Letters));
    if why.is_some() {
        layout.as_of = None;
    }
    let page = MessagePage {
        layout,
        lang,
        message: MessageRow::of(lang, &message),
        body: message.body,
        may_unmask: visit.actor.may(Right::SeePersons) && visit.actor.sees_all(),
        asked: why.is_some(),
    };
    Ok(shown(&page))
}

#[derive(Template)]
#[template(path = "letters/tasks.html")]
struct DeskTasksPage {
    layout: Layout,
    lang: Language,
    tasks: Vec<DeskTaskRow>,
    may_close: bool,
}

struct DeskTaskRow {
    number: i64,
    at: String,
    dossier: String,
    dossier_link: String,
    agency: String,
    code: String,
    what: String,
}

impl DeskTaskRow {
    fn of(lang: Language, shown: &ShownDeskTask) -> Self {
        let task = &shown.task;
        Self {
            number: task.number,
            at: show::local(task.at),
            dossier: task.dossier.clone(),
            dossier_link: show::dossier(&task.dossier),
            agency: task.agency.clone(),
            code: task.code.clone(),
            what: show::sentence(lang, shown.vi, shown.en),
        }
    }
}

async fn desk_tasks(State(desk): State<Desk>, visit: Visit) -> Result<Response, Trouble> {
    desk_tasks_page(&desk, &visit).await
}

async fn desk_tasks_page(desk: &Desk, visit: &Visit) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let (lang, agencies, partners) = (visit.lang, visit.actor.agencies.clone(), desk.partners().clone());
    let tasks =
        desk.report(move |report| desk_tasks::desk_tasks(report, &partners, LINES, &agencies)).await?;
    let title = lang.of("Việc cần làm tại một cửa", "Tasks of the desk");
    let page = DeskTasksPage {
        layout: visit.titled(title, Some(Menu::Letters)),
        lang,
        tasks: tasks.iter().map(|task| DeskTaskRow::of(lang, task)).collect(),
        may_close: visit.actor.may(Right::Tasks),
    };
    Ok(shown(&page))
}

async fn task_done(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<i64>,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    if let Err(trouble) = tasks::close(&desk, &visit.actor, number, form::value(&filled, "reason")).await {
        let (status, visit) = visit.again(trouble, TASKS)?;
        return Ok((status, desk_tasks_page(&desk, &visit).await?).into_response());
    }
    let said = visit.lang.of("Đã đóng việc một cửa.", "The task is closed.");
    Ok(done(&desk, &visit, TASKS, said))
}
