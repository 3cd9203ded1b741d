//! What stands in the table of `docs/operating.md` is served by the page, by the API and by the command line, and what is
//! served stands in it.

use super::Stage;
use crate::cli::Arguments;
use clap::{Command, CommandFactory as _};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const DOCUMENT: &str = include_str!("../../../docs/operating.md");

/// A line of the table: what stands in backquotes in each column.
struct Line {
    page: Vec<String>,
    api: Vec<String>,
    command: Vec<String>,
}

fn lines() -> Vec<Line> {
    let (_, behind) = DOCUMENT.split_once("\n## The same by page, API and command\n").unwrap();
    let table = behind.split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<String>>();
    let line = |row: &str| {
        let cells: Vec<&str> = row.split('|').collect();
        let [_, _, page, api, command, _] = cells[..] else { panic!("four columns: {row}") };
        Line { page: quoted(page), api: quoted(api), command: quoted(command) }
    };
    rows.map(line).collect()
}

fn all(of: impl Fn(&Line) -> &Vec<String>) -> BTreeSet<String> {
    lines().iter().flat_map(|line| of(line).clone()).collect()
}

/// Every source of the page, without tests.
fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            sources(&path, texts);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            texts.push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// `GET /path` of each route that the sources of the page name. A path is a literal, a constant beside it, or a menu's.
fn routes() -> BTreeSet<String> {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page"), &mut texts);
    let layout = texts.iter().find(|text| text.contains("pub(crate) enum Menu")).unwrap();
    let mut routes = BTreeSet::new();
    for text in &texts {
        for call in text.split(".route(").skip(1) {
            let (path, methods) = call.split_once(',').unwrap();
            let methods = methods.split(['\n', ';']).next().unwrap();
            let literal = |text: &str| text.split('"').nth(1).unwrap().to_owned();
            let path = match path {
                literally if literally.starts_with('"') => literal(literally),
                // Static files: they are looked at by their own test.
                "path" => continue,
                menu if menu.starts_with("Menu::") => {
                    let name = menu.strip_prefix("Menu::").unwrap().strip_suffix(".path()").unwrap();
                    let paths = layout.split_once("fn path(self)").unwrap().1;
                    literal(paths.split_once(&format!("Self::{name} => ")).unwrap().1)
                }
                constant => literal(text.split_once(&format!("const {constant}: &str = ")).unwrap().1),
            };
            let named = |method: &str| {
                [format!("{method}("), format!(".{method}(")].iter().any(|call| methods.contains(call))
            };
            let served = ["get", "post", "delete", "put"].into_iter().filter(|method| named(method));
            let served: Vec<String> =
                served.map(|method| format!("{} {path}", method.to_uppercase())).collect();
            assert!(!served.is_empty(), "{path}: {methods}");
            routes.extend(served);
        }
    }
    routes
}

#[test]
fn each_route_of_the_page_stands_in_the_table_and_each_in_the_table_is_one() {
    let routes = routes();
    assert!(routes.len() > 40, "{routes:#?}");
    assert_eq!(all(|line| &line.page), routes);
}

#[tokio::test]
async fn each_page_in_the_table_is_served() {
    let stage = Stage::new().await;
    let mut browser = stage.logged_in("quan").await;
    let csrf = browser.gets("/acts").await.csrf().to_owned();
    let headers = [("content-type", "application/json"), ("x-csrf-token", csrf.as_str())];
    for route in all(|line| &line.page) {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace(['{', '}'], "");
        // A method that nothing has is refused where there is a route, and else there is none.
        let answer = browser.sends("PATCH", &path, &headers, "").await;
        assert!(matches!(answer.status, 405 | 422), "{method} {path}: {}", answer.status);
    }
    let answer = browser.sends("PATCH", "/nowhere", &headers, "").await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn each_endpoint_stands_in_the_table_and_each_in_the_table_is_one() {
    let stage = Stage::new().await;
    let (_, document) = stage.asks("quan", "/api/v1/openapi.json").await;
    let mut endpoints = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap();
        let methods = ["get", "post", "delete", "put", "patch"].into_iter();
        let served = methods.filter(|method| item.get(method).is_some());
        endpoints.extend(served.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    assert_eq!(all(|line| &line.api), endpoints);
}

#[test]
fn each_command_in_the_table_is_one_and_speaks_json() {
    let mut arguments = Arguments::command();
    arguments.build();
    for written in all(|line| &line.command) {
        let mut command: &Command = &arguments;
        for word in written.split_whitespace() {
            if let Some(switch) = word.strip_prefix("--") {
                let known = command.get_arguments().any(|argument| argument.get_long() == Some(switch));
                assert!(known, "{written}: {word}");
            } else {
                let inner = command.find_subcommand(word);
                command = inner.unwrap_or_else(|| panic!("{written}: {word}"));
            }
        }
        assert!(command.get_arguments().any(|argument| argument.get_long() == Some("json")), "{written}");
        assert!(
            command.get_subcommands().next().is_none() || written == "figures" || written.contains("--"),
            "{written} is a whole command"
        );
    }
}

#[test]
fn whatever_the_page_shows_or_does_is_an_endpoint_and_a_command() {
    let alone = ["/sync/reported", "/post/persons", "/post/slip", "/dossiers/{key}/persons"]
        .map(|path| format!("GET {path}"));
    let at_the_door = ["/login", "/logout", "/language/{code}"];
    for line in lines() {
        for route in &line.page {
            let path = route.split_once(' ').unwrap().1;
            let is_whole = !line.api.is_empty() && !line.command.is_empty();
            assert!(is_whole || alone.contains(route) || at_the_door.contains(&path), "{route}");
        }
    }
}
