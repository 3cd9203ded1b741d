//! *Bản tin ngày*: what failed on a day, and what became of it.

use super::{Desk, Language, Layout, Menu, Trouble, Visit, shown};
use crate::acts::digest::{self, Wanted};
use crate::views::digest::{Digest, Failed, FailedFor, Share};
use crate::views::{times, words};
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/digest", get(page))
}

#[derive(Template)]
#[template(path = "digest.html")]
struct DigestPage {
    layout: Layout,
    lang: Language,
    agency: String,
    shares: Vec<Shown>,
    seen: Digest,
}

/// A share with its words.
struct Shown {
    id: &'static str,
    title: &'static str,
    about: &'static str,
    share: Share,
}

async fn page(
    State(desk): State<Desk>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let seen = digest::read(&desk, &visit.actor, &wanted, visit.now).await?;
    let lang = visit.lang;
    let layout = visit.titled(lang.of("Bản tin ngày", "Daily digest"), Some(Menu::Overview));
    let agency = wanted.agency.unwrap_or_default();
    let shares = shares(&seen, lang);
    Ok(shown(&DigestPage { layout, lang, agency, shares, seen }))
}

/// What is open comes first: somebody may have to act.
fn shares(seen: &Digest, lang: Language) -> Vec<Shown> {
    let shown = |id, title, about, share: &Share| Shown { id, title, about, share: share.clone() };
    vec![
        shown(
            "open",
            lang.of("Còn mở", "Still open"),
            lang.of("Chưa xong đến lúc này.", "Not final as of now."),
            &seen.open,
        ),
        shown(
            "hand",
            lang.of("Người vận hành đã khắc phục", "Healed by hand"),
            lang.of(
                "Đã xong sau khi có người gửi lại, sửa, xác nhận đã nhận hoặc mở lại tài khoản.",
                "Done after somebody sent it again, edited it, resolved it, or resumed its account.",
            ),
            &seen.healed_by_hand,
        ),
        shown(
            "itself",
            lang.of("Tự khắc phục", "Healed by itself"),
            lang.of(
                "Đối tác đã nhận mà người vận hành không phải làm gì.",
                "Accepted, and no operator acted on it.",
            ),
            &seen.healed_by_itself,
        ),
        shown(
            "otherwise",
            lang.of("Kết thúc cách khác", "Ended otherwise"),
            lang.of(
                "Đã có việc mới hơn thay thế, hoặc đã bỏ qua.",
                "Superseded by newer work, or dismissed.",
            ),
            &seen.ended_otherwise,
        ),
    ]
}

/// What templates ask of values; words and times as people read them.
impl DigestPage {
    fn day(&self) -> String {
        words::day(self.seen.day)
    }

    fn time(at: &Timestamp) -> String {
        times::local(*at)
    }

    fn partner<'p>(&self, partner: &'p str) -> &'p str {
        self.lang.of(words::partner(partner), partner)
    }

    fn kind<'k>(&self, kind: &'k str) -> &'k str {
        self.lang.of(words::kind(kind), kind)
    }

    fn stands<'r>(&self, reason: &'r FailedFor) -> Option<&'r str> {
        reason.state.as_deref().map(|state| self.lang.of(words::open_state(state), state))
    }

    fn state<'f>(&self, failed: &'f Failed) -> &'f str {
        self.state_word(&failed.state)
    }

    fn state_word<'s>(&self, state: &'s str) -> &'s str {
        self.lang.of(words::state(state), state)
    }

    fn act<'a>(&self, act: &'a str) -> &'a str {
        self.lang.of(words::act(act), act)
    }

    fn acts(&self) -> u32 {
        self.seen.totals.acts.values().sum()
    }

    /// A number that may not be known any more.
    fn number(&self, number: &Option<u32>) -> String {
        number
            .map_or_else(|| self.lang.of("không còn lưu", "not kept").to_owned(), |number| number.to_string())
    }
}
