//! What is kept of messages that were set aside.

use super::world::{World, arrival, at, event};
use crate::intake::{AdmittedCounts, Arrival, Read};
use crate::journal::admit::told_key;
use lienthong_commune::Refusal;
use lienthong_core::outcome::ReasonCode;

fn unreadable(redelivered: bool) -> Arrival {
    let refusal = Refusal {
        reason: ReasonCode::known("COMMUNE-NOT-JSON"),
        field: None,
        detail: "Lò Thị Bưởi is no JSON".to_owned(),
        dialect: None,
    };
    Arrival {
        headers: vec![("x-applicant".to_owned(), "Lò Thị Bưởi".to_owned())],
        redelivered,
        read: Read::Refused { refusal, bytes: b"x".to_vec(), size: 1, sha256: [7; 32] },
        ..arrival(event(1, 1, 2), at(0))
    }
}

async fn admit(world: &World, redelivered: bool) -> AdmittedCounts {
    world.journal.admit_batch(vec![unreadable(redelivered)]).await.unwrap()
}

#[tokio::test]
async fn a_message_that_comes_again_is_set_aside_once() {
    let world = World::open();
    assert_eq!(
        admit(&world, true).await.quarantined,
        1,
        "the first time is the first, whatever the broker says"
    );
    let again = admit(&world, true).await;
    assert_eq!((again.quarantined, again.duplicates), (0, 1));
    assert_eq!(admit(&world, false).await.quarantined, 1, "published again, it is another message");
    assert_eq!(world.count("SELECT count(*) FROM quarantine"), 2);
}

#[tokio::test]
async fn headers_and_details_go_with_the_bytes() {
    let world = World::open();
    admit(&world, false).await;
    let kept =
        "SELECT count(*) FROM quarantine WHERE payload IS NOT NULL AND detail <> '' AND headers <> '[]'";
    world.journal.erase(at(89 * 24 * 3600)).await.unwrap();
    assert_eq!(world.count(kept), 1);
    world.journal.erase(at(90 * 24 * 3600)).await.unwrap();
    let gone = "SELECT count(*) FROM quarantine WHERE payload IS NULL AND detail = '' AND headers = '[]'";
    assert_eq!(world.count(gone), 1);
    assert_eq!(world.count("SELECT count(*) FROM payload"), 0);
}

#[test]
fn the_log_tells_only_routing_keys_that_we_could_have_written() {
    let world = World::open();
    let tables = &world.settings.tables;
    fn check(tables: &lienthong_core::tables::Tables, key: &str, expected: &str) {
        assert_eq!(told_key(tables, key), expected);
    }
    check(tables, "H11.01.07.vn.dossier.status-changed", "H11.01.07.vn.dossier.status-changed");
    check(tables, "H11.01.08.vn.dossier.status-changed", "unexpected");
    check(tables, "H11.01.07.vn.dossier.Lò Thị Bưởi", "unexpected");
    check(tables, "H11.01.07.vn.dossier.status-changed.vn.dossier.x", "unexpected");
    check(tables, "", "unexpected");
}
