//! Outcomes: what the commune's own system is told, as CloudEvents 1.0 in structured JSON.
//!
//! The contract is the project's own. An outcome's id is that of its handoff, so whoever reads keeps the ids that it has
//! seen and drops what comes twice. `sequence` grows within a dossier, with gaps where a person stopped an outcome. No
//! person and no partner's own words are in it: a reason is a code, a field of the event, and our sentences.

use crate::words::SPECVERSION;
use lienthong_core::handoff::{Content, Handoff, Leg};
use lienthong_core::news::{
    Became, CashNews, News, Notice, OrderNews, ParcelNews, PortalNews, Request, Told, Update,
};
use lienthong_core::outcome::{Reason, ReasonCode};
use lienthong_core::status::Status;
use lienthong_core::tracking::{Money, TrackingState};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

/// The schema of an outcome.
const DATASCHEMA: &str = "urn:lienthong:schema:outcome:1";
/// Who tells outcomes.
const SOURCE: &str = "urn:lienthong:gateway";
const TYPE_PREFIX: &str = "vn.lienthong.";

/// The sentences of a reason's code, Vietnamese and English, where a table has them.
pub type Sentences<'a> = dyn Fn(&ReasonCode) -> Option<(&'static str, &'static str)> + 'a;

/// An outcome as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What kind of news it is, the last part of its type and of its routing key: `portal-changed`, `order-changed`,
    /// `parcel-tracked`, `desk-notice`.
    pub kind: &'static str,
    /// The CloudEvent.
    pub body: Vec<u8>,
}

/// Content type of an outcome's body.
pub const OUTCOME_CONTENT_TYPE: &str = "application/cloudevents+json";

/// Writes an outcome; `None` for a handoff that is no news.
pub fn encode_outcome(handoff: &Handoff, sentences: &Sentences<'_>) -> Option<Outcome> {
    let news = match &handoff.content {
        Content::News(news) => news,
        Content::Record(_)
        | Content::Row(_)
        | Content::Status(_)
        | Content::Order(_)
        | Content::Cancel(_) => return None,
    };
    let kind = kind_of(&news.told);
    let wire = WireOutcome {
        specversion: SPECVERSION,
        id: handoff.id.as_str().to_owned(),
        source: SOURCE,
        kind: format!("{TYPE_PREFIX}{kind}"),
        subject: handoff.dossier.as_str().to_owned(),
        time: news.at.to_string(),
        sequence: news.sequence.to_string(),
        agency: handoff.agency.as_str().to_owned(),
        datacontenttype: "application/json",
        dataschema: DATASCHEMA,
        data: data(&news.told, sentences),
    };
    let body = serde_json::to_vec(&wire).expect("an outcome has string keys only");
    Some(Outcome { kind, body })
}

/// What an outcome says of a piece of news, without its envelope.
pub fn outcome_data(news: &News, sentences: &Sentences<'_>) -> Value {
    let data = serde_json::to_value(data(&news.told, sentences)).expect("an outcome has string keys only");
    json!({ "type": format!("{TYPE_PREFIX}{}", kind_of(&news.told)), "data": data })
}

/// The JSON Schema (draft 2020-12) of outcomes.
pub fn outcome_schema() -> Value {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<WireOutcome>();
    let mut schema = schema.to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("$id".to_owned(), json!(DATASCHEMA));
        root.insert("allOf".to_owned(), PARTS.iter().map(|(kind, part)| when(kind, part)).collect());
    }
    schema
}

/// Kinds of news, and the part of `data` that each has.
const PARTS: [(&str, &str); 4] = [
    ("portal-changed", "portal"),
    ("order-changed", "order"),
    ("parcel-tracked", "parcel"),
    ("desk-notice", "notice"),
];

/// An outcome of that kind has that part alone.
fn when(kind: &str, part: &str) -> Value {
    json!({
        "if": { "properties": { "type": { "const": format!("{TYPE_PREFIX}{kind}") } } },
        "then": { "properties": { "data": { "required": [part], "maxProperties": 1 } } }
    })
}

fn kind_of(told: &Told) -> &'static str {
    match told {
        Told::Portal(_) => "portal-changed",
        Told::Order(_) | Told::Cash(_) => "order-changed",
        Told::Parcel(_) => "parcel-tracked",
        Told::Notice(_) => "desk-notice",
    }
}

/// What became of a dossier at the gateway's partners: CloudEvents 1.0, structured mode. Readers ignore fields that they do
/// not know, and drop an id that they have seen.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Outcome, version 1", rename = "Outcome")]
struct WireOutcome {
    /// Version of CloudEvents.
    #[schemars(extend("const" = SPECVERSION))]
    specversion: &'static str,
    /// Unique; the same outcome told again keeps its id.
    id: String,
    /// The gateway.
    #[schemars(extend("const" = SOURCE))]
    source: &'static str,
    /// What kind of news it is.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = types()))]
    kind: String,
    /// The dossier code, or `phieu:<number of the sending slip>` while there is no code.
    subject: String,
    /// When it came about, in UTC.
    #[schemars(extend("format" = "date-time"))]
    time: String,
    /// Grows within a dossier, not always by one.
    #[schemars(extend("pattern" = "^\\d{1,10}$"))]
    sequence: String,
    /// Code of the agency that the dossier belongs to.
    agency: String,
    /// Type of `data`.
    #[schemars(extend("const" = "application/json"))]
    datacontenttype: &'static str,
    /// Version of this schema.
    #[schemars(extend("const" = DATASCHEMA))]
    dataschema: &'static str,
    /// What is told: one part, by the type.
    data: Data,
}

/// What is told: one part, by the type of the outcome.
#[derive(Default, Serialize, JsonSchema)]
struct Data {
    /// Of `portal-changed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    portal: Option<Portal>,
    /// Of `order-changed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Order>,
    /// Of `parcel-tracked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    parcel: Option<Parcel>,
    /// Of `desk-notice`.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<Seen>,
}

/// What became of something the portal is to be told.
#[derive(Serialize, JsonSchema)]
struct Portal {
    /// The whole dossier, one step of its progress, or the status of a dossier that was lodged at the portal. Of the last
    /// only a stop is told, and that one was taken after a stop.
    #[schemars(extend("enum" = ["record", "progress", "status"]))]
    update: &'static str,
    /// The status (1 to 10) that it tells the portal.
    #[schemars(extend("minimum" = 1, "maximum" = 10))]
    status: Option<u8>,
    /// What became of it.
    #[schemars(extend("enum" = STATES))]
    state: &'static str,
    /// Why, when it stopped or is held.
    reason: Option<Why>,
}

/// What became of something the post was asked for.
#[derive(Serialize, JsonSchema)]
struct Order {
    /// To carry a parcel, or to call an order off.
    #[schemars(extend("enum" = ["order", "cancel"]))]
    request: &'static str,
    /// Number of the order.
    number: String,
    /// Which way: GOM from the citizen, TRA result to the citizen, HOAN papers back, CHUYEN to another agency.
    #[schemars(extend("enum" = LEGS))]
    leg: &'static str,
    /// What became of it.
    #[schemars(extend("enum" = STATES))]
    state: &'static str,
    /// Why, when it stopped or is held.
    reason: Option<Why>,
    /// What became of the cash that the postman collects, when that is the news.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = Money::ALL.map(Money::name)))]
    cash: Option<&'static str>,
}

/// What the post reports about a parcel.
#[derive(Serialize, JsonSchema)]
struct Parcel {
    /// Number of the order.
    number: String,
    /// Which way, as of orders; null when the number does not tell.
    #[schemars(extend("enum" = [Some("GOM"), Some("TRA"), Some("HOAN"), Some("CHUYEN"), None::<&str>]))]
    leg: Option<&'static str>,
    /// Where the parcel is.
    #[schemars(extend("enum" = parcel_states()))]
    state: &'static str,
    /// The post's waybill, once known.
    waybill: Option<String>,
}

/// Something the desk should see.
#[derive(Serialize, JsonSchema)]
struct Seen {
    /// It asks a person to act; else it only informs.
    task: bool,
    /// What it is about.
    reason: Why,
}

/// A reason: a stable code, and what it says to people.
#[derive(Serialize, JsonSchema)]
struct Why {
    /// Stable code.
    #[schemars(extend("pattern" = "^[A-Z0-9-]+$"))]
    code: String,
    /// Path of the dossier event's field to correct.
    field: Option<String>,
    /// Sentence for the officer.
    vi: Option<String>,
    /// Sentence in English.
    en: Option<String>,
}

const LEGS: [&str; 4] = [Leg::Pickup.name(), Leg::Return.name(), Leg::PapersBack.name(), Leg::Forward.name()];

const STATES: [&str; 6] = ["accepted", "stopped", "held", "settled-by-hand", "reopened", "called-off"];

fn types() -> Vec<String> {
    PARTS.iter().map(|(kind, _)| format!("{TYPE_PREFIX}{kind}")).collect()
}

fn parcel_states() -> Vec<&'static str> {
    let told = TrackingState::ALL.into_iter().filter(|state| *state != TrackingState::Unknown);
    told.map(TrackingState::name).collect()
}

fn data(told: &Told, sentences: &Sentences<'_>) -> Data {
    let mut data = Data::default();
    match told {
        Told::Portal(PortalNews { update, status, became }) => {
            data.portal = Some(Portal {
                update: match update {
                    Update::Record => "record",
                    Update::Progress => "progress",
                    Update::Status => "status",
                },
                status: status.map(Status::code),
                state: state(became),
                reason: became.reason().map(|reason| why(reason, sentences)),
            });
        }
        Told::Order(OrderNews { request, leg, number, became }) => {
            data.order = Some(Order {
                request: match request {
                    Request::Order => "order",
                    Request::Cancel => "cancel",
                },
                number: number.as_str().to_owned(),
                leg: leg.name(),
                state: state(became),
                reason: became.reason().map(|reason| why(reason, sentences)),
                cash: None,
            });
        }
        // Whoever does not know of the cash reads that the post has the order, which is true.
        Told::Cash(CashNews { leg, number, money }) => {
            data.order = Some(Order {
                request: "order",
                number: number.as_str().to_owned(),
                leg: leg.name(),
                state: state(&Became::Accepted),
                reason: None,
                cash: Some(money.name()),
            });
        }
        Told::Parcel(ParcelNews { leg, number, state, waybill }) => {
            let (number, waybill) = (number.as_str().to_owned(), waybill.clone());
            data.parcel = Some(Parcel { number, leg: leg.map(Leg::name), state: state.name(), waybill });
        }
        Told::Notice(Notice { code, task }) => {
            let reason = why(&Reason::new(code.clone()), sentences);
            data.notice = Some(Seen { task: *task, reason });
        }
    }
    data
}

fn state(became: &Became) -> &'static str {
    let [accepted, stopped, held, settled_by_hand, reopened, called_off] = STATES;
    match became {
        Became::Accepted => accepted,
        Became::Stopped(_) => stopped,
        Became::Held(_) => held,
        Became::SettledByHand => settled_by_hand,
        Became::Reopened => reopened,
        Became::CalledOff => called_off,
    }
}

fn why(reason: &Reason, sentences: &Sentences<'_>) -> Why {
    let said = sentences(&reason.code);
    Why {
        code: reason.code.as_str().to_owned(),
        field: reason.field.clone(),
        vi: said.map(|(vi, _)| vi.to_owned()),
        en: said.map(|(_, en)| en.to_owned()),
    }
}
