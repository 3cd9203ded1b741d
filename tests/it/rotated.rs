//! A new secret is taken into use without a restart.

use crate::support::{
    AGENCY_2, DEADLINE, Dossier, Options, PORTAL_ACCOUNT_2, POST_ACCOUNT_2, Secrets, World, until,
};

const BLOCKED: &str = "an account is blocked until somebody acts";

#[tokio::test]
async fn a_corrected_secret_frees_its_account_without_a_restart() {
    let world = World::with(Options { neighbour_is_locked_out: true, ..Options::default() }).await;
    let gateway = world.gateway().await;
    let mut dossier = Dossier::of(AGENCY_2, 1).by_post();
    world.publish(&dossier.statuses(&[2, 9])).await;
    until("both accounts are blocked", DEADLINE, || gateway.said(BLOCKED) == 2).await;
    std::fs::write(world.file("portal-2"), Secrets::PORTAL_2).unwrap();
    std::fs::write(world.file("post-2"), Secrets::POST_2).unwrap();
    gateway.hang_up();
    until("all is told", DEADLINE, || world.journal().unfinished() == 0 && world.rows(&dossier).len() == 2)
        .await;
    assert_eq!(world.post.partner().taken(), 1);
    for account in [PORTAL_ACCOUNT_2, POST_ACCOUNT_2] {
        let replaced = |line: &&serde_json::Value| {
            line["message"] == "an account's secret was replaced" && line["account"] == account
        };
        assert_eq!(gateway.lines().iter().filter(replaced).count(), 1, "{account}");
    }
    assert_eq!(gateway.said(BLOCKED), 2, "and they were blocked once each");
    let refused = world.portal.received("login").iter().filter(|login| !login.took_effect()).count();
    assert_eq!(refused, 1);
    gateway.stop().await;
}

#[tokio::test]
async fn a_secret_that_became_unreadable_changes_nothing() {
    let world = World::new().await;
    let gateway = world.gateway().await;
    std::fs::write(world.file("portal"), "").unwrap();
    gateway.hang_up();
    let told = "the configuration has become wrong: the secrets in use stay";
    until("it is told", DEADLINE, || gateway.said(told) == 1).await;
    let mut dossier = Dossier::new(1);
    world.publish(&dossier.statuses(&[2])).await;
    until("the portal is told", DEADLINE, || world.rows(&dossier).len() == 1).await;
    gateway.stop().await;
}
