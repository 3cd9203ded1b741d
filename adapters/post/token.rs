//! One token for all calls of an account.
//!
//! [`Tokens`] keeps the token of one account: who needs one while a request for it is under way waits for that request
//! and shares its end, good or bad (tests `fifty_sends_at_once_ask_for_one_token`,
//! `those_who_waited_for_a_refused_token_share_the_refusal`). A token is given up 60 s before it expires, and when an
//! answer says that it is dead; one that another call has renewed meanwhile is taken as it is. A refused credential is
//! answered from memory for a quiet time, and a wait that the post asked for is kept likewise: the account is not
//! hammered. Time is tokio's clock, which tests move. The token itself cannot print.

use crate::wire::Token;
use lienthong_core::outcome::Outcome;
use secrecy::SecretString;
use std::future::Future;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long before its end a token is given up: a call and the difference of two clocks fit in.
const MARGIN: Duration = Duration::from_secs(60);

/// Life of a token whose answer does not say it. RFC 6749 asks servers to say it, or to document it elsewhere.
const ASSUMED_LIFE: Duration = Duration::from_secs(5 * 60);

/// The token of one account.
#[derive(Debug)]
pub(crate) struct Tokens {
    state: Mutex<State>,
    quiet: Duration,
}

/// A token, and which one it is.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) authorization: SecretString,
    generation: u64,
}

#[derive(Debug, Default)]
struct State {
    held: Option<(Held, Instant)>,
    generation: u64,
    failed: Option<Failed>,
}

#[derive(Debug)]
struct Failed {
    outcome: Outcome,
    ended: Instant,
    quiet_until: Instant,
}

/// A request for a token that has not begun: a future begins when it is polled.
pub(crate) trait Ask: Future<Output = Result<Token, Outcome>> + Send {}

impl<F: Future<Output = Result<Token, Outcome>> + Send> Ask for F {}

impl Tokens {
    /// Without a token yet.
    pub(crate) fn new(quiet: Duration) -> Self {
        Self { state: Mutex::default(), quiet }
    }

    /// A token that is still good. `ask` is polled only when there is none.
    ///
    /// # Errors
    /// What is known after the request for a token failed, now or as remembered.
    pub(crate) async fn current(&self, ask: impl Ask) -> Result<Held, Outcome> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        match state.good() {
            Some(held) => Ok(held),
            None => self.open(&mut state, asked, ask).await,
        }
    }

    /// A token other than the dead one. `ask` is polled only when nobody has renewed it meanwhile.
    ///
    /// # Errors
    /// As for [`Tokens::current`].
    pub(crate) async fn renewed(&self, dead: &Held, ask: impl Ask) -> Result<Held, Outcome> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        match state.good() {
            Some(held) if held.generation != dead.generation => Ok(held),
            Some(_) | None => {
                state.held = None;
                self.open(&mut state, asked, ask).await
            }
        }
    }

    /// Asks for a token, whether there is one or not, unless a quiet time forbids it.
    ///
    /// # Errors
    /// As for [`Tokens::current`].
    pub(crate) async fn proven(&self, ask: impl Ask) -> Result<Held, Outcome> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        self.open(&mut state, asked, ask).await
    }

    async fn open(&self, state: &mut State, asked: Instant, ask: impl Ask) -> Result<Held, Outcome> {
        let began = Instant::now();
        if let Some(failed) = &state.failed
            && (asked <= failed.ended || began < failed.quiet_until)
        {
            return Err(failed.remembered(began));
        }
        match ask.await {
            Ok(token) => {
                state.generation += 1;
                let held = Held { authorization: token.authorization, generation: state.generation };
                state.held = Some((held.clone(), began + good_for(token.expires_in)));
                state.failed = None;
                Ok(held)
            }
            Err(outcome) => {
                let ended = Instant::now();
                let quiet_until = ended + self.quiet_after(&outcome);
                state.failed = Some(Failed { outcome: outcome.clone(), ended, quiet_until });
                Err(outcome)
            }
        }
    }

    fn quiet_after(&self, outcome: &Outcome) -> Duration {
        match outcome {
            Outcome::Blocked(_) => self.quiet,
            Outcome::Unavailable { wait, .. } => wait.unwrap_or_default().min(self.quiet),
            Outcome::Accepted(_) | Outcome::Rejected(_) | Outcome::Uncertain(_) => Duration::ZERO,
        }
    }
}

/// How long a token is used. One that lives hardly longer than the margin is used for half its life, so that not every
/// call asks for one. A life beyond a day is taken for a day: it costs one request, and no sum can overflow.
fn good_for(expires_in: Option<u64>) -> Duration {
    let day = Duration::from_secs(24 * 60 * 60);
    let life = expires_in.map_or(ASSUMED_LIFE, Duration::from_secs).min(day);
    life.saturating_sub(MARGIN).max(life / 2)
}

impl State {
    fn good(&self) -> Option<Held> {
        let (held, until) = self.held.as_ref()?;
        (Instant::now() < *until).then(|| held.clone())
    }
}

impl Failed {
    fn remembered(&self, now: Instant) -> Outcome {
        match &self.outcome {
            Outcome::Unavailable { reason, wait: Some(_), unsent } => Outcome::Unavailable {
                reason: reason.clone(),
                wait: Some(self.quiet_until.saturating_duration_since(now)),
                unsent: *unsent,
            },
            outcome @ (Outcome::Unavailable { wait: None, .. }
            | Outcome::Accepted(_)
            | Outcome::Rejected(_)
            | Outcome::Uncertain(_)
            | Outcome::Blocked(_)) => outcome.clone(),
        }
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
