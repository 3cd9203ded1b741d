//! What an answer of the post means, without a post: for tests that make answers up. Part of no release.

use crate::ngsp::classify::WORDS;
use crate::ngsp::config::NgspSettings;
use crate::orders::classify::{Operation, classify};
use crate::orders::client::page_of;
use lienthong_core::outcome::Outcome;
use lienthong_core::port::FeedPage;
use lienthong_http::Answer;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A token.
    Token,
    /// An order.
    Create,
    /// The end of an order.
    Cancel,
    /// A page of the feed.
    Feed,
}

impl Asked {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Token, Self::Create, Self::Cancel, Self::Feed];

    fn operation(self) -> Operation {
        match self {
            Self::Token => Operation::Token,
            Self::Create => Operation::Create,
            Self::Cancel => Operation::Cancel,
            Self::Feed => Operation::Feed,
        }
    }
}

/// What is known after an answer when no cure is left.
pub fn meaning(asked: Asked, answer: &Answer, settings: &NgspSettings) -> Outcome {
    classify(&WORDS, asked.operation(), answer, &settings.codes).outcome()
}

/// What an answer of the feed brought.
pub fn feed(answer: &Answer, after: Option<&str>, settings: &NgspSettings) -> FeedPage {
    let verdict = classify(&WORDS, Operation::Feed, answer, &settings.codes);
    page_of(verdict, &answer.body, after, settings.feed_page_size, &settings.tracking_codes)
}
