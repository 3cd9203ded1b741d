//! Crash points and sabotage: what tests compile in to prove the promises, and no release contains.
//!
//! `crash_point!("settle.before_commit", "post.order", "uncertain")` names a line between two steps. With the feature
//! `crash-points` and `LIENTHONG_CRASH_AT=settle.before_commit` in the environment the process dies there, at once and
//! without unwinding, as if it had been killed; words after the name pick among the passes (`settle.before_commit
//! post.order`), and `#3` waits for the third that fits. `sabotaged!("dedupe")` is true with the feature `sabotage` and
//! `LIENTHONG_SABOTAGE=dedupe`: one protection is off, and the test that stands for it must fall.
//!
//! Without the features both macros leave nothing behind: no call, no name, no look at the environment. Both need debug
//! assertions, so no release can be built with them; `.ci/marks` looks into the binaries. Who calls it: the loops and
//! transactions of the daemon, one line each. It must never decide anything beyond that: no test-only behaviour else.
//!
//! The points stand in `ARCHITECTURE.md` with the window and the test of each; the switches in `docs/proof.md`. Tests
//! compare both with the sources.

#[cfg(all(any(feature = "crash-points", feature = "sabotage"), not(debug_assertions)))]
compile_error!("the features `crash-points` and `sabotage` are for tests: a release must not contain them");

/// Dies here if `LIENTHONG_CRASH_AT` says so; nothing without the feature `crash-points`.
#[cfg(feature = "crash-points")]
macro_rules! crash_point {
    ($name:literal $(, $detail:expr)*) => {
        $crate::proof::crash::pass($name, &[$($detail),*])
    };
}
#[cfg(not(feature = "crash-points"))]
macro_rules! crash_point {
    ($($anything:tt)*) => {};
}

/// Whether this protection is off by `LIENTHONG_SABOTAGE`; `false` without the feature `sabotage`.
#[cfg(feature = "sabotage")]
macro_rules! sabotaged {
    ($name:literal) => {
        $crate::proof::sabotage::is_off($name)
    };
}
#[cfg(not(feature = "sabotage"))]
macro_rules! sabotaged {
    ($name:literal) => {
        false
    };
}

#[cfg(feature = "crash-points")]
pub(crate) mod crash {
    use lienthong_core::handoff::{Content, Handoff};
    use std::io::Write as _;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Where the process is to die.
    #[derive(Debug, PartialEq, Eq)]
    struct Spot {
        name: String,
        details: Vec<String>,
        pass: u32,
    }

    impl Spot {
        /// `NAME [DETAIL …][#PASS]`; the first pass without a number.
        fn read(text: &str) -> Self {
            let (place, pass) = text.split_once('#').unwrap_or((text, "1"));
            let mut words = place.split_whitespace().map(str::to_owned);
            let name = words.next().unwrap_or_default();
            let pass = pass.trim().parse().expect("LIENTHONG_CRASH_AT ends in #NUMBER");
            Self { name, details: words.collect(), pass }
        }

        fn fits(&self, name: &str, details: &[&str]) -> bool {
            let told =
                |wanted: &String| details.iter().any(|detail| detail.split(' ').any(|word| word == wanted));
            self.name == name && self.details.iter().all(told)
        }
    }

    /// A call by its kind and by what it is about: an order number, or a dossier and the statuses of its rows.
    pub(crate) fn name_of(handoffs: &[Handoff]) -> String {
        let Some(first) = handoffs.first() else { return String::new() };
        let about = |handoff: &Handoff| match &handoff.content {
            Content::Record(_) => first.dossier.to_string(),
            Content::Row(row) => format!("{}/{}", first.dossier, row.status.code()),
            Content::Status(standing) => format!("{}/{}", first.dossier, standing.status.code()),
            Content::Order(order) => order.number.to_string(),
            Content::Cancel(cancel) => cancel.number.to_string(),
            Content::News(news) => format!("{}/{}", first.dossier, news.sequence),
        };
        let about: Vec<String> = handoffs.iter().map(about).collect();
        format!("{} {} {}-in-one-call", first.kind().name(), about.join(" "), handoffs.len())
    }

    /// Passes the point of this name, or dies there.
    pub(crate) fn pass(name: &str, details: &[&str]) {
        static SPOT: OnceLock<Option<Spot>> = OnceLock::new();
        static PASSED: AtomicU32 = AtomicU32::new(0);
        let spot = SPOT.get_or_init(|| super::setting("LIENTHONG_CRASH_AT").map(|text| Spot::read(&text)));
        let Some(spot) = spot.as_ref().filter(|spot| spot.fits(name, details)) else { return };
        if PASSED.fetch_add(1, Ordering::SeqCst) + 1 == spot.pass {
            // The last words are for the test that looks for them; the point of the exercise is to die.
            writeln!(std::io::stderr(), "lienthong-crash-point {name} {}", details.join(" ")).ok();
            std::process::abort();
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_spot_is_a_name_with_details_and_the_number_of_the_pass() {
            let check = |text: &str, name: &str, details: &[&str], pass| {
                let spot = Spot::read(text);
                assert!(spot.fits(name, details), "{spot:?}");
                assert_eq!(spot.pass, pass);
            };
            check("settle.before_commit", "settle.before_commit", &["post.order", "accepted"], 1);
            check("settle.before_commit accepted#3", "settle.before_commit", &["post.order", "accepted"], 3);
            assert!(!Spot::read("settle.before_commit rejected").fits("settle.before_commit", &["accepted"]));
            assert!(!Spot::read("settle").fits("settle.before_commit", &[]));
        }
    }
}

#[cfg(feature = "sabotage")]
pub(crate) mod sabotage {
    use std::sync::OnceLock;

    /// Whether the protection of this name is off.
    pub(crate) fn is_off(name: &str) -> bool {
        static OFF: OnceLock<Option<String>> = OnceLock::new();
        OFF.get_or_init(|| super::setting("LIENTHONG_SABOTAGE")).as_deref() == Some(name)
    }
}

#[cfg(any(feature = "crash-points", feature = "sabotage"))]
#[expect(
    clippy::disallowed_methods,
    reason = "a test's switch, compiled for tests only, is no configuration"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}
