//! Promise 6: every handoff ends in a final state, or is listed for a person.

use crate::support::{DEADLINE, Dossier, Event, Gateway, Options, PORTAL_ACCOUNT, World, until};
use mock_kit::{Deed, Fault, Wait};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// Handoff ids that the list of what stopped shows.
async fn listed(world: &World) -> BTreeSet<String> {
    let list = world.json(&["dead-letters", "list", "--all"]).await;
    let mut ids = BTreeSet::new();
    collect(&list, &mut ids);
    ids
}

fn collect(value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids)),
        Value::Object(members) => {
            ids.extend(members.get("handoff").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, ids));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn refuse(code: &str) -> Deed {
    Deed::Refuse { code: code.to_owned(), message: "Không hợp lệ".to_owned() }
}

#[tokio::test]
async fn every_handoff_of_a_mixed_run_ends_or_is_listed() {
    let options = Options {
        deadline: "400ms",
        attempts: 4,
        uncertain_limit: "1s",
        feed_silent: true,
        ..Options::default()
    };
    let world = World::with(options).await;
    let mut dossiers: Vec<Dossier> = (0..12).map(|number| Dossier::new(number).by_post()).collect();
    let key = |number: usize| format!("H11.01.07-220915-{number:04}");
    world.portal.fault(Fault::new(refuse("57")).on("DongBoHoSoMC").key(&key(0)));
    world.portal.fault(Fault::new(refuse("58")).on("CapNhatTienDoHoSoMC").key(&key(1)));
    world.portal.fault(Fault::new(Deed::Unavailable { wait: Wait::None }).key(&key(2)));
    world.post.fault(Fault::taken_in_silence("order").key(&dossiers[3].order("TRA")));
    world.post.fault(Fault::new(refuse("150")).on("order").key(&dossiers[4].order("TRA")));
    world.post.fault(Fault::lost_answer("order").key(&dossiers[5].order("TRA")));
    let gateway = world.gateway().await;
    let mut events: Vec<Event> = dossiers.iter_mut().map(|dossier| dossier.status(2)).collect();
    events.extend(dossiers.iter_mut().skip(1).map(|dossier| dossier.status(9)));
    // No phone at all: found when planning, with the field to correct.
    let poor = dossiers[0].status(9).set("/data/applicant/phone", Value::Null);
    events.push(poor.set("/data/postal/return/phone", Value::Null));
    world.publish(&events).await;
    let journal = world.journal();
    until("all events are stored", DEADLINE, || journal.events() == 24).await;
    // What was never tried and is not soon ready waits behind a dead letter.
    let moving = "SELECT count(*) FROM handoff WHERE state IN ('sending', 'uncertain')
         OR (state = 'waiting' AND (attempts > 0 OR ready_at < (unixepoch() + 60) * 1000))";
    let mut healthy = 0..;
    // A budget is spent only while the partner works for others.
    while journal.count(moving) > 0 {
        let number = 1_000 + healthy.next().unwrap();
        assert!(number < 1_100, "{:?}", journal.handoffs());
        world.publish(&[Dossier::new(number).status(2)]).await;
        let rows = format!(
            "SELECT count(*) FROM handoff WHERE kind = 'portal.progress' AND state = 'accepted' AND dossier =
            (SELECT id FROM dossier WHERE key = 'H11.01.07-220915-{number}')"
        );
        until("a healthy dossier is told", DEADLINE, || journal.count(&rows) == 1).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let listed = listed(&world).await;
    let handoffs = journal.handoffs();
    let dead = |code: &str| handoffs.iter().filter(|handoff| handoff.code.as_deref() == Some(code)).count();
    for code in ["PORTAL-57", "PORTAL-58", "POST-150", "GATEWAY-BUDGET-SPENT", "GATEWAY-NO-PHONE"] {
        assert!(dead(code) > 0, "{code} is missing: {handoffs:?}");
    }
    assert_eq!(dead("GATEWAY-UNCERTAIN"), 2, "both uncertain orders go to a person at the limit");
    for handoff in handoffs.iter().filter(|handoff| !handoff.is_final()) {
        // What waits behind a dead letter is accounted for by that letter.
        let held_back = handoff.state == "waiting" && handoff.attempts == 0;
        assert!(listed.contains(&handoff.id) || held_back, "{handoff:?} ends in silence");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_refusal_that_meets_five_dossiers_blocks_the_account_and_resume_heals_all_of_them() {
    let world = World::new().await;
    let fault = world.portal.fault(Fault::new(refuse("-9")).on("DongBoHoSoMC"));
    let mut gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..8).map(Dossier::new).collect();
    let events: Vec<Event> = dossiers.iter_mut().map(|dossier| dossier.status(2)).collect();
    world.publish(&events).await;
    until("blocked", DEADLINE, || gateway.said("an account is blocked until somebody acts") == 1).await;
    let journal = world.journal();
    until("the five are due again", DEADLINE, || {
        journal.count("SELECT count(*) FROM handoff WHERE state = 'dead'") < 5
            && journal.count("SELECT count(*) FROM handoff WHERE state = 'sending'") == 0
    })
    .await;
    let (_, ready) = gateway.ask("/ready").await.unwrap();
    assert_eq!(ready["ready"], true, "the other accounts go on");

    world.portal.clear_fault(fault);
    let resumed = world.command(&["resume", PORTAL_ACCOUNT]).await;
    assert!(resumed.status.success(), "{resumed:?}");
    until("all are healed", DEADLINE, || world.portal.partner().counts().rows == dossiers.len()).await;
    assert_eq!(journal.count("SELECT count(*) FROM handoff WHERE state = 'dead'"), 0);
    gateway.stop().await;
}

/// The metric that alerts watch: age of the oldest handoff in a state.
async fn oldest(gateway: &mut Gateway, state: &str) -> f64 {
    let (_, text) = gateway.ask("/metrics").await.unwrap();
    let name = format!("lienthong_handoff_oldest_seconds{{state=\"{state}\"}} ");
    let line = text.as_str().unwrap().lines().find_map(|line| line.strip_prefix(&name)).map(str::to_owned);
    line.unwrap_or_else(|| panic!("{name} is missing")).parse().unwrap()
}

#[tokio::test]
async fn what_waits_shows_its_age_until_it_has_ended() {
    let world = World::new().await;
    let mut gateway = world.gateway().await;
    world.portal.go_down().await;
    world.publish(&[Dossier::new(1).status(2)]).await;
    until("it waits", DEADLINE, || world.journal().unfinished() > 0).await;
    while oldest(&mut gateway, "waiting").await < 1.0 {
        assert!(world.journal().unfinished() > 0);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    world.portal.come_back().await.unwrap();
    world.settled(1, DEADLINE).await;
    while oldest(&mut gateway, "waiting").await > 0.0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    gateway.stop().await;
}

/// How often an alarm was said, by message and code.
fn alarms(gateway: &Gateway, message: &str, code: &str) -> usize {
    gateway.lines().iter().filter(|line| line["message"] == message && line["reason"] == code).count()
}

/// How many alarms of a code stand, once the watchdogs have looked.
async fn standing(gateway: &mut Gateway, code: &str) -> u32 {
    let name = format!("lienthong_alarm{{alarm=\"{code}\"}} ");
    let end = tokio::time::Instant::now() + DEADLINE;
    loop {
        let (_, text) = gateway.ask("/metrics").await.unwrap();
        let line =
            text.as_str().unwrap().lines().find_map(|line| line.strip_prefix(&name)).map(str::to_owned);
        if let Some(line) = line {
            return line.parse().unwrap();
        }
        assert!(tokio::time::Instant::now() < end, "the watchdogs do not look");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_has_not_ended_raises_one_alarm_by_its_age_and_clears_it_once_through_restarts() {
    const OLD: &str = "WATCH-HANDOFF-OLD";
    let world = World::with(Options { watch: "handoff_old = \"2s\"", ..Options::default() }).await;
    let mut gateway = world.gateway().await;
    world.portal.go_down().await;
    world.publish(&[Dossier::new(1).status(2)]).await;
    until("the alarm is raised", DEADLINE, || alarms(&gateway, "an alarm is raised", OLD) == 1).await;
    assert_eq!(standing(&mut gateway, OLD).await, 1);
    let (status, _) = gateway.ask("/ready").await.unwrap();
    assert_eq!(status, 200, "an alarm leaves the gateway ready");
    let shown = world.json(&["status"]).await;
    let alarm = &shown["alarms"][0];
    assert_eq!(
        (&alarm["alarm"], &alarm["runbook"]),
        (&OLD.into(), &"docs/runbook.md#watch-handoff-old".into())
    );
    assert!(alarm["meaning"].as_str().unwrap().starts_with("Có việc chưa kết thúc"), "{alarm}");
    let text = world.command(&["status"]).await;
    assert!(String::from_utf8(text.stdout).unwrap().contains("CẢNH BÁO"));
    gateway.stop().await;

    let mut gateway = world.gateway().await;
    assert_eq!(standing(&mut gateway, OLD).await, 1, "it is not forgotten");
    assert_eq!(alarms(&gateway, "an alarm is raised", OLD), 0, "nor said again");
    world.portal.come_back().await.unwrap();
    until("the alarm is cleared", DEADLINE, || alarms(&gateway, "an alarm is cleared", OLD) == 1).await;
    world.settled(1, DEADLINE).await;
    // It is said, then stored: a death in between has it said again rather than never.
    let stored = "SELECT count(*) FROM alarm";
    until("its end is stored", DEADLINE, || world.journal().count(stored) == 0).await;
    gateway.kill().await;

    let mut gateway = world.gateway().await;
    assert_eq!(standing(&mut gateway, OLD).await, 0);
    let said = gateway.lines().iter().filter(|line| line["reason"] == OLD).count();
    assert_eq!(said, 0, "what was cleared stays cleared");
    gateway.stop().await;
}
