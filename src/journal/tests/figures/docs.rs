//! Every number that is shown, against the query that `docs/figures.md` gives for it.

use super::figures_of;
use super::fixture::{A, B, C, fixed, now};
use crate::journal::report::Asked;
use crate::journal::tests::world::World;
use crate::views::figures;
use lienthong_core::figures::Period;
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OpenFlags, params};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DOCUMENT: &str = include_str!("../../../../docs/figures.md");

/// What the document gives: the table of what is asked, the views, and a query a number.
pub(crate) struct Documented {
    pub(crate) asked: String,
    pub(crate) views: String,
    pub(crate) queries: BTreeMap<String, String>,
}

pub(crate) fn documented(document: &str) -> Documented {
    let (mut blocks, mut queries) = (Vec::new(), BTreeMap::new());
    let (mut heading, mut block) = (None, None::<String>);
    for line in document.lines() {
        match (&mut block, line) {
            (None, "```sql") => block = Some(String::new()),
            (Some(sql), "```") => {
                match &heading {
                    Some(heading) => assert_eq!(queries.insert(String::clone(heading), sql.clone()), None),
                    None => blocks.push(sql.clone()),
                }
                block = None;
            }
            (Some(sql), line) => sql.extend([line, "\n"]),
            (None, line) if line.starts_with('#') => {
                heading =
                    line.strip_prefix("### `").and_then(|rest| rest.strip_suffix('`')).map(str::to_owned);
            }
            (None, _prose) => {}
        }
    }
    let [asked, views] = blocks.try_into().expect("two blocks stand before the numbers");
    Documented { asked, views, queries }
}

/// A connection as the document opens it, with what is asked for an agency.
fn opened(world: &World, documented: &Documented, agency: &str, asked: &Asked) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = Connection::open_with_flags(&world.settings.journal.path, flags).unwrap();
    connection.execute_batch(&documented.asked).unwrap();
    connection.execute_batch(&documented.views).unwrap();
    let millis = |at: jiff::Timestamp| at.as_millisecond();
    connection
        .execute(
            "UPDATE asked SET agency = ?1, period = ?2, begins = ?3, ends = ?4, now = ?5, not_collected_since = ?6,
                 at_risk_until = ?7",
            params![
                agency,
                asked.period.name(),
                millis(asked.period.begins()),
                millis(asked.period.ends()),
                millis(asked.now),
                millis(asked.left_since),
                millis(asked.at_risk_until)
            ],
        )
        .unwrap();
    connection
}

/// What a query gives: nothing, a number, or how many and how much.
fn given(connection: &Connection, sql: &str) -> Value {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let Some(row) = rows.next().unwrap() else { return Value::Null };
    let cell = |place: usize| match row.get(place).unwrap() {
        Cell::Integer(number) => json!(number),
        Cell::Real(number) => json!(number),
        Cell::Null => Value::Null,
        other @ (Cell::Text(_) | Cell::Blob(_)) => panic!("{sql} gives {other:?}"),
    };
    if columns == 2 { json!({ "count": cell(0), "sum": cell(1) }) } else { cell(0) }
}

#[tokio::test]
async fn every_number_is_what_its_documented_query_says() {
    let world = fixed().await;
    let documented = documented(DOCUMENT);
    let days = Period::of_days("2026-11-12".parse().unwrap(), "2026-11-13".parse().unwrap()).unwrap();
    let named = ["2026-10", "2026-11", "2026-Q4", "2026", "2026-12"].map(|name| Period::read(name).unwrap());
    for period in named.into_iter().chain([days]) {
        for agency in [A, B, C] {
            let seen = figures_of(&world, |code| code == agency, period).agencies.remove(0);
            let asked = figures::asked(&world.settings, period, now());
            let connection = opened(&world, &documented, agency, &asked);
            let Value::Object(mut numbers) = serde_json::to_value(&seen).unwrap() else {
                panic!("an object")
            };
            numbers.retain(|key, _| key != "agency" && key != "name");
            let keys: Vec<&String> = documented.queries.keys().collect();
            assert_eq!(
                numbers.keys().collect::<Vec<_>>(),
                keys,
                "every number has a query, and every query a number"
            );
            for (key, shown) in numbers {
                let number = |value: &Value| value.as_f64().map_or(json!(value), |number| json!(number));
                let expected = given(&connection, &documented.queries[&key]);
                assert_eq!(number(&shown), number(&expected), "{key} of {agency} in {period}");
            }
        }
    }
}

#[test]
fn the_document_tells_each_reason_and_who_must_act() {
    for missing in lienthong_core::figures::Missing::ALL {
        let line = DOCUMENT.lines().find(|line| line.starts_with(&format!("| `{}` |", missing.name())));
        let line = line.unwrap_or_else(|| panic!("{missing:?} is not documented"));
        assert!(line.ends_with(&format!("| {} |", missing.who().name())), "{line}");
    }
}
