//! The portal's other calls against its mock: what a province's wrapper takes, and the axis' service for dossiers that
//! were lodged at the portal.

use super::samples::{self, BODY_CAP};
use super::shown::shown;
use crate::support::{AGENCY, DEADLINE, Dossier};
use lienthong_core::handoff::{Content, Handoff, Standing};
use lienthong_core::ids::{DossierCode, PortalCode};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::port::{LookUp, Port};
use lienthong_core::status::Status;
use lienthong_portal::FieldSet;
use lienthong_portal::wrapper::WrapperPort;
use lienthong_portal::wrapper::config::{Addresses, WrapperSettings, defaults};
use mock_kit::{Deed, Fault, Garble, Stage as ResetAt, Wait};
use secrecy::SecretString;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;

/// The portal's number of a dossier that was lodged there.
const BORN: &str = "G22.99.1-220912-0142";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Create,
    Update,
    Rows,
    /// Of the axis.
    Status,
}

impl Operation {
    const ALL: [Self; 4] = [Self::Create, Self::Update, Self::Rows, Self::Status];

    /// The mock's name for it.
    fn wire(self) -> &'static str {
        match self {
            Self::Create => "ThemMoi",
            Self::Update => "CapNhat",
            Self::Rows => "DongBoTienTrinh",
            Self::Status => "DongBoTrangThaiHoSo",
        }
    }

    fn prefix(self) -> &'static str {
        if self == Self::Status { "PORTAL" } else { "WRAPPER" }
    }
}

/// An account before its mock.
struct Stage {
    portal: mock_portal::Running,
    port: Box<dyn Port>,
    dossier: Dossier,
    told: AtomicUsize,
}

fn settings(url: &str, by_query: bool) -> WrapperSettings {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let path = |path: &str| format!("{url}/KetNoiMotCuaQuocGia/{path}");
    let addresses = if by_query {
        Addresses::Query {
            record: format!("{url}/SynsTTHCC/DongBoHoSoMC"),
            progress: path("DongBoTienTrinh"),
            agency: AGENCY.to_owned(),
        }
    } else {
        Addresses::Urls {
            create: path("ThemMoi"),
            update: path("CapNhat"),
            progress: path("DongBoTienTrinh"),
        }
    };
    WrapperSettings {
        addresses,
        probe_url: String::new(),
        header_name: "X-Khoa".to_owned(),
        header_value: SecretString::from("khoa-cua-don-vi"),
        exists_phrases: owned(defaults::EXISTS_PHRASES),
        missing_phrases: owned(defaults::MISSING_PHRASES),
        success_phrases: owned(defaults::SUCCESS_PHRASES),
        failure_phrases: owned(defaults::FAILURE_PHRASES),
        success_codes: owned(defaults::SUCCESS_CODES),
        field_set: FieldSet::Y2023,
        rows_per_call: defaults::ROWS_PER_CALL,
        client: samples::client(),
    }
}

impl Stage {
    async fn of_wrapper(config: mock_portal::Config, by_query: bool) -> Self {
        let portal = mock_portal::Mock::start(config).await.unwrap();
        let port = WrapperPort::build(&settings(&portal.url(), by_query)).unwrap();
        Self { portal, port: Box::new(port), dossier: Dossier::new(41), told: AtomicUsize::new(0) }
    }

    async fn of_axis() -> Self {
        let portal = mock_portal::Mock::start(mock_portal::Config::default()).await.unwrap();
        portal.partner().bear(AGENCY, BORN);
        let port = super::stage::axis(&portal.url(), samples::client());
        Self { portal, port, dossier: Dossier::new(41), told: AtomicUsize::new(0) }
    }

    /// With what the operation needs: a session, or what it changes.
    async fn prepared(operation: Operation) -> Self {
        let mut refusing = mock_portal::Config::default();
        refusing.wrapper.says_unsuccessful = true;
        let stage = match operation {
            Operation::Status => Self::of_axis().await,
            Operation::Create | Operation::Update | Operation::Rows => {
                Self::of_wrapper(refusing, false).await
            }
        };
        let ready = match operation {
            Operation::Create => return stage,
            Operation::Update | Operation::Rows => stage.act(Operation::Create).await,
            Operation::Status => shown(&stage.port.probe().await),
        };
        assert!(ready.starts_with("accepted"), "{ready}");
        stage.calls();
        stage
    }

    async fn act(&self, operation: Operation) -> String {
        let contents = match operation {
            Operation::Create | Operation::Update => vec![samples::record(&self.dossier)],
            Operation::Rows => [Status::Received, Status::Processing]
                .map(|status| samples::row(&self.dossier, status))
                .into(),
            Operation::Status => vec![self.standing()],
        };
        let handoffs: Vec<Handoff> = contents.into_iter().map(|content| self.handoff(content)).collect();
        shown(&self.port.send(&handoffs, None).await.outcome)
    }

    /// What was received since this was asked last, in order: `+` took effect, `-` did not.
    fn calls(&self) -> String {
        let ledger = self.portal.ledger();
        let new = ledger.iter().skip(self.told.swap(ledger.len(), Ordering::SeqCst));
        let told =
            new.map(|entry| format!("{}{}", entry.operation, if entry.took_effect() { '+' } else { '-' }));
        told.collect::<Vec<_>>().join(" ")
    }

    async fn received(&self, count: usize) {
        let wanted = self.told.load(Ordering::SeqCst) + count;
        assert!(self.portal.until(DEADLINE, |portal| portal.ledger().len() >= wanted).await);
    }

    fn standing(&self) -> Content {
        Content::Status(Standing {
            portal_code: PortalCode::new(BORN),
            dossier: DossierCode::new(&*self.dossier.code),
            applicant: None,
            status: Status::Processing,
            at: "2022-09-15T08:07:00+07:00".parse().unwrap(),
            text: "Chuyển xử lý".to_owned(),
        })
    }

    fn handoff(&self, content: Content) -> Handoff {
        samples::handoff_of(&self.dossier, content)
    }
}

/// What a deed makes of each operation, in the order of [`Operation::ALL`]: A accepted, R refused, N unavailable, U
/// uncertain, B blocked.
struct Cells {
    deed: Deed,
    reason: &'static str,
    outcomes: &'static str,
    /// Reasons of single operations that differ.
    but: &'static [(Operation, &'static str)],
}

fn cells(deed: Deed, reason: &'static str, outcomes: &'static str) -> Cells {
    Cells { deed, reason, outcomes, but: &[] }
}

fn table() -> Vec<Cells> {
    let garbled = |with| cells(Deed::Garbled { with }, "UNREADABLE", "UUUU");
    let status = |status, taken| Deed::Status { status, body: "lỗi".to_owned(), taken };
    let refuse = Deed::Refuse { code: "57".to_owned(), message: "Thiếu trường".to_owned() };
    let reset = |stage| cells(Deed::Reset { stage }, "NO-ANSWER", "UUUU");
    vec![
        cells(Deed::Delay { ms: 100, taken: true }, "OK", "AAAA"),
        cells(Deed::Garbled { with: Garble::OtherType }, "OK", "AAAA"),
        cells(Deed::Unreadable, "UNREADABLE", "UUUU"),
        garbled(Garble::Empty),
        garbled(Garble::Html),
        garbled(Garble::Null),
        garbled(Garble::Foreign),
        garbled(Garble::Utf16),
        cells(Deed::Huge { bytes: BODY_CAP + 1, taken: true }, "UNREADABLE", "UUUU"),
        cells(Deed::TooMany { wait: Wait::Seconds(7) }, "HTTP-429 wait 7s", "NNNN"),
        cells(Deed::Unavailable { wait: Wait::None }, "HTTP-503", "NNNN"),
        cells(status(500, false), "HTTP-5XX", "UUUU"),
        cells(status(500, true), "HTTP-5XX", "UUUU"),
        cells(Deed::HtmlPage { taken: true }, "HTTP-5XX", "UUUU"),
        cells(status(202, true), "UNREADABLE", "UUUU"),
        cells(status(400, false), "UNREADABLE", "UUUU"),
        cells(status(401, false), "HTTP-401", "BBBB"),
        cells(status(403, false), "HTTP-403", "BBBB"),
        cells(Deed::Redirect { location: "http://127.0.0.1:1/".to_owned() }, "HTTP-3XX", "BBBB"),
        cells(Deed::NotFound, "WRONG-ADDRESS", "BBBB"),
        // Rows are refused with a text, which has no code.
        Cells { but: &[(Operation::Rows, "REFUSED")], ..cells(refuse, "57", "RRRR") },
        reset(ResetAt::BeforeTaking),
        reset(ResetAt::AfterTaking),
        cells(Deed::Silence { taken: false }, "NO-ANSWER", "UUUU"),
        cells(Deed::Silence { taken: true }, "NO-ANSWER", "UUUU"),
    ]
}

async fn check(row: &Cells, operation: Operation, letter: char) {
    let stage = Arc::new(Stage::prepared(operation).await);
    stage.portal.fault(Fault::new(row.deed.clone()).on(operation.wire()));
    let acting = Arc::clone(&stage);
    let mut attempts = JoinSet::new();
    attempts.spawn(async move { acting.act(operation).await });
    let silent = matches!(row.deed, Deed::Silence { .. });
    if silent {
        stage.received(1).await;
        // All that is left to happen is that the deadline passes.
        tokio::time::pause();
    }
    let outcome = attempts.join_next().await.unwrap().unwrap();
    if silent {
        tokio::time::resume();
    }
    let reason = row.but.iter().find(|(other, _)| *other == operation).map_or(row.reason, |(_, but)| *but);
    let ends = match letter {
        'A' => "accepted",
        'R' => "rejected",
        'N' => "unavailable",
        'U' => "uncertain",
        'B' => "blocked",
        other => panic!("{other} is no outcome"),
    };
    let expected = format!("{ends} {}-{reason}", operation.prefix());
    assert_eq!(outcome, expected, "{:?}: {operation:?}", row.deed);
    stage.received(1).await;
    // Whatever came back, nothing was repeated that may have been taken: one call, but for the axis' renewed login.
    let calls = stage.calls();
    let own = calls.split(' ').filter(|call| call.starts_with(operation.wire())).count();
    let renewed = operation == Operation::Status && matches!(letter, 'B') && calls.contains("login");
    assert_eq!(own, if renewed { 2 } else { 1 }, "{:?}: {operation:?}: {calls}", row.deed);
}

#[tokio::test]
async fn each_trouble_means_for_each_call_what_the_table_says() {
    for row in table() {
        assert_eq!(row.outcomes.len(), Operation::ALL.len());
        for (operation, letter) in Operation::ALL.into_iter().zip(row.outcomes.chars()) {
            check(&row, operation, letter).await;
        }
    }
}

#[tokio::test]
async fn a_wrapper_that_is_away_was_sent_nothing_and_is_spoken_to_once_it_is_back() {
    for operation in Operation::ALL {
        let stage = Stage::prepared(operation).await;
        stage.portal.go_down().await;
        let away = format!("unavailable {}-UNREACHABLE unsent", operation.prefix());
        assert_eq!(stage.act(operation).await, away);
        let probe = shown(&stage.port.probe().await);
        assert!(probe.starts_with("unavailable "), "{probe}");
        stage.portal.come_back().await.unwrap();
        assert!(shown(&stage.port.probe().await).starts_with("accepted "), "{operation:?}");
        let outcome = stage.act(operation).await;
        assert!(outcome.starts_with("accepted "), "{operation:?}: {outcome}");
    }
}

#[tokio::test]
async fn a_record_converges_whatever_the_wrapper_has() {
    for by_query in [false, true] {
        for code in ["0", "3", "-3"] {
            let config =
                mock_portal::Config { exists_code: code.to_owned(), ..mock_portal::Config::default() };
            let stage = Stage::of_wrapper(config, by_query).await;
            let accepted = "accepted WRAPPER-OK".to_owned();
            assert!(stage.portal.partner().plant(AGENCY, &stage.dossier.code, "2"));
            assert_eq!(stage.act(Operation::Create).await, accepted);
            assert_eq!(stage.calls(), "ThemMoi- CapNhat+", "exists under {code}");
            stage.portal.partner().remove(&stage.dossier.code);
            assert_eq!(stage.act(Operation::Update).await, accepted);
            assert_eq!(stage.calls(), "CapNhat- ThemMoi+");
            assert_eq!(stage.act(Operation::Rows).await, accepted);
            assert_eq!(stage.portal.partner().dossier(&stage.dossier.code).unwrap().rows.len(), 2);
        }
    }
}

#[tokio::test]
async fn rows_of_a_dossier_that_is_not_there_are_refused_however_the_text_is_written() {
    for (says_unsuccessful, quotes_text) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut config = mock_portal::Config::default();
        config.wrapper.says_unsuccessful = says_unsuccessful;
        config.wrapper.quotes_text = quotes_text;
        let stage = Stage::of_wrapper(config, false).await;
        assert_eq!(stage.act(Operation::Rows).await, "rejected WRAPPER-MISSING");
        stage.act(Operation::Create).await;
        assert_eq!(stage.act(Operation::Rows).await, "accepted WRAPPER-OK");
    }
}

#[tokio::test]
async fn a_probe_of_the_wrapper_leaves_nothing_there_and_nothing_can_be_asked() {
    let stage = Stage::of_wrapper(mock_portal::Config::default(), false).await;
    assert_eq!(shown(&stage.port.probe().await), "accepted WRAPPER-REACHABLE");
    assert!(stage.portal.partner().dossiers().is_empty());
    assert!(stage.portal.ledger().iter().all(|entry| !entry.took_effect()));
    let handoff = stage.handoff(samples::record(&stage.dossier));
    assert!(matches!(stage.port.look_up(&handoff).await, LookUp::CouldNotAsk(_)));
    let about = Inspection::Dossier(DossierCode::new(&*stage.dossier.code));
    assert_eq!(stage.port.inspect(&about).await, Inspected::NoQuestion);
}

#[tokio::test]
async fn a_status_is_set_at_the_portals_own_copy_and_a_stranger_is_refused() {
    let stage = Stage::prepared(Operation::Status).await;
    for _ in 0..2 {
        assert_eq!(stage.act(Operation::Status).await, "accepted PORTAL-OK");
    }
    let birth = stage.portal.partner().born(BORN).unwrap();
    assert_eq!(birth.local.as_deref(), Some(&*stage.dossier.code));
    let told: Vec<(&str, &str)> =
        birth.updates.iter().map(|update| (update.status.as_str(), update.time.as_str())).collect();
    assert_eq!(told, [("2", "20220915080700"); 2]);
    let Content::Status(standing) = stage.standing() else { panic!("no status") };
    let stranger =
        Content::Status(Standing { portal_code: PortalCode::new("G22.99.1-220912-9999"), ..standing });
    let sent = stage.port.send(&[stage.handoff(stranger)], None).await;
    assert_eq!(shown(&sent.outcome), "rejected PORTAL-MISSING");
}
