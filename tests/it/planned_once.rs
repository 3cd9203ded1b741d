//! Promise 2: one event id, one plan, whatever is redelivered; bad input is set aside and harms nobody.

use crate::support::{AGENCY, AGENCY_2, DEADLINE, Dossier, Event, Row, World, until};
use serde_json::{Value, json};

#[tokio::test]
async fn an_event_published_again_is_planned_once_even_after_a_kill() {
    let world = World::new().await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    let events = dossier.statuses(&[2, 4, 9]);
    world.publish(&events).await;
    world.publish(&events).await;
    world.settled(events.len(), DEADLINE).await;
    gateway.kill().await;

    // The same content in other bytes: decomposed letters, other white space.
    let spelt_anew = events.iter().map(|event| {
        let text = String::from_utf8(event.body()).unwrap().replace('ị', "i\u{323}");
        Event(serde_json::from_str(&text).unwrap())
    });
    let spelt_anew: Vec<Event> = spelt_anew.collect();
    let gateway = world.gateway().await;
    world.publish(&spelt_anew).await;
    let last = dossier.status(10);
    world.publish(std::slice::from_ref(&last)).await;
    world.settled(events.len() + 1, DEADLINE).await;

    let expected: Vec<Row> = events.iter().chain([&last]).map(Event::row).collect();
    assert_eq!(world.rows(&dossier), expected);
    assert_eq!(world.post.partner().parcels(&dossier.order("TRA")).len(), 1);
    assert_eq!((world.journal().events(), world.journal().quarantine()), (4, vec![]));
    gateway.stop().await;
}

#[tokio::test]
async fn the_same_id_with_other_content_is_set_aside_as_a_conflict_and_listed() {
    let world = World::new().await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1);
    let event = dossier.status(2);
    let other = event.clone().set("/data/step/text", "Nội dung khác");
    world.publish(&[event.clone(), other, dossier.status(4)]).await;
    world.settled(2, DEADLINE).await;
    until("set aside", DEADLINE, || !world.journal().quarantine().is_empty()).await;
    assert_eq!(world.journal().quarantine(), [("COMMUNE-CONFLICT".to_owned(), Some("id".to_owned()))]);
    assert_eq!(world.rows(&dossier).first(), Some(&event.row()));
    let listed = world.json(&["quarantine", "list"]).await;
    assert!(listed.to_string().contains("COMMUNE-CONFLICT"), "{listed}");
    gateway.stop().await;
}

/// One message that cannot be taken in.
struct Bad {
    content_type: Option<&'static str>,
    body: Vec<u8>,
    code: &'static str,
}

fn bad(body: impl Into<Vec<u8>>, code: &'static str) -> Bad {
    Bad { content_type: Some("application/cloudevents+json"), body: body.into(), code }
}

fn xml(body: &str, code: &'static str) -> Bad {
    Bad { content_type: Some("application/xml"), body: body.into(), code }
}

/// One of each kind that the issue names.
fn bad_input() -> Vec<Bad> {
    let good = || Dossier::new(900).status(2);
    let text = String::from_utf8(good().body()).unwrap();
    let without = |pointer: &str, name: &str| {
        let mut event = good();
        event.0.pointer_mut(pointer).and_then(Value::as_object_mut).unwrap().remove(name);
        event.body()
    };
    let half: String = text.chars().take(text.chars().count() / 2).collect();
    let not_utf8: Vec<u8> = text.bytes().map(|byte| if byte >= 0x80 { 0xff } else { byte }).collect();
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><event>&b;</event>";
    let no_code = good().set("/data/dossier/code", Value::Null).set("/data/dossier/slip", Value::Null);
    vec![
        bad("Kính gửi Bộ phận Một cửa", "COMMUNE-NOT-JSON"),
        bad(not_utf8, "COMMUNE-NOT-UTF8"),
        bad(half, "COMMUNE-TRUNCATED"),
        bad(good().set("/data/dossier/status", "hai").body(), "COMMUNE-WRONG-TYPE"),
        bad(without("/data", "applicant"), "COMMUNE-MISSING-FIELD"),
        bad(without("", "id"), "COMMUNE-MISSING-FIELD"),
        bad(good().set("/type", "vn.dossier.lost").body(), "COMMUNE-UNKNOWN-TYPE"),
        bad(
            good().set("/dataschema", "urn:lienthong:schema:dossier-event:2").body(),
            "COMMUNE-UNKNOWN-VERSION",
        ),
        bad(vec![b'x'; 10 << 20], "COMMUNE-TOO-LARGE"),
        bad(deep, "COMMUNE-TOO-DEEP"),
        xml(bomb, "COMMUNE-DTD"),
        xml("<event xmlns=\"urn:lienthong:schema:dossier-event:1\"><id>&xxe;</id></event>", "COMMUNE-ENTITY"),
        bad("", "COMMUNE-EMPTY"),
        Bad { content_type: Some("text/csv"), body: text.clone().into(), code: "COMMUNE-CONTENT-TYPE" },
        Bad { content_type: None, body: text.into(), code: "COMMUNE-CONTENT-TYPE" },
        bad(no_code.body(), "COMMUNE-NO-DOSSIER"),
        bad(good().set("/data/fees/0/amount", json!(-1)).body(), "COMMUNE-BAD-VALUE"),
    ]
}

#[tokio::test]
async fn what_cannot_be_read_is_set_aside_with_its_reason_and_its_neighbours_are_handed_on() {
    let world = World::new().await;
    let mut gateway = world.gateway().await;
    let key = format!("{AGENCY}.vn.dossier.status-changed");
    let bad = bad_input();
    let mut neighbours: Vec<Dossier> = (0..bad.len()).map(Dossier::new).collect();
    let publisher = world.publisher().await;
    for (bad, neighbour) in bad.iter().zip(&mut neighbours) {
        publisher.publish_bytes(&key, bad.content_type, &bad.body).await;
        publisher.publish(&[neighbour.status(2)]).await;
    }
    world.settled(neighbours.len(), DEADLINE).await;
    let codes: Vec<String> = world.journal().quarantine().into_iter().map(|(code, _)| code).collect();
    let expected: Vec<&str> = bad.iter().map(|bad| bad.code).collect();
    assert_eq!(codes, expected);
    for neighbour in &neighbours {
        assert_eq!(world.rows(neighbour).len(), 1, "{}", neighbour.code);
    }
    assert_eq!(publisher.waiting().await, 0);
    gateway.ready().await;
    let listed = world.json(&["quarantine", "list"]).await.to_string();
    assert!(expected.iter().all(|code| listed.contains(code)), "{listed}");
    gateway.stop().await;
}

#[tokio::test]
async fn a_source_speaks_for_its_own_agencies_only() {
    let world = World::new().await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1);
    let foreign =
        Dossier::of(AGENCY_2, 2).status(2).set("/source", format!("urn:lienthong:commune:{AGENCY}"));
    let unknown = Dossier::new(3).status(2).set("/source", "urn:lienthong:commune:H99");
    let strayed = Dossier::new(4).status(2);
    world.publish(&[foreign, unknown]).await;
    let key = format!("{AGENCY_2}.vn.dossier.status-changed");
    let publisher = world.publisher().await;
    publisher.publish_bytes(&key, Some("application/cloudevents+json"), &strayed.body()).await;
    world.publish(&[dossier.status(2)]).await;
    world.settled(1, DEADLINE).await;
    let aside = world.journal().quarantine();
    let expected = ["agency.code", "source", "routing key"]
        .map(|field| ("COMMUNE-NOT-ALLOWED".to_owned(), Some(field.to_owned())));
    assert_eq!(aside, expected);
    assert_eq!(world.portal.partner().counts().dossiers, 1);
    gateway.stop().await;
}
