//! The lists behind the figures: what is missing at the portal, and what spoils a figure. One page shows them all.

use super::chosen::Chosen;
use super::{Desk, LINES, Language, Layout, Menu, Trouble, Visit, shown};
use crate::acts::figures::{IN_A_FILE, Wanted, file};
use crate::page::dossiers;
use crate::users::Right;
use crate::views::figures::{self, FigureListShown, MissingShown, PeriodShown, said};
use crate::views::{times, words};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use lienthong_core::text;

#[derive(Template)]
#[template(path = "figures_list.html")]
struct ListPage {
    layout: Layout,
    lang: Language,
    chosen: Chosen,
    /// The period in words.
    period: String,
    /// Where its file is, without the period.
    file: String,
    /// What is said of an empty list.
    none: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    more: bool,
}

/// What stands in a line; a dossier leads to its page.
struct Cell {
    text: String,
    link: Option<String>,
}

impl Cell {
    fn dossier(code: &str) -> Self {
        Self { text: code.to_owned(), link: Some(dossiers::path(code)) }
    }

    fn maybe(text: Option<&str>) -> Self {
        text.unwrap_or("–").into()
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, link: None }
    }
}

/// Around every list: its title is its caption.
fn page(visit: &Visit, title: &str, chosen: Chosen, period: &PeriodShown) -> ListPage {
    let (vi, en) = said::period(period);
    let layout = Layout { as_of: None, ..visit.titled(title, Some(Menu::Sync)) };
    ListPage {
        layout,
        lang: visit.lang,
        chosen,
        period: text::capital(visit.lang.of(&vi, &en)),
        file: String::new(),
        none: visit.lang.of("Không có.", "There is none."),
        columns: Vec::new(),
        rows: Vec::new(),
        more: false,
    }
}

pub(super) async fn missing(
    State(desk): State<Desk>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let (period, now) = (wanted.period(visit.now)?, visit.now);
    let (sees, settings) = (wanted.sees(&visit.actor), desk.clone());
    let most = if wanted.is_csv() { IN_A_FILE } else { LINES };
    let weight = wanted.weight(&desk, &visit.actor, period);
    let read = desk
        .read(weight, move |report| figures::missing(report, settings.settings(), sees, (period, most), now))
        .await?;
    if wanted.is_csv() {
        return Ok(file(&format!("chua-dong-bo-{period}"), figures::missing_csv(&read)));
    }
    Ok(shown(&missing_page(&visit, Chosen::of(&wanted, period), &read)))
}

fn missing_page(visit: &Visit, chosen: Chosen, seen: &MissingShown) -> ListPage {
    let lang = visit.lang;
    let rows = seen.lines.iter().map(|line| {
        let message = lang.of("tin cách ly số", "message in quarantine no.");
        let dossier = match (&line.dossier, line.quarantine) {
            (Some(dossier), _) => Cell::dossier(dossier),
            (None, Some(number)) => format!("{message} {number}").into(),
            (None, None) => Cell::maybe(None),
        };
        vec![
            line.agency.as_str().into(),
            dossier,
            times::local_or_dash(line.received_at).into(),
            word(lang, line.why_said()),
            word(lang, line.who_said()),
            Cell::maybe(line.code.as_deref()),
            Cell::maybe(line.field.as_deref()),
            times::local_or_dash(line.since).into(),
        ]
    });
    let title = lang.of("Hồ sơ chưa đồng bộ", "Dossiers that are missing at the portal");
    ListPage {
        file: "/sync/missing?".to_owned(),
        none: lang.of(
            "Cổng đã nhận mọi hồ sơ mà cổng kết nối biết.",
            "The portal has every dossier that the gateway knows of.",
        ),
        columns: vec![
            lang.of("Cơ quan", "Agency"),
            lang.of("Hồ sơ", "Dossier"),
            lang.of("Tiếp nhận lúc", "Received"),
            lang.of("Vì sao", "Why"),
            lang.of("Ai cần làm", "Who must act"),
            lang.of("Mã lý do", "Code"),
            lang.of("Thông tin cần sửa", "Field to correct"),
            lang.of("Từ lúc", "Since"),
        ],
        rows: rows.collect(),
        more: seen.more,
        ..page(visit, title, chosen, &seen.period)
    }
}

pub(super) async fn list(
    State(desk): State<Desk>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    visit.actor.need(Right::See)?;
    let (period, now) = (wanted.period(visit.now)?, visit.now);
    let list = wanted.list()?;
    let (sees, settings) = (wanted.sees(&visit.actor), desk.clone());
    let most = if wanted.is_csv() { IN_A_FILE } else { LINES };
    let weight = wanted.weight(&desk, &visit.actor, period);
    let read = desk
        .read(weight, move |report| {
            figures::list(report, settings.settings(), sees, (period, list, most), now)
        })
        .await?;
    if wanted.is_csv() {
        return Ok(file(&format!("{}-{period}", list.name()), figures::list_csv(&read)));
    }
    let (vi, en) = said::list(list);
    Ok(shown(&list_page(&visit, visit.lang.of(vi, en), Chosen::of(&wanted, period), &read)))
}

fn list_page(visit: &Visit, title: &str, chosen: Chosen, seen: &FigureListShown) -> ListPage {
    let lang = visit.lang;
    let rows = seen.lines.iter().map(|line| {
        vec![
            line.agency.as_str().into(),
            Cell::dossier(&line.dossier),
            times::local_or_dash(line.received_at).into(),
            times::local_or_dash(line.due_at).into(),
            Cell::maybe(line.status.map(words::status)),
            Cell::maybe(line.order.as_deref()),
            Cell::maybe(line.tracking.map(words::tracking)),
            Cell::maybe(line.code.as_deref()),
            times::local_or_dash(line.since).into(),
            word(lang, line.who_said()),
        ]
    });
    ListPage {
        file: format!("/sync/list?list={}&", seen.list),
        columns: vec![
            lang.of("Cơ quan", "Agency"),
            lang.of("Hồ sơ", "Dossier"),
            lang.of("Tiếp nhận lúc", "Received"),
            lang.of("Hẹn trả lúc", "Promised for"),
            lang.of("Trạng thái", "Status"),
            lang.of("Đơn", "Order"),
            lang.of("Bưu gửi", "Parcel"),
            lang.of("Mã lý do", "Code"),
            lang.of("Từ lúc", "Since"),
            lang.of("Ai cần làm", "Who must act"),
        ],
        rows: rows.collect(),
        more: seen.more,
        ..page(visit, title, chosen, &seen.period)
    }
}

fn word(lang: Language, said: said::Said) -> Cell {
    lang.of(said.0, said.1).into()
}
