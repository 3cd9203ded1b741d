//! The webhook of MyVNPost: is it one, and is it the post's?
//!
//! `POST` with `sendDate`, `signature` and a list `data` (shipping_integration, WebhookReceiver.php and README.md, read
//! 08/2026). The signature covers `MYVNP`, `sendDate`, and of the first element `itemCode` and `status`: nothing protects the
//! others, nor keeps a message from being sent again. So it is judged here and believed nowhere. The post documents
//! RSA-SHA256; its own sample encrypts the text with the public key instead, which nobody but the owner of the private key can
//! check: such a contract is spoken to without a signature.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lienthong_core::nudge::{Judge, Judged};
use serde_json::Value;
use std::fmt;

/// How webhooks of an account are judged.
#[derive(Clone)]
pub enum Signature {
    /// By the post's public key.
    Rsa(PublicKey),
    /// Not at all: they are a hint, and a reading follows whoever sends one.
    None,
}

/// A public key of the post.
#[derive(Clone)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Reads a key in PEM (`PUBLIC KEY` or `RSA PUBLIC KEY`); `None` when it holds none for RSA of 2048 bits or more.
    pub fn from_pem(pem: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(pem).ok()?;
        let inside = text.split_once("-----BEGIN ")?.1;
        let (label, rest) = inside.split_once("-----")?;
        let body = rest.split_once(&format!("-----END {label}-----"))?.0;
        let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        let key = Self(STANDARD.decode(body).ok().filter(|_| label.ends_with("PUBLIC KEY"))?);
        aws_lc_rs::signature::ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key.0).ok().map(|_| key)
    }

    fn signed(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0)
            .verify(text.as_bytes(), signature)
            .is_ok()
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa(_) => "Rsa",
            Self::None => "None",
        })
    }
}

impl Judge for Signature {
    fn judge(&self, body: &[u8]) -> Judged {
        let Some(message) = Message::read(body) else { return Judged::Unreadable };
        match self {
            Self::None => Judged::Unsigned,
            Self::Rsa(key) => match &message.signature {
                Some(signature) if key.signed(&message.text, signature) => Judged::Signed,
                Some(_) | None => Judged::Forged,
            },
        }
    }
}

/// What of a webhook is looked at.
#[derive(Debug, PartialEq, Eq)]
struct Message {
    /// What the post signs.
    text: String,
    signature: Option<Vec<u8>>,
}

impl Message {
    fn read(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let first = value.get("data")?.as_array()?.first()?;
        let sent = word(value.get("sendDate")?)?;
        let (waybill, status) = (word(first.get("itemCode")?)?, word(first.get("status")?)?);
        let signature = value.get("signature").and_then(Value::as_str);
        Some(Self {
            text: format!("MYVNP{sent}{waybill}{status}"),
            signature: signature.and_then(|signature| STANDARD.decode(signature.trim()).ok()),
        })
    }
}

/// A text, or a number as it is written.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
    use serde_json::json;

    fn pem(label: &str, der: &[u8]) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    }

    /// The contract's sample.
    fn sample() -> Value {
        json!({ "sendDate": "05/11/2026 14:31:02", "signature": null,
            "data": [{ "itemCode": "ED210000457VN", "originalID": "OR778100", "senderCode": "T000180000", "status": 14,
                "totalFee": 30800, "codAmount": 8000, "updatedDate": "05/11/2026 14:30:00" }] })
    }

    fn signed(pair: &KeyPair, text: &str) -> Value {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        let mut message = sample();
        message["signature"] = json!(STANDARD.encode(signature));
        message
    }

    #[test]
    fn only_what_the_post_signed_is_signed() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let keys = [pem("PUBLIC KEY", der.as_ref()), pem("RSA PUBLIC KEY", pair.public_key().as_ref())];
        let other = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let text = "MYVNP05/11/2026 14:31:02ED210000457VN14";
        let good = signed(&pair, text);
        let changed = |path: &str, value: Value| {
            let mut message = good.clone();
            *message.pointer_mut(path).unwrap() = value;
            message
        };
        for key in keys {
            let rsa = Signature::Rsa(PublicKey::from_pem(key.as_bytes()).unwrap());
            let check = |message: &Value, expected| {
                assert_eq!(rsa.judge(message.to_string().as_bytes()), expected, "{message}");
            };
            check(&good, Judged::Signed);
            check(&changed("/data/0/totalFee", json!(1)), Judged::Signed);
            check(&changed("/data/0/status", json!("14")), Judged::Signed);
            check(&changed("/data/0/status", json!(9)), Judged::Forged);
            check(&changed("/data/0/itemCode", json!("ED210000999VN")), Judged::Forged);
            check(&changed("/sendDate", json!("06/11/2026 14:31:02")), Judged::Forged);
            check(&changed("/signature", json!("AAAA")), Judged::Forged);
            check(&changed("/signature", json!("no base64!")), Judged::Forged);
            check(&sample(), Judged::Forged);
            check(&signed(&other, text), Judged::Forged);
            check(&json!({}), Judged::Unreadable);
        }
    }

    #[test]
    fn without_a_key_only_the_form_is_judged() {
        fn check(body: &str, expected: Judged) {
            assert_eq!(Signature::None.judge(body.as_bytes()), expected, "{body}");
        }
        check(&sample().to_string(), Judged::Unsigned);
        check(r#"{"sendDate":"x","data":[{"itemCode":"E1","status":"GHTBC"}]}"#, Judged::Unsigned);
        check(r#"{"sendDate":"x","data":[]}"#, Judged::Unreadable);
        check(r#"{"data":[{"itemCode":"E1","status":14}]}"#, Judged::Unreadable);
        check(r#"{"sendDate":"x","data":[{"itemCode":"E1"}]}"#, Judged::Unreadable);
        check("<html>", Judged::Unreadable);
        check("", Judged::Unreadable);
    }

    #[test]
    fn a_key_that_is_none_is_told() {
        fn check(text: &str) {
            assert!(PublicKey::from_pem(text.as_bytes()).is_none(), "{text}");
        }
        check("");
        check("-----BEGIN PUBLIC KEY-----");
        check(&pem("PUBLIC KEY", b"not a key"));
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        check(&pem("PRIVATE KEY", pair.public_key().as_ref()));
    }
}
