//! What an answer of the portal means, without a portal: for tests that make answers up. Part of no release.

use super::classify::{self, Operation, Phrases};
use super::client::looked_up;
use super::config::AxisSettings;
use lienthong_core::handoff::Record;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::LookUp;
use lienthong_http::Answer;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A session.
    Login,
    /// A new dossier.
    Create,
    /// A dossier, replaced.
    Update,
    /// Progress rows.
    Rows,
    /// A status of a dossier that was lodged at the portal.
    Status,
    /// Whether a dossier is there.
    LookUp,
}

impl Asked {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Login, Self::Create, Self::Update, Self::Rows, Self::Status, Self::LookUp];

    fn operation(self) -> Operation {
        match self {
            Self::Login => Operation::Login,
            Self::Create => Operation::Create,
            Self::Update => Operation::Update,
            Self::Rows => Operation::AppendRows,
            Self::Status => Operation::SetStatus,
            Self::LookUp => Operation::LookUp,
        }
    }
}

/// What is known after an answer when no cure is left.
pub fn meaning(asked: Asked, answer: &Answer, settings: &AxisSettings) -> Outcome {
    classify::classify(asked.operation(), answer, &Phrases::new(settings)).outcome()
}

/// What the answer to a look-up says of a dossier.
pub fn look_up(answer: &Answer, code: &str, record: &Record, settings: &AxisSettings) -> LookUp {
    let verdict = classify::classify(Operation::LookUp, answer, &Phrases::new(settings));
    looked_up(verdict, &answer.body, code, record)
}
