//! What the tests of this crate share: settings, an invented dossier, and a stand-in that answers as it is told.

use crate::config::{DstcodePlace, FieldSet, PortalSettings, defaults};
use jiff::Timestamp;
use lienthong_core::event::{
    Agency, Applicant, ApplicantKind, Channel, Document, Dossier, Postal, Snapshot, Step,
};
use lienthong_core::handoff::{Content, Handoff, Record, Row};
use lienthong_core::ids::{AccountName, AgencyCode, DossierCode, DossierKey, HandoffId, ProcedureCode};
use lienthong_core::receipt::Receipt;
use lienthong_core::status::Status;
use lienthong_http::testing::{Arrived, StandIn, client_settings};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::net::SocketAddr;

pub(crate) const PASSWORD: &str = "mat-khau-cua-don-vi";
pub(crate) const CODE: &str = "000.00.25.H56-261102-00041";

pub(crate) fn settings(adapter_url: &str) -> PortalSettings {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    PortalSettings {
        adapter_url: adapter_url.to_owned(),
        auth_endpoint: "/mapi/login".to_owned(),
        integration_endpoint: "/mapi/g".to_owned(),
        share_endpoint: "/mapi/s".to_owned(),
        username: "000.00.25.H56".to_owned(),
        password: SecretString::from(PASSWORD),
        madonvi: "000.00.25.H56".to_owned(),
        dstcode: "VN:GOV:000.00.00.G22:vpcpdvcprovider".to_owned(),
        dstcode_place: DstcodePlace::Header,
        session_life: defaults::SESSION_LIFE,
        login_quiet: defaults::LOGIN_QUIET,
        session_words: owned(defaults::SESSION_WORDS),
        exists_phrases: owned(defaults::EXISTS_PHRASES),
        missing_phrases: owned(defaults::MISSING_PHRASES),
        success_codes: owned(defaults::SUCCESS_CODES),
        field_set: FieldSet::Y2023,
        rows_per_call: defaults::ROWS_PER_CALL,
        client: client_settings(),
    }
}

/// An instant in Việt Nam's local time.
pub(crate) fn at(local: &str) -> Timestamp {
    format!("{local}+07:00").parse().unwrap()
}

/// The dossier of the contract's samples, as the desk would have published it.
pub(crate) fn record() -> Record {
    Record {
        snapshot: Snapshot {
            agency: Agency { code: AgencyCode::new("000.00.25.H56"), name: "UBND xã Yên Bình".to_owned() },
            dossier: dossier(),
            applicant: Applicant {
                kind: ApplicantKind::Citizen,
                name: "Lò Thị Bưởi".to_owned(),
                id_number: Some("999199000123".to_owned()),
                phone: Some("0510000111".to_owned()),
                email: None,
            },
            step: Step {
                officer: "Hoàng Văn Dũng".to_owned(),
                position: None,
                department: None,
                text: "Tiếp nhận hồ sơ".to_owned(),
                started_at: None,
                due_at: None,
            },
            postal: Postal::default(),
            fees: Some(Vec::new()),
        },
        procedure: ProcedureCode::new("1.001193"),
        status: Status::Received,
        returned_at: None,
        delivered_by_post: false,
    }
}

fn dossier() -> Dossier {
    Dossier {
        code: Some(DossierCode::new(CODE)),
        slip: None,
        procedure_code: ProcedureCode::new("1.001193"),
        procedure_name: "Thủ tục đăng ký khai sinh".to_owned(),
        field_code: "G15-TP03".to_owned(),
        field_name: "Hộ tịch".to_owned(),
        subject: "Đăng ký khai sinh cho Hà Minh Khôi".to_owned(),
        status: Some(Status::Received),
        channel: Channel::Direct,
        return_by_post: true,
        submitted_at: Some(at("2026-11-02T08:30:15")),
        received_at: Some(at("2026-11-02T08:30:15")),
        due_at: Some(at("2026-11-03T17:00:00")),
        finished_at: None,
        returned_at: None,
        documents: Some(vec![Document {
            id: "88121".to_owned(),
            name: "to-khai-khai-sinh.pdf".to_owned(),
            part_code: Some("TP01".to_owned()),
            url: Some("https://hoso.example/f/88121".to_owned()),
            digitised: true,
            reused: 0,
            from_store: false,
        }]),
        results: Some(Vec::new()),
        supplements: None,
    }
}

pub(crate) fn row() -> Row {
    Row {
        dossier: DossierCode::new(CODE),
        status: Status::Received,
        at: at("2026-11-02T08:30:15"),
        officer: "Hoàng Văn Dũng".to_owned(),
        position: Some("Công chức tư pháp - hộ tịch".to_owned()),
        department: Some("Bộ phận một cửa".to_owned()),
        text: "Tiếp nhận hồ sơ".to_owned(),
        started_at: Some(at("2026-11-02T08:30:15")),
        due_at: Some(at("2026-11-02T11:30:00")),
    }
}

pub(crate) fn handoff(content: Content) -> Handoff {
    Handoff {
        id: HandoffId::new("00112233445566778899"),
        dossier: DossierKey::of_code(&DossierCode::new(CODE)),
        agency: AgencyCode::new("000.00.25.H56"),
        account: AccountName::new("dvcqg"),
        content,
        receipt: Receipt::default(),
    }
}

/// One request that the stand-in saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) dstcode: Option<String>,
    pub(crate) trace: Option<String>,
    pub(crate) peer: SocketAddr,
    pub(crate) body: Value,
}

impl lienthong_http::testing::Seen for Seen {
    fn read(arrived: Arrived) -> Self {
        Self {
            path: arrived.line.split([' ', '?']).nth(1).unwrap_or_default().to_owned(),
            dstcode: arrived.header("dstcode"),
            trace: arrived.header("traceparent"),
            peer: arrived.peer,
            body: serde_json::from_slice(&arrived.body).unwrap(),
        }
    }

    /// `login`, or the service with its `isUpdating`.
    fn what(&self) -> String {
        match (self.body["service"].as_str(), self.body["isUpdating"].as_str()) {
            (Some(service), Some(updating)) => format!("{service} {updating}"),
            (Some(service), None) => service.to_owned(),
            (None, _) => "login".to_owned(),
        }
    }
}

/// A stand-in for the adapter.
pub(crate) type Partner = StandIn<Seen>;

/// An answer of the stand-in.
pub(crate) type Says = (u16, Value);

/// A login that succeeds with a new session each time.
pub(crate) fn logged_in(before: usize) -> Says {
    (200, json!({"session": format!("phien-{}", before + 1), "error_code": 0}))
}

pub(crate) fn taken() -> Says {
    (200, json!({"error_code": "0", "message": "thành công"}))
}

pub(crate) fn refused(code: i64, message: &str) -> Says {
    (200, json!({"error_code": code, "message": message}))
}
