//! MyVNPost's field tables.
//!
//! Names and types are those of the customer API as public clients send it (a Drupal module that quotes the post's
//! documentation, read 08/2026). Every member is sent, an absent one as null. Limits named `ASSUMED_` are bounds of this
//! mock only: no public document states them.

use mock_kit::{Field, Format};
use serde_json::Value;

/// Bound of the caller's order number; assumed.
const ASSUMED_NUMBER: usize = 50;
/// Bound of codes and mail addresses; assumed.
const ASSUMED_CODE: usize = 200;
/// Bound of names, addresses and notes; assumed.
const ASSUMED_TEXT: usize = 2000;
/// Bound of services in addition; assumed.
const ASSUMED_ADDONS: usize = 20;

const PHONE: Format = Format::Rule("phải là 0 và 9 hoặc 10 chữ số", is_phone);
const EMAIL: Format = Format::Rule("không phải địa chỉ thư điện tử", is_email);
const NO_SPACE: Format = Format::Rule("không được chứa khoảng trắng", has_no_space);
const PROVINCE: Format = Format::Rule("phải là mã tỉnh bưu chính gồm 2 chữ số", is_province);
const DISTRICT: Format = Format::Rule("phải là VNPOST hoặc 4 chữ số", is_district);
const COMMUNE: Format = Format::Rule("phải là mã xã bưu chính gồm 5 chữ số", is_commune);
const SERVICE: Format = Format::Rule("phải là 3 chữ cái và 3 chữ số", is_service);
const PROPERTIES: Format = Format::Rule("phải có dạng MÃ:giá trị;MÃ:null", are_properties);
const GRAMS: Format = Format::Rule("phải là số gam lớn hơn 0", is_positive);
const ASKED: Format = Format::OneOf(&["1"]);
const PARCELS: Format = Format::OneOf(&["GUI"]);
const DAY: Format = Format::Rule("phải là ngày có thật dạng dd-MM-yyyy", is_day);

const fn code(name: &'static str) -> Field {
    Field::text(name, ASSUMED_CODE).format(NO_SPACE)
}

const fn words(name: &'static str) -> Field {
    Field::text(name, ASSUMED_TEXT)
}

const fn shaped(name: &'static str, format: Format) -> Field {
    Field::text(name, 11).required().format(format)
}

const fn email(name: &'static str) -> Field {
    Field::text(name, ASSUMED_CODE).nullable().format(EMAIL)
}

/// Body of `GetAccessToken`.
pub const TOKEN_FIELDS: [Field; 3] = [
    Field::text("username", ASSUMED_CODE).required(),
    Field::text("password", ASSUMED_CODE).required(),
    code("customerCode").required(),
];

/// Item of `addonService` and `additionRequest`.
pub const ADDON_FIELDS: [Field; 2] =
    [shaped("code", SERVICE), Field::text("propValue", ASSUMED_TEXT).format(PROPERTIES)];

/// `informationOrder` of a create.
pub const INFORMATION_FIELDS: [Field; 31] = [
    words("senderName").required(),
    shaped("senderPhone", PHONE),
    email("senderEmail"),
    words("senderAddress").required(),
    shaped("senderProvinceCode", PROVINCE),
    shaped("senderDistrictCode", DISTRICT),
    shaped("senderCommuneCode", COMMUNE),
    words("receiverName").required(),
    shaped("receiverPhone", PHONE),
    email("receiverEmail"),
    words("receiverAddress").required(),
    shaped("receiverProvinceCode", PROVINCE),
    shaped("receiverDistrictCode", DISTRICT),
    shaped("receiverCommuneCode", COMMUNE),
    shaped("serviceCode", SERVICE),
    Field::list("addonService", &ADDON_FIELDS, ASSUMED_ADDONS),
    Field::list("additionRequest", &ADDON_FIELDS, ASSUMED_ADDONS),
    code("orgCodeCollect").nullable(),
    code("orgCodeAccept").nullable(),
    Field::text("saleOrderCode", ASSUMED_NUMBER).required().format(NO_SPACE),
    words("contentNote").required(),
    Field::text("weight", 6).required().format(GRAMS),
    Field::text("width", 6).nullable().format(GRAMS),
    Field::text("length", 6).nullable().format(GRAMS),
    Field::text("height", 6).nullable().format(GRAMS),
    shaped("vehicle", Format::OneOf(&["BO"])),
    shaped("sendType", Format::OneOf(&["1", "2"])),
    shaped("isBroken", Format::OneOf(&["0", "1"])),
    words("deliveryTime").nullable(),
    words("deliveryRequire").nullable(),
    words("deliveryInstruction").nullable(),
];

/// Body of `CreateOrder`.
pub const ORDER_FIELDS: [Field; 5] = [
    Field::integer("orderCreationStatus", 0, 1),
    shaped("type", PARCELS),
    code("customerCode").required(),
    code("contractCode").nullable(),
    Field::object("informationOrder", &INFORMATION_FIELDS),
];

/// Body of `orderCancel`.
pub const CANCEL_FIELDS: [Field; 1] = [code("OriginalId").required()];

/// Query of `getOrder` and `GetStatusHistoryOrder`.
pub const ONE_FIELDS: [Field; 2] = [shaped("type", ASKED), code("code").required()];

/// Query of `GetListOrder`.
pub const LIST_FIELDS: [Field; 6] = [
    shaped("lastUpdateFrom", DAY),
    shaped("lastUpdateTo", DAY),
    shaped("type", PARCELS),
    Field::text("page", 6).required().format(Format::Rule("phải là số trang từ 0", is_number)),
    Field::text("size", 3).required().format(Format::Rule("phải từ 1 đến 500", is_page_size)),
    Field::text("isInternational", 5).required().format(Format::OneOf(&["false"])),
];

/// A property of the services in addition: `PROP0018` of `GTG021` is the cash to collect.
pub(crate) fn property<'a>(information: &'a Value, service: &str, name: &str) -> Option<&'a str> {
    let addons = information.get("addonService").and_then(Value::as_array)?;
    let addon = addons.iter().find(|addon| mock_kit::text(addon, "code") == service)?;
    pairs(mock_kit::text(addon, "propValue")).find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Checks what a service in addition must carry.
pub(crate) fn check_addons(information: &Value) -> Result<(), String> {
    let addons = information.get("addonService").and_then(Value::as_array);
    for addon in addons.into_iter().flatten() {
        let needed = match mock_kit::text(addon, "code") {
            "GTG021" => "PROP0018",
            "GTG008" => "PROP0026",
            _ => continue,
        };
        let given = pairs(mock_kit::text(addon, "propValue")).find(|(name, _)| *name == needed);
        if !given.is_some_and(|(_, value)| is_positive(value)) {
            return Err(format!("informationOrder.addonService.propValue: thiếu số tiền ở {needed}"));
        }
    }
    Ok(())
}

fn pairs(properties: &str) -> impl Iterator<Item = (&str, &str)> {
    properties.split(';').filter_map(|pair| pair.split_once(':'))
}

fn are_properties(text: &str) -> bool {
    text.split(';').all(|pair| {
        let name_and_value = pair.split_once(':');
        name_and_value.is_some_and(|(name, value)| {
            !value.is_empty() && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    })
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_positive(text: &str) -> bool {
    is_number(text) && text.parse::<u64>().is_ok_and(|number| number > 0)
}

fn is_page_size(text: &str) -> bool {
    is_number(text) && text.parse::<u16>().is_ok_and(|size| (1..=500).contains(&size))
}

fn is_phone(text: &str) -> bool {
    text.starts_with('0') && matches!(text.len(), 10 | 11) && is_number(text)
}

fn is_province(text: &str) -> bool {
    text.len() == 2 && is_number(text)
}

fn is_district(text: &str) -> bool {
    text == "VNPOST" || text.len() == 4 && is_number(text)
}

fn is_commune(text: &str) -> bool {
    text.len() == 5 && is_number(text)
}

fn is_service(text: &str) -> bool {
    let (letters, digits) = text.split_at_checked(3).unwrap_or_default();
    letters.bytes().all(|byte| byte.is_ascii_uppercase()) && digits.len() == 3 && is_number(digits)
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.contains('.'))
        && has_no_space(text)
}

fn has_no_space(text: &str) -> bool {
    !text.contains(char::is_whitespace)
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && read_day(text).is_some()
}

/// A day as `GetListOrder` asks for it.
pub(crate) fn read_day(text: &str) -> Option<jiff::civil::Date> {
    jiff::civil::Date::strptime("%d-%m-%Y", text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_as_many_fields_as_the_contract() {
        assert_eq!(TOKEN_FIELDS.len(), 3, "post contract 5.1");
        assert_eq!(ORDER_FIELDS.len(), 5, "post contract 5.2, outer");
        assert_eq!(INFORMATION_FIELDS.len(), 31, "post contract 5.2: seven for each side, and 17");
        assert_eq!(ADDON_FIELDS.len(), 2, "post contract 5.2, addonService");
        assert_eq!(CANCEL_FIELDS.len(), 1, "post contract 5.3");
        assert_eq!(ONE_FIELDS.len(), 2, "post contract 5.3");
        assert_eq!(LIST_FIELDS.len(), 6, "post contract 5.3");
    }

    #[test]
    fn a_code_is_judged_by_its_shape() {
        let check =
            |fits: fn(&str) -> bool, text: &str, expected: bool| assert_eq!(fits(text), expected, "{text}");
        check(is_phone, "0510000111", true);
        check(is_phone, "+84510000111", false);
        check(is_district, "VNPOST", true);
        check(is_district, "3300", true);
        check(is_district, "0", false);
        check(is_commune, "33112", true);
        check(is_commune, "3312", false);
        check(is_service, "ETN011", true);
        check(is_service, "ETN11", false);
        check(is_service, "EĐ011", false);
        check(are_properties, "PROP0018:8000", true);
        check(are_properties, "PROP0018:8000;PROP0019:null", true);
        check(are_properties, "PROP0018", false);
        check(are_properties, "PROP0018:", false);
        check(is_positive, "100", true);
        check(is_positive, "0", false);
        check(is_positive, "1.5", false);
        check(is_day, "05-11-2026", true);
        check(is_day, "31-11-2026", false);
        check(is_day, "2026-11-05", false);
        check(is_day, "5-11-2026", false);
        check(is_page_size, "500", true);
        check(is_page_size, "501", false);
    }
}
