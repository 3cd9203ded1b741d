//! The messages of the order service, spelt as the post spells them.
//!
//! Order and answer: OpenCPS v2, VNPostInputModel.java and the client library VNPostNGSPSDK (2017), read 08/2026; feed:
//! OpenCPS v2, VNPostGetOrderModel.java. Members without a value go out as JSON null, as the library sends them. What
//! comes in is read with tolerance where sources disagree (numbers or texts), and never where that would be a guess.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Characters of a code, number or identifier that the post gives: it stands in columns and in logs.
const CODE_CHARS: usize = 100;

/// An order. There is no ward, weight, size, service, date or time window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateOrder {
    pub(crate) customer_code: String,
    pub(crate) order_number: String,
    #[serde(rename = "CODAmount")]
    pub(crate) cod_amount: u64,
    pub(crate) sender_province: u32,
    pub(crate) sender_district: Option<u32>,
    pub(crate) sender_address: String,
    pub(crate) sender_name: String,
    pub(crate) sender_email: Option<String>,
    pub(crate) sender_tel: String,
    pub(crate) sender_desc: String,
    pub(crate) description: Option<String>,
    pub(crate) receiver_name: String,
    pub(crate) receiver_address: String,
    pub(crate) receiver_tel: String,
    pub(crate) receiver_province: u32,
    pub(crate) receiver_district: Option<u32>,
    pub(crate) receiver_email: Option<String>,
}

/// The query of a cancel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelOrder {
    pub(crate) customer_code: String,
    pub(crate) order_number: String,
}

/// The answer to an order and to a cancel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The code, as a text: the library types it as a number, another client of the same service as a text.
    pub(crate) status: String,
    /// The post's words; evidence, not for logs.
    pub(crate) message: String,
}

impl Reply {
    /// Reads an envelope: an object with a `Status`.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let status = code(value.get("Status")?)?;
        let message = value.get("Message").and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Self { status, message })
    }
}

/// A token. Its secret cannot print.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// The value of `Authorization`, type in front.
    pub(crate) authorization: SecretString,
    /// Seconds until it expires, where they say so.
    pub(crate) expires_in: Option<u64>,
}

impl Token {
    /// Reads the answer to a token request.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Given {
            access_token: String,
            token_type: Option<String>,
            #[serde(default)]
            expires_in: Value,
        }
        // Members that are passed by are not checked for their character set otherwise.
        let given: Given = serde_json::from_str(std::str::from_utf8(body).ok()?).ok()?;
        let kind = given.token_type.filter(|kind| !kind.trim().is_empty());
        let kind = kind.as_deref().unwrap_or("Bearer");
        let authorization = format!("{kind} {}", given.access_token);
        // What no header can carry is no token: the calls with it could not even be written down.
        if given.access_token.trim().is_empty() || authorization.chars().any(char::is_control) {
            return None;
        }
        let authorization = SecretString::from(authorization);
        let expires_in = code(&given.expires_in).and_then(|seconds| seconds.parse().ok());
        Some(Self { authorization, expires_in })
    }
}

/// A page of the tracking feed, its rows unread: one row that cannot be read must not hide the others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Value>,
}

impl Page {
    /// Reads a page. A page without the list is one only where it says that it has no rows.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let mut value: Value = serde_json::from_slice(body).ok()?;
        match value.pointer_mut("/_embedded/rh:doc").map(Value::take) {
            Some(Value::Array(rows)) => Some(Self { rows }),
            Some(_) => None,
            None => (value.get("_returned")?.as_u64()? == 0).then(|| Self { rows: Vec::new() }),
        }
    }
}

/// A row of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FeedRow {
    pub(crate) order_number: String,
    /// Milliseconds since the epoch: the natural reading of the number, which the source does not name.
    pub(crate) event_time: i64,
    pub(crate) status_code: String,
    pub(crate) item_code: Option<String>,
}

impl FeedRow {
    /// Reads a row.
    pub(crate) fn read(row: &Value) -> Option<Self> {
        let text = |key| row.get(key).and_then(Value::as_str).map(str::trim).filter(|text| is_code(text));
        Some(Self {
            order_number: text("OrderNumber")?.to_owned(),
            event_time: row.get("EventTime").and_then(code)?.parse().ok()?,
            status_code: row.get("StatusCode").and_then(code).filter(|code| is_code(code))?,
            item_code: text("ItemCode").map(str::to_owned),
        })
    }
}

/// The identifier of a feed row, `_id.$oid`: also of rows that cannot be read otherwise.
pub(crate) fn feed_id(row: &Value) -> Option<&str> {
    row.pointer("/_id/$oid")?.as_str().filter(|id| is_code(id))
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= CODE_CHARS
}

/// A code as a text, whether it came as a text or as a whole number.
fn code(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string().trim_end_matches(".0").to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_as_number_and_as_text() {
        fn check(body: &str, expected: Option<(&str, &str)>) {
            let reply = Reply::read(body.as_bytes());
            let read = reply.as_ref().map(|reply| (reply.status.as_str(), reply.message.as_str()));
            assert_eq!(read, expected, "{body}");
        }
        check(r#"{"Status":100,"Message":""}"#, Some(("100", "")));
        check(r#"{"Status":100.0}"#, Some(("100", "")));
        check(r#"{"Status":"101","Message":"Đã có"}"#, Some(("101", "Đã có")));
        check(r#"{"Status":100,"Message":null}"#, Some(("100", "")));
        check(r#"{"Status":null}"#, None);
        check(r#"{"Status":""}"#, None);
        check(r#"{"status":100}"#, None);
        check("[100]", None);
        check("<html>", None);
        check("", None);
    }

    #[test]
    fn a_page_without_its_list_says_that_it_is_empty() {
        fn check(body: &str, expected: Option<usize>) {
            assert_eq!(Page::read(body.as_bytes()).map(|page| page.rows.len()), expected, "{body}");
        }
        check(r#"{"_returned":2,"_embedded":{"rh:doc":[{},7]}}"#, Some(2));
        check(r#"{"_returned":0,"_embedded":{"rh:doc":[]}}"#, Some(0));
        check(r#"{"_returned":0}"#, Some(0));
        check(r#"{"_returned":1}"#, None);
        check(r#"{"_returned":1,"_embedded":{"rh:doc":{}}}"#, None);
        check(r#"{"Status":500,"Message":"lỗi"}"#, None);
        check("[]", None);
    }
}
