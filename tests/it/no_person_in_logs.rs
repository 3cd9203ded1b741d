//! Promise 7: no person in the logs, whatever happens and however closely one looks.
//!
//! Names, numbers, addresses and secrets are planted everywhere; the gateway lives through what a year brings, at the
//! finest level of its log; then everything that it says, to the commune's own system too, is searched for every plant in every spelling.

mod panics;
mod plants;
mod surfaces;

use crate::support::{DEADLINE, Dossier, Event, Gateway, Options, PORTAL_ACCOUNT, World, until};
use mock_commune::Listener;
use mock_kit::{Deed, Fault, Stage};
use mock_post::{Advance, Step};
use plants::{BROKER, ELSEWHERE, MIXED_UP, MIXED_UP_COLUMNS, opencps, planted, with};
use std::time::Duration;
use surfaces::{Surfaces, check_planted};

/// Refusals that quote what was sent, answers with people in them, lost answers, dead sessions.
fn misfortunes(world: &World, dossiers: &[Dossier]) {
    let quote = "Ông/bà Lò Thị Trồng, 0510077701: sai";
    let quoting = Deed::Refuse { code: "58".to_owned(), message: quote.to_owned() };
    // A code in whose place the partner writes a sentence.
    let naming = Deed::Refuse { code: "Lò Thị Trồng".to_owned(), message: quote.to_owned() };
    let page = |status| Deed::Status { status, body: format!("<p>{quote}</p>"), taken: false };
    world.portal.fault(Fault::new(quoting.clone()).on("DongBoHoSoMC").key(&dossiers[0].code));
    world.post.fault(Fault::new(quoting).on("order").key(&dossiers[1].order("TRA")));
    world.post.fault(Fault::taken_in_silence("order").key(&dossiers[2].order("TRA")));
    world.portal.fault(Fault::new(naming).on("CapNhatTienDoHoSoMC").key(&dossiers[3].code));
    world.post.fault(Fault::new(page(400)).on("order").key(&dossiers[4].order("TRA")));
    world.post.fault(Fault::new(page(500)).on("order").key(&dossiers[5].order("GOM")).times(1));
    world.portal.fault(Fault::new(Deed::SessionExpired).on("DongBoHoSoMC").after(3).times(2));
    let lost = Deed::Reset { stage: Stage::AfterTaking };
    world.portal.fault(Fault::new(lost).on("CapNhatTienDoHoSoMC").times(2));
    world.portal.fault(Fault::new(page(502)).on("DongBoHoSoMC").after(8).times(1));
    world.portal.fault(Fault::new(Deed::Unreadable).on("DongBoHoSoMC").after(10).times(1));
}

/// Messages that nobody can take in: torn, mixed up, under an odd type, with people in their headers. Gives their number.
async fn publish_unreadable(world: &World, events: &[Event]) -> usize {
    let publisher = world.publisher().await;
    let key = events[3].routing_key();
    let torn: Vec<u8> = events[3].body().into_iter().take(900).collect();
    publisher.publish_bytes(&key, Some("application/json"), &torn).await;
    for (pointer, person) in MIXED_UP {
        publisher
            .publish_bytes(&key, Some("application/json"), &with(&events[4], pointer, person).body())
            .await;
    }
    let named = format!("application/pdf; name=\"{}\"", ELSEWHERE[1]);
    publisher.publish_bytes(&key, Some(&named), b"%PDF Lo Thi Trong").await;
    publisher.publish_bytes(&key, Some("0510077701"), b"{}").await;
    publisher.publish_bytes(&key, Some("text/xml"), "<Lò-Thị-Trồng/>".as_bytes()).await;
    let headers = [("x-applicant", ELSEWHERE[2]), ("x-phone", "0510077701"), ("Lò Thị Trồng", "1")];
    publisher.publish_with_headers(&key, "application/json", &headers, &torn[..800]).await;
    MIXED_UP.len() + 5
}

/// A site's dossier as OpenCPS has it, and what is wrong with it in every way; gives the number of those set aside.
async fn publish_opencps(world: &World) -> usize {
    let publisher = world.publisher().await;
    let key = "H11.01.07.vn.dossier.status-changed";
    let headers = [("x-dialect", "opencps")];
    let good = opencps();
    let whole = good.to_string().into_bytes();
    publisher.publish_with_headers(key, "application/json", &headers, &whole).await;
    for (column, person) in MIXED_UP_COLUMNS {
        let mut bad = good.clone();
        bad[column] = person.into();
        let bad = bad.to_string().into_bytes();
        publisher.publish_with_headers(key, "application/json", &headers, &bad).await;
    }
    let odd = [
        [("x-dialect", "Lò Thị Trồng"), ("x-source", "0510077701")],
        [headers[0], ("x-source", ELSEWHERE[2])],
    ];
    for headers in odd {
        publisher.publish_with_headers(key, "application/json", &headers, &whole).await;
    }
    publisher.publish_with_headers(key, "application/json", &headers, &whole[..whole.len() - 1]).await;
    publisher.publish_bytes(key, Some("application/json"), &whole).await;
    MIXED_UP_COLUMNS.len() + 4
}

/// Everything that happens; gives the events that were taken in.
async fn live_through(world: &World, dossiers: &mut [Dossier]) -> Vec<Event> {
    let mut events: Vec<Event> = dossiers.iter_mut().map(|dossier| planted(dossier.status(2))).collect();
    events.extend(dossiers.iter_mut().map(|dossier| planted(dossier.event("pickup-requested", 2))));
    events.extend(dossiers.iter_mut().map(|dossier| planted(dossier.status(9))));
    let unplannable =
        with(&planted(Dossier::new(90).by_post().status(9)), "/data/applicant/phone", "0510077701 7710");
    let conflict = with(&events[0], "/data/dossier/field_name", "Khác");
    world.publish(&events).await;
    world.publish(&[conflict, unplannable.clone()]).await;
    events.push(unplannable);
    let unreadable = 1 + publish_unreadable(world, &events).await + publish_opencps(world).await;
    until("all is taken in", DEADLINE, || {
        let (stored, quarantined) = (world.journal().events(), world.journal().quarantine().len());
        usize::try_from(stored).unwrap() == events.len() + 1 && quarantined == unreadable
    })
    .await;
    let to = Some(Step::Delivered);
    world.post.partner().advance(&Advance { to, notes: ELSEWHERE[0].to_owned(), ..Advance::default() });
    let busy = "state = 'sending' OR (state = 'waiting' AND ready_at IS NOT NULL)";
    let end = tokio::time::Instant::now() + DEADLINE;
    while !world.journal().lines(busy).is_empty() {
        assert!(tokio::time::Instant::now() < end, "still to send: {:#?}", world.journal().lines(busy));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    events
}

/// A journal whose payloads are damaged: what reads them must not repeat what it found.
async fn live_through_damage(world: &World, surfaces: &mut Surfaces) {
    let gateway = world.gateway().await;
    world.command(&["pause", PORTAL_ACCOUNT, "--reason", "thử"]).await;
    let events = world.journal().events();
    let mut dossier = Dossier::new(80).by_post();
    world.publish(&[planted(dossier.status(2))]).await;
    until("it is stored", DEADLINE, || world.journal().events() == events + 1).await;
    gateway.stop().await;
    let damaged = world.journal().change(
        "UPDATE payload SET body = CAST(replace(CAST(body AS TEXT), '\"paid\":true', '\"paid\":\"Lò Thị Trồng\"') AS BLOB)",
    );
    assert!(damaged > 0);
    let gateway = world.gateway().await;
    world.command(&["resume", PORTAL_ACCOUNT]).await;
    let quarantined = world.journal().quarantine().len();
    world.publish(&[planted(dossier.status(4))]).await;
    until("it is stored", DEADLINE, || {
        world.journal().events() == events + 2 || world.journal().quarantine().len() > quarantined
    })
    .await;
    until("damage is noticed", DEADLINE, || {
        gateway.lines().iter().any(|line| line["level"] == "ERROR")
            || world.journal().of(&dossier.code, "portal.record").iter().any(|record| record.state == "dead")
    })
    .await;
    surfaces.add("log", "damage", gateway.log());
    surfaces.of_command("command", world, &["dossier", &dossier.code]).await;
    gateway.stop().await;
}

/// A broker that does not take the password, and a log in plain text.
async fn live_through_a_wrong_password(world: &World, surfaces: &mut Surfaces) {
    let url = std::fs::read_to_string(world.file("broker")).unwrap();
    let (_, place) = url.rsplit_once('@').unwrap();
    std::fs::write(world.file("broker"), format!("amqp://ai-do:{BROKER}@{place}")).unwrap();
    let path = world.file("gateway.toml");
    let settings = std::fs::read_to_string(&path).unwrap().replacen("[log]", "[log]\nformat = \"text\"", 1);
    std::fs::write(path, settings).unwrap();
    let gateway = world.spawn();
    until("it was refused", DEADLINE, || gateway.log().contains("WARN") || gateway.log().contains("ERROR"))
        .await;
    surfaces.add("log", "text, wrong password", gateway.log());
    gateway.kill().await;
}

/// The finest level was looked at, and libraries say nothing at it.
fn check_level(gateway: &Gateway) {
    let lines = gateway.lines();
    let fine = |line: &&serde_json::Value| matches!(line["level"].as_str(), Some("DEBUG" | "TRACE"));
    assert!(lines.iter().any(|line| fine(&line)), "nothing was looked at closely");
    let ours = |target: &str| target.starts_with("lienthong");
    let strange = lines.iter().find(|line| fine(line) && !line["target"].as_str().is_some_and(ours));
    assert!(strange.is_none(), "{strange:?}");
}

#[tokio::test]
async fn no_log_metric_or_command_names_a_person_or_a_secret() {
    let filter = "trace,hyper=trace,reqwest=trace,lapin=trace,rusqlite=trace,rustls=trace,h2=trace";
    let options = Options {
        log_filter: filter,
        deadline: "500ms",
        uncertain_limit: "1s",
        dead_row_holds: "1s",
        told: true,
        opencps: true,
        ..Options::default()
    };
    let world = World::with(options).await;
    let mut dossiers: Vec<Dossier> = (0..8).map(|number| Dossier::new(number).by_post()).collect();
    misfortunes(&world, &dossiers);
    let commune = Listener::bind(&world.vhost.url, "#").await.unwrap();
    let mut gateway = world.gateway().await;
    let mut surfaces = Surfaces::default();
    let events = live_through(&world, &mut dossiers).await;
    surfaces.of_outcomes(&commune);
    surfaces.of_commands(&world, &dossiers).await;
    surfaces.of_an_edit(&world, &dossiers[1]).await;
    surfaces.of_files(&world).await;
    surfaces.of_gateway(&mut gateway).await;
    check_level(&gateway);
    gateway.stop().await;
    check_planted(&world, &events);
    live_through_damage(&world, &mut surfaces).await;
    surfaces.of_journal(&world);
    live_through_a_wrong_password(&world, &mut surfaces).await;
    surfaces.of_broken_configurations(&world).await;
    let leaks = surfaces.leaks(&world);
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}
