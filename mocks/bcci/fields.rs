//! The field tables of orders with and without a waybill.
//!
//! The members are those of the NGSP interface (post contract §3.2), as the provincial system of 2023 fills them: cash is
//! always a number, an absent mail address may be empty, and `FlagConfig` stands beside. A waybill is one more member.

use mock_kit::{Field, Format, is_waybill, join, text};
use mock_post::fields::{CASH, CUSTOMER_CODE, ORDER_NUMBER, district, is_email, phone, province, words};
use serde_json::Value;

const SHARED: [Field; 18] = [
    CUSTOMER_CODE,
    ORDER_NUMBER,
    CASH,
    province("SenderProvince"),
    district("SenderDistrict"),
    words("SenderAddress").required(),
    words("SenderName").required(),
    phone("SenderTel"),
    words("SenderEmail").nullable(),
    words("SenderDesc").nullable(),
    words("Description").nullable(),
    words("ReceiverName").required(),
    words("ReceiverAddress").required(),
    phone("ReceiverTel"),
    province("ReceiverProvince"),
    district("ReceiverDistrict"),
    words("ReceiverEmail").nullable(),
    Field::integer("FlagConfig", 2, 2),
];
const WAYBILL: Field = Field::text("ItemCode", 13)
    .required()
    .format(Format::Rule("phải là mã vận đơn S10 có số kiểm tra đúng", is_waybill));

/// Body of an order without a waybill.
pub const PLAIN_ORDER_FIELDS: [Field; 18] = SHARED;
/// Body of an order with a waybill.
pub const WAYBILL_ORDER_FIELDS: [Field; 19] = join(&[&SHARED, &[WAYBILL]]);

/// Checks the mail addresses that are there.
pub(crate) fn check_mail(order: &Value) -> Result<(), String> {
    let wrong = ["SenderEmail", "ReceiverEmail"].into_iter().find(|name| {
        let address = text(order, name);
        !address.is_empty() && !is_email(address)
    });
    wrong.map_or(Ok(()), |name| Err(format!("{name}: không phải địa chỉ thư điện tử")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_table_has_as_many_fields_as_the_contract() {
        let names = |table: &[Field]| table.iter().map(|field| field.name).collect::<BTreeSet<_>>();
        let shared = names(&mock_post::ORDER_FIELDS);
        assert_eq!(names(&PLAIN_ORDER_FIELDS), &shared | &BTreeSet::from(["FlagConfig"]), "post contract 4");
        assert_eq!(
            names(&WAYBILL_ORDER_FIELDS),
            &shared | &BTreeSet::from(["FlagConfig", "ItemCode"]),
            "post contract 4"
        );
        assert_eq!((PLAIN_ORDER_FIELDS.len(), WAYBILL_ORDER_FIELDS.len()), (18, 19));
    }
}
