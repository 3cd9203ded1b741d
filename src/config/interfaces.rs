//! The keys of an account that belong to its interface.
//!
//! Here, and in `partners::build`, the daemon knows which interfaces there are. What no public document settles stands
//! as a default in the adapter, with its source, and can be changed here.

mod bcci;
mod commune;
mod portal;
mod post;

use super::reader::Section;
use super::rules::{choice, duration, memory_size};
use super::settings::{AreaTables, InterfaceSettings};
use lienthong_http::ClientSettings;
use std::time::Duration;

#[derive(Clone, Copy)]
enum Kind {
    PostNgsp,
    PostBcci,
    PortalAdapter,
    CommuneAmqp,
}

const KINDS: &[(&str, Kind)] = &[
    ("post-ngsp", Kind::PostNgsp),
    ("post-bcci", Kind::PostBcci),
    ("portal-adapter", Kind::PortalAdapter),
    ("commune-amqp", Kind::CommuneAmqp),
];

/// Reads the account's interface; `None` when it is not said which, and nothing else of the account can be judged.
pub(super) fn interface(section: &Section<'_>, areas: &AreaTables) -> Option<InterfaceSettings> {
    Some(match section.needed("interface", &choice(KINDS))? {
        Kind::PostNgsp => InterfaceSettings::PostNgsp(Box::new(post::settings(section, areas))),
        Kind::PostBcci => InterfaceSettings::PostBcci(Box::new(bcci::settings(section, areas)?)),
        Kind::PortalAdapter => InterfaceSettings::PortalAdapter(Box::new(portal::settings(section))),
        Kind::CommuneAmqp => InterfaceSettings::CommuneAmqp(Box::new(commune::settings(section))),
    })
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
