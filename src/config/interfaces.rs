//! The keys of an account that belong to its interface.
//!
//! Here, and in `partners::build`, the daemon knows which interfaces there are. What no public document settles stands
//! as a default in the adapter, with its source, and can be changed here.

mod bcci;
mod commune;
mod myvnpost;
mod portal;
mod portal_wrapper;
mod post;

use super::reader::Section;
use super::rules::{choice, duration, list, memory_size, text};
use super::settings::{AreaTables, InterfaceSettings};
use lienthong_http::ClientSettings;
use lienthong_portal::FieldSet;
use std::time::Duration;

#[derive(Clone, Copy)]
enum Kind {
    PostNgsp,
    PostBcci,
    PostMyVnPost,
    PortalAdapter,
    PortalWrapper,
    CommuneAmqp,
}

const KINDS: &[(&str, Kind)] = &[
    ("post-ngsp", Kind::PostNgsp),
    ("post-bcci", Kind::PostBcci),
    ("post-myvnpost", Kind::PostMyVnPost),
    ("portal-adapter", Kind::PortalAdapter),
    ("portal-wrapper", Kind::PortalWrapper),
    ("commune-amqp", Kind::CommuneAmqp),
];

/// Reads the account's interface; `None` when it is not said which, and nothing else of the account can be judged.
pub(super) fn interface(section: &Section<'_>, areas: &AreaTables) -> Option<InterfaceSettings> {
    Some(match section.needed("interface", &choice(KINDS))? {
        Kind::PostNgsp => InterfaceSettings::PostNgsp(Box::new(post::settings(section, areas))),
        Kind::PostBcci => InterfaceSettings::PostBcci(Box::new(bcci::settings(section, areas)?)),
        Kind::PostMyVnPost => InterfaceSettings::PostMyVnPost(Box::new(myvnpost::settings(section, areas))),
        Kind::PortalAdapter => InterfaceSettings::PortalAdapter(Box::new(portal::settings(section))),
        Kind::PortalWrapper => InterfaceSettings::PortalWrapper(Box::new(portal_wrapper::settings(section))),
        Kind::CommuneAmqp => InterfaceSettings::CommuneAmqp(Box::new(commune::settings(section))),
    })
}

const FIELD_SETS: &[(&str, FieldSet)] = &[("2023", FieldSet::Y2023), ("2020", FieldSet::Y2020)];

/// Which fields a record has; the same key at every interface of the portal.
fn field_set(section: &Section<'_>) -> FieldSet {
    section.or("field_set", choice(FIELD_SETS), FieldSet::Y2023)
}

/// A list of a partner's words, with what is assumed without one.
fn words(section: &Section<'_>, key: &'static str, defaults: &[&str]) -> Vec<String> {
    let example = defaults.first().copied().unwrap_or("0");
    section.or(key, list(text(example)), defaults.iter().map(|word| (*word).to_owned()).collect())
}

/// How calls are made; the same keys at every interface.
fn client(section: &Section<'_>) -> ClientSettings {
    ClientSettings {
        deadline: section.or("deadline", duration(), Duration::from_secs(30)),
        connect_deadline: section.or("connect_deadline", duration().such_as("5s"), Duration::from_secs(5)),
        body_cap: section.or("body_cap", memory_size().such_as("1MiB"), 1 << 20),
        authorities: section.optional_file("authority", "tls/ca.pem").into_iter().collect(),
        identity: section.optional_file("identity", "tls/client.pem"),
    }
}
