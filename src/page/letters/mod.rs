//! *Bàn xử lý*: what stopped, why, and what a person can do.
//!
//! ```text
//! groups ─▶ group ─▶ one letter ─▶ corrected, previewed, sent again ─▶ seen to be accepted
//!             └▶ bulk replay: previewed, begun, followed, stopped
//! beside them: what partners may have · quarantine · tasks of desks
//! ```

mod asides;
mod correction;
mod form;
mod letter;
mod replays;
mod show;
#[cfg(test)]
mod tests;

use super::{Desk, Language, Layout, Menu, Trouble, Visit, shown};
use crate::acts::among;
use crate::journal::report::HandoffLine;
use crate::users::{Actor, Right};
use crate::views::letters::{self, ShownGroup};
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use show::Bar;

/// Lines of one page at most: nobody reads further, and a bulk replay takes the rest.
const LINES: usize = 200;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route(Menu::Letters.path(), get(groups))
        .route("/letters/group", get(group))
        .merge(letter::routes())
        .merge(correction::routes())
        .merge(replays::routes())
        .merge(asides::routes())
}

/// An agency to choose.
struct Choice {
    code: String,
    name: String,
    chosen: bool,
}

/// The configured agencies that the actor sees.
fn choices(desk: &Desk, actor: &Actor, chosen: Option<&str>) -> Vec<Choice> {
    let agencies = desk.settings().tables.agencies.values();
    let seen = agencies.filter(|profile| actor.sees(profile.code.as_str()));
    let choice = |code: &str, name: &str| Choice {
        code: code.to_owned(),
        name: name.to_owned(),
        chosen: chosen == Some(code),
    };
    seen.map(|profile| choice(profile.code.as_str(), &profile.name)).collect()
}

#[derive(Deserialize)]
struct OfAgency {
    agency: Option<String>,
}

#[derive(Template)]
#[template(path = "letters/groups.html")]
struct GroupsPage {
    layout: Layout,
    lang: Language,
    choices: Vec<Choice>,
    groups: Vec<GroupRow>,
    total: usize,
    quarantined: usize,
    uncertain: usize,
    tasks: usize,
}

struct GroupRow {
    link: String,
    kind: String,
    class: String,
    code: String,
    why: String,
    field: Option<String>,
    todo: String,
    count: usize,
    first: String,
    last: String,
    sample: String,
    agencies: String,
    lately: String,
    bars: Vec<Bar>,
}

impl GroupRow {
    fn of(lang: Language, shown: ShownGroup) -> Self {
        let cause = shown.cause;
        let field = cause.field.as_deref().map(|path| show::field(lang, shown.field_label, path));
        let agencies = cause.agencies.iter().map(|(agency, count)| format!("{agency}: {count}"));
        Self {
            link: show::group(&cause.group),
            kind: show::kind(lang, &cause.kind),
            class: show::class(lang, cause.class),
            why: show::sentence(lang, shown.vi, shown.en),
            field,
            todo: lang.of(shown.advice.vi, shown.advice.en).to_owned(),
            count: cause.count,
            first: show::local(cause.first),
            last: show::local(cause.last),
            sample: show::handoff(&cause.sample),
            agencies: agencies.collect::<Vec<_>>().join(", "),
            lately: show::lately(lang, &cause.trend),
            bars: show::bars(&cause.trend),
            code: show::or_dash(cause.code),
        }
    }
}

async fn groups(
    State(desk): State<Desk>,
    visit: Visit,
    Query(wanted): Query<OfAgency>,
) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let (lang, now) = (visit.lang, visit.now);
    let agencies = among(&visit.actor, wanted.agency.as_deref())?;
    let partners = desk.partners().clone();
    let (groups, quarantined, uncertain, tasks) = desk
        .report(move |report| {
            let groups = letters::groups(report, &partners, &agencies, now)?;
            let quarantined = report.quarantine(LINES, &agencies)?.len();
            let uncertain = report.uncertain(LINES, &agencies)?.len();
            Ok((groups, quarantined, uncertain, report.desk_tasks(LINES, &agencies)?.len()))
        })
        .await?;
    let page = GroupsPage {
        layout: visit.layout(Menu::Letters),
        lang,
        choices: choices(&desk, &visit.actor, wanted.agency.as_deref()),
        total: groups.iter().map(|group| group.cause.count).sum(),
        groups: groups.into_iter().map(|group| GroupRow::of(lang, group)).collect(),
        quarantined,
        uncertain,
        tasks,
    };
    Ok(shown(&page))
}

#[derive(Deserialize)]
struct OfGroup {
    group: String,
}

#[derive(Template)]
#[template(path = "letters/group.html")]
struct GroupPage {
    layout: Layout,
    lang: Language,
    /// `None` once nothing of it stands.
    head: Option<GroupRow>,
    group: String,
    lines: Vec<Line>,
    may_replay: bool,
}

/// A handoff in a list.
struct Line {
    link: String,
    dossier: String,
    dossier_link: String,
    agency: String,
    kind: String,
    state: String,
    since: String,
    attempts: u32,
}

impl Line {
    fn of(lang: Language, handoff: &HandoffLine) -> Self {
        let since = handoff.dead_at.or(handoff.uncertain_since).or(Some(handoff.planned_at));
        Self {
            link: show::handoff(&handoff.handoff),
            dossier: handoff.dossier.clone(),
            dossier_link: show::dossier(&handoff.dossier),
            agency: handoff.agency.clone(),
            kind: show::kind(lang, &handoff.kind),
            state: show::state(lang, &handoff.state),
            since: show::local_or_dash(since),
            attempts: handoff.attempts,
        }
    }
}

async fn group(
    State(desk): State<Desk>,
    visit: Visit,
    Query(wanted): Query<OfGroup>,
) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let (lang, now) = (visit.lang, visit.now);
    let (agencies, partners) = (visit.actor.agencies.clone(), desk.partners().clone());
    let group = wanted.group.clone();
    let (head, lines) = desk
        .report(move |report| {
            let groups = letters::groups(report, &partners, &agencies, now)?;
            let head = groups.into_iter().find(|shown| shown.cause.group == group);
            Ok((head, report.stopped_of(&group, LINES, &agencies)?))
        })
        .await?;
    let title = lang.of("Nhóm việc đã dừng", "Group of dead letters");
    let page = GroupPage {
        layout: visit.titled(title, Some(Menu::Letters)),
        lang,
        head: head.map(|head| GroupRow::of(lang, head)),
        group: show::encoded(&wanted.group),
        lines: lines.iter().map(|line| Line::of(lang, line)).collect(),
        may_replay: visit.actor.may(Right::Settle),
    };
    Ok(shown(&page))
}
