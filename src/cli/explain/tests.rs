use super::*;
use crate::config::load_with;
use crate::users::PasswordHash;
use lienthong_commune::{Dialect, Limits};
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The demo's settings with a journal in this folder.
fn settings(folder: &Path) -> Settings {
    let folder = folder.display().to_string();
    let variable = |name: &str| match name {
        "DEMO_ADMIN_PORT" => Some("0".to_owned()),
        "DEMO_AMQP_URL" => Some("amqp://localhost".to_owned()),
        "DEMO_DATA" => Some(folder.clone()),
        "DEMO_PORTAL_URL" | "DEMO_POST_URL" => Some("http://127.0.0.1:1".to_owned()),
        "DEMO_SECRET" => Some("bi-mat".to_owned()),
        "DEMO_USER_PASSWORD" => Some(PasswordHash::of("mật khẩu demo").as_phc().to_owned()),
        _ => None,
    };
    load_with(&Path::new(ROOT).join("config/demo.toml"), &variable).unwrap()
}

fn event(name: &str) -> Event {
    let body = read(&Path::new(ROOT).join("adapters/commune/fixtures/valid").join(name)).unwrap();
    lienthong_commune::decode(Some(Dialect::Json.content_type()), &body, &Limits::default()).unwrap()
}

fn explained(event: &Event, personal: bool) -> Explained {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    Explaining::of(&settings, event, personal).unwrap().explain(event, "json".to_owned()).unwrap()
}

#[test]
fn an_event_is_explained_with_its_exact_payloads_and_without_persons() {
    let event = event("status-changed.json");
    let explained = explained(&event, false);
    assert_eq!(explained.verdict, Verdict::New);
    let kinds: Vec<&str> = explained.handoffs.iter().map(|handoff| handoff.kind).collect();
    assert_eq!(kinds, ["portal.record", "portal.progress", "post.order"]);
    assert!(explained.handoffs.iter().all(|handoff| handoff.wire.is_some()), "{explained:?}");
    let shown = format!("{}{}", text(&explained), serde_json::to_string(&explained).unwrap());
    let applicant = &event.snapshot.applicant;
    let return_to = event.snapshot.postal.return_to.as_ref().unwrap();
    for person in [&applicant.name, applicant.id_number.as_ref().unwrap(), &return_to.address] {
        assert!(!shown.contains(person.as_str()), "{person} in {shown}");
    }
    assert!(shown.contains(&format!("{}-TRA-1", event.dossier_key())), "{shown}");
}

#[test]
fn persons_are_shown_to_who_asks_for_them() {
    let event = event("status-changed.json");
    assert!(text(&explained(&event, true)).contains(&event.snapshot.applicant.name));
}

#[test]
fn a_row_goes_after_the_record_of_its_lane() {
    let explained = explained(&event("status-changed.json"), false);
    let ahead: Vec<usize> = explained.handoffs.iter().map(|handoff| handoff.ahead).collect();
    assert_eq!(ahead, [0, 1, 0]);
    assert!(explained.handoffs.iter().all(|handoff| handoff.due_at.is_some()));
}

#[test]
fn a_source_that_is_not_configured_is_refused() {
    let mut event = event("status-changed.json");
    event.source = lienthong_core::ids::Source::new("urn:nobody");
    let explained = explained(&event, false);
    assert_eq!(explained.verdict, Verdict::SourceUnknown);
    assert!(explained.handoffs.is_empty());
}
