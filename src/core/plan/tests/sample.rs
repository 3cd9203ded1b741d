//! An invented dossier, its agency and its tables.

use crate::event::{
    Agency, Applicant, ApplicantKind, Channel, Dossier, Event, EventKind, Fee, ForwardAddress, Postal,
    PostalAddress, ResultPaper, Snapshot, Step, Subject,
};
use crate::handoff::Content;
use crate::ids::{
    AccountName, AgencyCode, DossierCode, EventId, ProcedureCode, SlipNumber, Source, TablesVersion, UnitCode,
};
use crate::outcome::{Problem, gateway};
use crate::port::Translate;
use crate::status::Status;
use crate::tables::{
    AgencyProfile, CashOnDelivery, Desk, DoneMeans, Mode, ProcedureRow, Reporter, SequenceRule, SourceRules,
    Tables, TrackingTexts, UnitRow, Validity,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

pub(in crate::plan) const CODE: &str = "H11.01.07-220915-0041";
pub(in crate::plan) const SLIP: &str = "EB000000041VN";
pub(in crate::plan) const SOURCE: &str = "urn:lienthong:commune:H11.01.07";

/// The time of the n-th minute of the day.
pub(in crate::plan) fn minute(n: u64) -> Timestamp {
    let start: Timestamp = "2022-09-15T01:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(i64::try_from(n).unwrap())
}

pub(in crate::plan) fn address() -> PostalAddress {
    PostalAddress {
        name: "Lò Thị Bưởi".into(),
        phone: Some("0510000111".into()),
        address: "12 Lạc Long Quân".into(),
        province_code: UnitCode::new("60"),
        district_code: Some(UnitCode::new("593")),
        commune_code: UnitCode::new("22966"),
        note: None,
    }
}

pub(in crate::plan) fn forward() -> ForwardAddress {
    let address = PostalAddress {
        name: "Phòng Tư pháp".into(),
        phone: Some("0510000333".into()),
        address: "1 Nguyễn Tất Thành".into(),
        ..address()
    };
    ForwardAddress { agency_code: AgencyCode::new("H11.01"), address }
}

pub(in crate::plan) fn result() -> ResultPaper {
    ResultPaper {
        code: "KQ.G15.000051".into(),
        name: "Giấy xác nhận".into(),
        part_code: None,
        url: Some("https://hoso.example/f/90213".into()),
    }
}

pub(in crate::plan) fn snapshot() -> Snapshot {
    Snapshot {
        agency: Agency { code: AgencyCode::new("H11.01.07"), name: "UBND xã Tiến Thành".into() },
        dossier: Dossier {
            code: Some(DossierCode::new(CODE)),
            slip: None,
            portal_code: None,
            procedure_code: ProcedureCode::new("1.004873"),
            procedure_name: "Cấp giấy xác nhận tình trạng hôn nhân".into(),
            field_code: "G15-TP03".into(),
            field_name: "Hộ tịch".into(),
            subject: "Xác nhận tình trạng hôn nhân".into(),
            status: Some(Status::Received),
            channel: Channel::Post,
            return_by_post: true,
            submitted_at: None,
            received_at: Some(minute(0)),
            due_at: Some(minute(2000)),
            finished_at: None,
            returned_at: None,
            documents: None,
            results: None,
            supplements: None,
        },
        applicant: Applicant {
            kind: ApplicantKind::Citizen,
            name: "Lò Thị Bưởi".into(),
            id_number: Some("999199000124".into()),
            phone: Some("0510000111".into()),
            email: None,
            portal_id: None,
        },
        step: Step {
            officer: "Hà Văn Mẫu".into(),
            position: Some("Công chức Văn phòng - Thống kê".into()),
            department: Some("Bộ phận Một cửa".into()),
            text: "Đã xử lý bước này".into(),
            started_at: None,
            due_at: None,
        },
        postal: Postal { pickup: None, forward: None, return_to: Some(address()), told: None },
        fees: Some(vec![Fee { code: "LP01".into(), name: "Lệ phí".into(), amount: 8000, paid: true }]),
    }
}

/// The n-th event of the dossier; its time and sequence follow from n.
pub(in crate::plan) fn event(n: u64, kind: EventKind, status: u8) -> Event {
    let mut snapshot = snapshot();
    snapshot.dossier.status = Some(Status::try_from(status).unwrap());
    Event {
        source: Source::new(SOURCE),
        id: EventId::new(format!("e-{n}")),
        kind,
        subject: Subject::Dossier(DossierCode::new(CODE)),
        time: minute(n * 10),
        sequence: Some(n),
        snapshot,
    }
}

pub(in crate::plan) fn step(n: u64, status: u8) -> Event {
    event(n, EventKind::StatusChanged, status)
}

pub(in crate::plan) fn pickup(n: u64, kind: EventKind, status: u8) -> Event {
    with(event(n, kind, status), |snapshot| snapshot.postal.pickup = Some(address()))
}

/// The n-th event of the slip that the dossier begins with.
pub(in crate::plan) fn slip(n: u64, kind: EventKind) -> Event {
    let mut event = pickup(n, kind, 1);
    event.id = EventId::new(format!("s-{n}"));
    event.subject = Subject::Slip(SlipNumber::new(SLIP));
    with(event, |snapshot| {
        snapshot.dossier.code = None;
        snapshot.dossier.slip = Some(SlipNumber::new(SLIP));
        snapshot.dossier.status = None;
    })
}

/// The event with a changed snapshot.
/// Its result is fetched at the desk, so that only the portal is told.
pub(in crate::plan) fn at_desk(event: Event) -> Event {
    with(event, |snapshot| snapshot.dossier.return_by_post = false)
}

pub(in crate::plan) fn with(mut event: Event, change: impl FnOnce(&mut Snapshot)) -> Event {
    change(&mut event.snapshot);
    event
}

pub(in crate::plan) fn profile() -> AgencyProfile {
    AgencyProfile {
        code: AgencyCode::new("H11.01.07"),
        name: "UBND xã Tiến Thành".into(),
        desk: Some(Desk {
            name: "Bộ phận Một cửa xã Tiến Thành".into(),
            phone: "0510000222".into(),
            address: "Thôn Tiến Đức, xã Tiến Thành".into(),
            email: None,
            province_code: UnitCode::new("60"),
            district_code: Some(UnitCode::new("593")),
            commune_code: UnitCode::new("22966"),
        }),
        portal_account: Some(AccountName::new("portal-tien-thanh").into()),
        post_account: Some(AccountName::new("post-tien-thanh").into()),
        commune_account: None,
        cash: CashOnDelivery::UnpaidFees,
        mode: Mode::Live,
    }
}

pub(in crate::plan) fn tables() -> Tables {
    let unit = UnitRow {
        name: "Xã Tiến Thành".into(),
        province_code: Some(UnitCode::new("60")),
        validity: Validity::default(),
        successors: Vec::new(),
    };
    let row = |national: &str, reported_by| ProcedureRow {
        national_code: ProcedureCode::new(national),
        reported_by,
        field: None,
        validity: Validity::default(),
    };
    Tables {
        version: TablesVersion::new("tables-1"),
        agencies: [(AgencyCode::new("H11.01.07"), profile())].into(),
        procedures: [
            (ProcedureCode::new("TS_lop1"), vec![row("1.004444", Reporter::Gateway)]),
            (ProcedureCode::new("2.000635"), vec![row("2.000635", Reporter::Ministry)]),
        ]
        .into(),
        units: [(UnitCode::new("22966"), vec![unit])].into(),
        sources: [(Source::new(SOURCE), rules(SequenceRule::Contiguous, DoneMeans::HandedOver))].into(),
        status_services: BTreeMap::new(),
        tracking_texts: TrackingTexts {
            officer: "Bưu điện".into(),
            collected: "Bưu tá đã nhận kết quả".into(),
            failed_attempt: "Phát không thành công".into(),
            returned: "Bưu gửi đã hoàn về nơi gửi".into(),
            delivered: "Đã phát kết quả cho người nhận".into(),
        },
        dead_row_holds: SignedDuration::from_hours(24),
    }
}

pub(in crate::plan) fn rules(sequence: SequenceRule, done_means: DoneMeans) -> SourceRules {
    SourceRules {
        sequence,
        gap_hold: SignedDuration::from_mins(10),
        done_means,
        agencies: vec![AgencyCode::new("H11.01.07")],
        user_id: None,
    }
}

/// An adapter that knows no province 99 and wants a subject.
pub(in crate::plan) struct Strict;

impl Translate for Strict {
    fn check(&self, _account: &AccountName, content: &Content) -> Result<(), Vec<Problem>> {
        let problem = match content {
            Content::Order(order) if order.to.province_code.as_str() == "99" => {
                Problem::new(gateway::UNKNOWN_AREA, "postal.return.province_code")
            }
            Content::Record(record) if record.snapshot.dossier.subject.is_empty() => {
                Problem::new(gateway::MISSING_FIELD, "dossier.subject")
            }
            Content::Status(standing) if standing.text.is_empty() => {
                Problem::new(gateway::MISSING_FIELD, "step.text")
            }
            Content::Order(_)
            | Content::Record(_)
            | Content::Row(_)
            | Content::Status(_)
            | Content::Cancel(_)
            | Content::News(_) => return Ok(()),
        };
        Err(vec![problem])
    }
}
