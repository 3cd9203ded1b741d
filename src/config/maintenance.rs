//! Announced maintenance of partners and accounts.

use super::problems::meant;
use super::reader::Section;
use super::rules::{instant, text, weekly};
use super::settings::AccountSettings;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::maintenance::{Span, Window};
use std::collections::BTreeMap;

/// Reads `[[maintenance]]`.
pub(super) fn windows(
    root: &Section<'_>,
    accounts: &BTreeMap<AccountName, Option<AccountSettings>>,
) -> Vec<Window> {
    let mut known = Partner::ALL.map(Partner::name).to_vec();
    known.extend(accounts.keys().map(AccountName::as_str));
    root.each("maintenance").iter().filter_map(|section| window(section, &known)).collect()
}

fn window(section: &Section<'_>, known: &[&str]) -> Option<Window> {
    let scope = section.required("scope", text("post"));
    if !known.contains(&scope.as_str()) {
        let hint = meant(&scope, known);
        section.problem("scope", format!("{scope:?} is neither a partner nor an account; {hint}"));
    }
    let reason = section.or("reason", text("bảo trì đã báo trước"), "bảo trì đã báo trước".to_owned());
    Some(Window { scope, span: span(section)?, reason })
}

/// Either both instants, or a span of the week.
fn span(section: &Section<'_>) -> Option<Span> {
    let from = section.optional("from", instant());
    let until = section.optional("until", instant());
    match (section.has("weekly"), section.has("from") || section.has("until")) {
        (true, true) => {
            section.problem("weekly", "stands beside from or until; write one entry each");
            section.optional("weekly", weekly())
        }
        (true, false) => section.optional("weekly", weekly()),
        (false, _) => {
            for (key, value) in [("from", from), ("until", until)] {
                if value.is_none() && !section.has(key) {
                    section.problem(
                        key,
                        "is missing; write from and until, or weekly, as in \"Sun 22:00-23:30\"",
                    );
                }
            }
            let (from, until) = (from?, until?);
            if until <= from {
                section.problem("until", "is not after from; a window ends after it begins");
            }
            Some(Span::Once { from, until })
        }
    }
}
