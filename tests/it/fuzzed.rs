//! What the fuzz targets found, in the gate: corpora, findings, mutations, and the worst inputs that a cap lets in.
//!
//! The properties are those of `tests/fuzz` (see its README), checked with a stable compiler. A corpus file is an input
//! that reached code which no smaller one did; a finding is one that broke a property once.

mod mutations;
mod properties;
mod settings;
mod worst;

use properties::{TARGETS, Target};
use std::path::{Path, PathBuf};

/// Files of a target at most, and their bytes: a corpus is minimised before it is kept.
const FILES: usize = 250;
const BYTES: usize = 400 * 1024;

fn folder(kind: &str, target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz").join(kind).join(target)
}

/// The files of a folder, by name; none where there is no folder.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// Checks one input; a panic names it.
fn check(target: Target, shown: &str, bytes: &[u8]) {
    let (name, property) = target;
    let checked = std::panic::catch_unwind(|| property(bytes));
    assert!(checked.is_ok(), "{name}: {shown}");
}

#[test]
fn every_kept_input_keeps_the_properties() {
    for target in TARGETS {
        let name = target.0;
        let (corpus, findings) = (files(&folder("corpus", name)), files(&folder("findings", name)));
        for (path, bytes) in corpus.iter().chain(&findings) {
            check(target, &path.display().to_string(), bytes);
        }
        let bytes: usize = corpus.iter().map(|(_, bytes)| bytes.len()).sum();
        println!("{name}: {} files of {bytes} bytes, {} findings", corpus.len(), findings.len());
        assert!(corpus.len() >= 30, "{name}: the corpus is missing");
        assert!(
            corpus.len() <= FILES && bytes <= BYTES,
            "{name}: minimise the corpus, see tests/fuzz/README.md"
        );
    }
}
