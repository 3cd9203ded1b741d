use super::*;
use lienthong_core::outcome::{Reason, ReasonCode};
use secrecy::ExposeSecret;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::time::advance;

const LIFE: Duration = Duration::from_secs(540);
const QUIET: Duration = Duration::from_secs(900);
const SECOND: Duration = Duration::from_secs(1);

/// A partner that counts how often it is asked; it takes five seconds to answer.
struct Partner {
    asked: AtomicUsize,
    refuses: Option<Outcome>,
}

impl Partner {
    fn new(refuses: Option<Outcome>) -> Self {
        Self { asked: AtomicUsize::new(0), refuses }
    }

    async fn ask(&self) -> Result<Granted, Outcome> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(5 * SECOND).await;
        match &self.refuses {
            Some(outcome) => Err(outcome.clone()),
            None => Ok(Granted { secret: SecretString::from(format!("secret-{number}")), good_for: LIFE }),
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn reason() -> Reason {
    Reason::new(ReasonCode::known("POST-TOKEN-REFUSED"))
}

fn unavailable(wait: Option<Duration>) -> Outcome {
    Outcome::Unavailable { reason: reason(), wait, unsent: false }
}

#[tokio::test(start_paused = true)]
async fn a_young_credential_is_shared_and_an_old_one_renewed() {
    let (partner, credential) = (Partner::new(None), Credential::new(QUIET));
    let secret = async || credential.current(partner.ask()).await.unwrap().secret.expose_secret().to_owned();
    assert_eq!(secret().await, "secret-1");
    // Its life began when it was asked for, five seconds ago.
    advance(LIFE - 6 * SECOND).await;
    assert_eq!(secret().await, "secret-1");
    advance(SECOND).await;
    assert_eq!(secret().await, "secret-2");
    assert_eq!(partner.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_life_beyond_all_clocks_is_no_problem() {
    let credential = Credential::new(Duration::MAX);
    let ask = async || Ok(Granted { secret: SecretString::from("secret"), good_for: Duration::MAX });
    credential.current(ask()).await.unwrap();
    let refused = async || Err(Outcome::Blocked(reason()));
    credential.proven(refused()).await.unwrap_err();
    assert!(credential.proven(ask()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_share_what_was_given() {
    let (partner, credential) = (Partner::new(None), Credential::new(QUIET));
    let (one, two, three) = tokio::join!(
        credential.current(partner.ask()),
        credential.current(partner.ask()),
        credential.current(partner.ask())
    );
    for held in [one, two, three] {
        assert_eq!(held.unwrap().secret.expose_secret(), "secret-1");
    }
    assert_eq!(partner.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn those_who_waited_for_a_refusal_share_it() {
    for refusal in [Outcome::Blocked(reason()), unavailable(None)] {
        let (partner, credential) = (Partner::new(Some(refusal)), Credential::new(Duration::ZERO));
        let (one, two, three) = tokio::join!(
            credential.current(partner.ask()),
            credential.current(partner.ask()),
            credential.proven(partner.ask())
        );
        assert!(one.is_err() && two.is_err() && three.is_err());
        assert_eq!(partner.asked(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_credential_is_renewed_once_for_all_who_held_it() {
    let (partner, credential) = (Partner::new(None), Credential::new(QUIET));
    let dead = credential.current(partner.ask()).await.unwrap();
    let mine = credential.renewed(&dead, partner.ask()).await.unwrap();
    let theirs = credential.renewed(&dead, partner.ask()).await.unwrap();
    assert_eq!((mine.secret.expose_secret(), theirs.secret.expose_secret()), ("secret-2", "secret-2"));
    assert_eq!(partner.asked(), 2);
    credential.renewed(&theirs, partner.ask()).await.unwrap();
    assert_eq!(partner.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_answered_from_memory_for_the_quiet_time() {
    let refusal = Outcome::Blocked(reason());
    let (partner, credential) = (Partner::new(Some(refusal.clone())), Credential::new(QUIET));
    for _ in 0..3 {
        assert_eq!(credential.current(partner.ask()).await.unwrap_err(), refusal);
        assert_eq!(credential.proven(partner.ask()).await.unwrap_err(), refusal);
    }
    advance(QUIET - SECOND).await;
    credential.current(partner.ask()).await.unwrap_err();
    assert_eq!(partner.asked(), 1);
    advance(SECOND).await;
    let forgiving = Partner::new(None);
    credential.current(forgiving.ask()).await.unwrap();
    assert_eq!(forgiving.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_was_asked_for_is_kept_within_the_quiet_time() {
    async fn check(wait: u64, kept: u64) {
        let asked_for = unavailable(Some(Duration::from_secs(wait)));
        let (partner, credential) = (Partner::new(Some(asked_for.clone())), Credential::new(QUIET));
        assert_eq!(credential.current(partner.ask()).await.unwrap_err(), asked_for);
        advance(Duration::from_secs(kept - 1)).await;
        assert_eq!(credential.current(partner.ask()).await.unwrap_err(), unavailable(Some(SECOND)), "{wait}");
        assert_eq!(partner.asked(), 1, "{wait}");
        advance(SECOND).await;
        credential.current(Partner::new(None).ask()).await.unwrap();
    }
    check(30, 30).await;
    check(100_000, 900).await;
}

#[tokio::test(start_paused = true)]
async fn what_failed_without_a_wait_may_be_tried_again() {
    let (partner, credential) = (Partner::new(Some(unavailable(None))), Credential::new(QUIET));
    credential.current(partner.ask()).await.unwrap_err();
    advance(Duration::from_millis(1)).await;
    credential.current(partner.ask()).await.unwrap_err();
    assert_eq!(partner.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_dropped_is_made_again() {
    let (partner, credential) = (Partner::new(None), Credential::new(QUIET));
    tokio::time::timeout(SECOND, credential.current(partner.ask())).await.unwrap_err();
    assert_eq!(credential.current(partner.ask()).await.unwrap().secret.expose_secret(), "secret-2");
}

#[tokio::test(start_paused = true)]
async fn a_credential_never_prints() {
    let (partner, credential) = (Partner::new(None), Credential::new(QUIET));
    let held = credential.current(partner.ask()).await.unwrap();
    let printed = format!("{held:?} {credential:?}");
    assert!(!printed.contains("secret-1"), "{printed}");
}
