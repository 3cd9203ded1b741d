//! What the tests of this crate share: an invented dossier.

use jiff::Timestamp;
use lienthong_core::event::{
    Agency, Applicant, ApplicantKind, Channel, Document, Dossier, Postal, Snapshot, Step,
};
use lienthong_core::handoff::{Content, Handoff, Record, Row, Standing};
use lienthong_core::ids::{
    AccountName, AgencyCode, DossierCode, DossierKey, HandoffId, PortalAccountId, PortalCode, ProcedureCode,
};
use lienthong_core::receipt::Receipt;
use lienthong_core::status::Status;

pub(crate) const CODE: &str = "000.00.25.H56-261102-00041";

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
                portal_id: None,
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
        portal_code: None,
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

/// The dossier of the contract's sample that was lodged at the portal.
pub(crate) fn standing() -> Standing {
    Standing {
        portal_code: PortalCode::new("G22.99.1-261030-0142"),
        dossier: DossierCode::new("000.00.25.H56-261030-00012"),
        applicant: Some(PortalAccountId::new("a81f-77c2")),
        status: Status::Received,
        at: at("2026-10-30T10:10:10"),
        text: "Đã tiếp nhận".to_owned(),
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
