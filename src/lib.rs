//! The daemon `lienthong`: everything around the pure core that reads, waits, sends and stores.
//!
//! `run` is the way in; `ARCHITECTURE.md` draws the flow and says what each module must not do.

#[macro_use]
mod proof;

mod acts;
pub mod admin;
mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod dispatcher;
mod holds;
mod house;
pub mod intake;
pub mod journal;
mod page;
pub mod partners;
pub mod publisher;
pub mod reasons;
mod reconciler;
pub(crate) mod replacement;
pub(crate) mod replays;
pub mod rotation;
pub mod run;
mod service;
pub mod telemetry;
pub mod tracker;
pub mod users;
pub mod views;
pub mod wait;
pub mod watcher;
pub mod webhook;
