//! One credential for all calls of an account: a session or a token.
//!
//! [`Credential`] keeps what the partner gave: who needs it while a request for it is under way waits for that request
//! and shares its end, good or bad, and asks never beside it (tests `those_who_wait_share_what_was_given`,
//! `those_who_waited_for_a_refusal_share_it`). It is given up when its life is over, and when an answer says that it is
//! dead; one that another call has renewed meanwhile is taken as it is. A refusal is answered from memory for a quiet
//! time, and a wait that the partner asked for is kept likewise, within that time: the account is not hammered. How it is
//! asked for and how long it lives is the adapter's business. Time is tokio's clock, which tests move. The credential
//! itself cannot print.

use lienthong_core::outcome::Outcome;
use secrecy::SecretString;
use std::future::Future;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The credential of one account.
#[derive(Debug)]
pub struct Credential {
    state: Mutex<State>,
    quiet: Duration,
}

/// What a partner gave.
#[derive(Debug)]
pub struct Granted {
    /// Session or token, as calls carry it.
    pub secret: SecretString,
    /// How long it is used, from the moment at which it was asked for.
    pub good_for: Duration,
}

/// A credential that is held, and which one it is.
#[derive(Clone, Debug)]
pub struct Held {
    /// Session or token, as calls carry it.
    pub secret: SecretString,
    generation: u64,
}

/// A request for a credential that has not begun: a future begins when it is polled.
pub trait Ask: Future<Output = Result<Granted, Outcome>> + Send {}

impl<F: Future<Output = Result<Granted, Outcome>> + Send> Ask for F {}

#[derive(Debug, Default)]
struct State {
    lent: Option<Lent>,
    generation: u64,
    failed: Option<Failed>,
}

#[derive(Debug)]
struct Lent {
    held: Held,
    since: Instant,
    good_for: Duration,
}

#[derive(Debug)]
struct Failed {
    outcome: Outcome,
    ended: Instant,
    quiet: Duration,
}

impl Credential {
    /// Without a credential yet. `quiet` is how long a refusal is answered from memory.
    pub fn new(quiet: Duration) -> Self {
        Self { state: Mutex::default(), quiet }
    }

    /// A credential that is still good. `ask` is polled only when there is none.
    ///
    /// # Errors
    /// What is known after the partner was asked in vain, now or as remembered.
    ///
    /// # Cancel safety
    /// A dropped future leaves nothing behind; the next one asks.
    pub async fn current(&self, ask: impl Ask) -> Result<Held, Outcome> {
        let began = Instant::now();
        let mut state = self.state.lock().await;
        match state.good() {
            Some(held) => Ok(held),
            None => self.open(&mut state, began, ask).await,
        }
    }

    /// A credential other than the dead one. `ask` is polled only when nobody has renewed it meanwhile.
    ///
    /// # Errors
    /// As for [`Credential::current`].
    pub async fn renewed(&self, dead: &Held, ask: impl Ask) -> Result<Held, Outcome> {
        let began = Instant::now();
        let mut state = self.state.lock().await;
        match state.good() {
            Some(held) if held.generation != dead.generation => Ok(held),
            Some(_) | None => {
                state.lent = None;
                self.open(&mut state, began, ask).await
            }
        }
    }

    /// Asks whether there is a credential or not, unless a quiet time forbids it: the probe of an account.
    ///
    /// # Errors
    /// As for [`Credential::current`].
    pub async fn proven(&self, ask: impl Ask) -> Result<Held, Outcome> {
        let began = Instant::now();
        let mut state = self.state.lock().await;
        self.open(&mut state, began, ask).await
    }

    /// `began` is when the caller came: who came before a failure ended shares it.
    async fn open(&self, state: &mut State, began: Instant, ask: impl Ask) -> Result<Held, Outcome> {
        let since = Instant::now();
        if let Some(failed) = &state.failed
            && (began <= failed.ended || !failed.quiet_left(since).is_zero())
        {
            return Err(failed.remembered(since));
        }
        match ask.await {
            Ok(Granted { secret, good_for }) => {
                state.generation += 1;
                let held = Held { secret, generation: state.generation };
                state.lent = Some(Lent { held: held.clone(), since, good_for });
                state.failed = None;
                Ok(held)
            }
            Err(outcome) => {
                let quiet = self.quiet_after(&outcome);
                state.failed = Some(Failed { outcome: outcome.clone(), ended: Instant::now(), quiet });
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

impl State {
    fn good(&self) -> Option<Held> {
        let lent = self.lent.as_ref()?;
        (lent.since.elapsed() < lent.good_for).then(|| lent.held.clone())
    }
}

impl Failed {
    fn quiet_left(&self, now: Instant) -> Duration {
        self.quiet.saturating_sub(now.saturating_duration_since(self.ended))
    }

    fn remembered(&self, now: Instant) -> Outcome {
        match &self.outcome {
            Outcome::Unavailable { reason, wait: Some(_), unsent } => Outcome::Unavailable {
                reason: reason.clone(),
                wait: Some(self.quiet_left(now)),
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
#[path = "credential_tests.rs"]
mod tests;
