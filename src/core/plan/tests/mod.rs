//! Tests of the planner: golden files per kind of event, stories of whole dossiers, rules and properties.
//!
//! Golden files change only by `INSTA_UPDATE=always cargo test -p lienthong-core`, and are reviewed as code.

mod accounts;
mod again;
mod changes;
mod cures;
mod golden;
mod matrix;
mod money;
mod news;
mod post;
mod properties;
mod rules;
pub(in crate::plan) mod sample;
mod statuses;
mod stories;
mod told;
mod world;
