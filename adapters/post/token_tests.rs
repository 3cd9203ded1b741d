use super::*;
use lienthong_core::outcome::{Reason, ReasonCode};
use secrecy::ExposeSecret;
use std::sync::atomic::{AtomicUsize, Ordering};

const QUIET: Duration = Duration::from_secs(900);

fn given(name: &str, expires_in: Option<u64>) -> Result<Token, Outcome> {
    Ok(Token { authorization: SecretString::from(name), expires_in })
}

fn reason() -> Reason {
    Reason::new(ReasonCode::known("POST-TOKEN-REFUSED"))
}

async fn current(tokens: &Tokens, answer: Result<Token, Outcome>) -> Result<String, Outcome> {
    tokens.current(async { answer }).await.map(|held| held.authorization.expose_secret().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_token_is_kept_until_a_minute_before_its_end() {
    async fn check(expires_in: Option<u64>, good_for: u64) {
        let tokens = Tokens::new(QUIET);
        current(&tokens, given("first", expires_in)).await.unwrap();
        tokio::time::advance(Duration::from_secs(good_for - 1)).await;
        assert_eq!(current(&tokens, given("second", expires_in)).await.unwrap(), "first", "{expires_in:?}");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(current(&tokens, given("second", expires_in)).await.unwrap(), "second", "{expires_in:?}");
    }
    check(Some(3600), 3540).await;
    check(Some(100), 50).await;
    check(Some(30), 15).await;
    check(None, 240).await;
    check(Some(u64::MAX), 86_340).await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_credential_is_not_hammered() {
    let tokens = Tokens::new(QUIET);
    let refused = Outcome::Blocked(reason());
    assert_eq!(current(&tokens, Err(refused.clone())).await.unwrap_err(), refused);
    tokio::time::advance(QUIET - Duration::from_secs(1)).await;
    assert_eq!(current(&tokens, given("new", None)).await.unwrap_err(), refused, "answered from memory");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(current(&tokens, given("new", None)).await.unwrap(), "new");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_post_asked_for_is_kept_within_bounds() {
    async fn check(wait: u64, kept: u64) {
        let tokens = Tokens::new(QUIET);
        let busy = |wait| Outcome::Unavailable { reason: reason(), wait, unsent: false };
        let asked = Some(Duration::from_secs(wait));
        assert_eq!(current(&tokens, Err(busy(asked))).await.unwrap_err(), busy(asked));
        tokio::time::advance(Duration::from_secs(kept - 1)).await;
        let left = busy(Some(Duration::from_secs(1)));
        assert_eq!(current(&tokens, given("new", None)).await.unwrap_err(), left, "{wait}");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(current(&tokens, given("new", None)).await.unwrap(), "new", "{wait}");
    }
    check(30, 30).await;
    check(100_000, 900).await;
}

#[tokio::test(start_paused = true)]
async fn those_who_waited_for_a_refused_token_share_the_refusal() {
    let (tokens, asked) = (Tokens::new(Duration::ZERO), AtomicUsize::new(0));
    let ask = || async {
        asked.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(5)).await;
        Err(Outcome::Blocked(reason()))
    };
    let (one, two, three) = tokio::join!(tokens.current(ask()), tokens.current(ask()), tokens.current(ask()));
    assert!(one.is_err() && two.is_err() && three.is_err());
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_another_call_renewed_is_taken_as_it_is() {
    let tokens = Tokens::new(QUIET);
    let dead = tokens.current(async { given("first", None) }).await.unwrap();
    let renewed = tokens.renewed(&dead, async { given("second", None) }).await.unwrap();
    let again = tokens.renewed(&dead, async { given("third", None) }).await.unwrap();
    assert_eq!(renewed.authorization.expose_secret(), "second");
    assert_eq!(again.authorization.expose_secret(), "second");
    assert!(!format!("{renewed:?}").contains("second"), "a token cannot print");
}
