//! The webhook as a receiver meets it: the receiver here is another mock, which only keeps what comes.

use crate::support::{CUSTOMER, at, myvnpost, order};
use aws_lc_rs::rsa::{Pkcs1PrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use mock_kit::{Answer, Call, Fault, Line, Options, Partner, Reply, Request};
use mock_myvnpost::{Config, NotLoopback, Packet, Running, Signing, Status};
use serde_json::{Value, json};

/// Answers as a receiver of the webhook does.
struct Receiver;

impl Partner for Receiver {
    fn name(&self) -> &'static str {
        "receiver"
    }
    fn endpoint(&self, _head: &Request) -> &'static str {
        "webhook"
    }
    fn read(&self, request: &Request) -> Call {
        let json = serde_json::from_slice(&request.body).map_err(|error| error.to_string());
        Call { json, ..Call::unread("webhook") }
    }
    fn take(&self, _request: &Request, _call: &Call, _now: Timestamp) -> Reply {
        Reply::accepted(Answer::json(200, &json!({ "success": true, "message": "" })))
    }
    fn speak(&self, _line: &Line, _call: &Call, _request: &Request) -> Answer {
        Answer::text(500, "")
    }
    fn state(&self) -> Value {
        Value::Null
    }
    fn duplicates(&self) -> Value {
        Value::Null
    }
    fn reset(&self) {}
    fn command(&self, _request: &Request, _now: Timestamp) -> Option<Answer> {
        None
    }
    fn tick(&self, _now: Timestamp) {}
}

const SENT: &str = "2026-11-05T07:31:02Z";

async fn with_orders() -> Running {
    let (running, client) = myvnpost(Config::default()).await;
    client.create(&order("A")).await;
    client.create(&order("B")).await;
    running.partner().advance_to("A", Status::DELIVERED);
    running
}

/// What the first element's signature is over.
fn signed_text(running: &Running) -> String {
    format!("MYVNP05/11/2026 14:31:02{}14", running.partner().parcels("A")[0].item_code)
}

fn signature(packet: &Packet) -> Vec<u8> {
    STANDARD.decode(packet.body["signature"].as_str().unwrap()).unwrap()
}

fn verifies(running: &Running, packet: &Packet) -> bool {
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, running.partner().webhook_keys().public);
    key.verify(signed_text(running).as_bytes(), &signature(packet)).is_ok()
}

/// What decrypting the signature gives, if it gives anything.
fn decrypted(running: &Running, packet: &Packet) -> Option<String> {
    let key = PrivateDecryptingKey::from_pkcs8(&running.partner().webhook_keys().private).unwrap();
    let key = Pkcs1PrivateDecryptingKey::new(key).unwrap();
    let mut plain = vec![0; key.min_output_size()];
    let plain = key.decrypt(&signature(packet), &mut plain).ok()?;
    String::from_utf8(plain.to_vec()).ok()
}

#[tokio::test]
async fn a_packet_is_signed_over_its_first_element() {
    let running = with_orders().await;
    let packet = |signing: Signing| running.partner().packet(&["A", "B", "none"], at(SENT), signing);
    let signed = packet(Signing::Signature);
    let parcel = running.partner().parcels("A").remove(0);
    let first = &signed.body["data"][0];
    assert_eq!(signed.body["data"].as_array().unwrap().len(), 2);
    assert_eq!(signed.body["sendDate"], "05/11/2026 14:31:02");
    let named = (
        &first["itemCode"],
        &first["originalID"],
        &first["senderCode"],
        &first["status"],
        &first["codAmount"],
    );
    let expected =
        (&json!(parcel.item_code), &json!(parcel.original), &json!(CUSTOMER), &json!(14), &json!(8000));
    assert_eq!(named, expected);
    assert!(verifies(&running, &signed));
    // Only the first element is protected.
    let other = signed.clone().change(1, Status::RETURNED);
    assert_ne!(other, signed);
    assert!(verifies(&running, &other));

    let encrypted = packet(Signing::Encryption);
    assert!(!verifies(&running, &encrypted), "who has the public key alone cannot tell");
    assert_eq!(decrypted(&running, &encrypted), Some(signed_text(&running)));
    assert!(!verifies(&running, &packet(Signing::Foreign)));
    assert_ne!(decrypted(&running, &packet(Signing::Foreign)), Some(signed_text(&running)));
    assert!(STANDARD.decode(packet(Signing::Garbage).body["signature"].as_str().unwrap()).is_err());
    assert!(packet(Signing::Absent).body.get("signature").is_none());
    running.shutdown().await;
}

#[tokio::test]
async fn a_packet_is_sent_and_sent_again_and_the_answer_kept() {
    let running = with_orders().await;
    let receiver = mock_kit::start(Receiver, Options::default()).await.unwrap();
    let url = format!("{}/webhook", receiver.url());
    let packet = running.partner().packet(&["A", "B"], at(SENT), Signing::Signature);
    let first = running.partner().send(&url, &packet).await.unwrap();
    assert_eq!((first.status, &first.answer["success"]), (Some(200), &json!(true)));
    receiver.fault(Fault::lost_answer("webhook"));
    let second = running.partner().send(&url, &packet).await.unwrap();
    assert_eq!(second.status, None);
    let bodies: Vec<Value> = receiver.received("webhook").iter().map(|entry| entry.json()).collect();
    assert_eq!(bodies, [packet.body.clone(), packet.body.clone()], "the same packet, twice");
    assert_eq!(running.partner().deliveries(), [first, second]);
    running.shutdown().await;
    receiver.shutdown().await;
}

#[tokio::test]
async fn a_packet_leaves_this_machine_for_nobody() {
    let running = with_orders().await;
    let packet = running.partner().packet(&["A"], at(SENT), Signing::Absent);
    for url in ["http://192.0.2.1/webhook", "http://hoso.example/webhook", "webhook", "http://[2001:db8::1]/"]
    {
        assert_eq!(running.partner().send(url, &packet).await, Err(NotLoopback), "{url}");
    }
    assert!(running.partner().deliveries().is_empty());
    running.shutdown().await;
}
