//! Promise 7: no person in the logs, whatever happens and however closely one looks.

use crate::support::{DEADLINE, Dossier, Event, Gateway, Options, PORTAL_ACCOUNT, Secrets, World, until};
use mock_kit::{Deed, Fault, Stage};

/// What is planted in the events: nothing of it may come out anywhere.
const PLANTED: [(&str, &str); 16] = [
    ("/data/applicant/name", "Lò Thị Trồng"),
    ("/data/applicant/id_number", "999199000177"),
    ("/data/applicant/phone", "0510077701"),
    ("/data/applicant/email", "trong7702@hoso.example"),
    ("/data/step/officer", "Hà Văn Gieo"),
    ("/data/step/text", "Đã gọi cho bà Trồng lúc chiều"),
    ("/data/dossier/subject", "Xác nhận cho bà Trồng"),
    ("/data/dossier/results/0/url", "https://hoso.example/f/7703"),
    ("/data/dossier/documents/0/name", "to-khai-7704.pdf"),
    ("/data/postal/return/name", "Quàng Văn Nhận"),
    ("/data/postal/return/phone", "0510077705"),
    ("/data/postal/return/address", "7706 Lạc Long Quân"),
    ("/data/postal/return/note", "Gọi trước 7707 phút"),
    ("/data/postal/pickup/name", "Quàng Thị Gom"),
    ("/data/postal/pickup/phone", "0510077708"),
    ("/data/postal/pickup/address", "7709 Nguyễn Huệ"),
];

/// Secrets of the configuration, and what the partners gave for them.
fn secrets(world: &World) -> Vec<String> {
    let mut secrets: Vec<String> =
        [Secrets::PORTAL, Secrets::PORTAL_2, Secrets::POST, Secrets::POST_2].map(str::to_owned).into();
    for entry in world.portal.ledger() {
        secrets.extend(entry.json()["session"].as_str().map(str::to_owned));
    }
    secrets.sort();
    secrets.dedup();
    secrets
}

/// An event with everything planted in it.
fn planted(mut event: Event) -> Event {
    let address = event.0["data"]["postal"]["return"].clone();
    event = event
        .set(
            "/data/dossier/documents",
            serde_json::json!([{ "id": "1", "name": "", "part_code": null, "url": null,
            "digitised": true, "reused": 0, "from_store": false }]),
        )
        .set(
            "/data/dossier/results",
            serde_json::json!([{ "code": "KQ.1", "name": "Giấy", "part_code": null, "url": null }]),
        )
        .set("/data/postal/pickup", address);
    for (pointer, value) in PLANTED {
        event = event.set(pointer, value);
    }
    event
}

/// As it is, as JSON escapes it, and as a URL encodes it.
fn spellings(text: &str) -> Vec<String> {
    let escaped: String = text
        .chars()
        .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) })
        .collect();
    let encoded: String =
        text.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
    vec![text.to_owned(), escaped, encoded]
}

/// Every line that tells what nobody may read, with its source.
fn leaks(source: &str, said: &str, world: &World) -> Vec<String> {
    let planted = PLANTED.iter().map(|(_, value)| (*value).to_owned());
    let spelt = planted.chain(secrets(world)).flat_map(|text| spellings(&text));
    spelt
        .filter_map(|text| {
            let line = said.lines().find(|line| line.contains(&text))?;
            Some(format!("{source} tells {text:?}: {}", line.chars().take(300).collect::<String>()))
        })
        .collect()
}

/// Refusals that quote what was sent, lost answers, dead sessions, a message that cannot be read.
async fn live_through(world: &World) -> Vec<Dossier> {
    let quoting = Deed::Refuse {
        code: "58".to_owned(),
        message: "Ông/bà Lò Thị Trồng, 0510077701: sai".to_owned(),
    };
    let mut dossiers: Vec<Dossier> = (0..8).map(|number| Dossier::new(number).by_post()).collect();
    world.portal.fault(Fault::new(quoting.clone()).on("DongBoHoSoMC").key(&dossiers[0].code));
    world.post.fault(Fault::new(quoting).on("order").key(&dossiers[1].order("TRA")));
    world.post.fault(Fault::taken_in_silence("order").key(&dossiers[2].order("TRA")));
    world.portal.fault(Fault::new(Deed::SessionExpired).on("DongBoHoSoMC").after(3).times(2));
    world
        .portal
        .fault(Fault::new(Deed::Reset { stage: Stage::AfterTaking }).on("CapNhatTienDoHoSoMC").times(2));
    world.portal.fault(Fault::new(Deed::HtmlPage { taken: false }).on("DongBoHoSoMC").after(8).times(1));
    let mut events: Vec<Event> = dossiers.iter_mut().map(|dossier| planted(dossier.status(2))).collect();
    events.extend(dossiers.iter_mut().map(|dossier| planted(dossier.event("pickup-requested", 2))));
    events.extend(dossiers.iter_mut().map(|dossier| planted(dossier.status(9))));
    let conflict = events[0].clone().set("/data/dossier/field_name", "Khác");
    let unplannable =
        planted(Dossier::new(90).by_post().status(9)).set("/data/applicant/phone", "0510077701 7710");
    world.publish(&events).await;
    world.publish(&[conflict, unplannable]).await;
    let torn: Vec<u8> = events[3].body().into_iter().take(900).collect();
    world.publisher().await.publish_bytes(&events[3].routing_key(), Some("application/json"), &torn).await;
    let wrong = events[4].clone().set("/data/fees/0/amount", "0510077701 Lò Thị Trồng").body();
    world.publisher().await.publish_bytes(&events[4].routing_key(), Some("application/json"), &wrong).await;
    until("all is taken in", DEADLINE, || {
        world.journal().events() == 25 && world.journal().quarantine().len() == 3
    })
    .await;
    let held_back = "SELECT count(*) FROM handoff WHERE state = 'sending' OR (state = 'waiting' AND ready_at IS NOT NULL)";
    until("nothing is left to send", DEADLINE, || world.journal().count(held_back) == 0).await;
    dossiers
}

async fn outputs(world: &World, gateway: &mut Gateway, dossiers: &[Dossier]) -> Vec<(String, String)> {
    let mut outputs = vec![("the log".to_owned(), gateway.log())];
    for path in ["/live", "/ready", "/metrics"] {
        let (_, body) = gateway.ask(path).await.unwrap();
        outputs.push((path.to_owned(), body.as_str().map_or_else(|| body.to_string(), str::to_owned)));
    }
    let list = world.json(&["dead-letters", "list", "--all"]).await;
    let stopped: Vec<String> =
        world.journal().handoffs().into_iter().filter(|h| h.is_listed()).map(|h| h.id).collect();
    assert!(!stopped.is_empty() && list.to_string().contains(&stopped[0]), "{list}");
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["status"],
        vec!["dead-letters", "list"],
        vec!["desk-tasks", "list"],
        vec!["audit"],
        vec!["quarantine", "list"],
    ];
    commands.extend(dossiers.iter().map(|dossier| vec!["dossier", dossier.code.as_str()]));
    commands.extend(stopped.iter().map(|id| vec!["dead-letters", "show", id.as_str()]));
    commands.extend(["1", "2", "3"].map(|id| vec!["quarantine", "show", id]));
    commands.push(vec!["pause", PORTAL_ACCOUNT, "--reason", "thử"]);
    commands.push(vec!["resume", PORTAL_ACCOUNT]);
    commands.push(vec!["check"]);
    for command in commands {
        let said = world.command(&[command.as_slice(), &["--json"]].concat()).await;
        let text =
            format!("{}\n{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
        outputs.push((command.join(" "), text));
    }
    outputs
}

#[tokio::test]
async fn no_log_metric_or_command_names_a_person_or_a_secret() {
    let options =
        Options { log_filter: "trace", deadline: "500ms", uncertain_limit: "1s", ..Options::default() };
    let world = World::with(options).await;
    let mut gateway = world.gateway().await;
    let dossiers = live_through(&world).await;
    let outputs = outputs(&world, &mut gateway, &dossiers).await;
    let leaks: Vec<String> = outputs.iter().flat_map(|(source, said)| leaks(source, said, &world)).collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    let detailed = gateway
        .lines()
        .iter()
        .filter(|line| matches!(line["level"].as_str(), Some("DEBUG" | "TRACE")))
        .count();
    assert!(detailed > 0, "nothing was looked at closely");
    gateway.stop().await;
}
