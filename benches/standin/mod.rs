//! Stand-ins for both partners in one process, far faster than what calls them.
//!
//! ```text
//! portal port ─┐
//! post port   ─┼─▶ one thread: HTTP/1.1 ─▶ contract's checks ─▶ ledger ─▶ answer (after a delay)
//! admin port  ─┘        GET /counts, GET /ledger, POST /set?delay_ms=50&down=post
//! ```
//!
//! It reads of a body what the ledger needs and the contract forbids to be otherwise, and nothing else; it is not lenient:
//! what a partner would refuse is refused and counted. One thread: nothing is locked, and its CPU is easy to tell apart.
//! A partner that is *down* answers 503 to everything: an outage that takes nothing and leaves no doubt, so that the
//! promises can be checked to the last row. The process prints its addresses and ends with its standard input.

mod http;
pub(crate) mod ledger;
pub(crate) mod portal;
pub(crate) mod post;
#[cfg(test)]
mod tests;

use anyhow::{Context as _, Result};
use http::{Answer, Request};
use ledger::{Counts, Entry, Ledger, What};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::HashSet;
use std::io::Write as _;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::LocalSet;

/// The accounts that both sides know; nobody real.
#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    /// Agency and user name at the portal.
    pub(crate) username: String,
    /// Customer code at the post.
    pub(crate) customer_code: String,
    /// Name of the credential there.
    pub(crate) customer_key: String,
    /// Password and secret of both.
    pub(crate) secret: String,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            username: crate::load::AGENCY.to_owned(),
            customer_code: "LC_XA_TIENTHANH".to_owned(),
            customer_key: "tien-thanh".to_owned(),
            secret: "mat-khau-thu".to_owned(),
        }
    }
}

/// Where the process listens.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Addresses {
    /// The portal's adapter.
    pub(crate) portal: SocketAddr,
    /// The post.
    pub(crate) post: SocketAddr,
    /// Commands and the ledger.
    pub(crate) admin: SocketAddr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Partner {
    Portal,
    Post,
}

/// What the stand-ins know.
#[derive(Default)]
pub(crate) struct State {
    accounts: Accounts,
    sessions: HashSet<String>,
    dossiers: HashSet<String>,
    numbers: HashSet<String>,
    ledger: Ledger,
    counts: Counts,
    delay: Duration,
    down: Option<Partner>,
}

impl State {
    fn note(&mut self, entry: &Entry, what: What, key: &str, status: u8, moment: u64) {
        self.counts.count(entry, what);
        self.ledger.note(entry, what, key, status, moment);
    }

    fn refuse(&mut self, reason: &str) {
        let entry = self.ledger.open();
        self.note(&entry, What::Refused, reason, 0, 0);
    }

    fn take(&mut self, partner: Partner, request: &Request<'_>) -> Answer {
        if self.down == Some(partner) {
            let entry = self.ledger.open();
            self.ledger.note(&entry, What::Down, request.path, 0, 0);
            return Answer::fixed(503, "");
        }
        match partner {
            Partner::Portal => portal::take(self, request),
            Partner::Post => post::take(self, request),
        }
    }

    fn command(&mut self, request: &Request<'_>) -> Answer {
        match (request.method, request.path) {
            ("GET", "/counts") => shown(&self.counts),
            ("GET", "/ledger") => shown(&self.ledger),
            ("POST", "/set") => self.set(request.query),
            _ => Answer::fixed(404, "{}"),
        }
    }

    fn set(&mut self, query: &str) -> Answer {
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match (name, value) {
                ("delay_ms", millis) => self.delay = Duration::from_millis(millis.parse().unwrap_or(0)),
                ("down", "portal") => self.down = Some(Partner::Portal),
                ("down", "post") => self.down = Some(Partner::Post),
                ("down", "none") => self.down = None,
                _ => return Answer::fixed(400, "{}"),
            }
        }
        Answer::fixed(200, "{}")
    }
}

fn shown(value: &impl Serialize) -> Answer {
    Answer::made(200, serde_json::to_vec(value).expect("ledgers have string keys only"))
}

/// Runs until standard input ends.
///
/// # Errors
/// When a port cannot be had.
pub(crate) async fn run() -> Result<()> {
    let state = Rc::new(RefCell::new(State::default()));
    let local = LocalSet::new();
    let addresses = listen(&state, &local).await?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", serde_json::to_string(&addresses)?)?;
    out.flush()?;
    local.run_until(crate::end_of_input()).await.context("nobody waits for the end of standard input")
}

async fn listen(state: &Rc<RefCell<State>>, local: &LocalSet) -> Result<Addresses> {
    let portal = bind().await?;
    let post = bind().await?;
    let admin = bind().await?;
    let addresses =
        Addresses { portal: portal.local_addr()?, post: post.local_addr()?, admin: admin.local_addr()? };
    accept(local, portal, Rc::clone(state), |state, request| state.take(Partner::Portal, request));
    accept(local, post, Rc::clone(state), |state, request| state.take(Partner::Post, request));
    accept(local, admin, Rc::clone(state), State::command);
    Ok(addresses)
}

/// A port on loopback, below those that outgoing connections get: whoever dials a partner that is not there must not be
/// given its port.
async fn bind() -> Result<TcpListener> {
    use rand::Rng as _;
    for _ in 0..1_000 {
        let address = SocketAddr::from(([127, 0, 0, 1], rand::rng().random_range(10_000..20_000)));
        if let Ok(listener) = TcpListener::bind(address).await {
            return Ok(listener);
        }
    }
    anyhow::bail!("no free port between 10000 and 20000")
}

fn accept(
    local: &LocalSet,
    listener: TcpListener,
    state: Rc<RefCell<State>>,
    take: fn(&mut State, &Request<'_>) -> Answer,
) {
    local.spawn_local(async move {
        loop {
            // A connection that was gone before it was taken is nobody's loss.
            let Ok((stream, _)) = listener.accept().await else { continue };
            let state = Rc::clone(&state);
            tokio::task::spawn_local(async move {
                // What breaks off is the caller's to notice.
                drop(http::serve(stream, move |request| take(&mut state.borrow_mut(), request)).await);
            });
        }
    });
}
