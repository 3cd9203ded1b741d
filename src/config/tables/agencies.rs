//! Agencies: their desk as the post knows it, and the accounts that speak for them, from a TOML file.

use crate::config::gateway::MODES;
use crate::config::reader::Section;
use crate::config::rules::{choice, day, digits, phone, text};
use jiff::civil::Date;
use lienthong_core::dated::Dated;
use lienthong_core::handoff::Partner;
use lienthong_core::ids::{AccountName, AgencyCode, UnitCode};
use lienthong_core::tables::{AgencyProfile, CashOnDelivery, Desk, Mode, UnitRow};
use std::collections::BTreeMap;

const CASH: &[(&str, CashOnDelivery)] =
    &[("off", CashOnDelivery::Off), ("unpaid-fees", CashOnDelivery::UnpaidFees)];

/// What an agency is checked against.
pub(super) struct Surroundings<'a> {
    /// Accounts of `gateway.toml` with their partner, when it is known.
    pub(super) accounts: &'a BTreeMap<AccountName, Option<Partner>>,
    /// Known units.
    pub(super) units: &'a BTreeMap<UnitCode, Vec<UnitRow>>,
}

/// Reads all agencies of the file.
pub(super) fn agencies(root: &Section<'_>, around: &Surroundings<'_>) -> BTreeMap<AgencyCode, AgencyProfile> {
    let named = root.named("agencies");
    if named.is_empty() {
        root.problem("agencies", "has no agency; write one table each, as in [agencies.\"H11.01.07\"]");
    }
    named
        .into_iter()
        .map(|(code, section)| (AgencyCode::new(&code), agency(&code, &section, around)))
        .collect()
}

fn agency(code: &str, section: &Section<'_>, around: &Surroundings<'_>) -> AgencyProfile {
    let accounts = |key, partner| accounts(section, key, partner, around);
    let profile = AgencyProfile {
        code: AgencyCode::new(code),
        name: section.required("name", text("UBND xã Tiến Thành")),
        portal_account: accounts("portal_account", Partner::Portal),
        post_account: accounts("post_account", Partner::Post),
        commune_account: accounts("commune_account", Partner::Commune),
        cash: section.or("cash", choice(CASH), CashOnDelivery::Off),
        mode: section.or("mode", choice(MODES), Mode::Live),
        desk: section.optional_section("desk").map(|section| desk(&section, around)),
    };
    if profile.post_account.is_some() && profile.desk.is_none() {
        section.problem("desk", "is missing; an agency with a post_account needs its address and phone");
    }
    if profile.post_account.is_none() && profile.portal_account.is_none() {
        section.warning("portal_account", "neither it nor post_account is set: nothing is ever sent");
    }
    profile
}

/// The account at a partner: a name, or a list of names with the day from which each is used.
fn accounts(
    section: &Section<'_>,
    key: &'static str,
    partner: Partner,
    around: &Surroundings<'_>,
) -> Option<Dated<AccountName>> {
    if !section.is_list(key) {
        let name = AccountName::new(section.optional(key, text("tien-thanh"))?);
        check_account(section, key, &name, partner, around);
        return Some(name.into());
    }
    let entries = section.each(key);
    if entries.is_empty() {
        section.problem(key, "lists no account; write its name, or leave the key out");
    }
    let mut in_force: Option<AccountName> = None;
    let mut changes = BTreeMap::new();
    for entry in &entries {
        let name = AccountName::new(entry.required("account", text("tien-thanh")));
        check_account(entry, "account", &name, partner, around);
        let last = changes.last_key_value().map(|(day, _)| *day);
        let from = first_day(entry, in_force.is_some(), last);
        match (&in_force, from) {
            (None, _) => in_force = Some(name),
            (Some(_), Some(day)) => drop(changes.insert(day, name)),
            (Some(_), None) => {}
        }
    }
    Some(Dated::of(in_force?, changes))
}

/// The day from which an entry of the list holds. The first one holds from the beginning, so that no day is without an
/// account; each later one begins after those before it.
fn first_day(entry: &Section<'_>, follows: bool, last: Option<Date>) -> Option<Date> {
    if follows {
        let day = entry.needed("from", &day())?;
        if let Some(last) = last.filter(|last| day <= *last) {
            let text =
                format!("{day} is not after {last}, where the entry before begins; order them by their days");
            entry.problem("from", text);
        }
        return Some(day);
    }
    if let Some(day) = entry.optional("from", day()) {
        let text =
            format!("leaves the days before {day} without an account; leave it out of the first entry");
        entry.problem("from", text);
    }
    None
}

fn check_account(
    section: &Section<'_>,
    key: &'static str,
    name: &AccountName,
    partner: Partner,
    around: &Surroundings<'_>,
) {
    let fitting = || {
        let names =
            around.accounts.iter().filter(|(_, of)| **of == Some(partner)).map(|(name, _)| name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    match around.accounts.get(name) {
        Some(None) => {}
        Some(Some(of)) if *of == partner => {}
        Some(Some(of)) => {
            let text = format!(
                "{:?} is an account of the {}; write one of the {}: {}",
                name.as_str(),
                of.name(),
                partner.name(),
                fitting()
            );
            section.problem(key, text);
        }
        None => section
            .problem(key, format!("{:?} is not configured; configured are: {}", name.as_str(), fitting())),
    }
}

fn desk(section: &Section<'_>, around: &Surroundings<'_>) -> Desk {
    let desk = Desk {
        name: section.required("name", text("Bộ phận Một cửa xã Tiến Thành")),
        phone: section.required("phone", phone()),
        address: section.required("address", text("UBND xã Tiến Thành, thành phố Phan Thiết")),
        email: section.optional("email", text("motcua@tienthanh.example")),
        province_code: UnitCode::new(
            section.required("province_code", digits("a province's code of 2 digits", 2, "60")),
        ),
        district_code: section
            .optional("district_code", digits("a district's code of 3 digits", 3, "593"))
            .map(UnitCode::new),
        commune_code: UnitCode::new(
            section.required("commune_code", digits("a commune's code of 5 digits", 5, "22966")),
        ),
    };
    check_units(section, &desk, around);
    desk
}

/// The desk's commune must be known and lie, at some time, in the desk's province.
fn check_units(section: &Section<'_>, desk: &Desk, around: &Surroundings<'_>) {
    if around.units.is_empty() {
        return;
    }
    if !around.units.contains_key(&desk.province_code) {
        let code = desk.province_code.as_str();
        section.problem(
            "province_code",
            format!("{code:?} is not in the table of units; correct it or add its row"),
        );
    }
    match around.units.get(&desk.commune_code) {
        None => {
            let code = desk.commune_code.as_str();
            section.problem(
                "commune_code",
                format!("{code:?} is not in the table of units; correct it or add its row"),
            );
        }
        Some(rows) if !rows.iter().any(|row| row.province_code.as_ref() == Some(&desk.province_code)) => {
            let text = format!("commune {} never lay in province {}", desk.commune_code, desk.province_code);
            section.problem("commune_code", format!("{text}; correct one of them"));
        }
        Some(_) => {}
    }
}
