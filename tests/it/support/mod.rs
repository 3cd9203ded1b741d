//! What the tests of the promises share: a world of its own for each of them.
//!
//! A [`World`] is a virtual host of the one private broker, both mocks in this process, and a folder with a generated
//! configuration. The gateway in it is the real binary as a child process: it can be killed. Events are written here by
//! hand, from the document, and share no type with the gateway; what became of them is read from the mocks' ledgers and,
//! read-only, from the journal.

mod config;
mod desk;
mod events;
mod gateway;
mod http;
mod journal;
mod publisher;
mod users;
mod wait;
mod world;

pub(crate) use config::{
    COMMUNE_ACCOUNT, Options, PORTAL_ACCOUNT, PORTAL_ACCOUNT_2, POST_ACCOUNT, POST_ACCOUNT_2, Secrets,
    configuration,
};
pub(crate) use desk::{Visitor, filled};
pub(crate) use events::{AGENCY, AGENCY_2, Dossier, Event, Row};
pub(crate) use gateway::{ABORTED, Gateway, ended, last_words};
pub(crate) use http::{client, get, read};
pub(crate) use journal::{Handoff, Journal};
pub(crate) use publisher::Publisher;
pub(crate) use users::{Member, PASSWORD};
pub(crate) use wait::{DEADLINE, until};
pub(crate) use world::World;
