//! What can be corrected of a dead letter without writing JSON: the field that its reason names, in a person's words.
//!
//! A reason names a field of the *event*, because the desk reads it; a dead letter holds a *content*, made from the event.
//! Here the one is found in the other. What is no single value (a list), or part of the handoff's key, is not offered:
//! the desk sends a new event for that.

use lienthong_core::handoff::{HandoffKind, Leg};
use lienthong_core::text;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// What a field is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Label {
    /// In Vietnamese.
    pub vi: &'static str,
    /// In English.
    pub en: &'static str,
}

/// A field that can be given another value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Correction {
    /// The event's field, such as `postal.return.phone`.
    pub field: String,
    /// Where the content has it, as a JSON pointer.
    pub pointer: String,
    /// What it is called.
    pub label: Label,
    /// What may be typed.
    pub input: Input,
    /// What stands there; masked unless persons were asked for.
    #[schema(value_type = Option<Object>)]
    pub now: Option<Value>,
}

/// What may be typed into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// Anything.
    Text,
    /// A phone number.
    Phone,
    /// Digits alone, as in an amount of đồng.
    Amount,
}

/// What can be corrected of a handoff whose reason names this field; `content` may be masked.
pub fn of(kind: HandoffKind, leg: Option<Leg>, field: &str, content: &Value) -> Vec<Correction> {
    let fields: Vec<String> = match field {
        // The whole address is missing.
        "postal.pickup" | "postal.return" | "postal.forward" => {
            ADDRESS.iter().map(|member| format!("{field}.{member}")).collect()
        }
        one => vec![one.to_owned()],
    };
    fields.into_iter().filter_map(|field| correction(kind, leg, field, content)).collect()
}

/// Members of an address that an order cannot do without.
const ADDRESS: [&str; 5] = ["name", "phone", "address", "province_code", "commune_code"];

fn correction(kind: HandoffKind, leg: Option<Leg>, field: String, content: &Value) -> Option<Correction> {
    let label = label(&field)?;
    let pointer = pointer(kind, leg, &field)?;
    let (parent, member) = pointer.rsplit_once('/')?;
    let now = content.pointer(parent)?.as_object()?.get(member)?;
    if now.is_object() || now.is_array() {
        return None;
    }
    let input = match member {
        "phone" => Input::Phone,
        "amount" | "cash" => Input::Amount,
        _words_or_codes => Input::Text,
    };
    Some(Correction { field, label, input, now: Some(now.clone()).filter(|now| !now.is_null()), pointer })
}

/// Where a content has an event's field.
fn pointer(kind: HandoffKind, leg: Option<Leg>, field: &str) -> Option<String> {
    let path = field.replace(['.', '['], "/").replace(']', "");
    match kind {
        HandoffKind::PostOrder => order_pointer(leg?, field),
        HandoffKind::PortalRecord => Some(match field {
            "dossier.procedure_code" => "/record/procedure".to_owned(),
            "dossier.code" | "dossier.status" | "agency.code" => return None,
            _of_the_snapshot => format!("/record/snapshot/{path}"),
        }),
        HandoffKind::PortalProgress => Some(format!("/row/{}", field.strip_prefix("step.")?)),
        HandoffKind::PortalStatus if field == "step.text" => Some("/status/text".to_owned()),
        HandoffKind::PortalStatus | HandoffKind::PostCancel | HandoffKind::CommuneEvent => None,
    }
}

/// The citizen's end of an order is the sender of what is collected, and the receiver of everything else.
fn order_pointer(leg: Leg, field: &str) -> Option<String> {
    let end = if leg == Leg::Pickup { "from" } else { "to" };
    let member = match field.split('.').collect::<Vec<_>>().as_slice() {
        ["postal", "pickup" | "return" | "forward", member] => *member,
        ["applicant", "phone"] => "phone",
        _elsewhere => return None,
    };
    Some(if member == "note" { "/order/note".to_owned() } else { format!("/order/{end}/{member}") })
}

/// What a field of the event is called; `None` where only its path says it.
pub fn label(field: &str) -> Option<Label> {
    // fees[3].amount is the amount of a fee.
    let steps =
        field.split(['.', '[', ']']).filter(|step| !step.is_empty() && step.parse::<usize>().is_err());
    let path = steps.collect::<Vec<_>>().join(".");
    let (owner, member) = path.split_once('.').unwrap_or((&path, ""));
    let of_address = |address: &str| match member.strip_prefix(address) {
        Some("") => Some(""),
        Some(rest) => rest.strip_prefix('.'),
        None => None,
    };
    let found = match owner {
        "postal" => {
            let sender = of_address("pickup").and_then(|member| named(&SENDER, member));
            sender.or_else(|| {
                let member = of_address("return").or_else(|| of_address("forward"))?;
                named(&RECEIVER, member)
            })
        }
        "applicant" => named(&APPLICANT, member),
        "dossier" => named(&DOSSIER, member),
        "step" => named(&STEP, member),
        "fees" => named(&FEE, member),
        "agency" => named(&AGENCY, member),
        _unknown => None,
    };
    found.map(|(vi, en)| Label { vi, en })
}

type Named = (&'static str, &'static str, &'static str);

fn named(table: &[Named], member: &str) -> Option<(&'static str, &'static str)> {
    table.iter().find(|(name, _, _)| *name == member).map(|(_, vi, en)| (*vi, *en))
}

const SENDER: [Named; 8] = [
    ("", "Địa chỉ lấy hồ sơ", "Address where the papers are collected"),
    ("name", "Họ tên người gửi", "Sender's name"),
    ("phone", "Số điện thoại người gửi", "Sender's phone"),
    ("address", "Địa chỉ người gửi (số nhà, đường, thôn)", "Sender's address (house, street, hamlet)"),
    ("province_code", "Mã tỉnh của người gửi", "Sender's province code"),
    ("district_code", "Mã huyện cũ của người gửi", "Sender's former district code"),
    ("commune_code", "Mã xã của người gửi", "Sender's commune code"),
    ("note", "Lời nhắn cho bưu tá", "Note to the postman"),
];

const RECEIVER: [Named; 8] = [
    ("", "Địa chỉ nhận", "Address of the receiver"),
    ("name", "Họ tên người nhận", "Receiver's name"),
    ("phone", "Số điện thoại người nhận", "Receiver's phone"),
    ("address", "Địa chỉ người nhận (số nhà, đường, thôn)", "Receiver's address (house, street, hamlet)"),
    ("province_code", "Mã tỉnh của người nhận", "Receiver's province code"),
    ("district_code", "Mã huyện cũ của người nhận", "Receiver's former district code"),
    ("commune_code", "Mã xã của người nhận", "Receiver's commune code"),
    ("note", "Lời nhắn cho bưu tá", "Note to the postman"),
];

const APPLICANT: [Named; 4] = [
    ("name", "Họ tên người nộp hồ sơ", "Applicant's name"),
    ("id_number", "Số giấy tờ tùy thân", "Identity number"),
    ("phone", "Số điện thoại người nộp hồ sơ", "Applicant's phone"),
    ("email", "Thư điện tử người nộp hồ sơ", "Applicant's e-mail"),
];

const DOSSIER: [Named; 10] = [
    ("code", "Mã hồ sơ", "Dossier code"),
    ("status", "Trạng thái hồ sơ", "Status of the dossier"),
    ("subject", "Trích yếu hồ sơ", "Summary of the dossier"),
    ("procedure_code", "Mã thủ tục hành chính", "Code of the procedure"),
    ("procedure_name", "Tên thủ tục hành chính", "Name of the procedure"),
    ("field_code", "Mã lĩnh vực", "Code of the field of administration"),
    ("field_name", "Tên lĩnh vực", "Name of the field of administration"),
    ("documents", "Giấy tờ trong hồ sơ", "Papers handed in"),
    ("results", "Giấy tờ kết quả", "Result papers"),
    ("supplements", "Các lần bổ sung giấy tờ", "Rounds of supplements"),
];

const STEP: [Named; 4] = [
    ("officer", "Họ tên cán bộ xử lý", "Officer's name"),
    ("position", "Chức vụ cán bộ xử lý", "Officer's position"),
    ("department", "Phòng, ban xử lý", "Department"),
    ("text", "Nội dung xử lý", "What was done"),
];

const FEE: [Named; 4] = [
    ("", "Phí, lệ phí", "Fees"),
    ("code", "Mã phí, lệ phí", "Code of the fee"),
    ("name", "Tên phí, lệ phí", "Name of the fee"),
    ("amount", "Số tiền phí, lệ phí (đồng)", "Amount of the fee (đồng)"),
];

const AGENCY: [Named; 2] = [
    ("code", "Khai báo của cơ quan trong cấu hình (quản trị viên)", "The agency's profile (administrator)"),
    ("name", "Tên cơ quan", "Name of the agency"),
];

/// Why a typed value cannot be one of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untypable {
    /// Nothing was typed.
    Empty,
    /// No phone number is in it.
    NoPhone,
    /// It is not an amount.
    NoAmount,
}

/// The operation of a JSON Patch that gives the field what somebody typed.
///
/// # Errors
/// When that cannot be its value.
pub fn operation(correction: &Correction, typed: &str) -> Result<Value, Untypable> {
    let typed = text::normalise(typed);
    if typed.is_empty() {
        return Err(Untypable::Empty);
    }
    let value = match correction.input {
        Input::Text => Value::String(typed),
        Input::Phone => Value::String(text::phone(&typed).ok_or(Untypable::NoPhone)?),
        Input::Amount => {
            let digits: String = typed.chars().filter(|c| !matches!(c, '.' | ' ')).collect();
            json!(digits.parse::<u64>().map_err(|_not_a_number| Untypable::NoAmount)?)
        }
    };
    Ok(json!({ "op": "replace", "path": correction.pointer, "value": value }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use HandoffKind::{PortalProgress, PortalRecord, PostCancel, PostOrder};

    fn order() -> Value {
        let end = |name: &str| {
            json!({ "name": name, "phone": "", "address": "", "province_code": "60", "district_code": null,
                    "commune_code": "22966" })
        };
        json!({ "order": { "number": "X-TRA-1", "from": end("Một cửa"), "to": end("L** T** B**"), "note": null } })
    }

    #[test]
    fn a_field_of_the_event_is_found_in_what_is_sent() {
        fn check(kind: HandoffKind, leg: Option<Leg>, field: &str, content: &Value, expected: &[&str]) {
            let found = of(kind, leg, field, content);
            let pointers: Vec<&str> = found.iter().map(|found| found.pointer.as_str()).collect();
            assert_eq!(pointers, expected, "{field}");
        }
        let order = order();
        check(PostOrder, Some(Leg::Return), "postal.return.phone", &order, &["/order/to/phone"]);
        check(PostOrder, Some(Leg::Pickup), "postal.pickup.phone", &order, &["/order/from/phone"]);
        check(PostOrder, Some(Leg::PapersBack), "postal.pickup.name", &order, &["/order/to/name"]);
        check(PostOrder, Some(Leg::Return), "postal.return.note", &order, &["/order/note"]);
        let whole = ["name", "phone", "address", "province_code", "commune_code"];
        let whole = whole.map(|member| format!("/order/to/{member}"));
        check(PostOrder, Some(Leg::Return), "postal.return", &order, &whole.each_ref().map(String::as_str));
        check(PostOrder, Some(Leg::Return), "agency.code", &order, &[]);
        check(PostCancel, Some(Leg::Return), "postal.return.phone", &order, &[]);
        let record = json!({ "record": { "procedure": "1.004873", "snapshot": {
            "dossier": { "subject": "", "documents": [] }, "fees": [{ "amount": 8000 }] } } });
        check(PortalRecord, None, "dossier.subject", &record, &["/record/snapshot/dossier/subject"]);
        check(PortalRecord, None, "fees[0].amount", &record, &["/record/snapshot/fees/0/amount"]);
        check(PortalRecord, None, "fees[1].amount", &record, &[]);
        check(PortalRecord, None, "dossier.procedure_code", &record, &["/record/procedure"]);
        check(PortalRecord, None, "dossier.status", &record, &[]);
        check(PortalRecord, None, "dossier.documents", &record, &[]);
        let row = json!({ "row": { "officer": "", "text": "" } });
        check(PortalProgress, None, "step.officer", &row, &["/row/officer"]);
        check(PortalProgress, None, "dossier.code", &row, &[]);
    }

    #[test]
    fn what_is_typed_becomes_a_value_of_the_field_or_is_refused() {
        fn check(field: &str, typed: &str, expected: Result<Value, Untypable>) {
            let content = match field.starts_with("fees") {
                true => json!({ "record": { "snapshot": { "fees": [{ "amount": 1 }] } } }),
                false => order(),
            };
            let kind = if field.starts_with("fees") { PortalRecord } else { PostOrder };
            let correction = of(kind, Some(Leg::Return), field, &content).remove(0);
            let value = operation(&correction, typed).map(|operation| operation["value"].clone());
            assert_eq!(value, expected, "{field} {typed}");
        }
        check("postal.return.phone", "+84 510 000 222", Ok(json!("0510000222")));
        check("postal.return.phone", "không có", Err(Untypable::NoPhone));
        check("postal.return.phone", " ", Err(Untypable::Empty));
        check("postal.return.name", " Lo\u{300} Thi\u{323} Xuân ", Ok(json!("Lò Thị Xuân")));
        check("fees[0].amount", "1.250.000", Ok(json!(1_250_000)));
        check("fees[0].amount", "8k", Err(Untypable::NoAmount));
    }

    #[test]
    fn fields_have_names_that_people_know() {
        fn check(field: &str, expected: Option<&str>) {
            assert_eq!(label(field).map(|label| label.vi), expected, "{field}");
        }
        check("postal.return.phone", Some("Số điện thoại người nhận"));
        check("postal.pickup.phone", Some("Số điện thoại người gửi"));
        check("postal.forward", Some("Địa chỉ nhận"));
        check("fees[12].amount", Some("Số tiền phí, lệ phí (đồng)"));
        check("fees", Some("Phí, lệ phí"));
        check("agency.code", Some("Khai báo của cơ quan trong cấu hình (quản trị viên)"));
        check("postal.returned", None);
        check("type", None);
    }
}
