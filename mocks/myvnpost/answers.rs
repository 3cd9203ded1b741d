//! MyVNPost's records as it sends them.
//!
//! Evidenced are the members of a create's answer, of the history and of the webhook. Lists carry more than is public; of
//! these the mock sends the people, masked, and two moments, under names that are assumed.

use jiff::Timestamp;
use jiff::tz::{self, Offset};
use mock_kit::text;
use serde_json::{Value, json};

use crate::config::{CancelForm, DateForm};
use crate::store::Parcel;

/// Việt Nam's time, the whole year.
const VIET_NAM: Offset = tz::offset(7);

/// Fee of a letter, in đồng; assumed.
const MAIN_FEE: i64 = 28_000;
/// The same with tax; assumed.
const TOTAL_FEE: i64 = 30_800;

/// A moment as it is written.
pub(crate) fn moment(at: Timestamp, form: DateForm) -> String {
    let pattern = match form {
        DateForm::Slashes => "%d/%m/%Y %H:%M:%S",
        DateForm::Dashes => "%d-%m-%Y %H:%M:%S",
        DateForm::Iso => "%Y-%m-%dT%H:%M:%S",
    };
    VIET_NAM.to_datetime(at).strftime(pattern).to_string()
}

/// The day of a moment in Việt Nam.
pub(crate) fn day(at: Timestamp) -> jiff::civil::Date {
    VIET_NAM.to_datetime(at).date()
}

/// The answer to a create.
pub(crate) fn created(parcel: &Parcel) -> Value {
    json!({
        "orderHdrID": parcel.header, "originalID": parcel.original, "itemCode": parcel.item_code,
        "status": parcel.status(), "saleOrderCode": parcel.number, "totalFee": TOTAL_FEE, "mainFee": MAIN_FEE,
        "vasFee": 0, "codAmount": parcel.cash,
    })
}

/// An order in a list, its people masked.
pub(crate) fn listed(parcel: &Parcel, dates: DateForm) -> Value {
    let mut record = created(parcel);
    let information = parcel.information();
    let plain = |name: &str| Value::from(text(&information, name));
    let masked = |name: &str| Value::from(mask(text(&information, name)));
    let more = [
        ("senderName", plain("senderName")),
        ("senderPhone", masked("senderPhone")),
        ("senderAddress", masked("senderAddress")),
        ("receiverName", plain("receiverName")),
        ("receiverPhone", masked("receiverPhone")),
        ("receiverAddress", masked("receiverAddress")),
        ("createdDate", Value::from(moment(parcel.created_at(), dates))),
        ("updatedDate", Value::from(moment(parcel.updated_at(), dates))),
    ];
    for (name, value) in more {
        record[name] = value;
    }
    record
}

/// Where an order has been.
pub(crate) fn history(parcel: Option<&Parcel>, dates: DateForm) -> Value {
    let marks = parcel.map(|parcel| parcel.history.as_slice()).unwrap_or_default();
    let rows: Vec<Value> = marks
        .iter()
        .map(|mark| {
            let moment = moment(mark.at, dates);
            let (day, hour) = moment.split_once([' ', 'T']).unwrap_or_default();
            json!({ "createdDate": day, "createdHour": hour, "statusCode": mark.status,
                    "statusName": mark.status.name() })
        })
        .collect();
    json!({ "statusHistory": rows })
}

/// One element of a webhook.
pub(crate) fn element(parcel: &Parcel, dates: DateForm) -> Value {
    json!({
        "itemCode": parcel.item_code, "originalID": parcel.original, "senderCode": parcel.customer,
        "status": parcel.status(), "totalFee": TOTAL_FEE, "codAmount": parcel.cash,
        "updatedDate": moment(parcel.updated_at(), dates),
    })
}

/// The answer to a cancel.
pub(crate) fn cancelled(
    form: CancelForm,
    kind: &str,
    message: &str,
    original: &str,
    case: Option<&str>,
) -> Value {
    let mut answer = serde_json::Map::new();
    let mut add = |name: &str, value: &str| {
        let name = if form.small_letters { small(name) } else { name.to_owned() };
        answer.insert(name, Value::from(value));
    };
    add("Type", kind);
    add("Message", message);
    add("OriginalId", original);
    if let Some(case) = case {
        add("CaseId", case);
    }
    let answer = Value::Object(answer);
    if form.as_list { json!([answer]) } else { answer }
}

fn small(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

/// Leaves three characters at either end; what a text between them says is hidden.
fn mask(text: &str) -> String {
    let length = text.chars().count();
    let hidden = |place: usize, letter: char| place >= 3 && place + 3 < length && letter.is_alphanumeric();
    let letters = text.chars().enumerate();
    letters.map(|(place, letter)| if hidden(place, letter) { '+' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_and_an_address_are_masked() {
        let check = |text: &str, expected: &str| assert_eq!(mask(text), expected, "{text}");
        check("0510000111", "051++++111");
        check("Bản Nà Khoang, xã Yên Bình", "Bản ++ ++++++, ++ +++ +ình");
        check("", "");
    }

    #[test]
    fn a_moment_has_three_forms() {
        let at: Timestamp = "2026-11-04T18:30:00Z".parse().unwrap();
        let check = |form: DateForm, expected: &str| assert_eq!(moment(at, form), expected, "{form:?}");
        check(DateForm::Slashes, "05/11/2026 01:30:00");
        check(DateForm::Dashes, "05-11-2026 01:30:00");
        check(DateForm::Iso, "2026-11-05T01:30:00");
        assert_eq!(day(at).to_string(), "2026-11-05");
    }
}
