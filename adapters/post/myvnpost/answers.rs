//! What an answer of MyVNPost means, without a post: for tests that make answers up. Part of no release.

use super::classify::{Operation, classify};
use super::config::MyVnPostSettings;
use super::search::held;
use super::track::{Reading, Step};
use super::wire::{history, listed};
use jiff::Timestamp;
use lienthong_core::inspect::Inspected;
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
    /// The order that is to be cancelled.
    Order,
    /// The end of an order.
    Cancel,
    /// A page of the list of orders.
    List,
    /// The history of an order.
    History,
}

impl Asked {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Token, Self::Create, Self::Order, Self::Cancel, Self::List, Self::History];

    fn operation(self) -> Operation {
        match self {
            Self::Token => Operation::Token,
            Self::Create => Operation::Create,
            Self::Order => Operation::Order,
            Self::Cancel => Operation::Cancel,
            Self::List => Operation::List,
            Self::History => Operation::History,
        }
    }
}

/// What is known after an answer when no cure is left.
pub fn meaning(asked: Asked, answer: &Answer, settings: &MyVnPostSettings) -> Outcome {
    classify(asked.operation(), answer, &settings.tracking_codes).outcome()
}

/// What a page of the list shows to the comparison of both sides; `None` when it is no page.
pub fn inspected(answer: &Answer, settings: &MyVnPostSettings) -> Option<Inspected> {
    listed(&answer.body).map(|records| held(&records, 0, settings))
}

/// One round of reading in which every call has the same answer: what each step brings, `most` at the most.
pub fn round(answer: &Answer, settings: &MyVnPostSettings, now: Timestamp, most: usize) -> Vec<FeedPage> {
    let mut reading = Reading::default();
    let mut pages: Vec<FeedPage> = Vec::new();
    while pages.len() < most {
        let after = match pages.last() {
            Some(FeedPage::Rows { cursor, .. }) => cursor.clone(),
            Some(FeedPage::Failed(_) | FeedPage::NoFeed) | None => None,
        };
        let page = match reading.step(after.as_deref(), now) {
            Step::Over(page) => page,
            Step::List { page, .. } => match listed(&answer.body) {
                Some(records) => reading.listed(page, &records, settings.page_size, now),
                None => break,
            },
            Step::History(_) => match history(&answer.body) {
                Some(rows) => reading.told(&rows, &settings.tracking_codes),
                None => reading.passed_by(),
            },
        };
        let more = matches!(page, FeedPage::Rows { more: true, .. });
        pages.push(page);
        if !more {
            break;
        }
    }
    pages
}
