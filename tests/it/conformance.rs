//! The adapters against their mocks, without daemon and broker: every operation × everything that can go wrong with it;
//! and the commune's port against a real broker (`outcomes`).
//!
//! Asserted are the outcome with its reason, and what the mock's ledger received and how often: an attempt never repeats
//! a call that the partner may have taken. In the ledger's shorthand `order+` took effect and `order-` did not, whatever
//! the adapter heard of it.

mod bcci;
mod matrix;
mod operation;
mod outcomes;
mod portals;
pub(crate) mod samples;
pub(crate) mod shown;
mod stage;
mod table;
mod tls;

use lienthong_core::ids::DossierCode;
use lienthong_core::inspect::{Inspected, Inspection};
use mock_kit::{Deed, Fault, Wait};
use mock_post::Step;
use operation::Operation;
use stage::{Setup, Stage};
use std::sync::Arc;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_partner_that_comes_back_is_spoken_to_at_once() {
    for operation in Operation::ALL {
        let stage = Stage::prepared(operation, Setup::default()).await;
        stage.portal.go_down().await;
        stage.post.go_down().await;
        let outcome = stage.act(operation).await;
        assert!(outcome.contains("UNREACHABLE"), "{operation:?}: {outcome}");
        stage.portal.come_back().await.unwrap();
        stage.post.come_back().await.unwrap();
        stage.succeed(operation).await;
    }
}

/// Acts twice without a session or token: the first asks for one, the second is answered from memory.
async fn check_unopened(operation: Operation, setup: Setup, fault: Option<Deed>, portal: &str, post: &str) {
    let stage = Stage::new(operation, setup).await;
    if let Some(does) = fault {
        stage.fault(Fault::new(does).on(operation.credential()));
    }
    let expected = operation.shows(if operation.is_portals() { portal } else { post });
    let asked = format!("{}-", operation.credential());
    for calls in [asked.as_str(), "", ""] {
        assert_eq!(
            (stage.act(operation).await, stage.calls()),
            (expected.clone(), calls.to_owned()),
            "{operation:?}"
        );
    }
}

#[tokio::test]
async fn a_refused_credential_is_shown_once_and_then_remembered() {
    let wrong = Setup { wrong_password: true, ..Setup::default() };
    let wait = Deed::TooMany { wait: Wait::Seconds(700) };
    for operation in Operation::ALL {
        let (portal, post) = ("blocked PORTAL-LOGIN-REFUSED", "blocked POST-TOKEN-REFUSED");
        check_unopened(operation, wrong, None, portal, post).await;
        check_unopened(operation, Setup::default(), Some(Deed::WrongCredentials), portal, post).await;
        let (portal, post) = ("unavailable PORTAL-HTTP-429 wait 700s", "unavailable POST-HTTP-429 wait 700s");
        check_unopened(operation, Setup::default(), Some(wait.clone()), portal, post).await;
    }
}

#[tokio::test]
async fn many_attempts_that_meet_a_dead_credential_renew_it_once() {
    for operation in [Operation::Update, Operation::Rows, Operation::Cancel] {
        let stage = Arc::new(Stage::prepared(operation, Setup::default()).await);
        stage.portal.partner().expire_sessions(None);
        stage.post.partner().expire_tokens(None);
        let mut attempts = JoinSet::new();
        for _ in 0..20 {
            let stage = Arc::clone(&stage);
            attempts.spawn(async move { stage.succeed(operation).await });
        }
        attempts.join_all().await;
        let calls = stage.calls();
        let count = |call: String| calls.split(' ').filter(|other| *other == call).count();
        assert_eq!(count(format!("{}+", operation.credential())), 1, "{calls}");
        assert_eq!(count(format!("{}+", operation.name())), 20, "{calls}");
    }
}

#[tokio::test]
async fn an_account_that_speaks_for_another_is_refused() {
    let setup = Setup { code: Some("H11.01.99"), ..Setup::default() };
    let check = async |operation: Operation, expected: &str, calls: &str| {
        let stage = Stage::new(operation, setup).await;
        assert_eq!((&*stage.act(operation).await, &*stage.calls()), (expected, calls), "{operation:?}");
    };
    check(Operation::Create, "rejected PORTAL--5", "login+ create-").await;
    check(Operation::Rows, "rejected PORTAL--5", "login+ rows-").await;
    // The post says so with 403, which may as well be a token that is no longer good for anything.
    check(Operation::Order, "blocked POST-HTTP-403", "token+ order- token+ order-").await;
    check(Operation::Cancel, "blocked POST-HTTP-403", "token+ cancel- token+ cancel-").await;
}

#[tokio::test]
async fn what_is_there_already_converges_or_is_ours() {
    // The gateway forgot that the portal has the dossier.
    let mut stage = Stage::prepared(Operation::Update, Setup::default()).await;
    stage.restart(Operation::Update);
    assert_eq!(stage.act(Operation::Update).await, "accepted PORTAL-OK");
    assert_eq!(stage.calls(), "login+ create- update+");

    // The portal forgot the dossier, and with it the session.
    stage.wipe_portal();
    assert_eq!(stage.act(Operation::Update).await, "accepted PORTAL-OK");
    assert_eq!(stage.calls(), "update- login+ update- create+");

    let unique = Setup { number_unique: true, ..Setup::default() };
    let stage = Stage::prepared(Operation::Cancel, unique).await;
    assert_eq!(stage.act(Operation::Order).await, "accepted POST-101");
    assert_eq!((stage.calls(), stage.post.partner().taken()), ("order-".to_owned(), 1));
}

#[tokio::test]
async fn what_is_not_there_is_said_as_it_is() {
    let stage = Stage::new(Operation::Rows, Setup::default()).await;
    assert_eq!(stage.act(Operation::Rows).await, "rejected PORTAL-MISSING");
    assert_eq!(stage.act(Operation::LookUp).await, "absent");
    assert_eq!(stage.act(Operation::Inspect).await, "held 0 unreadable 0");
    assert_eq!(stage.calls(), "login+ rows- look-up+ look-up+");

    let stage = Stage::new(Operation::Cancel, Setup::default()).await;
    assert_eq!(stage.act(Operation::Cancel).await, "rejected POST-103");
    assert_eq!(stage.act(Operation::Feed).await, "rows 0 unreadable 0");
    assert_eq!(stage.calls(), "token+ cancel- tracking+");
}

#[tokio::test]
async fn who_cannot_be_asked_for_the_comparison_says_so_and_is_not_called() {
    let at = |text: &str| text.parse().unwrap();
    let (from, to) = (at("2022-09-14T00:00:00Z"), at("2022-09-16T00:00:00Z"));
    let orders = Inspection::Orders { from, to, after: None };
    for operation in [Operation::Feed, Operation::Inspect] {
        let stage = Stage::prepared(operation, Setup::default()).await;
        assert_eq!(stage.inspect(&orders).await, Inspected::NoQuestion, "{operation:?}");
        assert_eq!(stage.calls(), "");
    }
    let stage = Stage::prepared(Operation::Feed, Setup::default()).await;
    let dossier = Inspection::Dossier(DossierCode::new(&*stage.dossier.code));
    assert_eq!((stage.inspect(&dossier).await, stage.calls()), (Inspected::NoQuestion, String::new()));
}

#[tokio::test]
async fn a_cancel_may_be_repeated_until_the_parcel_is_collected() {
    let stage = Stage::prepared(Operation::Cancel, Setup::default()).await;
    assert_eq!(stage.act(Operation::Cancel).await, "accepted POST-OK");
    assert_eq!(stage.act(Operation::Cancel).await, "accepted POST-OK");
    assert_eq!(stage.calls(), "cancel+ cancel+");

    let stage = Stage::prepared(Operation::Cancel, Setup::default()).await;
    stage.post.partner().advance_to(&stage.dossier.order("TRA"), Step::Collected);
    assert_eq!(stage.act(Operation::Cancel).await, "rejected POST-104");
    assert_eq!(stage.calls(), "cancel-");
}
