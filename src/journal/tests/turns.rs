//! Whose turn it is when more is ready than may go.

use super::id_of;
use super::world::{PORTAL, POST, World, at, event, partners, reason, take};
use crate::journal::command::CommandJournal;
use crate::journal::turns::{HEAD, HEADS};
use crate::journal::{Want, Work};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::outcome::Outcome;
use rusqlite::params_from_iter;

/// Dossiers that are claimed when the portal's account has room for so many calls.
async fn claimed(world: &World, calls: usize) -> Vec<String> {
    let want = Want {
        account: AccountName::new(PORTAL),
        partner: Partner::Portal,
        calls,
        ahead: 0,
        rows_per_call: 10,
    };
    let work = world.journal.claim(vec![want], at(10)).await.unwrap().work.into_iter();
    let dossier = |(_, work)| match work {
        Work::Send(call) => call.handoffs[0].dossier.as_str().to_owned(),
        Work::Ask(question) => question.handoff.dossier.as_str().to_owned(),
        Work::Probe(_) => "a probe".to_owned(),
    };
    work.map(dossier).collect()
}

/// A world in which so many records of as many dossiers are ready.
async fn ready(dossiers: usize) -> World {
    let world = World::open();
    world.admit((0..dossiers).map(|dossier| event(dossier, 1, 2))).await;
    world
}

/// How many of the dossiers claimed are among the handoffs for which `which` holds.
fn of(world: &World, claimed: &[String], which: &str) -> u32 {
    let file = world.file();
    let sql = format!(
        "SELECT count(*) FROM handoff JOIN dossier ON dossier.id = handoff.dossier
         WHERE key = ?1 AND kind = 'portal.record' AND {which}"
    );
    let counts =
        claimed.iter().map(|dossier| file.query_row(&sql, [dossier], |row| row.get::<_, u32>(0)).unwrap());
    counts.sum()
}

#[tokio::test]
async fn a_flood_of_retries_and_replays_leaves_live_work_its_share() {
    let world = ready(100).await;
    let records =
        "kind = 'portal.record' AND id IN (SELECT id FROM handoff WHERE kind = 'portal.record' ORDER BY id";
    // Older and longer due than what is live.
    let file = world.file();
    file.execute(&format!("UPDATE handoff SET replayed = 1, ready_at = 0 WHERE {records} LIMIT 40)"), [])
        .unwrap();
    file.execute(
        &format!("UPDATE handoff SET attempts = 3, ready_at = 0 WHERE {records} LIMIT 40 OFFSET 40)"),
        [],
    )
    .unwrap();
    let first = claimed(&world, 18).await;
    let shares = ["replayed = 0 AND attempts = 1", "replayed = 0 AND attempts > 1", "replayed = 1"];
    assert_eq!(shares.map(|share| of(&world, &first, share)), [12, 4, 2]);
    let rest = claimed(&world, 100).await;
    assert_eq!(rest.len(), 82, "nobody holds a place free for a class that has nothing left");
}

#[tokio::test]
async fn calls_that_come_one_at_a_time_are_shared_alike() {
    let world = ready(40).await;
    world.file().execute("UPDATE handoff SET attempts = 3, ready_at = 0 WHERE id <= 40", []).unwrap();
    let mut live = 0;
    for _ in 0..8 {
        live += of(&world, &claimed(&world, 1).await, "attempts = 1");
    }
    assert_eq!(live, 6);
}

#[tokio::test]
async fn an_agencys_flood_delays_no_other_agency_of_the_account() {
    let world = ready(60).await;
    let file = world.file();
    let of_dossiers = |agency: &str, from: u32, to: u32| {
        let sql = "UPDATE handoff SET agency = ?1 WHERE dossier IN (SELECT id FROM dossier ORDER BY id LIMIT ?2 OFFSET ?3)";
        file.execute(sql, rusqlite::params![agency, to - from, from]).unwrap();
    };
    of_dossiers("H11.01.08", 55, 58);
    of_dossiers("H11.01.09", 58, 60);
    let first = claimed(&world, 9).await;
    let agencies = ["H11.01.07", "H11.01.08", "H11.01.09"];
    let shares = agencies.map(|agency| of(&world, &first, &format!("handoff.agency = '{agency}'")));
    assert_eq!(shares, [4, 3, 2]);
}

#[tokio::test]
async fn what_an_operator_replays_takes_the_turns_of_replays() {
    let world = World::open();
    world.admit([event(1, 1, 9)]).await;
    let mut calls = world.calls(at(1)).await;
    world.settle(take(&mut calls, "post.order"), Outcome::Rejected(reason("TEST-150")), at(1)).await;
    let mut operator = CommandJournal::open(&world.settings, partners(), "canbo").unwrap();
    operator.replay(&id_of(&world, "post.order"), false, None, at(2)).unwrap();
    assert_eq!(
        world.count("SELECT class FROM handoff WHERE kind = 'post.order' AND ready_at IS NOT NULL"),
        3
    );
    assert_eq!(world.calls(at(2)).await.len(), 1);
}

/// A claim must not grow with the backlog: no scan, no sort.
#[tokio::test]
async fn a_claim_reads_heads_and_no_backlog() {
    let world = World::open();
    let file = world.file();
    for (sql, parameters) in [(HEADS, 1), (HEAD, 4)] {
        let mut statement = file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let parameters = [POST, "post.order", "0", "H11.01.07"].into_iter().take(parameters);
        let steps = statement.query_map(params_from_iter(parameters), |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
        assert!(steps.iter().any(|step| step.contains("handoff_turn (account=?")), "{steps:#?}");
        let whole = |step: &&String| {
            step.contains("TEMP B-TREE")
                || (step.starts_with("SCAN")
                    && !["SCAN head", "SCAN (subquery"].iter().any(|known| step.starts_with(known)))
        };
        assert_eq!(steps.iter().find(whole), None, "{steps:#?}");
        if sql == HEADS {
            assert!(
                ["class=? AND agency>?)", "kind=? AND class>?)", "account=? AND kind>?)"]
                    .iter()
                    .all(|next| steps.iter().any(|step| step.contains(next))),
                "{steps:#?}"
            );
        }
    }
}
