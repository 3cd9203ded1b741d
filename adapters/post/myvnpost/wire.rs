//! The messages of MyVNPost, spelt as the post spells them: what goes out here, what comes in under [`read`].
//!
//! Order: shipping_integration, VnpostProvider.php, which quotes the post's documentation
//! (`https://my-uat.vnpost.vn/static/`), read 08/2026. Codes are texts. Members without a value go out as JSON null.

mod read;

pub(crate) use read::{Created, Decision, FeedRow, Given, Record, Refusal, history, listed, order};

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

/// A request for a token. Its password cannot print.
#[derive(Debug, Serialize)]
pub(crate) struct AskForToken<'a> {
    pub(crate) username: &'a str,
    #[serde(serialize_with = "exposed")]
    pub(crate) password: &'a SecretString,
    #[serde(rename = "customerCode")]
    pub(crate) customer_code: &'a str,
}

fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// An order that is made at once: a status of 0 would leave a draft.
pub(crate) const AT_ONCE: u8 = 1;

/// The direction of all orders: parcels that are sent.
pub(crate) const SENT: &str = "GUI";

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateOrder {
    pub(crate) order_creation_status: u8,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) customer_code: String,
    pub(crate) contract_code: Option<String>,
    pub(crate) information_order: InformationOrder,
}

/// What an order says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InformationOrder {
    pub(crate) sender_name: String,
    pub(crate) sender_phone: String,
    pub(crate) sender_email: Option<String>,
    pub(crate) sender_address: String,
    pub(crate) sender_province_code: String,
    pub(crate) sender_district_code: String,
    pub(crate) sender_commune_code: String,
    pub(crate) receiver_name: String,
    pub(crate) receiver_phone: String,
    pub(crate) receiver_email: Option<String>,
    pub(crate) receiver_address: String,
    pub(crate) receiver_province_code: String,
    pub(crate) receiver_district_code: String,
    pub(crate) receiver_commune_code: String,
    pub(crate) service_code: String,
    pub(crate) addon_service: Vec<Addon>,
    pub(crate) addition_request: Vec<Addon>,
    pub(crate) org_code_collect: Option<String>,
    pub(crate) org_code_accept: Option<String>,
    /// The caller's own number of the order.
    pub(crate) sale_order_code: String,
    pub(crate) content_note: String,
    /// Grams, as a text.
    pub(crate) weight: String,
    pub(crate) width: Option<String>,
    pub(crate) length: Option<String>,
    pub(crate) height: Option<String>,
    pub(crate) vehicle: String,
    pub(crate) send_type: &'static str,
    pub(crate) is_broken: &'static str,
    pub(crate) delivery_time: Option<String>,
    pub(crate) delivery_require: Option<String>,
    pub(crate) delivery_instruction: Option<String>,
}

/// A service beside the main one, such as cash on delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Addon {
    pub(crate) code: String,
    /// `CODE:value`, parted by semicolons; every property is listed.
    pub(crate) prop_value: String,
}

/// A cancel: the one message whose member begins with a capital.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CancelOrder {
    #[serde(rename = "OriginalId")]
    pub(crate) original_id: String,
}
