//! Every number that is shown, against the query that `docs/digest.md` gives for it.

use super::digest_of;
use super::fixture::{fixed, now};
use crate::journal::tests::figures::docs::documented;
use crate::journal::tests::figures::fixture::{A, B};
use crate::journal::tests::world::World;
use crate::users::Agencies;
use crate::views::digest::Digest;
use rusqlite::{Connection, OpenFlags, params};
use std::collections::BTreeMap;

const DOCUMENT: &str = include_str!("../../../../docs/digest.md");

/// A connection as the document opens it, with what is asked.
fn opened(world: &World, agency: &str, seen: &Digest) -> Connection {
    let documented = documented(DOCUMENT);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = Connection::open_with_flags(&world.settings.journal.path, flags).unwrap();
    connection.execute_batch(&documented.asked).unwrap();
    connection.execute_batch(&documented.views).unwrap();
    let span = params![agency, seen.since.as_millisecond(), seen.until.as_millisecond()];
    connection.execute("UPDATE asked SET agency = ?1, since = ?2, until = ?3", span).unwrap();
    connection
}

fn numbers(seen: &Digest) -> BTreeMap<&'static str, u32> {
    let totals = &seen.totals;
    let count = |count: usize| u32::try_from(count).unwrap();
    [
        ("failed", seen.failed.count),
        ("healed_by_itself", seen.healed_by_itself.count),
        ("revived", seen.revived),
        ("healed_by_hand", seen.healed_by_hand.count),
        ("ended_otherwise", seen.ended_otherwise.count),
        ("open", seen.open.count),
        ("waiting_behind", seen.waiting_behind),
        ("standing", seen.standing.iter().map(|line| line.count).sum()),
        ("events", totals.events.unwrap()),
        ("orders", totals.orders.unwrap()),
        ("records", totals.records.unwrap()),
        ("rows", totals.rows.unwrap()),
        ("quarantined", count(totals.quarantined)),
        ("acts", totals.acts.values().sum()),
        ("pauses", count(totals.pauses.len())),
    ]
    .into()
}

/// Names of the numbers in the JSON, beside what the day is and what is said of it.
fn named(seen: &Digest) -> Vec<String> {
    let mut value = serde_json::to_value(seen).unwrap();
    let totals = value["totals"].take();
    let around = ["day", "since", "until", "as_of", "complete", "says", "totals"];
    let names = value.as_object().unwrap().keys().chain(totals.as_object().unwrap().keys());
    let mut names: Vec<String> = names.filter(|name| !around.contains(&name.as_str())).cloned().collect();
    names.sort();
    names
}

#[tokio::test]
async fn every_number_is_what_its_documented_query_says() {
    let world = fixed().await;
    for day in ["2022-09-13", "2022-09-14", "2022-09-15", "2022-09-16"] {
        for agency in ["*", A, B, "H11.01.*", "H99"] {
            let seen = digest_of(&world, &Agencies::of([agency]).unwrap(), day, now());
            let connection = opened(&world, agency, &seen);
            let queries = documented(DOCUMENT).queries;
            let shown = numbers(&seen);
            assert_eq!(named(&seen), queries.keys().cloned().collect::<Vec<_>>(), "each has a query");
            for (name, sql) in queries {
                let given: u32 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
                assert_eq!(shown.get(name.as_str()), Some(&given), "{name} of {agency} on {day}");
            }
        }
    }
}
