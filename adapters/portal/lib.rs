//! The National Public Service Portal (DVCQG) as our partner: one module per interface it speaks.
//!
//! [`axis`] is the agency's own adapter on the national data-exchange axis, [`wrapper`] what some provinces put in front
//! of the portal. A dossier and a progress row have the same fields at both, so their wire types and what fills them stand
//! here, as does the choice between create and update; what is around them (envelope, login, addresses, answers) is the
//! interface's own.

pub mod axis;
pub mod wrapper;

mod pair;
#[cfg(test)]
mod testing;
mod translate;
mod wire;

pub use translate::FieldSet;

use lienthong_core::handoff::Content;
use lienthong_core::outcome::{Outcome, Problem, Reason, gateway};
use lienthong_core::port::Sent;
use lienthong_core::receipt::Receipt;
use lienthong_core::status::Status;
use lienthong_http::Connection;
use serde::Serialize;
use serde_json::value::RawValue;

/// An attempt that our own translation refuses; the first problem names the field. Nothing is sent.
fn refused(problems: Vec<Problem>) -> Sent {
    let problem =
        problems.into_iter().next().unwrap_or_else(|| Problem::new(gateway::MISSING_FIELD, "dossier.code"));
    let outcome = Outcome::Rejected(Reason::new(problem.code).at(problem.field));
    Sent { outcome, http_status: None, steps: Vec::new(), receipt: Receipt::default() }
}

/// Rows may reach the portal twice when their answer is lost, and had better not; one that asks for a supplement is never
/// repeated on a guess.
fn connection_of_rows(rows: &[&Content]) -> Connection {
    let is_sent_once =
        |row: &&Content| matches!(row, Content::Row(row) if row.status == Status::SupplementAsked);
    if rows.iter().any(is_sent_once) { Connection::New } else { Connection::Lively }
}

fn json(data: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(data).expect("messages have string keys only")
}
