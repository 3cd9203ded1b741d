//! The post's order API, as its contract has it: token, order, cancel, tracking feed.
//!
//! A second order with the same number is taken, as a second parcel: whether the post refuses one is not known, and a
//! doubled order must show in the ledger. Parcels do not move: the feed is always empty.

use super::State;
use super::http::{Answer, Request};
use super::ledger::What;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

pub(crate) const TOKEN: &str = "/token";
pub(crate) const ORDER: &str = "/ngsp/orders";
pub(crate) const CANCEL: &str = "/ngsp/orders/cancel";
pub(crate) const TRACKING: &str = "/ngsp/orders/tracking";

/// An order, as far as it is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Order<'a> {
    customer_code: &'a str,
    order_number: &'a str,
    sender_tel: &'a str,
    receiver_tel: &'a str,
    sender_province: u32,
    receiver_province: u32,
}

const DONE: &str = r#"{"Status":100,"Message":""}"#;
const MALFORMED: &str = r#"{"Status":102,"Message":"Dữ liệu không hợp lệ"}"#;
const UNKNOWN: &str = r#"{"Status":103,"Message":"Không tìm thấy đơn hàng"}"#;
const CUSTOMER: &str = r#"{"Status":105,"Message":"Mã khách hàng không thuộc tài khoản này"}"#;
const UNAUTHORISED: &str = r#"{"fault":{"code":900901,"message":"Invalid Credentials"}}"#;
const NO_ROWS: &str = r#"{"_size":0,"_total_pages":0,"_returned":0,"_embedded":{"rh:doc":[]}}"#;

/// An answer that refuses, with the reason for the ledger.
type Refusal = (u16, &'static str, &'static str);

/// Takes a call.
pub(crate) fn take(state: &mut State, request: &Request<'_>) -> Answer {
    let wanted = match request.path {
        TOKEN | ORDER => "POST",
        CANCEL | TRACKING => "GET",
        _ => "",
    };
    let taken = if request.method == wanted {
        serve(state, request)
    } else {
        Err((404, "{}", "post: wrong address"))
    };
    taken.unwrap_or_else(|(status, body, reason)| {
        state.refuse(reason);
        Answer::fixed(status, body)
    })
}

fn serve(state: &mut State, request: &Request<'_>) -> Result<Answer, Refusal> {
    if request.path == TOKEN {
        return give_token(state, request);
    }
    let token = request.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
    if token.is_none_or(|token| !state.sessions.contains(token)) {
        return Err((401, UNAUTHORISED, "post: wrong token"));
    }
    match request.path {
        ORDER => place_order(state, request),
        CANCEL => call_off(state, request),
        _ => Ok(read_feed(state)),
    }
}

fn give_token(state: &mut State, request: &Request<'_>) -> Result<Answer, Refusal> {
    let accounts = &state.accounts;
    let expected =
        format!("Basic {}", STANDARD.encode(format!("{}:{}", accounts.customer_key, accounts.secret)));
    if request.header("authorization") != Some(&*expected) {
        return Err((401, r#"{"error":"invalid_client"}"#, "post: wrong credentials"));
    }
    if request.body != b"grant_type=client_credentials" {
        return Err((400, r#"{"error":"unsupported_grant_type"}"#, "post: malformed"));
    }
    let entry = state.ledger.open();
    state.ledger.note(&entry, What::Token, "", 0, 0);
    let token = crate::load::random_name();
    let answer = format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#);
    state.sessions.insert(token);
    Ok(Answer::made(200, answer))
}

fn place_order(state: &mut State, request: &Request<'_>) -> Result<Answer, Refusal> {
    const REFUSED: Refusal = (400, MALFORMED, "post: malformed");
    let order: Order<'_> = serde_json::from_slice(request.body).map_err(|_unread| REFUSED)?;
    if order.customer_code != state.accounts.customer_code {
        return Err((403, CUSTOMER, "post: wrong customer"));
    }
    let phones = [order.sender_tel, order.receiver_tel];
    let phones_fit = phones.iter().all(|phone| phone.starts_with('0') && (10..=11).contains(&phone.len()));
    let provinces = [order.sender_province, order.receiver_province];
    if order.order_number.is_empty() || !phones_fit || provinces.contains(&0) {
        return Err(REFUSED);
    }
    let entry = state.ledger.open();
    state.note(&entry, What::Order, order.order_number, 0, 0);
    state.numbers.insert(order.order_number.to_owned());
    Ok(Answer { after: state.delay, ..Answer::fixed(201, DONE) })
}

fn call_off(state: &mut State, request: &Request<'_>) -> Result<Answer, Refusal> {
    let mut pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
    let number = pairs.find(|(name, _)| *name == "OrderNumber").map(|(_, number)| number);
    let Some(number) = number.filter(|number| state.numbers.contains(*number)) else {
        return Err((201, UNKNOWN, "post: no such order"));
    };
    let entry = state.ledger.open();
    state.note(&entry, What::Cancel, number, 0, 0);
    Ok(Answer { after: state.delay, ..Answer::fixed(201, DONE) })
}

fn read_feed(state: &mut State) -> Answer {
    let entry = state.ledger.open();
    state.ledger.note(&entry, What::Feed, "", 0, 0);
    Answer::fixed(200, NO_ROWS)
}
