//! How SQLite goes about every statement: none walks through a table that grows.

use super::world::World;
use crate::journal::erase::OWNERS;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

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

/// What a statement of the reports holds where another text is put in: a beginning that several share, or a part that is
/// chosen.
fn desk_parts(sources: &[String]) -> BTreeMap<String, String> {
    use crate::journal::watch::in_state;
    let arrivals = "(SELECT arrived_at, inbox.payload, dossier.agency FROM inbox INDEXED BY inbox_payload_due
         JOIN dossier ON dossier.id = inbox.dossier)";
    let chosen = [
        ("{which}", "h.dossier = ?1".to_owned()),
        (
            "{stopped}",
            "(h.state = 'dead' OR h.state = 'held' OR h.state = 'uncertain') ORDER BY h.dead_at, h.id"
                .to_owned(),
        ),
        ("{from}", "7".to_owned()),
        ("{seen_here}", "agency = ?2".to_owned()),
        ("{NEWEST}", "1000".to_owned()),
        ("{MOST}", "100000".to_owned()),
        ("agency FROM {}", format!("agency FROM {}", in_state("dead"))),
        ("FROM {} WHERE payload", format!("FROM {arrivals} WHERE payload")),
        ("waybill\n             WHERE {}", "waybill WHERE number IS NULL AND retired_at IS NULL".to_owned()),
        ("{}", "1".to_owned()),
    ];
    chosen.map(|(name, text)| (name.to_owned(), text)).into_iter().chain(constants(sources)).collect()
}

/// The texts that have a name, each as it is put in: in braces.
fn constants(sources: &[String]) -> Vec<(String, String)> {
    let named = |source: &String| -> Vec<(String, String)> {
        let after = source.split("const ").skip(1).filter_map(|rest| rest.split_once(": &str ="));
        let text =
            |(name, rest): (&str, &str)| Some((format!("{{{name}}}"), literals(rest).into_iter().next()?));
        after.filter_map(text).collect()
    };
    sources.iter().flat_map(named).collect()
}

/// The statements of the reports, whole.
fn desk_statements() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/journal");
    let paths = fs::read_dir(folder.join("report")).unwrap().map(|entry| entry.unwrap().path());
    let sources: Vec<String> = paths
        .chain([folder.join("report.rs")])
        .filter(|path| path.is_file() && !path.ends_with("tests.rs"))
        .map(|path| {
            fs::read_to_string(path).unwrap().split("#[cfg(test)]").next().unwrap_or_default().to_owned()
        })
        .collect();
    let parts = desk_parts(&sources);
    // A beginning is no statement by itself.
    let is_beginning = |text: &String| {
        let of = |(name, part): (&String, &String)| {
            part == text && sources.iter().any(|source| source.contains(name))
        };
        parts.iter().any(of)
    };
    // The longest first: what is chosen by the words around it comes before what is not.
    let mut names: Vec<&String> = parts.keys().collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let filled =
        |text: String| names.iter().fold(text, |text, name| text.replace(name.as_str(), &parts[*name]));
    let texts = sources.iter().flat_map(|source| literals(source)).filter(|text| !is_beginning(text));
    texts.map(|text| filled(filled(text))).filter(|text| is_statement(text)).collect()
}

#[tokio::test]
async fn no_statement_of_the_desk_walks_a_table_that_grows() {
    let world = World::open();
    let file = world.file();
    let statements = desk_statements();
    assert!(statements.len() > 80, "{}", statements.len());
    // A handful each: pauses, breakers, accounts and their quotas, what is found one by one, lists that are given, what failed
    // on a day. Bulk replays are begun by a person, comparisons twice a night.
    let few = ["pause", "breaker", "account", "quota", "replay_task", "reconcile_run", "r"];
    let given = [
        "names",
        "agencies",
        "with_some",
        "pattern",
        "failure",
        "first_of",
        "json_each",
        "CONSTANT",
        "(subquery-1)",
        "(subquery-2)",
    ];
    // These hold what is open, never what has ended; waybills that partners could not use, and those that nobody has used.
    let open = ["handoff_dead", "handoff_state", "handoff_no_waybill", "flag_open", "inbox_waiting"];
    let open = [open.as_slice(), &["waybill_retired", "waybill_free"]].concat();
    let mut walks = Vec::new();
    for sql in statements {
        // The newest so many rows, or as many as the reader takes.
        let newest_first = sql.contains("ORDER BY id DESC");
        for step in steps(&file, &sql) {
            let Some(walked) = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next()) else {
                continue;
            };
            let is_short = few.contains(&walked) || given.contains(&walked);
            let is_open = open.iter().any(|index| step.contains(&format!("INDEX {index}")));
            let is_newest = newest_first && !step.contains("INDEX");
            if !(is_short || is_open || is_newest) {
                walks.push(format!("{step}\n{sql}"));
            }
        }
    }
    assert!(walks.is_empty(), "{walks:#?}");
}
