//! The commune's own system is told what became of its dossiers: each outcome, confirmed, in order, and nobody's name.

use crate::support::{AGENCY, AGENCY_2, COMMUNE_ACCOUNT, DEADLINE, Dossier, Options, World, until};
use mock_commune::Listener;
use mock_kit::{Deed, Fault};
use mock_post::{Advance, Step};
use serde_json::Value;

async fn world() -> World {
    World::with(Options { told: true, ..Options::default() }).await
}

async fn listen(world: &World) -> Listener {
    Listener::bind(&world.vhost.url, &format!("{AGENCY}.#")).await.unwrap()
}

/// A result goes home by post and is delivered.
async fn deliver(world: &World, dossier: &mut Dossier) {
    world.publish(&[dossier.status(9)]).await;
    let order = dossier.order("TRA");
    until("it is ordered", DEADLINE, || world.post.partner().orders().contains_key(&order)).await;
    world.post.partner().advance(&Advance { to: Some(Step::Delivered), ..Advance::default() });
    until("the portal shows 10", DEADLINE, || world.record_status(dossier).as_deref() == Some("10")).await;
}

async fn hears(listener: &Listener, dossier: &Dossier, line: &str) {
    until(&format!("it hears {line}"), DEADLINE, || {
        listener.lines(&dossier.code).iter().any(|one| one == line)
    })
    .await;
}

async fn schema(world: &World) -> jsonschema::Validator {
    let printed = world.command(&["schema", "--outcomes"]).await;
    let schema: Value = serde_json::from_slice(&printed.stdout).unwrap();
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}

#[tokio::test]
async fn a_delivered_result_is_told_step_by_step_and_its_echo_causes_nothing() {
    let world = world().await;
    let listener = listen(&world).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    deliver(&world, &mut dossier).await;
    for line in [
        "portal record 9 accepted",
        "portal progress 9 accepted",
        "order order TRA accepted",
        "parcel TRA collected",
        "parcel TRA delivered",
        "portal record 10 accepted",
        "portal progress 10 accepted",
    ] {
        hears(&listener, &dossier, line).await;
    }
    let validator = schema(&world).await;
    let heard = listener.of(&dossier.code);
    let mut last = 0;
    for one in &heard {
        let problems: Vec<_> = validator.iter_errors(&one.body).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{problems:?} in {}", one.body);
        let sequence: u32 = one.body["sequence"].as_str().unwrap().parse().unwrap();
        assert!(sequence > last, "{sequence} came after {last}");
        last = sequence;
        assert_eq!((one.body["id"].as_str().unwrap(), one.persistent), (one.id.as_str(), true));
        assert_eq!(
            one.key,
            format!("{AGENCY}.{}", one.body["type"].as_str().unwrap().rsplit('.').next().unwrap())
        );
        let text = one.body.to_string();
        assert!(!text.contains("Bưởi") && !text.contains("0510000111"), "a person in {text}");
    }
    // Its system takes the delivery over, and its own publisher sees a change.
    let rows = world.rows(&dossier).len();
    world.publish(&[dossier.status(10)]).await;
    world.settled(2, DEADLINE).await;
    assert_eq!((world.rows(&dossier).len(), listener.of(&dossier.code).len()), (rows, heard.len()));
    gateway.stop().await;
}

#[tokio::test]
async fn cash_that_the_postman_collected_is_told_beside_the_parcel_and_not_to_the_portal() {
    let world = world().await;
    let listener = listen(&world).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    deliver(&world, &mut dossier).await;
    hears(&listener, &dossier, "portal progress 10 accepted").await;
    let rows = world.rows(&dossier).len();
    let order = dossier.order("TRA");
    for (step, told) in [(Step::CashCollected, "collected"), (Step::CashSettled, "settled")] {
        world.post.partner().advance_to(&order, step);
        hears(&listener, &dossier, &format!("order order TRA accepted {told}")).await;
    }
    // The order carried no cash.
    hears(&listener, &dossier, "notice DESK-CASH-UNEXPECTED").await;
    assert_eq!(world.rows(&dossier).len(), rows);
    let validator = schema(&world).await;
    for one in listener.of(&dossier.code) {
        assert!(validator.is_valid(&one.body), "{}", one.body);
    }
    let shown = world.command(&["dossier", &dossier.code]).await;
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("Đã đối soát") && shown.contains("bưu điện: đã thu tiền"), "{shown}");
    gateway.stop().await;
}

#[tokio::test]
async fn what_a_partner_refuses_is_told_with_the_field_to_correct_and_without_its_words() {
    let world = world().await;
    let listener = listen(&world).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    let said = "Ông Lò Văn Quýt, 0510077701: số điện thoại sai";
    let refusal = Deed::Refuse { code: "105".to_owned(), message: said.to_owned() };
    world.post.fault(Fault::new(refusal).on("order").key(&dossier.order("TRA")));
    world.publish(&[dossier.status(9)]).await;
    let stopped =
        || listener.of(&dossier.code).into_iter().find(|one| one.body["data"]["order"]["state"] == "stopped");
    until("it hears of the refusal", DEADLINE, || stopped().is_some()).await;
    let told = stopped().unwrap().body["data"]["order"]["reason"].clone();
    let letter = world.journal().of(&dossier.code, "post.order").remove(0);
    assert_eq!(told["code"].as_str(), letter.code.as_deref());
    assert!(
        told["vi"].as_str().is_some_and(|vi| !vi.is_empty()) && !told.to_string().contains("Quýt"),
        "{told}"
    );
    gateway.stop().await;
}

#[tokio::test]
async fn until_a_queue_is_bound_outcomes_wait_and_nobody_else_does() {
    let world = world().await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    let mut neighbour = Dossier::of(AGENCY_2, 2).by_post();
    world.publish(&[neighbour.status(9)]).await;
    deliver(&world, &mut dossier).await;
    let attempts = |code: &str| {
        let sql = format!("SELECT count(*) FROM attempt WHERE code = '{code}'");
        world.journal().count(&sql)
    };
    until("messages come back", DEADLINE, || attempts("COMMUNE-UNROUTED") > 1).await;
    let told = |state: &str| {
        let all = world.journal().of(&dossier.code, "commune.event");
        all.iter().filter(|one| one.state == state).count()
    };
    assert_eq!((told("accepted"), told("dead")), (0, 0));
    gateway.stop().await;

    let gateway = world.gateway().await;
    let listener = listen(&world).await;
    hears(&listener, &dossier, "portal progress 10 accepted").await;
    world.settled(2, DEADLINE).await;
    let heard: Vec<String> = listener.of(&dossier.code).into_iter().map(|one| one.id).collect();
    let planned: Vec<String> =
        world.journal().of(&dossier.code, "commune.event").into_iter().map(|one| one.id).collect();
    assert_eq!(heard, planned, "all of them, in the order in which they came about");
    assert_eq!(
        world.journal().of(&neighbour.code, "commune.event").len(),
        0,
        "who has no account is told nothing"
    );
    gateway.stop().await;
}

#[tokio::test]
async fn a_death_around_the_confirm_loses_no_outcome_and_tells_none_under_two_ids() {
    for point in [
        "claim.before_commit commune.event",
        "claim.after_commit commune.event",
        "send.answered commune.event accepted",
        "settle.before_commit commune.event accepted",
        "settle.after_commit commune.event accepted#2",
    ] {
        // The order's answer may be lost in the same death: then it is asked for under the same number.
        let options = Options { told: true, number_unique: true, ..Options::default() };
        let world = World::with(options).await;
        let listener = listen(&world).await;
        let dies = world.spawn_to_die(point);
        let mut dossier = Dossier::new(1).by_post();
        until("the exchange is there", DEADLINE, || world.file("journal.db").exists()).await;
        let mut dies = dies;
        dies.ready_or_dead().await;
        world.publish(&[dossier.status(9)]).await;
        let words = dies.last_words().await;
        assert!(words.starts_with(point.split(['#', ' ']).next().unwrap()), "{point}: {words}");
        let gateway = world.gateway().await;
        hears(&listener, &dossier, "order order TRA accepted").await;
        world.settled(1, DEADLINE).await;
        let mut lines = listener.lines(&dossier.code);
        lines.sort();
        let expected = ["order order TRA accepted", "portal progress 9 accepted", "portal record 9 accepted"];
        assert_eq!(lines, expected, "{point}");
        assert_eq!(world.post.partner().doubled(), [], "{point}");
        gateway.stop().await;
    }
}

#[tokio::test]
async fn a_refused_password_stops_outcomes_alone_until_it_is_replaced() {
    let world = world().await;
    let right = std::fs::read_to_string(world.file("commune")).unwrap();
    let (_, place) = right.rsplit_once('@').unwrap();
    std::fs::write(world.file("commune"), format!("amqp://ai-do:sai-7399@{place}")).unwrap();
    let listener = listen(&world).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    deliver(&world, &mut dossier).await;
    until("its account is blocked", DEADLINE, || world.journal().blocked() == [COMMUNE_ACCOUNT]).await;
    assert!(!gateway.log().contains("sai-7399"), "a password in the log");
    std::fs::write(world.file("commune"), right).unwrap();
    hears(&listener, &dossier, "portal progress 10 accepted").await;
    assert_eq!(world.journal().blocked(), [] as [String; 0]);
    gateway.stop().await;
}
