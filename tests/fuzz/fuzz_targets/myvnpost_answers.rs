#![no_main]
//! See `tests/it/fuzzed/properties.rs`.

#[path = "../../it/fuzzed/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::myvnpost_answers(bytes));
