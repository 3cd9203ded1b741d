//! What is erased, when, and what erasing and reading cost.

use super::gaps::pickup;
use super::world::{World, at, event, partners};
use crate::journal::erase::OWNERS;
use crate::partners::{Account, Partners};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AccountName;
use lienthong_core::tables::Tables;
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn the_newest_snapshot_stays_until_the_desk_has_ended_and_the_parcel_has_come() {
    let world = World::open();
    // Two at work, one ended, one with a parcel under way.
    world.admit([event(1, 1, 4), event(2, 1, 3), pickup(3, 1), event(4, 1, 9)]).await;
    world.accept_all(at(1)).await;
    world.journal.erase(at(31 * DAY)).await.unwrap();
    let kept = "SELECT count(*) FROM dossier JOIN payload ON payload.id = basis";
    assert_eq!(world.count(kept), 3);
    world.admit([event(1, 2, 3)]).await;
    world.accept_all(at(2)).await;
    world.journal.erase(at(63 * DAY)).await.unwrap();
    assert_eq!(world.count(kept), 2);
}

/// A world whose commune is told what became of its dossiers; [`World::accept_all`] leaves that waiting.
fn told() -> World {
    let name = AccountName::new("commune-1");
    let usual: Vec<Account> = partners().iter().cloned().collect();
    let commune = Account { name: name.clone(), partner: Partner::Commune, ..usual[0].clone() };
    World::changed(Partners::of(usual.into_iter().chain([commune])), |settings| {
        let mut tables = Tables::clone(&settings.tables);
        tables.agencies.values_mut().for_each(|agency| agency.commune_account = Some(name.clone().into()));
        settings.tables = Arc::new(tables);
    })
}

#[tokio::test]
async fn news_that_nobody_takes_keeps_no_person() {
    let world = told();
    world.admit([event(1, 1, 3)]).await;
    world.accept_all(at(1)).await;
    world.journal.erase(at(31 * DAY)).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM dossier JOIN payload ON payload.id = basis"), 0);
    assert_eq!(world.count("SELECT count(*) FROM inbox JOIN payload ON payload.id = inbox.payload"), 0);
    let waiting = "SELECT count(*) FROM handoff JOIN payload ON payload.id = content
         WHERE kind = 'commune.event' AND state = 'waiting'";
    assert_eq!(world.count(waiting), 2, "of the record and of the row, to be told yet");
}

#[tokio::test]
async fn erasing_ends_although_some_snapshots_are_still_needed() {
    let world = World::open();
    world.admit((0..50).map(|dossier| event(dossier, 1, if dossier < 45 { 4 } else { 3 }))).await;
    world.accept_all(at(1)).await;
    let erased = world.journal.erase(at(31 * DAY)).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM dossier WHERE basis IS NULL"), 5);
    // Of each dossier the event, the record and the row; of five the snapshot.
    assert_eq!(erased, 50 * 3 + 5);
    assert_eq!(world.journal.erase(at(31 * DAY)).await.unwrap(), 0);
}

/// The statements that the journal's sources hold, with the names filled in.
fn statements() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/journal");
    let mut statements = vec!["DELETE FROM payload WHERE id = ?1".to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        // Reports are read by commands, on connections of their own; migrations come before everything.
        if path.is_file() && !["report.rs", "migrate.rs", "writer.rs", "tests.rs"].contains(&name) {
            let source = fs::read_to_string(&path).unwrap();
            literals(&source)
                .into_iter()
                .filter(|text| is_statement(text))
                .for_each(|sql| fill(&sql, &mut statements));
        }
    }
    statements
}

/// One statement; a batch of several stands only behind a sabotage, which no released binary holds.
fn is_statement(text: &str) -> bool {
    let verbs = ["SELECT ", "UPDATE ", "DELETE ", "INSERT ", "WITH "];
    verbs.iter().any(|verb| text.starts_with(verb)) && !text.contains(';')
}

fn fill(sql: &str, statements: &mut Vec<String>) {
    use crate::journal::rows::{HANDOFF, OPEN};
    use crate::journal::watch::{in_state, oldest_of_accounts};
    let sql = sql.replace("{oldest}", &oldest_of_accounts("dead")).replace("{here}", &in_state("dead"));
    let sql = sql.replace("{HANDOFF}", HANDOFF).replace("{OPEN}", OPEN).replace("{}", HANDOFF);
    let sql = sql.replace("{GROUPS}", "200");
    for (table, column, condition) in OWNERS {
        let sql = sql.replace("{table}", table).replace("{column}", column).replace("{condition}", condition);
        if !statements.contains(&sql) {
            statements.push(sql);
        }
    }
}

/// The string literals of a source.
fn literals(source: &str) -> Vec<String> {
    let code: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let (mut literals, mut chars) = (Vec::new(), code.chars());
    while let Some(c) = chars.next() {
        if c != '"' {
            continue;
        }
        let mut literal = String::new();
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => literal.extend(chars.next().filter(|escaped| *escaped == '"')),
                c => literal.push(c),
            }
        }
        literals.push(literal);
    }
    literals
}

fn steps(file: &Connection, sql: &str) -> Vec<String> {
    let mut plan =
        file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap_or_else(|error| panic!("{sql}: {error}"));
    plan.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn no_statement_of_the_daemon_walks_a_table_that_grows() {
    let world = World::open();
    let file = world.file();
    file.pragma_update(None, "foreign_keys", true).unwrap();
    let statements = statements();
    assert!(statements.len() > 50, "{}", statements.len());
    let mut walks = Vec::new();
    for sql in statements {
        for step in steps(&file, &sql) {
            let walked = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            // Pauses, edits, tasks, breakers and alarms are a handful, `waiting` and `with_some` are lists of accounts, `head` one
            // of queues, a subquery is looked at by itself. The watchdogs' own indexes hold what is stopped or in doubt, not
            // what has ended.
            let short = ["pause", "edit", "replay_task", "breaker", "alarm", "waiting", "with_some", "head"];
            // Of comparisons there are two a night, and those that somebody asks for.
            let short = [short.as_slice(), &["CONSTANT", "(subquery-1)", "reconcile_run", "r"]].concat();
            let watched = ["INDEX handoff_stopped", "INDEX handoff_uncertain", "INDEX handoff_no_waybill"];
            let is_short = |table| short.contains(&table) || watched.iter().any(|index| step.contains(index));
            if walked.is_some_and(|table| !is_short(table)) {
                walks.push(format!("{step}\n{sql}"));
            }
        }
    }
    assert!(walks.is_empty(), "{walks:#?}");
}
