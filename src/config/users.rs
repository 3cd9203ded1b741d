//! The listener of health and desk, and the users of the desk.

use super::problems::meant;
use super::reader::Section;
use super::rules::{self, Rule, age, choice, flag, list, listen, text};
use super::settings::{AdminSettings, TlsSettings};
use crate::admin;
use crate::intake::chain;
use crate::users::{Actor, Agencies, PasswordHash, Role, SessionRules, TokenHash, User, matches};
use lienthong_core::ids::AgencyCode;
use lienthong_core::tables::AgencyProfile;
use secrecy::ExposeSecret as _;
use std::collections::BTreeMap;
use toml::Value;

const ROLES: &[(&str, Role)] =
    &[("viewer", Role::Viewer), ("clerk", Role::Clerk), ("operator", Role::Operator), ("admin", Role::Admin)];

/// Characters of a user's name at most.
const LONGEST_NAME: usize = 64;

/// Reads `[admin]`.
pub(super) fn listener(section: &Section<'_>, has_users: bool) -> AdminSettings {
    let default = SessionRules::default();
    let settings = AdminSettings {
        listen: section.or("listen", listen(), ([127, 0, 0, 1], 8085).into()),
        desk: section.or("desk", flag(), true),
        sessions: SessionRules {
            idle: section.or("session_idle", age().such_as("30m"), default.idle),
            longest: section.or("session_longest", age().such_as("12h"), default.longest),
        },
        tls: tls(section),
        behind_tls: section.or("behind_tls", flag(), false),
    };
    if !settings.listen.ip().is_loopback() {
        let listen = settings.listen;
        let text = if has_users && settings.desk && settings.tls.is_none() {
            format!(
                "{listen} can be reached from other machines, and passwords cross the network in the clear: set certificate and key"
            )
        } else {
            format!("{listen} can be reached from other machines")
        };
        section.warning("listen", text);
    }
    settings
}

/// Certificate and key stand together or not at all.
fn tls(section: &Section<'_>) -> Option<TlsSettings> {
    let certificate = section.optional_file("certificate", "tls/admin.pem");
    let key = section.optional_secret("key");
    for (key, other) in [("certificate", "key"), ("key", "certificate")] {
        if section.has(other) && !section.has(key) {
            section.problem(key, format!("is missing; {other} is set, and TLS needs both"));
        }
    }
    let settings = TlsSettings { certificate: certificate?, key: key? };
    if let Err(error) = admin::check(&settings) {
        section.problem("certificate", format!("cannot be used with key: {}", chain(&error)));
    }
    Some(settings)
}

/// Reads `[[users]]`.
pub(super) fn users(root: &Section<'_>, agencies: &BTreeMap<AgencyCode, AgencyProfile>) -> Vec<User> {
    let mut users: Vec<User> = Vec::new();
    for section in root.each("users") {
        let user = user(&section, agencies);
        let same_name = |other: &&User| other.actor.name.to_lowercase() == user.actor.name.to_lowercase();
        if users.iter().any(|other| same_name(&other)) {
            section.problem("name", format!("{:?} stands twice; write one entry a user", user.actor.name));
        }
        if user.token.is_some() && users.iter().any(|other| other.token == user.token) {
            section
                .problem("token", "is another user's; make one for each with `lienthong users hash --token`");
        }
        users.push(user);
    }
    users
}

fn user(section: &Section<'_>, agencies: &BTreeMap<AgencyCode, AgencyProfile>) -> User {
    let user = User {
        actor: Actor {
            name: section.required("name", name()),
            role: section.required("role", choice(ROLES)),
            agencies: section.required("agencies", patterns()),
        },
        password: password(section),
        token: section.optional("token", token()),
    };
    for pattern in user.actor.agencies.patterns() {
        if !agencies.is_empty() && !agencies.keys().any(|code| matches(pattern, code.as_str())) {
            let known: Vec<&str> = agencies.keys().map(AgencyCode::as_str).collect();
            let hint = meant(pattern, &known);
            section.problem("agencies", format!("{pattern:?} is no agency of the table of agencies; {hint}"));
        }
    }
    if !section.has("password") && !section.has("token") {
        section.problem("password", "is missing, and so is token; a user needs one of them");
    }
    user
}

fn password(section: &Section<'_>) -> Option<PasswordHash> {
    let written = section.optional_secret("password")?;
    // A secret that could not be read is a problem already.
    let written = Some(written.expose_secret()).filter(|written| !written.is_empty())?;
    let hash = PasswordHash::read(written);
    match &hash {
        None => {
            section.problem("password", "is not an argon2id hash; make one with `lienthong users hash`");
        }
        Some(hash) if !hash.has_usual_costs() => {
            let text = "was hashed with other costs than `lienthong users hash` takes: the time of a login shows who is a user";
            section.warning("password", text);
        }
        Some(_) => {}
    }
    hash
}

/// A name to log in with, which stands in the audit: no brackets, which tell there where it comes from.
fn name() -> Rule<String> {
    let mut rule = text("tran-thi-lan");
    rule.what =
        format!("a name of up to {LONGEST_NAME} letters, digits, blanks, \".\", \"-\", \"_\" and \"@\"");
    rule.parse = Box::new(|value| {
        let name = lienthong_core::text::normalise(value.as_str()?);
        let known = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '@');
        let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME && name.chars().all(known);
        fits.then_some(name)
    });
    rule
}

/// Codes of agencies, or patterns.
fn patterns() -> Rule<Agencies> {
    let of = list(text("H11.01.07"));
    rules::Rule {
        what: "a list of agency codes, or beginnings with a star".to_owned(),
        hint: "write codes, \"H11.01.*\" for all below, or \"*\" for all",
        example: Value::Array(vec!["H11.01.07".into()]),
        parse: Box::new(move |value| Agencies::of((of.parse)(value)?)),
    }
}

/// The SHA-256 of a token: of 256 random bits it says nothing, so that it may be written out.
fn token() -> Rule<TokenHash> {
    let example = TokenHash::of("").hex();
    rules::Rule {
        what: "a SHA-256 of 64 hexadecimal digits".to_owned(),
        hint: "make a token with `lienthong users hash --token`, and write its hash",
        example: example.into(),
        parse: Box::new(|value| TokenHash::read(value.as_str()?)),
    }
}
