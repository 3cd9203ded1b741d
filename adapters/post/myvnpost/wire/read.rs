//! What MyVNPost answers.
//!
//! Sources disagree on the case of first letters, on whether the record of an order stands alone or inside `data`, on
//! objects and arrays of one, on numbers and texts; all of these are read. A text with a `+` in it is masked: it says
//! nothing, and is nowhere used. What is not there is not guessed.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use lienthong_core::tables::VIETNAM;
use secrecy::SecretString;
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Characters of a code, number or identifier that the post gives: it stands in columns and in logs.
const CODE_CHARS: usize = 100;

/// A token. Its secret cannot print.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    /// They gave one.
    Token(SecretString),
    /// They say no.
    Refused,
}

impl Given {
    /// Reads the answer to a token request.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let answer = json(body).filter(Value::is_object)?;
        let refused = member(&answer, "success").and_then(Value::as_bool) == Some(false);
        let token = member(&answer, "token").and_then(Value::as_str).map(str::trim);
        match token.filter(|token| !token.is_empty()) {
            _ if refused => Some(Self::Refused),
            // What no header can carry is no token: the calls with it could not even be written down.
            Some(token) if token.chars().any(char::is_control) => None,
            Some(token) => Some(Self::Token(SecretString::from(token))),
            None => message(&answer).map(|_| Self::Refused),
        }
    }
}

/// The answer to an order that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Created {
    /// What cancels want.
    pub(crate) reference: Option<String>,
    /// The waybill.
    pub(crate) waybill: String,
}

impl Created {
    /// Reads a receipt: the record of the order, with both identifiers that make it one.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let answer = json(body)?;
        if member(&answer, "success").and_then(Value::as_bool) == Some(false) {
            return None;
        }
        let record = record_in(&answer);
        text(record, "orderHdrID")?;
        Some(Self { reference: text(record, "originalID"), waybill: text(record, "itemCode")? })
    }
}

/// A refusal in their words: an answer that is none of a receipt's, with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Their words; evidence, not for logs.
    pub(crate) message: String,
}

impl Refusal {
    /// Reads a refusal. Half a receipt is none: what became of that order is not known.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let answer = json(body)?;
        let answer = alone(&answer).filter(|answer| answer.is_object())?;
        let record = record_in(answer);
        let half = ["orderHdrID", "itemCode"].into_iter().any(|name| text(record, name).is_some());
        message(answer).filter(|_| !half).map(|message| Self { message })
    }
}

/// What they decided about a cancel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Their code: `00` done, `02` waits for approval.
    pub(crate) kind: String,
    /// Their words.
    pub(crate) message: String,
}

impl Decision {
    /// Reads a decision: an object, or an array of one.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let answer = json(body)?;
        let answer = alone(&answer)?;
        Some(Self { kind: text(answer, "type")?, message: message(answer).unwrap_or_default() })
    }
}

/// An order as they keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// What cancels want.
    pub(crate) reference: Option<String>,
    /// The waybill.
    pub(crate) waybill: Option<String>,
    /// Our number, where the order is of ours.
    pub(crate) number: Option<String>,
    /// Where it stands.
    pub(crate) status: Option<String>,
    /// The money to be collected.
    pub(crate) cash: Option<u64>,
    /// The receiver's name, unless it is masked.
    pub(crate) receiver_name: Option<String>,
    /// The receiver's phone, unless it is masked.
    pub(crate) receiver_phone: Option<String>,
    /// Changes whenever anything in the record does; means nothing beyond this process.
    pub(crate) mark: u64,
}

impl Record {
    fn read(record: &Value) -> Self {
        let plain = |name| {
            member(record, name).and_then(Value::as_str).filter(|text| !is_masked(text)).map(str::to_owned)
        };
        let mut hasher = DefaultHasher::new();
        record.to_string().hash(&mut hasher);
        Self {
            reference: text(record, "originalID"),
            waybill: text(record, "itemCode"),
            number: text(record, "saleOrderCode"),
            status: text(record, "status"),
            cash: text(record, "codAmount").and_then(|amount| amount.parse().ok()),
            receiver_name: plain("receiverName"),
            receiver_phone: plain("receiverPhone"),
            mark: hasher.finish(),
        }
    }

    /// What names the order in the feed.
    pub(crate) fn name(&self) -> Option<&str> {
        self.reference.as_deref().or(self.waybill.as_deref())
    }
}

/// Reads a page of the list of orders.
pub(crate) fn listed(body: &[u8]) -> Option<Vec<Record>> {
    let answer = json(body)?;
    let results = member(&answer, "results")?.as_array()?;
    results.iter().all(Value::is_object).then(|| results.iter().map(Record::read).collect())
}

/// Reads the answer to a question about one order; inside is `None` when they have none of that code.
pub(crate) fn order(body: &[u8]) -> Option<Option<Record>> {
    let answer = json(body)?;
    if answer.as_array().is_some_and(Vec::is_empty) {
        return Some(None);
    }
    match alone(member(alone(&answer)?, "results")?) {
        Some(record) if record.is_object() => Some(Some(Record::read(record))),
        Some(results) if results.as_array().is_some_and(Vec::is_empty) => Some(None),
        Some(_) | None => None,
    }
}

/// Reads the history of an order, its rows unread: one that cannot be read must not hide the others.
pub(crate) fn history(body: &[u8]) -> Option<Vec<Value>> {
    let answer = json(body)?;
    let answer = alone(&answer)?;
    let inside = || member(answer, "results").or_else(|| member(answer, "data")).and_then(alone);
    let found = member(answer, "statusHistory").or_else(|| member(inside()?, "statusHistory"));
    found?.as_array().cloned()
}

/// A row of an order's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FeedRow {
    pub(crate) status: String,
    pub(crate) at: DateTime,
}

impl FeedRow {
    /// Reads a row.
    pub(crate) fn read(row: &Value) -> Option<Self> {
        let part = |name| member(row, name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        Some(Self { status: text(row, "statusCode")?, at: moment(part("createdDate"), part("createdHour"))? })
    }

    /// When it happened: their clocks are those of Việt Nam.
    pub(crate) fn instant(&self) -> Option<Timestamp> {
        VIETNAM.to_timestamp(self.at).ok()
    }
}

const MOMENTS: [&str; 3] = ["%d/%m/%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S"];
const DAYS: [&str; 3] = ["%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"];
const HOURS: [&str; 2] = ["%H:%M:%S", "%H:%M"];

/// A moment from a date, which may carry its time, and an hour, which may be missing; the hour counts where it is there.
fn moment(date: &str, hour: &str) -> Option<DateTime> {
    // Parts of a second, where a form has them, are told apart by nobody.
    let date = date.split_once('.').map_or(date, |(date, _)| date);
    let hour = HOURS.iter().find_map(|form| Time::strptime(form, hour).ok());
    let whole = MOMENTS.iter().find_map(|form| DateTime::strptime(form, date).ok());
    let day = || DAYS.iter().find_map(|form| Date::strptime(form, date).ok());
    match (whole, hour) {
        (Some(whole), Some(hour)) => Some(whole.date().to_datetime(hour)),
        (Some(whole), None) => Some(whole),
        (None, Some(hour)) => Some(day()?.to_datetime(hour)),
        (None, None) => None,
    }
}

fn json(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok()
}

/// The value itself, or the only one of an array.
fn alone(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(values) => match &**values {
            [] => Some(value),
            [one] => Some(one),
            _ => None,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Some(value),
    }
}

/// The record of an order: the answer itself, or what stands in `data`.
fn record_in(answer: &Value) -> &Value {
    member(answer, "data").and_then(alone).filter(|data| data.is_object()).unwrap_or(answer)
}

/// A member by its name, whatever the case of its letters.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_object()?;
    let other_case =
        || members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    members.get(name).or_else(other_case)
}

/// Why they refuse.
fn message(answer: &Value) -> Option<String> {
    let said =
        |name| member(answer, name).and_then(Value::as_str).map(str::trim).filter(|said| !said.is_empty());
    said("message").or_else(|| said("errorMessage")).or_else(|| said("note")).map(str::to_owned)
}

/// A code as a text, whether it came as a text or as a whole number.
fn text(value: &Value, name: &str) -> Option<String> {
    let text = match member(value, name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string().trim_end_matches(".0").to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty() && text.chars().count() <= CODE_CHARS).then_some(text)
}

fn is_masked(text: &str) -> bool {
    text.trim().is_empty() || text.contains('+')
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
