//! Arbitrary events, as they are after reading: normalised, within the limits.

use jiff::Timestamp;
use lienthong_core::event::{
    Agency, Applicant, ApplicantKind, Channel, Document, Dossier, Event, EventKind, Fee, ForwardAddress,
    Postal, PostalAddress, ResultPaper, Snapshot, Step, Subject, Supplement,
};
use lienthong_core::ids::{
    AgencyCode, DossierCode, EventId, PortalAccountId, PortalCode, ProcedureCode, SlipNumber, Source,
    UnitCode,
};
use lienthong_core::status::Status;
use lienthong_core::text;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Any event that can be read.
pub(super) fn event() -> impl Strategy<Value = Event> {
    let heads = (token(), token(), instant(), option::of(any::<u64>()), about(), snapshot());
    heads.prop_map(|(source, id, time, sequence, about, mut snapshot)| {
        let (kind, subject) = match about {
            About::Dossier(kind, code, status) => {
                snapshot.dossier.code = Some(code.clone());
                snapshot.dossier.status = Some(status);
                (kind, Subject::Dossier(code))
            }
            About::Slip(kind, slip) => {
                snapshot.dossier.slip = Some(slip.clone());
                (kind, Subject::Slip(slip))
            }
        };
        Event { source: Source::new(source), id: EventId::new(id), kind, subject, time, sequence, snapshot }
    })
}

#[derive(Clone, Debug)]
enum About {
    Dossier(EventKind, DossierCode, Status),
    Slip(EventKind, SlipNumber),
}

fn about() -> impl Strategy<Value = About> {
    let kinds = prop::sample::select(EventKind::ALL.to_vec());
    let statuses = prop::sample::select(Status::ALL.to_vec());
    let code = "[A-Z0-9Đ.]{1,20}-[0-9]{6}-[0-9]{4,7}".prop_map(DossierCode::new);
    let slip_kinds = prop::sample::select(vec![EventKind::PickupRequested, EventKind::PickupCancelled]);
    prop_oneof![
        4 => (kinds, code, statuses).prop_map(|(kind, code, status)| About::Dossier(kind, code, status)),
        1 => (slip_kinds, token()).prop_map(|(kind, slip)| About::Slip(kind, SlipNumber::new(slip))),
    ]
}

/// One line, no blanks at the ends.
fn token() -> impl Strategy<Value = String> {
    "[!-~]{1,30}".prop_map(|code| text::normalise(&code))
}

/// Any text that stays as it is: letters of all kinds, markup, quotes, lines.
fn filled() -> impl Strategy<Value = String> {
    let plain = "[\\PC\n\t<>&'\"\\]]{1,40}".prop_map(|text| {
        let text = text.replace(['\u{fffe}', '\u{ffff}'], "");
        text::normalise(&text)
    });
    prop_oneof![plain, Just("Lò Thị Bưởi".to_owned()), Just("]]> &amp; <b>".to_owned())]
        .prop_filter("not empty", |text| !text.is_empty())
}

fn text_or_none() -> impl Strategy<Value = Option<String>> {
    option::of(filled())
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_102_444_800, 0_i32..1_000_000_000)
        .prop_map(|(second, nano)| Timestamp::new(second, nano).unwrap())
}

fn instant_or_none() -> impl Strategy<Value = Option<Timestamp>> {
    option::of(instant())
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let agency = (token(), filled()).prop_map(|(code, name)| Agency { code: AgencyCode::new(code), name });
    (agency, dossier(), applicant(), step(), postal(), list(fee())).prop_map(
        |(agency, dossier, applicant, step, postal, fees)| Snapshot {
            agency,
            dossier,
            applicant,
            step,
            postal,
            fees,
        },
    )
}

fn list<T: std::fmt::Debug>(item: impl Strategy<Value = T>) -> impl Strategy<Value = Option<Vec<T>>> {
    option::of(vec(item, 0..3))
}

/// Code and status are filled in with the subject.
fn dossier() -> impl Strategy<Value = Dossier> {
    let channels = prop::sample::select(vec![Channel::Direct, Channel::Online, Channel::Post]);
    let names = (token(), filled(), token(), filled(), filled(), option::of(token()), option::of(token()));
    let times =
        (instant_or_none(), instant_or_none(), instant_or_none(), instant_or_none(), instant_or_none());
    let lists = (list(document()), list(result()), list(supplement()));
    (names, channels, any::<bool>(), times, lists).prop_map(
        |(names, channel, return_by_post, times, lists)| Dossier {
            code: None,
            slip: names.5.map(SlipNumber::new),
            portal_code: names.6.map(PortalCode::new),
            procedure_code: ProcedureCode::new(names.0),
            procedure_name: names.1,
            field_code: names.2,
            field_name: names.3,
            subject: names.4,
            status: None,
            channel,
            return_by_post,
            submitted_at: times.0,
            received_at: times.1,
            due_at: times.2,
            finished_at: times.3,
            returned_at: times.4,
            documents: lists.0,
            results: lists.1,
            supplements: lists.2,
        },
    )
}

fn document() -> impl Strategy<Value = Document> {
    (filled(), filled(), text_or_none(), text_or_none(), any::<bool>(), 0_u8..=2, any::<bool>()).prop_map(
        |(id, name, part_code, url, digitised, reused, from_store)| Document {
            id,
            name,
            part_code,
            url,
            digitised,
            reused,
            from_store,
        },
    )
}

fn result() -> impl Strategy<Value = ResultPaper> {
    (filled(), filled(), text_or_none(), text_or_none())
        .prop_map(|(code, name, part_code, url)| ResultPaper { code, name, part_code, url })
}

fn supplement() -> impl Strategy<Value = Supplement> {
    let times = (instant_or_none(), instant_or_none(), instant_or_none());
    (filled(), instant(), text_or_none(), text_or_none(), times).prop_map(
        |(id, asked_at, asked_by, text, (received_at, due_before, due_after))| Supplement {
            id,
            asked_at,
            asked_by,
            text,
            received_at,
            due_before,
            due_after,
        },
    )
}

fn applicant() -> impl Strategy<Value = Applicant> {
    let kinds = prop::sample::select(vec![
        ApplicantKind::Citizen,
        ApplicantKind::Business,
        ApplicantKind::State,
        ApplicantKind::Organisation,
    ]);
    let number = option::of("999199[0-9]{6}");
    (kinds, filled(), number, text_or_none(), text_or_none(), option::of(token())).prop_map(
        |(kind, name, id_number, phone, email, portal_id)| Applicant {
            kind,
            name,
            id_number,
            phone,
            email,
            portal_id: portal_id.map(PortalAccountId::new),
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    (filled(), text_or_none(), text_or_none(), filled(), instant_or_none(), instant_or_none()).prop_map(
        |(officer, position, department, text, started_at, due_at)| Step {
            officer,
            position,
            department,
            text,
            started_at,
            due_at,
        },
    )
}

fn postal() -> impl Strategy<Value = Postal> {
    let forward = (token(), address())
        .prop_map(|(code, address)| ForwardAddress { agency_code: AgencyCode::new(code), address });
    (option::of(address()), option::of(forward), option::of(address()))
        .prop_map(|(pickup, forward, return_to)| Postal { pickup, forward, return_to, told: None })
}

fn address() -> impl Strategy<Value = PostalAddress> {
    let codes = ("[0-9]{2}", option::of("[0-9]{3}"), "[0-9]{5}");
    (filled(), text_or_none(), filled(), codes, text_or_none()).prop_map(
        |(name, phone, address, (province, district, commune), note)| PostalAddress {
            name,
            phone,
            address,
            province_code: UnitCode::new(province),
            district_code: district.map(UnitCode::new),
            commune_code: UnitCode::new(commune),
            note,
        },
    )
}

fn fee() -> impl Strategy<Value = Fee> {
    (filled(), filled(), any::<u64>(), any::<bool>()).prop_map(|(code, name, amount, paid)| Fee {
        code,
        name,
        amount,
        paid,
    })
}
