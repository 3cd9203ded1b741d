//! What an answer of the wrapper means, without a wrapper: for tests that make answers up. Part of no release.

use super::classify::{self, Operation, Phrases};
use super::config::WrapperSettings;
use lienthong_core::outcome::Outcome;
use lienthong_http::Answer;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing.
    Reach,
    /// A new dossier.
    Create,
    /// A dossier, replaced.
    Update,
    /// Progress rows.
    Rows,
}

impl Asked {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Reach, Self::Create, Self::Update, Self::Rows];

    fn operation(self) -> Operation {
        match self {
            Self::Reach => Operation::Reach,
            Self::Create => Operation::Create,
            Self::Update => Operation::Update,
            Self::Rows => Operation::AppendRows,
        }
    }
}

/// What is known after an answer when no cure is left.
pub fn meaning(asked: Asked, answer: &Answer, settings: &WrapperSettings) -> Outcome {
    classify::classify(asked.operation(), answer, &Phrases::new(settings)).outcome()
}
