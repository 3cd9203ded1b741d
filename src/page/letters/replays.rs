//! Bulk replays: previewed, begun with exactly what was shown, followed until they end.

use super::form::{self, Filled};
use super::{Desk, Language, Layout, Menu, Trouble, Visit, show, shown};
use crate::acts::replays as acts;
use crate::journal::report::{ItemLine, TaskLine};
use crate::page::done;
use crate::users::{Actor, Right};
use crate::views::replays::{self, Stays};
use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;

/// Bulk replays of the list at most.
const TASKS: usize = 50;

/// Handoffs of a task that the page names; the API has all.
const ITEMS: usize = 500;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/letters/replay", get(preview))
        .route("/letters/replays", get(list).post(begin))
        .route("/letters/replays/{task}", get(task))
        .route("/letters/replays/{task}/stop", post(stop))
}

#[derive(Deserialize)]
struct OfGroup {
    group: String,
}

#[derive(Template)]
#[template(path = "letters/replay.html")]
struct PreviewPage {
    layout: Layout,
    lang: Language,
    group: String,
    link: String,
    count: usize,
    goes: usize,
    oldest: String,
    newest: String,
    sample: Vec<(String, String)>,
    stays: Vec<StaysRow>,
    more_stay: usize,
    handoffs: String,
}

struct StaysRow {
    link: String,
    dossier: String,
    why: String,
}

impl StaysRow {
    fn of(lang: Language, stays: &Stays) -> Self {
        let why = lang.of(&stays.why.vi, &stays.why.en).to_owned();
        Self { link: show::handoff(&stays.handoff), dossier: stays.dossier.clone(), why }
    }
}

async fn preview(
    State(desk): State<Desk>,
    visit: Visit,
    Query(of): Query<OfGroup>,
) -> Result<Response, Trouble> {
    preview_page(&desk, &visit, &of.group).await
}

async fn preview_page(desk: &Desk, visit: &Visit, group: &str) -> Result<Response, Trouble> {
    let (preview, lang) = (acts::preview(desk, &visit.actor, group).await?, visit.lang);
    let mut layout = visit
        .titled(lang.of("Gửi lại cả nhóm: xem trước", "Replay of a group: preview"), Some(Menu::Letters));
    // What is confirmed is what is shown: nothing is put in its place.
    layout.as_of = None;
    let sample = preview.sample.iter().map(|handoff| (show::handoff(handoff), handoff.clone()));
    let page = PreviewPage {
        layout,
        lang,
        link: show::group(&preview.group),
        count: preview.count,
        goes: preview.handoffs.len(),
        oldest: show::local(preview.oldest),
        newest: show::local(preview.newest),
        sample: sample.collect(),
        stays: preview.stays.iter().take(super::LINES).map(|stays| StaysRow::of(lang, stays)).collect(),
        more_stay: preview.stays.len().saturating_sub(super::LINES),
        handoffs: preview.handoffs.join(" "),
        group: preview.group,
    };
    Ok(shown(&page))
}

async fn begin(
    State(desk): State<Desk>,
    visit: Visit,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    let handoffs = form::value(&filled, "handoffs").split_whitespace().map(str::to_owned).collect();
    let (group, why) = (form::value(&filled, "group"), form::value(&filled, "reason"));
    let task = match acts::begin(&desk, &visit.actor, group, handoffs, why).await {
        Ok(task) => task,
        Err(trouble) => {
            let (status, visit) = visit.again(trouble, show::replay(group))?;
            return Ok((status, preview_page(&desk, &visit, group).await?).into_response());
        }
    };
    let said = visit.lang.of(
        "Đã bắt đầu: gửi một việc trước, rồi 5, rồi mỗi lần 25.",
        "Begun: one goes first, then 5, then 25 at a time.",
    );
    Ok(done(&desk, &visit, &format!("/letters/replays/{task}"), said))
}

#[derive(Template)]
#[template(path = "letters/replays.html")]
struct TasksPage {
    layout: Layout,
    lang: Language,
    tasks: Vec<TaskRow>,
}

struct TaskRow {
    link: String,
    task: i64,
    group: String,
    group_link: String,
    who: String,
    reason: String,
    made_at: String,
    state: &'static str,
    state_class: &'static str,
    concluded: usize,
    total: usize,
    under_way: usize,
    new_since: usize,
    results: Vec<(String, usize)>,
}

impl TaskRow {
    fn of(lang: Language, task: &TaskLine) -> Self {
        let (state_class, vi, en) = match (task.state.as_str(), task.stopped_by.as_deref()) {
            ("running", _) => ("warn", "đang gửi", "running"),
            ("done", _) => ("good", "đã xong", "done"),
            (_, Some("same-failure")) => {
                ("bad", "TỰ DỪNG: vẫn lỗi như cũ", "STOPPED ITSELF: the same failure came back")
            }
            (_, Some("hand")) => ("warn", "đã dừng theo lệnh", "stopped by hand"),
            _fault => ("bad", "TỰ DỪNG: lỗi bên trong, xem log", "STOPPED ITSELF: a fault, see the log"),
        };
        let results = task.results.iter().map(|(result, count)| (show::result(lang, result), *count));
        Self {
            link: format!("/letters/replays/{}", task.task),
            task: task.task,
            group_link: show::group(&task.group),
            group: task.group.clone(),
            who: task.who.clone(),
            reason: show::or_dash(task.reason.as_deref()),
            made_at: show::local(task.made_at),
            state: lang.of(vi, en),
            state_class,
            concluded: task.concluded(),
            total: task.total,
            under_way: task.under_way,
            new_since: task.new_since,
            results: results.collect(),
        }
    }
}

async fn list(State(desk): State<Desk>, visit: Visit) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let (lang, agencies) = (visit.lang, visit.actor.agencies.clone());
    let tasks = desk.report(move |report| report.tasks(TASKS, &agencies)).await?;
    let page = TasksPage {
        layout: visit.titled(lang.of("Các đợt gửi lại", "Bulk replays"), Some(Menu::Letters)),
        lang,
        tasks: tasks.iter().map(|task| TaskRow::of(lang, task)).collect(),
    };
    Ok(shown(&page))
}

#[derive(Template)]
#[template(path = "letters/task.html")]
struct TaskPage {
    layout: Layout,
    lang: Language,
    task: TaskRow,
    items: Vec<ItemRow>,
    more_items: usize,
    may_stop: bool,
}

struct ItemRow {
    link: String,
    dossier: String,
    batch: String,
    result: String,
}

impl ItemRow {
    fn of(lang: Language, item: &ItemLine) -> Self {
        let result = match (&item.result, item.batch) {
            (Some(result), _) => show::result(lang, result),
            (None, Some(_)) => lang.of("đang gửi", "under way").to_owned(),
            (None, None) => lang.of("chưa đến lượt", "not yet its turn").to_owned(),
        };
        Self {
            link: show::handoff(&item.handoff),
            dossier: item.dossier.clone(),
            batch: show::or_dash(item.batch.map(|batch| batch + 1)),
            result,
        }
    }
}

async fn task(State(desk): State<Desk>, visit: Visit, Path(task): Path<i64>) -> Result<Response, Trouble> {
    task_page(&desk, &visit, task).await
}

async fn task_page(desk: &Desk, visit: &Visit, task: i64) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let (lang, agencies) = (visit.lang, visit.actor.agencies.clone());
    let (found, whole) = desk
        .report(move |report| {
            let whole = report.is_seen_whole(task, &agencies)?;
            Ok((replays::task(report, task, &agencies)?, whole))
        })
        .await?;
    let found = found.ok_or(Trouble::NotFound)?;
    let title = format!("{} {task}", lang.of("Đợt gửi lại số", "Bulk replay"));
    let page = TaskPage {
        layout: visit.titled(title, Some(Menu::Letters)),
        lang,
        may_stop: whole && may_stop(&visit.actor, &found.task),
        task: TaskRow::of(lang, &found.task),
        more_items: found.items.len().saturating_sub(ITEMS),
        items: found.items.iter().take(ITEMS).map(|item| ItemRow::of(lang, item)).collect(),
    };
    Ok(shown(&page))
}

fn may_stop(actor: &Actor, task: &TaskLine) -> bool {
    task.state == "running" && actor.may(Right::Settle)
}

async fn stop(
    State(desk): State<Desk>,
    visit: Visit,
    Path(task): Path<i64>,
    Form(filled): Form<Filled>,
) -> Result<Response, Trouble> {
    let here = format!("/letters/replays/{task}");
    if let Err(trouble) = acts::stop(&desk, &visit.actor, task, form::value(&filled, "reason")).await {
        let (status, visit) = visit.again(trouble, here.as_str())?;
        return Ok((status, task_page(&desk, &visit, task).await?).into_response());
    }
    let said = visit.lang.of(
        "Đã dừng: không gửi thêm phần nào nữa; việc đang gửi tự kết thúc.",
        "Stopped: no further batch is begun; what is under way ends by itself.",
    );
    Ok(done(&desk, &visit, &here, said))
}
