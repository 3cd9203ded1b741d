//! Everything that the gateway says, and what is searched in it.

use super::plants::{EDITED, PLANTED, RECEIPT, planted, sought};
use crate::support::{Dossier, Event, Gateway, PORTAL_ACCOUNT, Secrets, World};
use mock_commune::Listener;
use std::os::unix::fs::PermissionsExt;

/// What was said, by whom.
#[derive(Default)]
pub(super) struct Surfaces {
    said: Vec<(&'static str, String, String)>,
}

impl Surfaces {
    /// Adds what one place of a surface said.
    pub(super) fn add(&mut self, surface: &'static str, place: impl Into<String>, said: impl Into<String>) {
        self.said.push((surface, place.into(), said.into()));
    }

    /// The listener's pages, the process's arguments and environment, and the log so far.
    pub(super) async fn of_gateway(&mut self, gateway: &mut Gateway) {
        for path in ["/live", "/ready", "/metrics"] {
            let (_, body) = gateway.ask(path).await.unwrap();
            self.add("listener", path, body.as_str().map_or_else(|| body.to_string(), str::to_owned));
        }
        self.add("process", "arguments", gateway.process_file("cmdline"));
        // Empty: nothing is handed over by it. One byte stands for it, so that it counts as looked at.
        self.add("process", "environment", format!("\0{}", gateway.process_file("environ")));
        self.add("log", "trace", gateway.log());
    }

    /// What the commune's own system is told: refusals that quote people among it.
    pub(super) fn of_outcomes(&mut self, commune: &Listener) {
        let stopped = commune.once().iter().filter(|one| one.line().contains(" stopped ")).count();
        assert!(stopped > 0, "it was told of a refusal");
        for one in commune.all() {
            self.add("outcome", one.key.clone(), format!("{} {}", one.key, one.body));
        }
    }

    /// Every column of every table but the one in which people may stand.
    pub(super) fn of_journal(&mut self, world: &World) {
        for (column, text) in world.journal().columns() {
            if column != "payload.body" {
                self.add("journal", column, text);
            }
        }
    }

    /// A command, as text and as JSON.
    pub(super) async fn of_command(&mut self, surface: &'static str, world: &World, arguments: &[&str]) {
        let as_json = [arguments, &["--json"]].concat();
        let said = tokio::join!(world.command(arguments), world.command(&as_json));
        for (arguments, said) in [(arguments, said.0), (&as_json, said.1)] {
            let text = [said.stdout, said.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            self.add(surface, arguments.join(" "), text.concat());
        }
    }

    /// The commands that look at what there is.
    pub(super) async fn of_commands(&mut self, world: &World, dossiers: &[Dossier]) {
        let stopped: Vec<String> =
            world.journal().handoffs().into_iter().filter(|h| h.is_listed()).map(|h| h.id).collect();
        assert!(!stopped.is_empty());
        let quarantined = world.journal().quarantine().len();
        let numbers: Vec<String> = (1..=quarantined).map(|number| number.to_string()).collect();
        let mut commands: Vec<Vec<&str>> = vec![
            vec!["status"],
            vec!["dead-letters", "list"],
            vec!["dead-letters", "list", "--all"],
            vec!["desk-tasks", "list"],
            vec!["audit"],
            vec!["quarantine", "list"],
            vec!["pause", PORTAL_ACCOUNT, "--reason", "thử"],
            vec!["resume", PORTAL_ACCOUNT],
            vec!["check"],
            vec!["check", "--connect"],
            vec!["schema"],
        ];
        commands.extend(dossiers.iter().take(4).map(|dossier| vec!["dossier", dossier.code.as_str()]));
        commands.extend(stopped.iter().map(|id| vec!["dead-letters", "show", id.as_str()]));
        commands.extend(numbers.iter().map(|number| vec!["quarantine", "show", number.as_str()]));
        for command in commands {
            self.of_command("command", world, &command).await;
        }
    }

    /// A person corrects the content of an order by hand.
    pub(super) async fn of_an_edit(&mut self, world: &World, dossier: &Dossier) {
        let orders = world.journal().of(&dossier.code, "post.order");
        let dead = orders.iter().find(|order| order.state == "dead").expect("an order that was refused");
        let file = world.file("patch.json");
        let patch = serde_json::json!({ "order": { "to": { "name": EDITED[0], "phone": EDITED[1] } } });
        std::fs::write(&file, patch.to_string()).unwrap();
        let edit = ["dead-letters", "replay", &dead.id, "--edit", file.to_str().unwrap(), "--reason", "thử"];
        self.of_command("command", world, &edit).await;
        self.of_command("command", world, &["dead-letters", "replay", &dead.id, "--replan"]).await;
        let done = world.command(&[&edit[..], &["--yes"]].concat()).await;
        assert!(done.status.success(), "{done:?}");
        self.add("command", "replay --edit --yes", String::from_utf8_lossy(&done.stdout));
        for command in [&["audit"][..], &["lane", "show", &dossier.code], &["dead-letters", "show", &dead.id]]
        {
            self.of_command("command", world, command).await;
        }
    }

    /// The commands that read an event from a file: readable, torn, of the wrong type, not there.
    pub(super) async fn of_files(&mut self, world: &World) {
        let good = planted(Dossier::new(70).by_post().status(9)).body();
        let wrong =
            String::from_utf8(good.clone()).unwrap().replace("\"paid\":true", "\"paid\":\"Lò Thị Trồng\"");
        let torn: Vec<u8> = good.iter().take(1_500).copied().collect();
        for (name, body) in [("good.json", good), ("wrong.json", wrong.into_bytes()), ("torn.json", torn)] {
            std::fs::write(world.file(name), body).unwrap();
        }
        std::fs::write(world.file("torn.xml"), "<Lò-Thị-Trồng>0510077701</Lò-Thị-Trồng>").unwrap();
        for file in ["good.json", "wrong.json", "torn.json", "torn.xml", "nowhere.json"] {
            for command in ["explain", "publish"] {
                self.of_command("file", world, &[command, file]).await;
            }
        }
    }

    /// What is said of a configuration that is broken where a secret stands.
    pub(super) async fn of_broken_configurations(&mut self, world: &World) {
        let path = world.file("gateway.toml");
        let good = std::fs::read_to_string(&path).unwrap();
        let (written, secret) = ("password = { file = \"portal\" }", Secrets::PORTAL);
        assert!(good.contains(written));
        let broken = [
            format!("password = \"{secret}\""),
            format!("password = \"{secret}"),
            format!("password = {{ file = \"portal\", env = \"{secret}\" }}"),
            format!("password = [\"{secret}\"]"),
            "password = { file = \"nowhere\" }".to_owned(),
            format!("{written}\nadapter_url = \"http://a:{secret}@cong.example\""),
        ];
        for broken in broken {
            std::fs::write(&path, good.replacen(written, &broken, 1)).unwrap();
            for command in ["check", "status", "run"] {
                self.of_command("broken configuration", world, &[command]).await;
            }
        }
        std::fs::write(&path, good).unwrap();
        std::fs::set_permissions(world.file("portal"), PermissionsExt::from_mode(0o644)).unwrap();
        self.of_command("broken configuration", world, &["check"]).await;
        std::fs::write(world.file("broker"), format!("amqp:/ai:{}@khong-dau", super::plants::BROKER))
            .unwrap();
        self.of_command("broken configuration", world, &["check"]).await;
    }

    /// Prints what was searched, and gives every line that tells what nobody may read.
    pub(super) fn leaks(&self, world: &World) -> Vec<String> {
        let sought = sought(world);
        let mut surfaces: Vec<&str> = self.said.iter().map(|(surface, ..)| *surface).collect();
        surfaces.dedup();
        surfaces.sort_unstable();
        surfaces.dedup();
        println!("{} spellings are searched for in", sought.len());
        for surface in surfaces {
            let places: Vec<_> = self.said.iter().filter(|(of, ..)| *of == surface).collect();
            let bytes: usize = places.iter().map(|(.., said)| said.len()).sum();
            println!("  {surface:<22} {:>4} places {bytes:>9} bytes", places.len());
            assert!(places.iter().all(|(.., said)| !said.is_empty()), "{surface}: a place says nothing");
        }
        let mut leaks = Vec::new();
        for (surface, place, said) in &self.said {
            leaks.extend(sought.iter().filter_map(|text| {
                let line = said.lines().find(|line| line.contains(text.as_str()))?;
                let line: String = line.chars().take(300).collect();
                Some(format!("{surface}, {place} tells {text:?}: {line}"))
            }));
        }
        leaks
    }
}

/// What is planted is where it must be, so that the search is not for nothing.
pub(super) fn check_planted(world: &World, events: &[Event]) {
    let payloads: String = world
        .journal()
        .columns()
        .into_iter()
        .filter(|(column, _)| column == "payload.body")
        .map(|(_, text)| text)
        .collect();
    let bodies = |ledger: Vec<std::sync::Arc<mock_kit::Entry>>| -> String {
        ledger.iter().map(|entry| String::from_utf8_lossy(&entry.body).into_owned()).collect()
    };
    let told = bodies(world.portal.ledger()) + &bodies(world.post.ledger());
    let mut missing = Vec::new();
    for (pointer, text) in PLANTED {
        assert!(
            events.iter().any(|event| event.0.pointer(pointer).is_some_and(|value| value == text)),
            "{pointer}"
        );
        // The payload keeps it as it was, or as JSON writes it.
        if !payloads.contains(text) {
            missing.push(pointer);
        }
    }
    assert!(!payloads.contains(RECEIPT), "a receipt's secret is in the payloads");
    assert!(missing.is_empty(), "planted, but not in the payloads: {missing:?}");
    let at_partners = PLANTED.iter().filter(|(_, text)| told.contains(text)).count();
    println!("{} plants, all in payloads, {at_partners} told to partners", PLANTED.len());
    assert!(at_partners >= 12, "{at_partners} plants reached the partners");
}
