//! The webhook: what MyVNPost tells a customer by itself.
//!
//! Only the first element is signed, over `MYVNP`, `sendDate`, its waybill and its status. Documented is a signature
//! (RSA-SHA256, 2048 bits); the post's own sample encrypts the text with the public key instead (PKCS#1 v1.5). The mock can
//! do both, with one pair of keys. What else it leaves unprotected is for a receiver not to believe: [`Packet::change`]
//! changes an element after the signing, and a packet can be sent again and again.

use std::net::IpAddr;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, Pkcs1PublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::answers::{element, moment};
use crate::myvnpost::MyVnPost;
use crate::status::Status;
use crate::store::Parcel;

/// How long a receiver may take; assumed.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a packet is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    /// RSA-SHA256, as documented: the receiver needs [`Keys::public`].
    Signature,
    /// The text itself, encrypted under the public key, as the post's sample does: the receiver needs [`Keys::private`].
    Encryption,
    /// A good signature of another text.
    Foreign,
    /// Something that is no base64.
    Garbage,
    /// No member `signature`.
    Absent,
}

/// The keys of the webhook, DER.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The public key, as `SubjectPublicKeyInfo`.
    pub public: Vec<u8>,
    /// The private key, as PKCS#8.
    pub private: Vec<u8>,
}

/// What is sent: it can be changed after it was signed, and sent more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The body.
    pub body: Value,
}

impl Packet {
    /// Changes the status of an element without signing anew; only the first is protected.
    #[must_use]
    pub fn change(mut self, element: usize, status: Status) -> Self {
        if let Some(found) = self.body.pointer_mut(&format!("/data/{element}/status")) {
            *found = json!(status);
        }
        self
    }
}

/// A packet that was sent, and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What was sent.
    pub packet: Packet,
    /// HTTP status; `None` if there was no answer.
    pub status: Option<u16>,
    /// The answer's body; null if it is no JSON.
    pub answer: Value,
}

/// The pair of keys, made when it is first needed, and what was sent.
#[derive(Debug, Default)]
pub(crate) struct Webhooks {
    pair: OnceLock<KeyPair>,
    sent: Mutex<Vec<Delivery>>,
}

impl Webhooks {
    fn pair(&self) -> &KeyPair {
        self.pair.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).expect("a key of 2048 bits can be made"))
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn clear(&self) {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn keep(&self, delivery: Delivery) {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        let pair = self.pair();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .expect("the signature has the length of the modulus");
        signature
    }

    fn encrypt(&self, text: &str) -> Vec<u8> {
        let public = PublicEncryptingKey::from_der(&self.keys().public).expect("the pair's own key");
        let public = Pkcs1PublicEncryptingKey::new(public).expect("an RSA key");
        let mut encrypted = vec![0; public.ciphertext_size()];
        public.encrypt(text.as_bytes(), &mut encrypted).expect("a text of fifty bytes fits");
        encrypted
    }

    fn keys(&self) -> Keys {
        let pair = self.pair();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("a public key has a form");
        let private: Pkcs8V1Der<'_> = pair.as_der().expect("a private key has a form");
        Keys { public: public.as_ref().to_vec(), private: private.as_ref().to_vec() }
    }

    fn signature(&self, signing: Signing, text: &str) -> Option<Value> {
        let bytes = match signing {
            Signing::Signature => self.sign(text),
            Signing::Encryption => self.encrypt(text),
            Signing::Foreign => self.sign("MYVNP"),
            Signing::Garbage => return Some(json!("không phải base64")),
            Signing::Absent => return None,
        };
        Some(json!(STANDARD.encode(bytes)))
    }
}

impl MyVnPost {
    /// The keys of the webhook: they are the mock's for as long as it lives.
    #[must_use]
    pub fn webhook_keys(&self) -> Keys {
        self.webhooks.keys()
    }

    /// A packet about the newest parcel of each number as it stands now; a number without parcel is left out.
    #[must_use]
    pub fn packet(&self, numbers: &[&str], at: Timestamp, signing: Signing) -> Packet {
        let parcels = numbers.iter().filter_map(|number| self.parcels(number).pop());
        let elements: Vec<Value> =
            parcels.map(|parcel: Parcel| element(&parcel, self.config.dates)).collect();
        self.packet_of(elements, at, signing)
    }

    /// A packet of any elements; a parcel that MyVNPost itself does not have, for instance.
    #[must_use]
    pub fn packet_of(&self, elements: Vec<Value>, at: Timestamp, signing: Signing) -> Packet {
        let send_date = moment(at, self.config.dates);
        let first = elements.first().unwrap_or(&Value::Null);
        let status = first.get("status").map(Value::to_string).unwrap_or_default();
        let text = format!("MYVNP{send_date}{}{status}", mock_kit::text(first, "itemCode"));
        let mut body = json!({ "sendDate": send_date, "data": elements });
        if let Some(signature) = self.webhooks.signature(signing, &text) {
            body["signature"] = signature;
        }
        Packet { body }
    }

    /// Sends a packet to an address of this machine and keeps what came back; no answer is a delivery without status.
    ///
    /// # Errors
    /// The address is not of this machine, or no URL.
    pub async fn send(&self, url: &str, packet: &Packet) -> Result<Delivery, NotLoopback> {
        let target: reqwest::Url = url.parse().map_err(|_no_url| NotLoopback)?;
        let host = target.host_str().unwrap_or_default().trim_matches(['[', ']']);
        if !host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()) {
            return Err(NotLoopback);
        }
        let (status, answer) = post(target, packet).await;
        let delivery = Delivery { packet: packet.clone(), status, answer };
        self.webhooks.keep(delivery.clone());
        Ok(delivery)
    }
}

/// A webhook goes to an address of this machine only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotLoopback;

async fn post(target: reqwest::Url, packet: &Packet) -> (Option<u16>, Value) {
    #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
    let builder = reqwest::Client::builder();
    let redirects = reqwest::redirect::Policy::none();
    let http = builder.no_proxy().redirect(redirects).timeout(PATIENCE).build();
    let http = http.expect("a client without certificates of its own can be made");
    match http.post(target).json(&packet.body).send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            #[expect(clippy::disallowed_methods, reason = "the gateway under test answers in a few bytes")]
            let answer = response.json().await;
            (Some(status), answer.unwrap_or_default())
        }
        Err(_no_answer) => (None, Value::Null),
    }
}
