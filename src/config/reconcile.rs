//! `[reconcile]`: when both sides are compared by themselves, and how.

use super::problems::meant;
use super::reader::Section;
use super::rules::{age, choice, flag, list, number, off_peak, text};
use super::settings::{AccountSettings, ReconcileSettings};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use std::collections::BTreeMap;

/// The partners that can be compared with.
const PARTNERS: &[(&str, Partner)] = &[("portal", Partner::Portal), ("post", Partner::Post)];

pub(super) fn settings(
    section: &Section<'_>,
    known: &BTreeMap<AccountName, Option<AccountSettings>>,
) -> ReconcileSettings {
    let default = ReconcileSettings::default();
    let accounts = section.optional("accounts", list(text("portal-tien-thanh"))).unwrap_or_default();
    let names: Vec<&str> = known.keys().map(AccountName::as_str).collect();
    for account in accounts.iter().filter(|account| !names.contains(&account.as_str())) {
        section.problem("accounts", format!("{account:?} is no account; {}", meant(account, &names)));
    }
    ReconcileSettings {
        nightly: section.or("nightly", flag(), default.nightly),
        off_peak: section.or("off_peak", off_peak(), default.off_peak),
        partners: section.or("partners", list(choice(PARTNERS)), default.partners),
        accounts: accounts.into_iter().map(AccountName::new).collect(),
        days: section.or("days", number(1..=400, 7), default.days),
        visible_after: section.or("visible_after", age().such_as("48h"), default.visible_after),
        automatic: section.or("automatic", flag(), default.automatic),
    }
}
