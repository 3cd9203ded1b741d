//! What a migration makes of a journal that was filled before it.

use super::figures::fixture::{ROWS, code, fixed};
use super::world::World;
use crate::journal::{migrate, open};
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::Path;

/// The fixed journal as version 11 kept it: the same rows, without what came later.
fn of_version_11(world: &World, path: &Path) -> Connection {
    let mut old = open::connect(path).unwrap();
    migrate::migrate_to(&mut old, 11, Timestamp::UNIX_EPOCH).unwrap();
    old.pragma_update(None, "foreign_keys", false).unwrap();
    old.execute("ATTACH ?1 AS newer", [world.settings.journal.path.to_str().unwrap()]).unwrap();
    let tables = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name <> 'migration'";
    for table in texts(&old, tables) {
        let columns =
            texts(&old, &format!("SELECT name FROM pragma_table_info('{table}', 'main')")).join(", ");
        old.execute(&format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}"), [])
            .unwrap();
    }
    old.execute("DETACH newer", []).unwrap();
    old.pragma_update(None, "foreign_keys", true).unwrap();
    old
}

fn texts(file: &Connection, sql: &str) -> Vec<String> {
    let mut statement = file.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// What the figures count from that version 12 brought, a line each.
fn facts(file: &Connection) -> Vec<String> {
    let dossiers = "SELECT key || ' ' || ifnull(received_at, '-') || ' ' || ifnull(promised_at, '-') || ' ' || return_by_post
         FROM dossier ORDER BY key";
    let orders =
        "SELECT number || ' ' || ifnull(cash, '-') FROM handoff WHERE kind = 'post.order' ORDER BY number";
    let others = "SELECT kind FROM handoff WHERE kind <> 'post.order' AND cash IS NOT NULL";
    [dossiers, orders, others].iter().flat_map(|sql| texts(file, sql)).collect()
}

#[tokio::test]
async fn a_journal_from_before_the_figures_has_the_facts_that_the_gateway_would_have_written() {
    let world = fixed().await;
    let folder = tempfile::tempdir().unwrap();
    let mut old = of_version_11(&world, &folder.path().join("journal.db"));
    migrate::migrate(&mut old, Timestamp::UNIX_EPOCH).unwrap();
    let expected = facts(&world.file());
    assert_eq!(facts(&old), expected);
    let (received, cash) =
        ("SELECT count(*) FROM dossier WHERE received_at % 1000 = 999", "SELECT sum(cash) FROM handoff");
    let one = |sql: &str| old.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((one(received), one(cash)), (1, 57_000), "milliseconds and money are among them");
}

#[tokio::test]
async fn what_is_erased_or_damaged_stays_unknown_and_stops_no_migration() {
    let world = fixed().await;
    let folder = tempfile::tempdir().unwrap();
    let mut old = of_version_11(&world, &folder.path().join("journal.db"));
    let (erased, damaged) = (code(&ROWS[1]), code(&ROWS[2]));
    let (without, broken) = (format!("{}-TRA-1", code(&ROWS[9])), format!("{}-TRA-1", code(&ROWS[10])));
    let change = |sql: &str, name: &str| assert_eq!(old.execute(sql, [name]).unwrap(), 1, "{sql}");
    change("UPDATE dossier SET basis = NULL WHERE key = ?1", &erased);
    change(
        "UPDATE payload SET body = x'7bff' WHERE id = (SELECT basis FROM dossier WHERE key = ?1)",
        &damaged,
    );
    change("UPDATE handoff SET content = NULL WHERE number = ?1 AND kind = 'post.order'", &without);
    let order = "UPDATE payload SET body = x'7bff'
         WHERE id = (SELECT content FROM handoff WHERE number = ?1 AND kind = 'post.order')";
    change(order, &broken);
    migrate::migrate(&mut old, Timestamp::UNIX_EPOCH).unwrap();
    let (before, after) = (facts(&world.file()), facts(&old));
    assert_eq!(before.len(), after.len());
    let changed: Vec<(&String, &String)> = before.iter().zip(&after).filter(|(was, is)| was != is).collect();
    let named: Vec<&str> = changed.iter().map(|(_, is)| is.split(' ').next().unwrap()).collect();
    assert_eq!(named, [&erased, &damaged, &without, &broken]);
    let received: Vec<&str> = changed.iter().map(|(_, is)| is.split(' ').nth(1).unwrap()).collect();
    assert_eq!(received, ["-"; 4]);
}
