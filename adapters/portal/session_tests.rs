use super::*;
use lienthong_core::outcome::{Reason, ReasonCode};
use secrecy::ExposeSecret;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;

const LIFE: Duration = Duration::from_secs(540);
const QUIET: Duration = Duration::from_secs(900);

/// Counts logins and answers each as it is told.
struct Desk {
    logins: AtomicUsize,
    refuses: Option<Outcome>,
}

impl Desk {
    fn new(refuses: Option<Outcome>) -> Self {
        Self { logins: AtomicUsize::new(0), refuses }
    }

    async fn log_in(&self) -> Result<SecretString, Outcome> {
        let number = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::task::yield_now().await;
        match &self.refuses {
            Some(outcome) => Err(outcome.clone()),
            None => Ok(SecretString::from(format!("session-{number}"))),
        }
    }

    fn logins(&self) -> usize {
        self.logins.load(Ordering::SeqCst)
    }
}

fn reason() -> Reason {
    Reason::new(ReasonCode::known("PORTAL-LOGIN-REFUSED"))
}

fn unavailable(wait: Option<Duration>) -> Outcome {
    Outcome::Unavailable { reason: reason(), wait, unsent: false }
}

#[tokio::test]
async fn a_young_session_is_shared_and_an_old_one_renewed() {
    let desk = Desk::new(None);
    let sessions = Sessions::new(LIFE, QUIET);
    let first = sessions.current(desk.log_in()).await.unwrap();
    let second = sessions.current(desk.log_in()).await.unwrap();
    assert_eq!(first.secret.expose_secret(), second.secret.expose_secret());
    assert_eq!(desk.logins(), 1);

    let sessions = Sessions::new(Duration::ZERO, QUIET);
    sessions.current(desk.log_in()).await.unwrap();
    sessions.current(desk.log_in()).await.unwrap();
    assert_eq!(desk.logins(), 3);
}

#[tokio::test]
async fn a_dead_session_is_renewed_once_for_all_who_held_it() {
    let desk = Desk::new(None);
    let sessions = Sessions::new(LIFE, QUIET);
    let dead = sessions.current(desk.log_in()).await.unwrap();
    let mine = sessions.renewed(&dead, desk.log_in()).await.unwrap();
    let theirs = sessions.renewed(&dead, desk.log_in()).await.unwrap();
    assert_eq!(desk.logins(), 2);
    assert_eq!(mine.secret.expose_secret(), theirs.secret.expose_secret());
}

#[tokio::test]
async fn a_refused_login_is_answered_from_memory() {
    let desk = Desk::new(Some(Outcome::Blocked(reason())));
    let sessions = Sessions::new(LIFE, QUIET);
    for _ in 0..3 {
        let outcome = sessions.current(desk.log_in()).await.unwrap_err();
        assert_eq!(outcome, Outcome::Blocked(reason()));
        assert_eq!(sessions.proven(desk.log_in()).await.unwrap_err(), Outcome::Blocked(reason()));
    }
    assert_eq!(desk.logins(), 1);
}

#[tokio::test]
async fn a_wait_asked_for_at_login_is_kept_within_the_quiet_time() {
    let desk = Desk::new(Some(unavailable(Some(Duration::from_secs(36_000)))));
    let sessions = Sessions::new(LIFE, QUIET);
    sessions.current(desk.log_in()).await.unwrap_err();
    let Outcome::Unavailable { wait: Some(wait), .. } = sessions.current(desk.log_in()).await.unwrap_err()
    else {
        panic!("no wait");
    };
    assert!(wait <= QUIET, "{wait:?}");
    assert_eq!(desk.logins(), 1);
}

#[tokio::test]
async fn a_login_that_failed_without_a_wait_may_be_tried_again() {
    let desk = Desk::new(Some(unavailable(None)));
    let sessions = Sessions::new(LIFE, Duration::ZERO);
    sessions.current(desk.log_in()).await.unwrap_err();
    tokio::task::yield_now().await;
    sessions.current(desk.log_in()).await.unwrap_err();
    assert_eq!(desk.logins(), 2);
}

#[tokio::test]
async fn those_who_waited_for_a_failed_login_share_its_failure() {
    let desk = std::sync::Arc::new(Desk::new(Some(unavailable(None))));
    let sessions = std::sync::Arc::new(Sessions::new(LIFE, QUIET));
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let (desk, sessions) = (desk.clone(), sessions.clone());
        callers.spawn(async move { sessions.current(desk.log_in()).await.unwrap_err() });
    }
    assert_eq!(callers.join_all().await.len(), 20);
    assert_eq!(desk.logins(), 1);
}

#[tokio::test]
async fn a_session_never_prints() {
    let desk = Desk::new(None);
    let sessions = Sessions::new(LIFE, QUIET);
    let session = sessions.current(desk.log_in()).await.unwrap();
    let printed = format!("{session:?} {sessions:?}");
    assert!(!printed.contains("session-1"), "{printed}");
}
