//! The post's field tables, and the kinds of field that its other order interface has as well.
//!
//! Names, types and required marks are those of the NGSP order API (OpenCPS v2, `VNPostInputModel.java`, and the public
//! SDK's classes, read 08/2026). Every member is sent, an absent one as null. Limits named `ASSUMED_` are bounds of this
//! mock only: no public document states them.

use mock_kit::{Field, Format};

/// Bound of the order number; assumed.
const ASSUMED_NUMBER: usize = 50;
/// Bound of codes and mail addresses; assumed.
const ASSUMED_CODE: usize = 200;
/// Bound of names, addresses and notes; assumed.
const ASSUMED_TEXT: usize = 2000;
/// Bound of cash on delivery in đồng; assumed.
const ASSUMED_CASH: i64 = 100_000_000;

const PHONE: Format = Format::Rule("phải là 0 và 9 hoặc 10 chữ số", is_phone);
const EMAIL: Format = Format::Rule("không phải địa chỉ thư điện tử", is_email);
const NO_SPACE: Format = Format::Rule("không được chứa khoảng trắng", has_no_space);

/// Names, addresses and notes.
#[must_use]
pub const fn words(name: &'static str) -> Field {
    Field::text(name, ASSUMED_TEXT)
}

/// A phone number.
#[must_use]
pub const fn phone(name: &'static str) -> Field {
    Field::text(name, 11).required().format(PHONE)
}

const fn email(name: &'static str) -> Field {
    Field::text(name, ASSUMED_CODE).nullable().format(EMAIL)
}

/// A VNPost postal province code.
#[must_use]
pub const fn province(name: &'static str) -> Field {
    Field::integer(name, 1, 99)
}

/// A VNPost postal district code; 0 or null where there are no districts.
#[must_use]
pub const fn district(name: &'static str) -> Field {
    Field::integer(name, 0, 99_999).nullable()
}

/// A customer's code.
pub const CUSTOMER_CODE: Field = Field::text("CustomerCode", ASSUMED_CODE).required().format(NO_SPACE);
/// The caller's number of an order.
pub const ORDER_NUMBER: Field = Field::text("OrderNumber", ASSUMED_NUMBER).required().format(NO_SPACE);
/// Cash to collect, in đồng.
pub const CASH: Field = Field::integer("CODAmount", 0, ASSUMED_CASH);

/// Body of a create.
pub const ORDER_FIELDS: [Field; 17] = [
    CUSTOMER_CODE,
    ORDER_NUMBER,
    CASH.nullable(),
    province("SenderProvince"),
    district("SenderDistrict"),
    words("SenderAddress").required(),
    words("SenderName").required(),
    phone("SenderTel"),
    email("SenderEmail"),
    words("SenderDesc").nullable(),
    words("Description").nullable(),
    words("ReceiverName").required(),
    words("ReceiverAddress").required(),
    phone("ReceiverTel"),
    province("ReceiverProvince"),
    district("ReceiverDistrict"),
    email("ReceiverEmail"),
];

/// Query of a cancel.
pub const CANCEL_FIELDS: [Field; 2] = [CUSTOMER_CODE, ORDER_NUMBER];

/// Query of the tracking feed.
pub const TRACKING_FIELDS: [Field; 2] = [
    Field::text("pagesize", 4).required().format(Format::Rule("phải từ 1 đến 1000", is_page_size)),
    Field::text("lastId", 24).required().format(Format::Rule("phải có 24 chữ số hệ 16", is_object_id)),
];

/// Body of the token call, a form.
pub const TOKEN_FIELDS: [Field; 1] =
    [Field::text("grant_type", 30).required().format(Format::OneOf(&["client_credentials"]))];

fn is_phone(text: &str) -> bool {
    text.starts_with('0') && matches!(text.len(), 10 | 11) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text has the shape of a mail address.
#[must_use]
pub fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.contains('.'))
        && has_no_space(text)
}

fn has_no_space(text: &str) -> bool {
    !text.contains(char::is_whitespace)
}

fn is_page_size(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|size| (1..=1000).contains(&size))
}

fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_as_many_fields_as_the_contract() {
        assert_eq!(ORDER_FIELDS.len(), 17, "post contract 3.2");
        assert_eq!(CANCEL_FIELDS.len(), 2, "post contract 3.3");
        assert_eq!(TRACKING_FIELDS.len(), 2, "post contract 3.4");
        assert_eq!(TOKEN_FIELDS.len(), 1, "post contract 3.1");
    }

    #[test]
    fn a_code_is_judged_by_its_shape() {
        let check =
            |fits: fn(&str) -> bool, text: &str, expected: bool| assert_eq!(fits(text), expected, "{text}");
        check(is_phone, "0510000111", true);
        check(is_phone, "02163000111", true);
        check(is_phone, "+84510000111", false);
        check(is_phone, "510000111", false);
        check(is_phone, "051000011", false);
        check(is_phone, "0510 000 11", false);
        check(is_page_size, "1000", true);
        check(is_page_size, "0", false);
        check(is_page_size, "1001", false);
        check(is_object_id, "000000000000000000000000", true);
        check(is_object_id, "00000000000000000000000g", false);
        check(is_object_id, "0", false);
    }
}
