//! Checks across the files of this crate: fixtures, schemas, writing and reading back, hostile bytes.

mod agreement;
mod fixtures;
mod hostile;
mod opencps;
mod outcomes;
mod roundtrip;
mod strategy;

use crate::{Dialect, Limits, Refusal, decode};
use lienthong_core::event::Event;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a folder under `fixtures`, by name.
fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (file_name(&path), fs::read(&path).unwrap())).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

fn dialect_of_file(name: &str) -> Dialect {
    if name.ends_with(".xml") { Dialect::Xml } else { Dialect::Json }
}

fn decode_file(name: &str, body: &[u8]) -> Result<Event, Refusal> {
    decode(Some(dialect_of_file(name).content_type()), body, &Limits::default())
}

fn valid(name: &str) -> Event {
    let (_, body) = files("valid").into_iter().find(|(file, _)| file == name).expect(name);
    decode_file(name, &body).unwrap()
}
