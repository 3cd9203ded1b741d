//! What the adapters are asked to hand over, whichever they are, and how they call.

use super::tls::ANY_AUTHORITY;
use crate::support::{AGENCY, Dossier};
use lienthong_commune::Limits;
use lienthong_core::handoff::{Content, Handoff, Leg, Order, Party, Record, Row};
use lienthong_core::ids::{
    AccountName, AgencyCode, DossierCode, DossierKey, HandoffId, OrderNumber, UnitCode,
};
use lienthong_core::receipt::Receipt;
use lienthong_core::status::Status;
use lienthong_http::ClientSettings;
use std::time::Duration;

/// Largest body that the adapters read here.
pub(crate) const BODY_CAP: usize = 64 * 1024;

/// Without a front of TLS. There is always one authority: reading the system's takes longer than an attempt.
pub(crate) fn client() -> ClientSettings {
    ClientSettings {
        deadline: Duration::from_secs(20),
        connect_deadline: Duration::from_secs(10),
        body_cap: BODY_CAP,
        authorities: vec![ANY_AUTHORITY.clone()],
        identity: None,
    }
}

/// The dossier's first record.
pub(crate) fn record(dossier: &Dossier) -> Content {
    let event = dossier.clone().status(2);
    let event = lienthong_commune::decode(Some("application/json"), &event.body(), &Limits::default());
    let snapshot = event.unwrap().snapshot;
    Content::Record(Box::new(Record {
        procedure: snapshot.dossier.procedure_code.clone(),
        snapshot,
        status: Status::Received,
        returned_at: None,
        delivered_by_post: false,
    }))
}

/// A progress row.
pub(crate) fn row(dossier: &Dossier, status: Status) -> Content {
    Content::Row(Row {
        dossier: DossierCode::new(&*dossier.code),
        status,
        at: "2022-09-15T08:07:00+07:00".parse().unwrap(),
        officer: "Hà Văn Mẫu".to_owned(),
        position: None,
        department: None,
        text: "Tiếp nhận hồ sơ".to_owned(),
        started_at: None,
        due_at: None,
    })
}

/// A handoff of a dossier.
pub(crate) fn handoff_of(dossier: &Dossier, content: Content) -> Handoff {
    Handoff {
        id: HandoffId::new("00112233445566778899"),
        dossier: DossierKey::of_code(&DossierCode::new(&*dossier.code)),
        agency: AgencyCode::new(AGENCY),
        account: AccountName::new("tai-khoan-thu"),
        content,
        receipt: Receipt::default(),
    }
}

/// A parcel from the desk to a citizen.
pub(crate) fn order(number: &str) -> Order {
    let party = |name: &str| Party {
        name: name.to_owned(),
        phone: "0510000111".to_owned(),
        address: "12 Lạc Long Quân".to_owned(),
        email: None,
        province_code: UnitCode::new("60"),
        district_code: None,
        commune_code: UnitCode::new("22966"),
        commune_name: Some("Xã Tiến Thành".to_owned()),
    };
    Order {
        number: OrderNumber::new(number),
        leg: Leg::Return,
        label: "H11.01.07-220915-0041".to_owned(),
        from: party("Bộ phận Một cửa xã Tiến Thành"),
        to: party("Lò Thị Bưởi"),
        cash: 0,
        note: None,
        as_of: "2022-09-15T08:07:00+07:00".parse().unwrap(),
    }
}
