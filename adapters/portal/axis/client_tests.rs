use crate::axis::config::{AxisSettings, DstcodePlace};
use crate::axis::testing::{PASSWORD, Partner, logged_in, refused, settings, taken};
use crate::axis::{AxisPort, BuildError};
use crate::testing::{CODE, at, handoff, record, row, standing};
use lienthong_core::handoff::{Content, Row, Standing};
use lienthong_core::ids::DossierCode;
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::outcome::Outcome;
use lienthong_core::port::{FeedPage, LookUp, Port, Sent};
use lienthong_core::status::Status;
use lienthong_http::testing::Seen as _;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

fn port(settings: AxisSettings) -> AxisPort {
    AxisPort::build(settings).unwrap()
}

async fn send_record(port: &AxisPort) -> Sent {
    port.send(&[handoff(Content::Record(Box::new(record())))], None).await
}

async fn send_row(port: &AxisPort) -> Sent {
    port.send(&[handoff(Content::Row(row()))], None).await
}

#[track_caller]
fn check(sent: &Sent, outcome: &str, code: &str, steps: &[&str]) {
    assert_eq!(
        (sent.outcome.name(), sent.outcome.reason().code.as_str(), sent.steps.as_slice()),
        (outcome, code, steps)
    );
}

#[tokio::test]
async fn a_new_dossier_is_created_and_then_updated() {
    let partner =
        Partner::start(|seen, before| if seen.what() == "login" { logged_in(before) } else { taken() }).await;
    let port = port(settings(&partner.url));
    check(&send_record(&port).await, "accepted", "PORTAL-OK", &["login", "create"]);
    let sent = send_record(&port).await;
    check(&sent, "accepted", "PORTAL-OK", &["update"]);
    assert_eq!(sent.http_status, Some(200));
    assert_eq!(partner.calls(), ["login", "DongBoHoSoMC False", "DongBoHoSoMC True"]);
    let seen = partner.seen();
    assert_eq!(seen[0].body, json!({"username": "000.00.25.H56", "password": PASSWORD}));
    assert_eq!(seen[0].path, "/mapi/login");
    assert_eq!(seen[1].path, "/mapi/g");
    assert_eq!(seen[1].dstcode.as_deref(), Some("VN:GOV:000.00.00.G22:vpcpdvcprovider"));
    let mut expected: Value =
        serde_json::from_str(include_str!("fixtures/sample-create-direct.json")).unwrap();
    expected["session"] = json!("phien-1");
    expected["data"][0]["SoBienNhan"] = json!("");
    assert_eq!(seen[1].body, expected);
}

#[tokio::test]
async fn a_dossier_that_is_there_already_is_updated() {
    for code in [0, 3, -3] {
        let partner = Partner::start(move |seen, before| match seen.what().as_str() {
            "login" => logged_in(before),
            "DongBoHoSoMC False" => refused(code, "Hồ sơ ĐÃ TỒN TẠI"),
            _ => taken(),
        })
        .await;
        let port = port(settings(&partner.url));
        check(&send_record(&port).await, "accepted", "PORTAL-OK", &["login", "create", "update"]);
        check(&send_record(&port).await, "accepted", "PORTAL-OK", &["update"]);
    }
}

#[tokio::test]
async fn a_dossier_that_went_missing_is_created_again() {
    let partner = Partner::start(|seen, before| match (seen.what().as_str(), before) {
        ("login", _) => logged_in(before),
        ("DongBoHoSoMC True", 0) => refused(-2, "Hồ sơ không tồn tại"),
        _ => taken(),
    })
    .await;
    let port = port(settings(&partner.url));
    send_record(&port).await;
    check(&send_record(&port).await, "accepted", "PORTAL-OK", &["update", "create"]);
    check(&send_record(&port).await, "accepted", "PORTAL-OK", &["update"]);
}

#[tokio::test]
async fn a_dossier_said_to_be_missing_is_created_first_next_time() {
    let partner = Partner::start(|seen, before| match (seen.what().as_str(), before) {
        ("login", _) => logged_in(before),
        ("DongBoHoSoMC True", 0) => refused(-2, "Hồ sơ không tồn tại"),
        ("DongBoHoSoMC False", 1) => (503, json!("")),
        _ => taken(),
    })
    .await;
    let port = port(settings(&partner.url));
    send_record(&port).await;
    check(&send_record(&port).await, "unavailable", "PORTAL-HTTP-503", &["update", "create"]);
    check(&send_record(&port).await, "accepted", "PORTAL-OK", &["create"]);
}

#[tokio::test]
async fn a_portal_that_contradicts_itself_is_asked_three_times_and_no_more() {
    let partner = Partner::start(|seen, before| match seen.what().as_str() {
        "login" => logged_in(before),
        "DongBoHoSoMC False" => refused(3, "Hồ sơ đã tồn tại"),
        _ => refused(4, "Mã thủ tục không tồn tại"),
    })
    .await;
    let sent = send_record(&port(settings(&partner.url))).await;
    check(&sent, "rejected", "PORTAL-MISSING", &["login", "create", "update", "create"]);
    assert_eq!(sent.outcome.reason().said.as_deref(), Some("Mã thủ tục không tồn tại"));
}

#[tokio::test]
async fn a_refusal_keeps_the_portals_code_and_words() {
    let partner = Partner::start(|seen, before| match seen.what().as_str() {
        "login" => logged_in(before),
        _ => refused(57, "Thiếu trường TenTTHC"),
    })
    .await;
    let sent = send_record(&port(settings(&partner.url))).await;
    check(&sent, "rejected", "PORTAL-57", &["login", "create"]);
    assert_eq!(sent.outcome.reason().said.as_deref(), Some("Thiếu trường TenTTHC"));
}

#[tokio::test]
async fn an_expired_session_costs_one_login_and_one_resend() {
    let partner = Partner::start(|seen, before| {
        if seen.what() == "login" {
            return logged_in(before);
        }
        if seen.body["session"] == "phien-1" {
            refused(-1, "Phiên làm việc hết hạn")
        } else {
            taken()
        }
    })
    .await;
    let port = port(settings(&partner.url));
    check(&send_row(&port).await, "accepted", "PORTAL-OK", &["login", "rows", "renew", "rows"]);
    check(&send_record(&port).await, "accepted", "PORTAL-OK", &["create"]);
}

#[tokio::test]
async fn a_session_that_is_never_accepted_is_renewed_once_an_attempt() {
    let partner = Partner::start(|seen, before| match seen.what().as_str() {
        "login" => logged_in(before),
        _ => refused(-1, "session expired"),
    })
    .await;
    let sent = send_row(&port(settings(&partner.url))).await;
    check(&sent, "unavailable", "PORTAL-SESSION", &["login", "rows", "renew", "rows"]);

    let partner = Partner::start(|seen, before| match seen.what().as_str() {
        "login" => logged_in(before),
        _ => (401, json!("")),
    })
    .await;
    let sent = send_record(&port(settings(&partner.url))).await;
    check(&sent, "blocked", "PORTAL-HTTP-401", &["login", "create", "renew", "create"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_sends_at_once_log_in_once() {
    let partner =
        Partner::start(|seen, before| if seen.what() == "login" { logged_in(before) } else { taken() }).await;
    let port = Arc::new(port(settings(&partner.url)));
    let mut sends = JoinSet::new();
    for _ in 0..50 {
        let port = port.clone();
        sends.spawn(async move { send_row(&port).await });
    }
    for sent in sends.join_all().await {
        assert_eq!(sent.outcome.name(), "accepted");
    }
    let calls = partner.calls();
    assert_eq!(calls.iter().filter(|call| *call == "login").count(), 1);
    assert_eq!(calls.len(), 51);
}

#[tokio::test]
async fn a_refused_login_blocks_and_is_not_repeated() {
    let partner = Partner::start(|_, _| refused(1, "Tài khoản hoặc mật khẩu không đúng")).await;
    let port = port(settings(&partner.url));
    check(&send_record(&port).await, "blocked", "PORTAL-LOGIN-REFUSED", &["login"]);
    check(&send_row(&port).await, "blocked", "PORTAL-LOGIN-REFUSED", &[]);
    assert!(matches!(port.probe().await, Outcome::Blocked(_)));
    assert_eq!(partner.calls(), ["login"]);
}

#[tokio::test]
async fn rows_travel_in_order_in_one_call_and_on_no_connection_that_was_idle() {
    let partner =
        Partner::start(|seen, before| if seen.what() == "login" { logged_in(before) } else { taken() }).await;
    let port = port(settings(&partner.url));
    let second = lienthong_core::handoff::Row { status: Status::Processing, ..row() };
    let both = [handoff(Content::Row(row())), handoff(Content::Row(second))];
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    port.send(&both, Some(trace)).await;
    port.send(&both, Some("no\ntrace")).await;
    let seen = partner.seen();
    assert_eq!(partner.calls(), ["login", "CapNhatTienDoHoSoMC", "CapNhatTienDoHoSoMC"]);
    assert_eq!(
        (&seen[1].body["data"][0]["TrangThai"], &seen[1].body["data"][1]["TrangThai"]),
        (&json!("2"), &json!("4"))
    );
    assert_eq!(seen[1].trace.as_deref(), Some(trace));
    assert_eq!(seen[2].trace, None);
    assert_ne!(seen[0].peer, seen[1].peer, "the login's is kept for longer");
}

#[tokio::test]
async fn a_row_that_asks_for_a_supplement_has_a_connection_of_its_own() {
    let partner =
        Partner::start(|seen, before| if seen.what() == "login" { logged_in(before) } else { taken() }).await;
    let port = port(settings(&partner.url));
    let asked = || handoff(Content::Row(Row { status: Status::SupplementAsked, ..row() }));
    port.send(&[handoff(Content::Row(row()))], None).await;
    port.send(&[asked()], None).await;
    port.send(&[asked()], None).await;
    let peers: Vec<_> = partner.seen().into_iter().skip(1).map(|seen| seen.peer).collect();
    assert!(peers[0] != peers[1] && peers[1] != peers[2], "{peers:?}");
}

#[tokio::test]
async fn a_status_of_a_dossier_that_was_lodged_at_the_portal_is_set_in_a_service_of_its_own() {
    let partner =
        Partner::start(|seen, before| if seen.what() == "login" { logged_in(before) } else { taken() }).await;
    let port = port(settings(&partner.url));
    let status = Content::Status(standing());
    let mut expected: Value = serde_json::from_str(include_str!("fixtures/sample-status.json")).unwrap();
    let sent = port.send(&[handoff(status.clone())], None).await;
    check(&sent, "accepted", "PORTAL-OK", &["login", "status"]);
    expected["session"] = json!("phien-1");
    assert_eq!((&partner.seen()[1].body, partner.seen()[1].path.as_str()), (&expected, "/mapi/g"));
    let mut shown = port.translate(&[&status]).unwrap();
    shown["session"] = json!("phien-1");
    assert_eq!(shown, expected);
    let LookUp::CouldNotAsk(reason) = port.look_up(&handoff(status)).await else { panic!("asked") };
    assert_eq!(reason.code.as_str(), "PORTAL-NO-QUESTION");
}

#[tokio::test]
async fn a_status_whose_service_was_turned_off_is_never_sent() {
    let partner = Partner::start(|_, before| logged_in(before)).await;
    let mut settings = settings(&partner.url);
    settings.status_codes.clear();
    let sent = port(settings).send(&[handoff(Content::Status(standing()))], None).await;
    check(&sent, "rejected", "PORTAL-NO-STATUS-CODE", &[]);
    assert_eq!(partner.calls(), [""; 0]);
}

#[tokio::test]
async fn nothing_listening_means_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let sent = send_row(&port(settings(&url))).await;
    check(&sent, "unavailable", "PORTAL-UNREACHABLE", &["login"]);
    assert!(matches!(sent.outcome, Outcome::Unavailable { unsent: true, .. }));
}

#[tokio::test]
async fn a_connection_closed_after_reading_leaves_a_row_in_doubt_and_a_login_not() {
    // The second login is answered in full, everything else is read and left without an answer.
    let partner = Partner::start(|seen, before| match (seen.what().as_str(), before) {
        ("login", 1) => logged_in(before),
        _ => (0, json!("")),
    })
    .await;
    let port = port(settings(&partner.url));
    check(&send_row(&port).await, "unavailable", "PORTAL-NO-ANSWER", &["login"]);
    check(&send_row(&port).await, "uncertain", "PORTAL-NO-ANSWER", &["login", "rows"]);
    assert_eq!(partner.calls(), ["login", "login", "CapNhatTienDoHoSoMC"]);
}

#[tokio::test]
async fn a_look_up_is_found_absent_or_could_not_be_asked() {
    async fn check(says: (u16, Value), expected: Result<LookUp, &str>) {
        let shown = says.to_owned();
        let partner = Partner::start(
            move |seen, before| {
                if seen.what() == "login" { logged_in(before) } else { says.clone() }
            },
        )
        .await;
        let found = port(settings(&partner.url)).look_up(&handoff(Content::Record(Box::new(record())))).await;
        let found = match found {
            LookUp::CouldNotAsk(reason) => Err(reason.code.to_string()),
            other @ (LookUp::Found { .. } | LookUp::Absent | LookUp::AskTheFeed) => Ok(other),
        };
        assert_eq!(found, expected.map_err(str::to_owned), "{shown:?}");
        let asked = &partner.seen()[1];
        assert_eq!((asked.path.as_str(), &asked.body["mahoso"]), ("/mapi/s", &json!(CODE)));
    }
    let found = |result: Value| (200, json!({"error_code": 0, "message": "", "result": result}));
    check(found(json!([{"MAHOSO": CODE, "TRANGTHAI": "2"}])), Ok(LookUp::found(true))).await;
    check(found(json!([{"MAHOSO": CODE, "TRANGTHAI": 4}])), Ok(LookUp::found(false))).await;
    check(found(json!([{"X": "1"}])), Ok(LookUp::found(true))).await;
    check(found(json!([{"MAHOSO": "H56-1"}])), Err("PORTAL-UNREADABLE")).await;
    check(found(json!([])), Ok(LookUp::Absent)).await;
    check(found(json!(null)), Ok(LookUp::Absent)).await;
    check(refused(9, "Hồ sơ không tồn tại"), Ok(LookUp::Absent)).await;
    check((200, json!({"error_code": 0})), Err("PORTAL-UNREADABLE")).await;
    check(refused(9, "Lỗi"), Err("PORTAL-9")).await;
    check((502, json!("bad gateway")), Err("PORTAL-HTTP-5XX")).await;
}

#[tokio::test]
async fn a_comparison_sees_what_stands_under_a_code() {
    async fn check(says: (u16, Value), expected: Result<(&[Option<&str>], usize), &str>) {
        let shown = says.clone();
        let answers = move |seen: &crate::axis::testing::Seen, before: usize| {
            if seen.what() == "login" { logged_in(before) } else { says.clone() }
        };
        let partner = Partner::start(answers).await;
        let inspection = Inspection::Dossier(DossierCode::new(CODE));
        match (port(settings(&partner.url)).inspect(&inspection).await, expected) {
            (Inspected::Held { things, unreadable, next: None }, Ok((statuses, others))) => {
                assert!(things.iter().all(|thing| thing.name == CODE), "{shown:?}");
                let seen: Vec<_> = things.iter().map(|thing| thing.status.as_deref()).collect();
                assert_eq!((seen.as_slice(), unreadable), (statuses, others), "{shown:?}");
            }
            (Inspected::Failed(outcome), Err(code)) => {
                assert_eq!(outcome.reason().code.as_str(), code, "{shown:?}");
            }
            (seen, expected) => panic!("{shown:?}: {seen:?}, not {expected:?}"),
        }
        assert_eq!(partner.calls(), ["login", "TraCuuHoSo"]);
    }
    let found = |result: Value| (200, json!({"error_code": 0, "message": "", "result": result}));
    let ours = json!({"MaHoSo": CODE, "TrangThai": 9});
    check(found(json!([])), Ok((&[], 0))).await;
    check(found(json!(null)), Ok((&[], 0))).await;
    check(refused(9, "Hồ sơ không tồn tại"), Ok((&[], 0))).await;
    check(found(json!([ours])), Ok((&[Some("9")], 0))).await;
    check(found(json!([ours, {"MAHOSO": CODE}])), Ok((&[Some("9"), None], 0))).await;
    check(found(json!([{"X": "1"}])), Ok((&[None], 0))).await;
    check(found(json!([ours, {"MAHOSO": "H56-1"}, "x"])), Ok((&[Some("9")], 2))).await;
    check(found(json!([{"MAHOSO": "H56-1"}])), Err("PORTAL-UNREADABLE")).await;
    check((200, json!({"error_code": 0})), Err("PORTAL-UNREADABLE")).await;
    check(refused(9, "Lỗi"), Err("PORTAL-9")).await;
    check((502, json!("bad gateway")), Err("PORTAL-HTTP-5XX")).await;
}

#[tokio::test]
async fn rows_cannot_be_asked_about_and_there_is_no_feed() {
    let port = port(settings("http://127.0.0.1:1"));
    let LookUp::CouldNotAsk(reason) = port.look_up(&handoff(Content::Row(row()))).await else {
        panic!("asked");
    };
    assert_eq!(reason.code.as_str(), "PORTAL-NO-QUESTION");
    assert_eq!(port.read_feed(None).await, FeedPage::NoFeed);
    let (from, to) = (at("2026-11-01T00:00:00"), at("2026-11-30T00:00:00"));
    let orders = Inspection::Orders { from, to, after: None };
    assert_eq!(port.inspect(&orders).await, Inspected::NoQuestion);
}

#[tokio::test]
async fn what_translation_refuses_is_never_sent() {
    let port = port(settings("http://127.0.0.1:1"));
    let mut bad = record();
    bad.snapshot.applicant.name.clear();
    let sent = port.send(&[handoff(Content::Record(Box::new(bad)))], None).await;
    check(&sent, "rejected", "GATEWAY-MISSING-FIELD", &[]);
    assert_eq!(sent.outcome.reason().field.as_deref(), Some("applicant.name"));
}

#[test]
fn a_check_finds_what_a_translation_finds() {
    let port = port(settings("http://127.0.0.1:1"));
    let mut nameless = record();
    nameless.snapshot.applicant.name.clear();
    let contents = [
        Content::Record(Box::new(record())),
        Content::Record(Box::new(nameless)),
        Content::Row(row()),
        Content::Row(Row { text: String::new(), officer: String::new(), ..row() }),
        Content::Status(standing()),
        Content::Status(Standing { text: String::new(), status: Status::SupplementAsked, ..standing() }),
    ];
    for content in &contents {
        assert_eq!(port.check(&[content]), port.translate(&[content]).map(drop), "{content:?}");
    }
    let both = [&contents[0], &contents[2]];
    assert_eq!(port.check(&both), port.translate(&both).map(drop));
    assert_eq!(port.check(&[]), port.translate(&[]).map(drop));
}

#[test]
fn a_shown_translation_has_no_session_and_no_password() {
    let port = port(settings("http://127.0.0.1:1"));
    let shown = port.translate(&[&Content::Record(Box::new(record()))]).unwrap();
    let mut expected: Value =
        serde_json::from_str(include_str!("fixtures/sample-create-direct.json")).unwrap();
    expected.as_object_mut().unwrap().remove("session");
    expected["data"][0]["SoBienNhan"] = json!("");
    assert_eq!(shown, expected);
    let shown = port.translate(&[&Content::Row(row())]).unwrap();
    assert_eq!(shown["service"], "CapNhatTienDoHoSoMC");
    assert_eq!(shown.as_object().unwrap().len(), 3);
}

#[test]
fn an_account_is_not_built_from_settings_that_cannot_work() {
    let mut bad = settings("axis.example");
    bad.dstcode_place = DstcodePlace::Query;
    let Err(BuildError::Settings(problems)) = AxisPort::build(bad) else { panic!("built") };
    assert_eq!(problems.len(), 3);
}
