//! The accounts that the answers are for, with a dossier and sites to read for.

use lienthong_commune::opencps::Sites;
use lienthong_commune::{Family, Limits, Reader, decode};
use lienthong_core::handoff::Record;
use lienthong_core::ids::{AgencyCode, Source};
use lienthong_core::port::{LookUpAbility, Uniqueness};
use lienthong_core::status::Status;
use lienthong_core::tracking::TrackingState;
use lienthong_http::ClientSettings;
use lienthong_portal::FieldSet;
use lienthong_portal::axis::config::{AxisSettings, DstcodePlace};
use lienthong_portal::wrapper::config::{Addresses, WrapperSettings};
use lienthong_post::myvnpost::config::{MyVnPostSettings, SendType};
use lienthong_post::ngsp::config::{AreaTable, NgspSettings, NoDistrict};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Reads what two sites of OpenCPS publish.
pub(super) fn reader() -> Reader {
    let mut sites = Sites::default();
    let own = BTreeMap::from([("processing_300".to_owned(), Status::SupplementAsked)]);
    let source = Source::new("urn:lienthong:opencps:H11.01");
    sites.add(&source, &[AgencyCode::new("H11.01.07")], own).expect("one source");
    Reader { limits: Limits::default(), unnamed: Family::OpenCps, sites }
}

pub(super) static RECORD: LazyLock<Record> = LazyLock::new(|| {
    let event = include_bytes!("../../../../adapters/commune/fixtures/valid/status-changed.json");
    let event = decode(Some("application/json"), event, &Limits::default()).expect("an example");
    Record {
        procedure: event.snapshot.dossier.procedure_code.clone(),
        snapshot: event.snapshot,
        status: Status::Received,
        returned_at: None,
        delivered_by_post: false,
    }
});

fn client_settings() -> ClientSettings {
    ClientSettings {
        deadline: Duration::from_secs(1),
        connect_deadline: Duration::from_secs(1),
        body_cap: 1 << 20,
        authorities: Vec::new(),
        identity: None,
    }
}

pub(super) fn portal_settings() -> AxisSettings {
    use lienthong_portal::axis::config::defaults;
    AxisSettings {
        adapter_url: "http://cong.example".to_owned(),
        auth_endpoint: "/mapi/login".to_owned(),
        integration_endpoint: "/mapi/g".to_owned(),
        share_endpoint: "/mapi/s".to_owned(),
        username: "H11.01.07".to_owned(),
        password: "mat-khau-thu".into(),
        madonvi: "H11.01.07".to_owned(),
        dstcode: String::new(),
        dstcode_place: DstcodePlace::Header,
        session_life: defaults::SESSION_LIFE,
        login_quiet: defaults::LOGIN_QUIET,
        session_words: owned(defaults::SESSION_WORDS),
        exists_phrases: owned(defaults::EXISTS_PHRASES),
        missing_phrases: owned(defaults::MISSING_PHRASES),
        success_codes: owned(defaults::SUCCESS_CODES),
        status_codes: defaults::STATUS_CODES
            .iter()
            .map(|(status, code)| (*status, (*code).to_owned()))
            .collect(),
        field_set: FieldSet::Y2023,
        rows_per_call: defaults::ROWS_PER_CALL,
        client: client_settings(),
    }
}

pub(super) fn post_settings() -> NgspSettings {
    use lienthong_post::ngsp::config::defaults;
    let tracking = defaults::TRACKING_CODES.iter().copied().chain([("4", TrackingState::Delivered)]);
    NgspSettings {
        token_url: "http://buu-dien.example/token".to_owned(),
        order_url: "http://buu-dien.example/orders".to_owned(),
        cancel_url: "http://buu-dien.example/cancel".to_owned(),
        tracking_url: "http://buu-dien.example/tracking".to_owned(),
        customer_code: "LC_XA_TIENTHANH".to_owned(),
        customer_key: "khach-hang-thu".to_owned(),
        customer_secret: "bi-mat-thu".into(),
        token_quiet: defaults::TOKEN_QUIET,
        number_unique: Uniqueness::No,
        visibility_delay: defaults::VISIBILITY_DELAY,
        uncertain_limit: defaults::UNCERTAIN_LIMIT,
        codes: defaults::CODES.iter().map(|(code, meaning)| ((*code).to_owned(), *meaning)).collect(),
        tracking_codes: tracking.map(|(code, state)| (code.to_owned(), state.into())).collect(),
        feed_page_size: defaults::FEED_PAGE_SIZE,
        no_district: NoDistrict::Zero,
        areas: Arc::new(AreaTable::new([])),
        client: client_settings(),
    }
}

pub(super) fn wrapper_settings() -> WrapperSettings {
    use lienthong_portal::wrapper::config::defaults;
    WrapperSettings {
        addresses: Addresses::Urls {
            create: "http://tinh.example/ThemMoi".to_owned(),
            update: "http://tinh.example/CapNhat".to_owned(),
            progress: "http://tinh.example/DongBoTienTrinh".to_owned(),
        },
        probe_url: String::new(),
        header_name: String::new(),
        header_value: "".into(),
        exists_phrases: owned(defaults::EXISTS_PHRASES),
        missing_phrases: owned(defaults::MISSING_PHRASES),
        success_phrases: owned(defaults::SUCCESS_PHRASES),
        failure_phrases: owned(defaults::FAILURE_PHRASES),
        success_codes: owned(defaults::SUCCESS_CODES),
        field_set: FieldSet::Y2023,
        rows_per_call: defaults::ROWS_PER_CALL,
        client: client_settings(),
    }
}

/// Pages of two, so that a list goes on.
pub(super) fn myvnpost_settings() -> MyVnPostSettings {
    use lienthong_post::myvnpost::config::defaults;
    let tracking = defaults::TRACKING_CODES.iter().copied().chain([("14", TrackingState::Delivered)]);
    MyVnPostSettings {
        base_url: "http://my.example".to_owned(),
        username: "tienthanh_mc".to_owned(),
        password: "mat-khau-thu".into(),
        customer_code: "T000180000".to_owned(),
        contract_code: None,
        token_life: defaults::TOKEN_LIFE,
        token_quiet: defaults::TOKEN_QUIET,
        service_code: defaults::SERVICE_CODE.to_owned(),
        weight: defaults::WEIGHT,
        vehicle: defaults::VEHICLE.to_owned(),
        send_type: SendType::Collected,
        cash_service: defaults::CASH_SERVICE.to_owned(),
        cash_properties: defaults::CASH_PROPERTIES.to_owned(),
        no_district: defaults::NO_DISTRICT.to_owned(),
        number_unique: Uniqueness::No,
        look_up: LookUpAbility::PositiveOnly,
        absent_looks: defaults::ABSENT_LOOKS,
        visibility_delay: defaults::VISIBILITY_DELAY,
        uncertain_limit: defaults::UNCERTAIN_LIMIT,
        tracking_codes: tracking.map(|(code, state)| (code.to_owned(), state.into())).collect(),
        page_size: 2,
        areas: Arc::new(AreaTable::new([])),
        webhook: None,
        client: client_settings(),
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
