use crate::testing::{CODE, at, handoff, record, row};
use crate::wrapper::testing::{HEADER, Partner, Seen, by_query, refused, settings, taken, text};
use crate::wrapper::{BuildError, WrapperPort};
use lienthong_core::event::{ApplicantKind, Channel};
use lienthong_core::handoff::{Cancel, Content, Leg, Record, Row};
use lienthong_core::ids::{DossierCode, OrderNumber, PortalAccountId, ProcedureCode};
use lienthong_core::outcome::Outcome;
use lienthong_core::port::{FeedPage, LookUp, Port, Sent};
use lienthong_core::status::Status;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const CREATE: &str = "POST /ThemMoi";
const UPDATE: &str = "POST /CapNhat";
const ROWS: &str = "POST /TienTrinh";

fn port(partner: &Partner) -> WrapperPort {
    WrapperPort::build(&settings(&partner.url)).unwrap()
}

async fn send_record(port: &WrapperPort) -> Sent {
    port.send(&[handoff(Content::Record(Box::new(record())))], None).await
}

async fn send_row(port: &WrapperPort) -> Sent {
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
    let partner = Partner::start(|_: &Seen, _| taken()).await;
    let port = port(&partner);
    check(&send_record(&port).await, "accepted", "WRAPPER-OK", &["create"]);
    let sent = send_record(&port).await;
    check(&sent, "accepted", "WRAPPER-OK", &["update"]);
    assert_eq!(sent.http_status, Some(200));
    assert_eq!(partner.calls(), [CREATE, UPDATE]);
    let seen = partner.seen();
    let shown = port.translate(&[&Content::Record(Box::new(record()))]).unwrap();
    assert_eq!((&seen[0].body, &seen[1].body), (&shown, &shown));
    assert_eq!(seen[0].body[0]["MaHoSo"], json!(CODE));
    assert_eq!((seen[0].body.as_array().unwrap().len(), &seen[0].header), (1, &None));
}

#[tokio::test]
async fn a_dossier_that_is_there_already_is_updated() {
    for code in ["0", "3", "-3"] {
        let partner = Partner::start(move |seen: &Seen, _| match seen.line.as_str() {
            CREATE => refused(code, "Hồ sơ ĐÃ TỒN TẠI"),
            _ => taken(),
        })
        .await;
        let port = port(&partner);
        check(&send_record(&port).await, "accepted", "WRAPPER-OK", &["create", "update"]);
        check(&send_record(&port).await, "accepted", "WRAPPER-OK", &["update"]);
    }
}

#[tokio::test]
async fn a_dossier_that_went_missing_is_created_again() {
    let partner = Partner::start(|seen: &Seen, before| match (seen.line.as_str(), before) {
        (UPDATE, 0) => refused("-2", "Hồ sơ không tồn tại"),
        _ => taken(),
    })
    .await;
    let port = port(&partner);
    send_record(&port).await;
    check(&send_record(&port).await, "accepted", "WRAPPER-OK", &["update", "create"]);
    check(&send_record(&port).await, "accepted", "WRAPPER-OK", &["update"]);
}

#[tokio::test]
async fn a_wrapper_that_contradicts_itself_is_called_three_times_and_no_more() {
    let partner = Partner::start(|seen: &Seen, _| match seen.line.as_str() {
        CREATE => refused("3", "Hồ sơ đã tồn tại"),
        _ => refused("4", "Mã thủ tục không tồn tại"),
    })
    .await;
    let sent = send_record(&port(&partner)).await;
    check(&sent, "rejected", "WRAPPER-MISSING", &["create", "update", "create"]);
    assert_eq!(sent.outcome.reason().said.as_deref(), Some("Mã thủ tục không tồn tại"));
}

#[tokio::test]
async fn an_answer_that_is_lost_ends_the_attempt_between_its_halves() {
    let partner = Partner::start(|seen: &Seen, before| match (seen.line.as_str(), before) {
        (CREATE, _) => refused("3", "Hồ sơ đã tồn tại"),
        (_, 0) => (0, json!("")),
        _ => taken(),
    })
    .await;
    let port = port(&partner);
    check(&send_record(&port).await, "uncertain", "WRAPPER-NO-ANSWER", &["create", "update"]);
    check(&send_record(&port).await, "accepted", "WRAPPER-OK", &["update"]);
}

#[tokio::test]
async fn a_refusal_keeps_the_wrappers_code_and_words() {
    let partner = Partner::start(|_: &Seen, _| refused("57", "Thiếu trường TenTTHC")).await;
    let sent = send_record(&port(&partner)).await;
    check(&sent, "rejected", "WRAPPER-57", &["create"]);
    assert_eq!(sent.outcome.reason().said.as_deref(), Some("Thiếu trường TenTTHC"));
}

#[tokio::test]
async fn one_address_is_told_whether_the_dossier_is_there() {
    let partner = Partner::start(|seen: &Seen, _| {
        if seen.line.ends_with("False") {
            refused("3", "Hồ sơ đã tồn tại")
        } else {
            text("thành công")
        }
    })
    .await;
    let port = WrapperPort::build(&by_query(&partner.url)).unwrap();
    check(&send_record(&port).await, "uncertain", "WRAPPER-UNREADABLE", &["create", "update"]);
    check(&send_row(&port).await, "accepted", "WRAPPER-OK", &["rows"]);
    assert!(matches!(port.probe().await, Outcome::Accepted(_)));
    let agency = "MaDinhDanhDV=000.00.25.H56";
    assert_eq!(
        partner.calls(),
        [
            format!("POST /DongBoHoSoMC?ma=1&{agency}&isUpdating=False"),
            format!("POST /DongBoHoSoMC?ma=1&{agency}&isUpdating=True"),
            format!("POST /TienTrinh?{agency}"),
            "HEAD /suc-khoe".to_owned(),
        ]
    );
    assert!(partner.seen().iter().all(|seen| seen.header.as_deref() == Some(HEADER)));
}

#[tokio::test]
async fn rows_travel_in_order_in_one_call() {
    let partner = Partner::start(|_: &Seen, _| text("Đồng bộ tiến trình thành công")).await;
    let port = port(&partner);
    let second = Row { status: Status::Processing, ..row() };
    let both = [handoff(Content::Row(row())), handoff(Content::Row(second))];
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    check(&port.send(&both, Some(trace)).await, "accepted", "WRAPPER-OK", &["rows"]);
    port.send(&both, None).await;
    let seen = partner.seen();
    assert_eq!(partner.calls(), [ROWS, ROWS]);
    let statuses: Vec<&Value> =
        seen[0].body.as_array().unwrap().iter().map(|row| &row["TrangThai"]).collect();
    assert_eq!(statuses, [&json!("2"), &json!("4")]);
    assert_eq!((seen[0].trace.as_deref(), &seen[1].trace), (Some(trace), &None));
}

#[tokio::test]
async fn a_row_that_asks_for_a_supplement_has_a_connection_of_its_own() {
    let partner = Partner::start(|_: &Seen, _| text("Đồng bộ tiến trình thành công")).await;
    let port = port(&partner);
    let asked = || handoff(Content::Row(Row { status: Status::SupplementAsked, ..row() }));
    port.send(&[asked()], None).await;
    port.send(&[asked()], None).await;
    let seen = partner.seen();
    assert_ne!(seen[0].peer, seen[1].peer);
}

#[tokio::test]
async fn a_probe_writes_nothing_and_shows_only_that_somebody_answers() {
    let partner =
        Partner::start(|_: &Seen, before| [(500, json!("")), (503, json!(""))][before].clone()).await;
    let port = port(&partner);
    let reason = |outcome: Outcome| outcome.reason().code.to_string();
    assert_eq!(reason(port.probe().await), "WRAPPER-REACHABLE");
    let Outcome::Unavailable { reason, .. } = port.probe().await else { panic!("up") };
    assert_eq!(reason.code.as_str(), "WRAPPER-HTTP-503");
    assert_eq!(partner.calls(), ["HEAD /", "HEAD /"]);
    assert!(partner.seen().iter().all(|seen| seen.body == Value::Null));
}

#[tokio::test]
async fn nothing_listening_means_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let port = WrapperPort::build(&settings(&url)).unwrap();
    let sent = send_row(&port).await;
    check(&sent, "unavailable", "WRAPPER-UNREACHABLE", &["rows"]);
    assert!(matches!(sent.outcome, Outcome::Unavailable { unsent: true, .. }));
    assert!(matches!(port.probe().await, Outcome::Unavailable { unsent: true, .. }));
}

#[tokio::test]
async fn nothing_can_be_asked_and_there_is_no_feed() {
    let port = WrapperPort::build(&settings("http://127.0.0.1:1")).unwrap();
    for content in [Content::Row(row()), Content::Record(Box::new(record()))] {
        let LookUp::CouldNotAsk(reason) = port.look_up(&handoff(content)).await else { panic!("asked") };
        assert_eq!(reason.code.as_str(), "WRAPPER-NO-QUESTION");
    }
    assert_eq!(port.read_feed(None).await, FeedPage::NoFeed);
}

#[tokio::test]
async fn what_translation_refuses_is_never_sent() {
    let partner = Partner::start(|_: &Seen, _| taken()).await;
    let port = port(&partner);
    let mut nameless = record();
    nameless.snapshot.applicant.name.clear();
    let sent = port.send(&[handoff(Content::Record(Box::new(nameless)))], None).await;
    check(&sent, "rejected", "GATEWAY-MISSING-FIELD", &[]);
    let cancel = Content::Cancel(Cancel { number: OrderNumber::new("H56-TRA-1"), leg: Leg::Return });
    check(&port.send(&[handoff(cancel)], None).await, "rejected", "WRAPPER-WRONG-CONTENT", &[]);
    assert_eq!(partner.calls(), [""; 0]);
}

#[test]
fn what_is_shown_is_the_contracts_bare_array() {
    fn check(content: Content, sample: &str) {
        let port = WrapperPort::build(&settings("http://127.0.0.1:1")).unwrap();
        let sample: Value = serde_json::from_str(sample).unwrap();
        let mut ours = port.translate(&[&content]).unwrap();
        let fields = sample[0].as_object().unwrap();
        ours[0].as_object_mut().unwrap().retain(|field, _| fields.contains_key(field));
        assert_eq!(ours, sample);
    }
    check(Content::Record(Box::new(business())), include_str!("fixtures/sample-create-business.json"));
    let supplement = Row {
        dossier: DossierCode::new("000.00.25.H56-261104-00007"),
        status: Status::SupplementAsked,
        at: at("2026-11-05T15:10:00"),
        officer: "Trần Thu Hà".to_owned(),
        position: None,
        department: None,
        text: "Yêu cầu bổ sung bản sao hợp đồng".to_owned(),
        started_at: None,
        due_at: None,
    };
    check(Content::Row(supplement), include_str!("fixtures/sample-progress-row.json"));
}

/// The business of the contract's sample, as far as an event knows it.
fn business() -> Record {
    let mut record = record();
    record.status = Status::Processing;
    record.procedure = ProcedureCode::new("2.000720.000.00.00.H56");
    let applicant = &mut record.snapshot.applicant;
    applicant.kind = ApplicantKind::Business;
    applicant.name = "Cơ sở mộc Tân Tiến".to_owned();
    applicant.phone = Some("0510000222".to_owned());
    applicant.portal_id = Some(PortalAccountId::new("b9d1-11ee-be56"));
    let dossier = &mut record.snapshot.dossier;
    dossier.code = Some(DossierCode::new("000.00.25.H56-261104-00007"));
    dossier.procedure_name = "Cấp lại giấy chứng nhận đăng ký hộ kinh doanh".to_owned();
    dossier.field_code = "G05-KH02".to_owned();
    dossier.field_name = "Hộ kinh doanh".to_owned();
    dossier.subject = "Cấp lại giấy chứng nhận".to_owned();
    dossier.channel = Channel::Online;
    dossier.return_by_post = false;
    dossier.received_at = Some(at("2026-11-04T09:10:00"));
    dossier.due_at = Some(at("2026-11-09T17:00:00"));
    record
}

#[test]
fn an_account_is_not_built_from_settings_that_cannot_work() {
    let Err(BuildError::Settings(problems)) = WrapperPort::build(&settings("lgsp.example")) else {
        panic!("built")
    };
    assert_eq!(problems.len(), 3);
    let mut spaced = by_query("http://lgsp.example");
    spaced.header_name = "X Khoa".to_owned();
    assert!(matches!(WrapperPort::build(&spaced), Err(BuildError::Client(_))));
}

#[test]
fn a_check_finds_what_a_translation_finds() {
    let port = WrapperPort::build(&settings("http://127.0.0.1:1")).unwrap();
    let mut nameless = record();
    nameless.snapshot.applicant.name.clear();
    for content in
        [Content::Record(Box::new(record())), Content::Record(Box::new(nameless)), Content::Row(row())]
    {
        assert_eq!(port.check(&[&content]), port.translate(&[&content]).map(drop), "{content:?}");
    }
}
