//! What is said of a panic: where it happened, and its words only if they stand in the source.
//!
//! The standard library prints a panic's message, and a message may quote what was being worked on: a text that was cut
//! in the middle of a character, a value that was not expected. Such a message is withheld; the place is enough to find
//! the cause. Where a panic is caught (decoding, planning, an attempt) what follows from it is logged there.

use std::panic::{self, PanicHookInfo};

/// What stands in the place of a message that may quote a person.
const WITHHELD: &str = "(withheld: it may quote a person)";

/// Tells of panics from here on without repeating anybody's data. `main` calls it first.
pub fn tell_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "unknown".to_owned(), ToString::to_string);
        let said = said(panic);
        if tracing::dispatcher::has_been_set() {
            tracing::error!(place, said, "a thread has panicked");
        } else {
            // Before the log is set up, and in commands that have none.
            use std::io::Write as _;
            writeln!(std::io::stderr(), "lienthong: panicked at {place}: {said}").ok();
        }
    }));
}

/// A message without arguments is a text of the source; any other may hold anything.
fn said(panic: &PanicHookInfo<'_>) -> &'static str {
    panic.payload().downcast_ref::<&'static str>().copied().unwrap_or(WITHHELD)
}
