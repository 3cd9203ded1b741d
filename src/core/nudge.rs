//! What a partner sends by itself: a hint that there is something to read, and never a fact.
//!
//! Whoever can reach the listener can write such a message, and a true one can be sent again. An adapter only says whether
//! a message is one of its partner's; what it tells of orders is read from the partner, by the gateway's own question.

use std::fmt;

/// What can be said of a message that came by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It has the partner's form, and its signature is the partner's.
    Signed,
    /// It has the partner's form, and no signature is asked for.
    Unsigned,
    /// Its signature is missing or another's.
    Forged,
    /// It has not the partner's form.
    Unreadable,
}

impl Judged {
    /// Name in the journal, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Unsigned => "unsigned",
            Self::Forged => "forged",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Judges what arrives for one account: pure.
pub trait Judge: fmt::Debug + Send + Sync {
    /// Says what a message is.
    fn judge(&self, body: &[u8]) -> Judged;
}
