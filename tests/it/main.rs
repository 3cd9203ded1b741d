#![cfg(test)]
//! The whole gateway against both mocks and a real RabbitMQ: one file per promise.

mod alerts;
mod back_pressure;
mod breaker;
mod broker_trouble;
mod browser;
mod burst;
mod conformance;
mod contract;
mod crash_matrix;
mod desk_page;
mod docs_match;
mod durable;
mod fuzzed;
mod in_order;
mod intake;
mod isolated;
mod myvnpost;
mod no_person_in_logs;
mod no_silent_end;
mod nothing_lost;
mod observe;
mod one_order;
mod opencps;
mod partner_trouble;
mod persons_masked;
mod planned_once;
mod portal_ways;
mod proof_docs;
mod random_lives;
mod reconciled;
mod replayed;
mod rotated;
mod start_and_stop;
mod support;
mod told;
#[cfg(feature = "otel")]
mod traces;
mod tracked;
mod units;
mod waybills;
