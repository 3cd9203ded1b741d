//! Sessions and tokens: each belongs to one account and dies.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

#[derive(Debug)]
struct Token {
    account: String,
    until: Timestamp,
}

/// All sessions or tokens that a partner gave.
#[derive(Debug, Default)]
pub struct Tokens {
    alive: HashMap<String, Token>,
    opened: u64,
}

impl Tokens {
    /// Gives an account a new one that lives so long.
    pub fn open(&mut self, account: &str, now: Timestamp, life: Duration) -> String {
        self.opened += 1;
        let name = format!("{:x}{:06x}", now.as_nanosecond(), self.opened);
        self.alive.insert(name.clone(), Token { account: account.to_owned(), until: now + life });
        name
    }

    /// The account of one that is alive.
    #[must_use]
    pub fn account_of(&self, name: &str, now: Timestamp) -> Option<&str> {
        self.alive.get(name).filter(|found| now < found.until).map(|found| found.account.as_str())
    }

    /// Kills one.
    pub fn close(&mut self, name: &str) {
        self.alive.remove(name);
    }

    /// Kills those of one account, or all.
    pub fn close_all(&mut self, account: Option<&str>) {
        self.alive.retain(|_, token| account.is_some_and(|account| account != token.account));
    }

    /// How many were given and not killed; some may have outlived their time.
    #[must_use]
    pub fn count(&self) -> usize {
        self.alive.len()
    }
}
