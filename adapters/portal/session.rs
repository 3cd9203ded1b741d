//! One login for all calls of an account.
//!
//! [`Sessions`] keeps the session of one account: who needs one while a login is under way waits for that login, success
//! or failure alike, and logs in never beside it (tests `fifty_sends_at_once_log_in_once`,
//! `those_who_waited_for_a_failed_login_share_its_failure`). A session is renewed before the age at which the portal may
//! drop it, and when an answer says that it is dead; a session that another call has renewed meanwhile is taken as it is.
//! A refused login is answered from memory for a quiet time, and a wait that the portal asked for is kept likewise: the
//! account is not hammered. Time comes from tokio's clock, which tests move. The session itself cannot print.

use lienthong_core::outcome::Outcome;
use secrecy::SecretString;
use std::future::Future;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The session of one account.
#[derive(Debug)]
pub(crate) struct Sessions {
    state: Mutex<State>,
    life: Duration,
    quiet: Duration,
}

/// A session, and which one it is.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) secret: SecretString,
    generation: u64,
}

#[derive(Debug, Default)]
struct State {
    held: Option<(Session, Instant)>,
    generation: u64,
    failed: Option<Failed>,
}

#[derive(Debug)]
struct Failed {
    outcome: Outcome,
    ended: Instant,
    quiet_until: Instant,
}

impl Sessions {
    /// Without a session yet.
    pub(crate) fn new(life: Duration, quiet: Duration) -> Self {
        Self { state: Mutex::default(), life, quiet }
    }

    /// A session that is young enough. `log_in` is polled only when there is none.
    ///
    /// # Errors
    /// What is known after the login failed, now or as remembered.
    pub(crate) async fn current(&self, log_in: impl LogIn) -> Result<Session, Outcome> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        match state.young(self.life) {
            Some(session) => Ok(session),
            None => self.open(&mut state, asked, log_in).await,
        }
    }

    /// A session other than the dead one. `log_in` is polled only when nobody has renewed it meanwhile.
    ///
    /// # Errors
    /// As for [`Sessions::current`].
    pub(crate) async fn renewed(&self, dead: &Session, log_in: impl LogIn) -> Result<Session, Outcome> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        match state.young(self.life) {
            Some(session) if session.generation != dead.generation => Ok(session),
            Some(_) | None => {
                state.held = None;
                self.open(&mut state, asked, log_in).await
            }
        }
    }

    /// Logs in, whether there is a session or not, unless a quiet time forbids it.
    ///
    /// # Errors
    /// As for [`Sessions::current`].
    pub(crate) async fn proven(&self, log_in: impl LogIn) -> Result<Session, Outcome> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        self.open(&mut state, asked, log_in).await
    }

    async fn open(&self, state: &mut State, asked: Instant, log_in: impl LogIn) -> Result<Session, Outcome> {
        let began = Instant::now();
        if let Some(failed) = &state.failed
            && (asked <= failed.ended || began < failed.quiet_until)
        {
            return Err(failed.remembered(began));
        }
        match log_in.await {
            Ok(secret) => {
                state.generation += 1;
                let session = Session { secret, generation: state.generation };
                state.held = Some((session.clone(), began));
                state.failed = None;
                Ok(session)
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

/// A login that has not begun: a future begins when it is polled.
pub(crate) trait LogIn: Future<Output = Result<SecretString, Outcome>> + Send {}

impl<F: Future<Output = Result<SecretString, Outcome>> + Send> LogIn for F {}

impl State {
    fn young(&self, life: Duration) -> Option<Session> {
        let (session, since) = self.held.as_ref()?;
        (since.elapsed() < life).then(|| session.clone())
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
#[path = "session_tests.rs"]
mod tests;
