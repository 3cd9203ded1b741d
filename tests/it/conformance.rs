//! Both adapters against both mocks, without daemon and broker: every operation × everything that can go wrong with it.
//!
//! Asserted are the outcome with its reason, and what the mock's ledger received and how often: an attempt never repeats
//! a call that the partner may have taken. In the ledger's shorthand `order+` took effect and `order-` did not, whatever
//! the adapter heard of it.

mod operation;
mod stage;

use mock_kit::{Deed, Fault, Stage as ResetAt, Wait};
use mock_post::Step;
use operation::Operation;
use stage::{BODY_CAP, Setup, Stage};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Makes one prepared attempt, disturbed by `fault`.
async fn check(operation: Operation, fault: Option<Fault>, expected: &str, calls: &str) {
    let stage = Stage::prepared(operation, Setup::default()).await;
    let shown = format!("{operation:?} {:?}", fault.as_ref().map(|fault| &fault.does));
    if let Some(fault) = fault {
        stage.fault(fault);
    }
    let outcome = stage.act(operation).await;
    let received = stage.calls_of(calls.split_whitespace().count()).await;
    assert_eq!((outcome.as_str(), received.as_str()), (expected, calls), "{shown}");
}

/// Lets a deed strike every call of every operation: each is made once. `writes` and `others` are the outcomes.
async fn check_everywhere(does: Deed, reason: &str, writes: &str, others: &str) {
    let unread = does == Deed::Reset { stage: ResetAt::BeforeReading };
    let mut attempts = JoinSet::new();
    let mut stages = Vec::new();
    for operation in Operation::ALL {
        let stage = Arc::new(Stage::prepared(operation, Setup::default()).await);
        stage.fault(Fault::new(does.clone()).on(if unread {
            operation.endpoint()
        } else {
            operation.wire()
        }));
        stages.push((operation, Arc::clone(&stage)));
        attempts.spawn(async move { (operation, stage.act(operation).await) });
    }
    if matches!(does, Deed::Silence { .. }) {
        for (_, stage) in &stages {
            stage.received(1).await;
        }
        // All that is left to happen is that the deadlines pass.
        tokio::time::pause();
    }
    let outcomes = attempts.join_all().await;
    for (operation, stage) in stages {
        let name = if unread { operation.endpoint() } else { operation.name() };
        let ends = if operation.writes() { writes } else { others };
        let expected = operation.shows(&format!("{ends} {}-{reason}", operation.prefix()));
        let calls = format!("{name}{}", if does.takes_effect() { '+' } else { '-' });
        assert!(outcomes.contains(&(operation, expected.clone())), "{does:?}: {expected} in {outcomes:?}");
        assert_eq!(stage.calls_of(1).await, calls, "{operation:?} {does:?}");
    }
}

#[tokio::test]
async fn what_is_taken_is_accepted_with_one_call() {
    check(Operation::Login, None, "accepted PORTAL-OK", "login+").await;
    check(Operation::Create, None, "accepted PORTAL-OK", "create+").await;
    check(Operation::Update, None, "accepted PORTAL-OK", "update+").await;
    check(Operation::Rows, None, "accepted PORTAL-OK", "CapNhatTienDoHoSoMC+").await;
    check(Operation::LookUp, None, "found same=true", "TraCuuHoSo+").await;
    check(Operation::Token, None, "accepted POST-OK", "token+").await;
    check(Operation::Order, None, "accepted POST-OK", "order+").await;
    check(Operation::Cancel, None, "accepted POST-OK", "cancel+").await;
    check(Operation::Feed, None, "rows 1 unreadable 0", "tracking+").await;
}

#[tokio::test]
async fn a_slow_answer_within_the_deadline_is_an_answer() {
    for operation in Operation::WITH_CREDENTIAL {
        let stage = Stage::prepared(operation, Setup::default()).await;
        stage.fault(Fault::new(Deed::Slow { ms_per_byte: 1 }).on(operation.wire()));
        stage.succeed(operation).await;
        assert_eq!(stage.calls(), format!("{}+", operation.name()));
    }
}

#[tokio::test]
async fn a_business_refusal_is_kept_with_its_code() {
    let refuse = || Deed::Refuse { code: "57".to_owned(), message: "Thiếu trường".to_owned() };
    let check = async |operation: Operation, expected: &str| {
        let calls = format!("{}-", operation.name());
        check(operation, Some(Fault::new(refuse()).on(operation.wire())), expected, &calls).await;
    };
    check(Operation::Login, "blocked PORTAL-LOGIN-REFUSED").await;
    check(Operation::Create, "rejected PORTAL-57").await;
    check(Operation::Update, "rejected PORTAL-57").await;
    check(Operation::Rows, "rejected PORTAL-57").await;
    check(Operation::LookUp, "could-not-ask PORTAL-57").await;
    check(Operation::Order, "rejected POST-57").await;
    check(Operation::Cancel, "rejected POST-57").await;
    // Token and feed have no business codes: an order's envelope is nothing that they can mean.
    check(Operation::Token, "unavailable POST-UNREADABLE").await;
    check(Operation::Feed, "unavailable POST-UNREADABLE").await;
}

#[tokio::test]
async fn who_asks_to_wait_is_waited_for() {
    let everywhere = async |does: Deed, reason: &str| {
        check_everywhere(does, reason, "unavailable", "unavailable").await;
    };
    everywhere(Deed::TooMany { wait: Wait::Seconds(7) }, "HTTP-429 wait 7s").await;
    everywhere(Deed::TooMany { wait: Wait::DateIn(8) }, "HTTP-429 wait 8s").await;
    everywhere(Deed::TooMany { wait: Wait::None }, "HTTP-429").await;
    everywhere(Deed::Unavailable { wait: Wait::Seconds(9) }, "HTTP-503 wait 9s").await;
    everywhere(Deed::Unavailable { wait: Wait::None }, "HTTP-503").await;
}

#[tokio::test]
async fn a_partner_that_failed_inside_may_have_taken_it() {
    for taken in [false, true] {
        let failed = Deed::Status { status: 500, body: "lỗi".to_owned(), taken };
        check_everywhere(failed, "HTTP-5XX", "uncertain", "unavailable").await;
        check_everywhere(Deed::HtmlPage { taken }, "HTTP-5XX", "uncertain", "unavailable").await;
    }
}

#[tokio::test]
async fn silence_until_the_deadline_may_have_taken_it() {
    check_everywhere(Deed::Silence { taken: true }, "NO-ANSWER", "uncertain", "unavailable").await;
}

#[tokio::test]
async fn silence_before_anything_was_taken_looks_the_same() {
    check_everywhere(Deed::Silence { taken: false }, "NO-ANSWER", "uncertain", "unavailable").await;
}

#[tokio::test]
async fn a_connection_that_is_closed_may_have_brought_it() {
    for stage in [ResetAt::BeforeReading, ResetAt::BeforeTaking, ResetAt::AfterTaking] {
        check_everywhere(Deed::Reset { stage }, "NO-ANSWER", "uncertain", "unavailable").await;
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_may_have_been_a_receipt() {
    check_everywhere(Deed::Unreadable, "UNREADABLE", "uncertain", "unavailable").await;
    for taken in [false, true] {
        let huge = Deed::Huge { bytes: BODY_CAP + 1, taken };
        check_everywhere(huge, "UNREADABLE", "uncertain", "unavailable").await;
    }
}

#[tokio::test]
async fn an_address_that_leads_elsewhere_blocks_the_account() {
    let location = "http://127.0.0.1:1/elsewhere".to_owned();
    check_everywhere(Deed::Redirect { location }, "HTTP-3XX", "blocked", "blocked").await;
    check_everywhere(Deed::NotFound, "WRONG-ADDRESS", "blocked", "blocked").await;
}

#[tokio::test]
async fn a_partner_that_is_down_got_nothing() {
    for operation in Operation::ALL {
        let stage = Stage::prepared(operation, Setup::default()).await;
        stage.portal.go_down().await;
        stage.post.go_down().await;
        let expected = operation.shows(&format!("unavailable {}-UNREACHABLE unsent", operation.prefix()));
        assert_eq!((stage.act(operation).await, stage.calls()), (expected, String::new()), "{operation:?}");
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
async fn a_dead_session_or_token_costs_one_renewal() {
    for operation in Operation::WITH_CREDENTIAL {
        let (name, credential) = (operation.name(), operation.credential());
        let stage = Stage::prepared(operation, Setup::default()).await;
        stage.portal.partner().expire_sessions(None);
        stage.post.partner().expire_tokens(None);
        stage.succeed(operation).await;
        assert_eq!(stage.calls(), format!("{name}- {credential}+ {name}+"));

        // One that is never taken is renewed once.
        let ends =
            if operation.is_portals() { "unavailable PORTAL-SESSION" } else { "blocked POST-HTTP-401" };
        let expected = operation.shows(ends);
        let calls = format!("{name}- {credential}+ {name}-");
        check(operation, Some(Fault::new(Deed::SessionExpired).on(operation.wire())), &expected, &calls)
            .await;
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
    check(Operation::Rows, "rejected PORTAL--5", "login+ CapNhatTienDoHoSoMC-").await;
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

    // The portal says that it has what it has not.
    let exists = || Fault::new(Deed::AlreadyExists).times(1);
    let lied = "create- update- create+";
    check(Operation::Create, Some(exists().on("DongBoHoSoMC")), "accepted PORTAL-OK", lied).await;

    check(Operation::Order, Some(exists().on("order")), "accepted POST-101", "order-").await;
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
    assert_eq!(stage.calls(), "login+ CapNhatTienDoHoSoMC- TraCuuHoSo+");

    let stage = Stage::new(Operation::Cancel, Setup::default()).await;
    assert_eq!(stage.act(Operation::Cancel).await, "rejected POST-103");
    assert_eq!(stage.act(Operation::Feed).await, "rows 0 unreadable 0");
    assert_eq!(stage.calls(), "token+ cancel- tracking+");
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
