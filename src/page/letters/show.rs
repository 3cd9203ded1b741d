//! Words, times and links of this part of the desk, in the language of whoever looks.

use crate::journal::report::Trend;
use crate::page::Language;
use crate::views::corrections::Label;
use crate::views::words;
use std::fmt::Display;

pub(super) use crate::views::times::{local, local_or_dash};

/// A name of ours in words; English has our own.
fn word(lang: Language, name: &str, vi: fn(&str) -> &str) -> String {
    lang.of(vi(name), name).to_owned()
}

pub(super) fn kind(lang: Language, kind: &str) -> String {
    word(lang, kind, words::kind)
}

pub(super) fn state(lang: Language, state: &str) -> String {
    word(lang, state, words::state)
}

pub(super) fn class(lang: Language, class: &str) -> String {
    word(lang, class, words::class)
}

pub(super) fn leg(lang: Language, leg: &str) -> String {
    word(lang, leg, words::leg)
}

pub(super) fn result(lang: Language, result: &str) -> String {
    word(lang, result, words::result)
}

pub(super) fn outcome(lang: Language, outcome: Option<&str>) -> String {
    lang.of(words::outcome(outcome), outcome.unwrap_or("open")).to_owned()
}

/// What a reason says, or that no table knows its code.
pub(super) fn sentence(lang: Language, vi: Option<&str>, en: Option<&str>) -> String {
    let unknown = lang.of(
        "Mã lý do này không có trong bảng; hãy xem câu trả lời của đối tác.",
        "No table knows this reason; see what the partner answered.",
    );
    let (vi, en) = (vi.unwrap_or(unknown), en.unwrap_or(unknown));
    lang.of(vi, en).to_owned()
}

/// A field by its name and its path, or by its path alone.
pub(super) fn field(lang: Language, label: Option<Label>, path: &str) -> String {
    label.map_or_else(|| path.to_owned(), |label| format!("{} ({path})", lang.of(label.vi, label.en)))
}

pub(super) fn or_dash(text: Option<impl Display>) -> String {
    text.map_or_else(|| "–".to_owned(), |text| text.to_string())
}

/// A text within a link.
pub(super) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Where a handoff is shown.
pub(super) fn handoff(id: &str) -> String {
    format!("/letters/one/{}", encoded(id))
}

/// Where a group is shown.
pub(super) fn group(group: &str) -> String {
    format!("/letters/group?group={}", encoded(group))
}

/// Where the bulk replay of a group is previewed.
pub(super) fn replay(group: &str) -> String {
    format!("/letters/replay?group={}", encoded(group))
}

/// Where a dossier is shown.
pub(super) fn dossier(code: &str) -> String {
    format!("/dossiers/{}", encoded(code))
}

/// How tall the tallest bar is.
const TALL: u32 = 20;

/// A bar of a plot of 24 hours.
pub(super) struct Bar {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) height: u32,
}

/// Bars of the last hours, the newest last; none where nothing stopped in them.
pub(super) fn bars(trend: &Trend) -> Vec<Bar> {
    let most = trend.hours.iter().copied().max().unwrap_or(0);
    let bars = (0u32..).zip(trend.hours).filter(|(_, count)| *count > 0);
    bars.map(|(hour, count)| {
        // Whoever stopped alone beside thousands is seen too.
        let height = (count.saturating_mul(TALL) / most.max(1)).max(1);
        Bar { x: hour * 4, y: TALL - height, height }
    })
    .collect()
}

/// What the bars say.
pub(super) fn lately(lang: Language, trend: &Trend) -> String {
    let sum = |counts: &[u32]| counts.iter().sum::<u32>();
    let (day, week) = (sum(&trend.hours), sum(&trend.days));
    match lang {
        Language::Vietnamese => format!("dừng trong 24 giờ qua: {day}; trong 7 ngày qua: {week}"),
        Language::English => format!("stopped in the last 24 hours: {day}; in the last 7 days: {week}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lonely_one_is_seen_beside_thousands() {
        let mut trend = Trend::default();
        trend.hours[3] = 1;
        trend.hours[23] = 5000;
        let bars = bars(&trend);
        let drawn: Vec<_> = bars.iter().map(|bar| (bar.x, bar.y, bar.height)).collect();
        assert_eq!(drawn, [(12, 19, 1), (92, 0, 20)]);
        assert!(super::bars(&Trend::default()).is_empty());
    }

    #[test]
    fn links_hold_what_they_name() {
        assert_eq!(
            group("post.order/rejected/POST-105/-"),
            "/letters/group?group=post.order%2Frejected%2FPOST-105%2F-"
        );
    }
}
