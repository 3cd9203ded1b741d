//! The adapter for MyVNPost against its mock, without daemon and broker: every call × what can go wrong with it.
//!
//! Asserted are the outcome with its reason, and how often the mock was asked: an attempt never repeats a call that the post
//! may have taken.

use crate::conformance::samples::{self, BODY_CAP};
use crate::conformance::shown::{shown, shown_inspected, shown_look_up};
use crate::support::Dossier;
use lienthong_core::handoff::{Cancel, Content, Leg, Order};
use lienthong_core::ids::{DossierCode, OrderNumber, UnitCode};
use lienthong_core::inspect::{Inspected, Inspection};
use lienthong_core::port::{FeedPage, LookUpAbility, Port, Uniqueness};
use lienthong_core::tables::Validity;
use lienthong_core::tracking::TrackingState;
use lienthong_post::areas::{Area, AreaRow, AreaTable};
use lienthong_post::myvnpost::MyVnPostPort;
use lienthong_post::myvnpost::config::{MyVnPostSettings, SendType, defaults};
use mock_kit::{Deed, Fault, Garble, Stage as ResetAt, Wait};
use mock_myvnpost::{CancelForm, Config, Mock, ReasonMember, Running, Status};
use std::sync::Arc;
use tokio::task::JoinSet;

/// What the adapter is asked for, in the order of a row's letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Token,
    Order,
    Cancel,
    LookUp,
    Feed,
    /// A page of the list of orders, for the comparison of both sides.
    Inspect,
}

impl Operation {
    const ALL: [Self; 6] = [Self::Token, Self::Order, Self::Cancel, Self::LookUp, Self::Feed, Self::Inspect];

    /// The call that the trouble strikes.
    fn wire(self) -> &'static str {
        match self {
            Self::Token => "GetAccessToken",
            Self::Order => "CreateOrder",
            Self::Cancel => "orderCancel",
            Self::LookUp | Self::Feed | Self::Inspect => "GetListOrder",
        }
    }
}

struct Stage {
    post: Running,
    port: MyVnPostPort,
    dossier: Dossier,
    number: OrderNumber,
}

impl Stage {
    async fn new(config: Config) -> Self {
        let post = Mock::start(config).await.unwrap();
        let port = MyVnPostPort::build(settings(&post.url()), lienthong::clock::now).unwrap();
        let dossier = Dossier::new(41);
        Self { post, port, number: OrderNumber::new(dossier.order("TRA")), dossier }
    }

    /// With a token, and for all but an order with an order that is there.
    async fn prepared(operation: Operation) -> Self {
        let stage = Self::new(Config::default()).await;
        match operation {
            Operation::Token => {}
            Operation::Order => assert_eq!(stage.act(Operation::Token).await, "accepted MYVNPOST-OK"),
            Operation::Cancel | Operation::LookUp | Operation::Feed | Operation::Inspect => {
                assert_eq!(stage.act(Operation::Order).await, "accepted MYVNPOST-OK");
            }
        }
        stage
    }

    /// With cash, which this interface shows.
    fn order(&self) -> Order {
        Order { cash: 8000, ..samples::order(self.number.as_str()) }
    }

    async fn act(&self, operation: Operation) -> String {
        let content = match operation {
            Operation::Token => return shown(&self.port.probe().await),
            Operation::Feed => {
                return match self.port.read_feed(None).await {
                    FeedPage::Rows { more, .. } => format!("rows more={more}"),
                    FeedPage::Failed(outcome) => shown(&outcome),
                    FeedPage::NoFeed => "no feed".to_owned(),
                };
            }
            Operation::Inspect => {
                let now = lienthong::clock::now();
                let from = now - jiff::SignedDuration::from_hours(24);
                let question = Inspection::Orders { from, to: now, after: None };
                return shown_inspected(&self.port.inspect(&question).await);
            }
            Operation::Order | Operation::LookUp => Content::Order(Box::new(self.order())),
            Operation::Cancel => Content::Cancel(Cancel { number: self.number.clone(), leg: Leg::Return }),
        };
        let handoff = samples::handoff_of(&self.dossier, content);
        if operation == Operation::LookUp {
            return shown_look_up(self.port.look_up(&handoff).await);
        }
        shown(&self.port.send(&[handoff], None).await.outcome)
    }
}

/// What a letter stands for at an operation; `Q` is a question that could not be asked.
fn expected(letter: char, reason: &str) -> String {
    let name = match letter {
        'A' => "accepted",
        'B' => "blocked",
        'N' => "unavailable",
        'R' => "rejected",
        'U' => "uncertain",
        'Q' => {
            return format!("could-not-ask MYVNPOST-{}", reason.split(' ').next().unwrap_or_default());
        }
        _ => panic!("{letter}"),
    };
    format!("{name} MYVNPOST-{reason}")
}

/// A trouble, its reason, and a letter for each operation.
type Row = (&'static str, Deed, &'static str, &'static str);

fn rows() -> Vec<Row> {
    let status = |status, taken| Deed::Status { status, body: "lỗi".to_owned(), taken };
    let garbled = |with| Deed::Garbled { with };
    let unreadable = "NUUQNN";
    vec![
        ("429", Deed::TooMany { wait: Wait::Seconds(7) }, "HTTP-429 wait 7s", "NNNQNN"),
        ("429 without a wait", Deed::TooMany { wait: Wait::None }, "HTTP-429", "NNNQNN"),
        ("503", Deed::Unavailable { wait: Wait::Seconds(9) }, "HTTP-503 wait 9s", "NNNQNN"),
        ("500", status(500, false), "HTTP-5XX", "NUUQNN"),
        ("500, taken", status(500, true), "HTTP-5XX", "NUUQNN"),
        ("502 with a page", Deed::HtmlPage { taken: false }, "HTTP-5XX", "NUUQNN"),
        ("504, taken", status(504, true), "HTTP-5XX", "NUUQNN"),
        ("202 for later", status(202, true), "UNREADABLE", unreadable),
        ("404", Deed::NotFound, "WRONG-ADDRESS", "BBBQBB"),
        ("a redirect", Deed::Redirect { location: "http://127.0.0.1:1/".to_owned() }, "HTTP-3XX", "BBBQBB"),
        ("an unreadable receipt", Deed::Unreadable, "UNREADABLE", unreadable),
        ("an empty receipt", garbled(Garble::Empty), "UNREADABLE", unreadable),
        ("a page as a receipt", garbled(Garble::Html), "UNREADABLE", unreadable),
        ("null", garbled(Garble::Null), "UNREADABLE", unreadable),
        ("an envelope of nulls", garbled(Garble::NullMembers), "UNREADABLE", unreadable),
        ("somebody else's JSON", garbled(Garble::Foreign), "UNREADABLE", unreadable),
        ("a huge body", Deed::Huge { bytes: BODY_CAP + 1, taken: true }, "UNREADABLE", unreadable),
        ("silence", Deed::Silence { taken: false }, "NO-ANSWER", "NUUQNN"),
        ("silence, taken", Deed::Silence { taken: true }, "NO-ANSWER", "NUUQNN"),
        ("reset before reading", Deed::Reset { stage: ResetAt::BeforeReading }, "NO-ANSWER", "NUUQNN"),
        ("reset after taking", Deed::Reset { stage: ResetAt::AfterTaking }, "NO-ANSWER", "NUUQNN"),
    ]
}

#[tokio::test]
async fn whatever_goes_wrong_is_told_as_it_is_and_nothing_is_repeated() {
    let mut acting = JoinSet::new();
    for (name, deed, reason, letters) in rows() {
        for (operation, letter) in Operation::ALL.into_iter().zip(letters.chars()) {
            let deed = deed.clone();
            acting.spawn(async move {
                let stage = Stage::prepared(operation).await;
                let before = stage.post.count(operation.wire());
                // A cancel without a receipt has found its order in the list before the trouble strikes.
                stage.post.fault(Fault::new(deed).on(operation.wire()));
                let outcome = stage.act(operation).await;
                assert_eq!(outcome, expected(letter, reason), "{name}: {operation:?}");
                let asked = stage.post.count(operation.wire()) - before;
                assert!(asked <= 1, "{name}: {operation:?} was asked for {asked} times");
                assert!(stage.post.partner().taken() <= 1, "{name}: {operation:?}");
            });
        }
    }
    acting.join_all().await;
}

#[tokio::test]
async fn what_has_no_answer_because_nobody_listens_was_not_sent() {
    for operation in Operation::ALL {
        let stage = Stage::prepared(operation).await;
        stage.post.go_down().await;
        let unreachable = match operation {
            Operation::LookUp => expected('Q', "UNREACHABLE"),
            Operation::Token
            | Operation::Order
            | Operation::Cancel
            | Operation::Feed
            | Operation::Inspect => expected('N', "UNREACHABLE unsent"),
        };
        assert_eq!(stage.act(operation).await, unreachable, "{operation:?}");
    }
}

#[tokio::test]
async fn a_dead_token_is_renewed_once_and_a_refused_login_is_remembered() {
    for operation in
        [Operation::Order, Operation::Cancel, Operation::LookUp, Operation::Feed, Operation::Inspect]
    {
        let stage = Stage::prepared(operation).await;
        stage.post.partner().expire_tokens(None);
        let before = stage.post.count("GetAccessToken");
        let outcome = stage.act(operation).await;
        let good = ["accepted MYVNPOST-OK", "found same=true", "rows more=true", "held 1 unreadable 0"];
        assert!(good.contains(&&*outcome), "{operation:?}: {outcome}");
        assert_eq!(stage.post.count("GetAccessToken"), before + 1, "{operation:?}");
    }
    let stage = Stage::new(Config { customers: Vec::new(), ..Config::default() }).await;
    for _ in 0..3 {
        assert_eq!(stage.act(Operation::Order).await, "blocked MYVNPOST-TOKEN-REFUSED");
    }
    assert_eq!((stage.post.count("GetAccessToken"), stage.post.count("CreateOrder")), (1, 0));
}

#[tokio::test]
async fn a_dossier_is_no_question_of_the_post() {
    let stage = Stage::prepared(Operation::Inspect).await;
    let before = stage.post.ledger().len();
    let dossier = Inspection::Dossier(DossierCode::new(&*stage.dossier.code));
    assert_eq!(stage.port.inspect(&dossier).await, Inspected::NoQuestion);
    assert_eq!(stage.post.ledger().len(), before);
}

#[tokio::test]
async fn a_refusal_is_one_in_each_of_its_members() {
    for reason_member in [ReasonMember::Lower, ReasonMember::Upper, ReasonMember::Error] {
        let stage = Stage::new(Config { reason_member, ..Config::default() }).await;
        let refuse = Deed::Refuse { code: "57".to_owned(), message: "Mã xã không hợp lệ".to_owned() };
        stage.post.fault(Fault::new(refuse).on("CreateOrder"));
        assert_eq!(stage.act(Operation::Order).await, "rejected MYVNPOST-UNLISTED", "{reason_member:?}");
    }
}

#[tokio::test]
async fn the_contract_is_kept_in_each_of_its_forms() {
    for (record_in_data, as_list, small_letters) in
        [(false, false, false), (true, true, false), (true, true, true)]
    {
        let cancel_form = CancelForm { as_list, small_letters };
        let stage = Stage::new(Config { record_in_data, cancel_form, ..Config::default() }).await;
        assert_eq!(stage.act(Operation::LookUp).await, "absent");
        assert_eq!(stage.act(Operation::Order).await, "accepted MYVNPOST-OK");
        assert_eq!(stage.act(Operation::LookUp).await, "found same=true");
        assert_eq!(stage.act(Operation::Cancel).await, "accepted MYVNPOST-OK");
        assert_eq!(stage.act(Operation::Cancel).await, "accepted MYVNPOST-ALREADY-CANCELLED");
        assert_eq!(stage.post.count("orderCancel"), 1);
    }
    let stage = Stage::prepared(Operation::Cancel).await;
    stage.post.partner().advance_to(stage.number.as_str(), Status::COLLECTED);
    assert_eq!(stage.act(Operation::Cancel).await, "rejected MYVNPOST-ALREADY-COLLECTED");
    stage.post.partner().set_cash(stage.number.as_str(), 1);
    assert_eq!(stage.act(Operation::LookUp).await, "found same=false");
    stage.post.partner().duplicate(stage.number.as_str());
    assert_eq!(stage.act(Operation::LookUp).await, "found same=false");
    assert_eq!(stage.act(Operation::Cancel).await, "rejected MYVNPOST-SEVERAL");
    stage.post.partner().remove(stage.number.as_str());
    assert_eq!(stage.act(Operation::Cancel).await, "rejected MYVNPOST-UNKNOWN-ORDER");
}

fn settings(url: &str) -> MyVnPostSettings {
    let delivered = [("14", TrackingState::Delivered)];
    let tracking = defaults::TRACKING_CODES.iter().chain(&delivered);
    MyVnPostSettings {
        base_url: url.to_owned(),
        username: "tienthanh_mc".to_owned(),
        password: "mat-khau-thu".to_owned().into(),
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
        tracking_codes: tracking.map(|(code, state)| ((*code).to_owned(), (*state).into())).collect(),
        page_size: defaults::PAGE_SIZE,
        areas: Arc::new(AreaTable::new([AreaRow {
            unit: UnitCode::new("22966"),
            area: Area { province: 80, district: None },
            commune: Some("80123".to_owned()),
            validity: Validity::default(),
        }])),
        webhook: None,
        client: samples::client(),
    }
}
