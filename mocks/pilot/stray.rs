//! Messages that nobody can read, or that nobody may send. Each must end in the quarantine under its reason, and nothing
//! of it at a partner.
//!
//! The reasons are the gateway's documented codes, written down here once more: a renamed code is a difference.

use crate::calendar::{At, FIRST_DAY, moment_on};
use crate::chance::Chance;
use crate::desk::{Arrival, Desk, Procedure};
use crate::dialect::Dialect;
use crate::event::Event;
use crate::script::Group;
use jiff::ToSpan as _;

/// A message that goes nowhere.
#[derive(Debug, Clone)]
pub struct Stray {
    /// What is wrong with it.
    pub about: &'static str,
    /// When it is published.
    pub at: At,
    /// Routing key.
    pub routing_key: String,
    /// Content type.
    pub content_type: &'static str,
    /// Body.
    pub body: Vec<u8>,
    /// The reason that the quarantine must give.
    pub reason: &'static str,
}

const JSON: &str = "application/cloudevents+json";
const XML: &str = "application/xml";

/// A document whose entities would unfold to a hundred million words.
const BOMB: &str = "<?xml version=\"1.0\"?><!DOCTYPE event [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
     <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><event xmlns=\"urn:lienthong:schema:dossier-event:1\">&c;</event>";

pub(crate) fn strays() -> Vec<Stray> {
    let sample = sample();
    let json = text(&sample, Dialect::Json);
    let xml = text(&sample, Dialect::Xml);
    let half = |text: &str| text.chars().take(text.chars().count() / 2).collect::<String>().into_bytes();
    let changed = |from: &str, to: &str| json.replacen(from, to, 1).into_bytes();
    let other_agency = json.replace("\"code\":\"H11.01.07\"", "\"code\":\"H11.01.09\"").into_bytes();
    let not_utf8 = json.bytes().map(|byte| if byte == b':' { 0xFF } else { byte }).collect();
    let messages = [
        ("no JSON", JSON, b"Kinh gui Bo phan Mot cua".to_vec(), "COMMUNE-NOT-JSON"),
        ("no XML", XML, b"Kinh gui Bo phan Mot cua".to_vec(), "COMMUNE-NOT-XML"),
        ("truncated JSON", JSON, half(&json), "COMMUNE-TRUNCATED"),
        ("truncated XML", XML, half(&xml), "COMMUNE-TRUNCATED"),
        ("entity bomb", XML, BOMB.as_bytes().to_vec(), "COMMUNE-DTD"),
        ("not UTF-8", JSON, not_utf8, "COMMUNE-NOT-UTF8"),
        ("status as a word", JSON, changed("\"status\":2", "\"status\":\"hai\""), "COMMUNE-WRONG-TYPE"),
        ("status 11", JSON, changed("\"status\":2", "\"status\":11"), "COMMUNE-BAD-VALUE"),
        (
            "unknown type",
            JSON,
            changed("vn.dossier.status-changed", "vn.dossier.lost"),
            "COMMUNE-UNKNOWN-TYPE",
        ),
        ("unknown version", JSON, changed("dossier-event:1", "dossier-event:7"), "COMMUNE-UNKNOWN-VERSION"),
        ("neither code nor slip", JSON, without_code(&json), "COMMUNE-NO-DOSSIER"),
        ("empty message", JSON, Vec::new(), "COMMUNE-EMPTY"),
        ("wrong content type", "text/plain", json.clone().into_bytes(), "COMMUNE-CONTENT-TYPE"),
        ("agency not allowed", JSON, other_agency, "COMMUNE-NOT-ALLOWED"),
    ];
    let mut day = FIRST_DAY;
    let mut strays = Vec::with_capacity(messages.len());
    for (about, content_type, body, reason) in messages {
        day = day.saturating_add(17.days());
        let agency = if about == "agency not allowed" { "H11.01.09" } else { crate::AGENCY };
        let routing_key = format!("{agency}.vn.dossier.status-changed");
        strays.push(Stray { about, at: At(day.at(10, 0, 0, 0)), routing_key, content_type, body, reason });
    }
    strays
}

/// An event of a dossier that does not exist; what reaches a partner of it is a difference.
fn sample() -> Event {
    let mut chance = Chance::new(7);
    let arrival = Arrival {
        number: 9999,
        code: format!("{}-220104-9999", crate::AGENCY),
        group: Group::Direct,
        procedure: Procedure { code: "1.001193", name: "Đăng ký khai sinh", result: "Giấy khai sinh" },
        at: moment_on(FIRST_DAY, &mut chance),
    };
    let mut desk = Desk::new(&arrival, chance);
    desk.status(2, "Tiếp nhận hồ sơ");
    let script = desk.close("stray");
    script.events().next().cloned().expect("one event was published")
}

fn text(event: &Event, dialect: Dialect) -> String {
    String::from_utf8(event.written(dialect)).expect("both dialects are UTF-8")
}

fn without_code(json: &str) -> Vec<u8> {
    json.replace("\"H11.01.07-220104-9999\"", "null").into_bytes()
}
