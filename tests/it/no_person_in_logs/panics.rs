//! A panic tells where it happened, and nothing of what was being worked on.

use std::panic::catch_unwind;
use std::process::Command;

/// Set in the child alone: the hook is the whole process's.
const IN_CHILD: &str = "LIENTHONG_TEST_PANICS";

#[test]
fn a_panic_repeats_no_data() {
    let own = std::env::current_exe().unwrap();
    let arguments = ["--exact", "no_person_in_logs::panics::the_child_panics", "--nocapture"];
    let child = Command::new(own).args(arguments).env(IN_CHILD, "1").output().unwrap();
    let said =
        [child.stdout, child.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(child.status.success(), "{said}");
    assert!(!said.contains("Trồng"), "{said}");
    for told in ["panics.rs", "a text of the source", "withheld"] {
        assert!(said.contains(told), "{told} is missing: {said}");
    }
}

#[test]
fn the_child_panics() {
    #[expect(clippy::disallowed_methods, reason = "tells the child from the test run")]
    if std::env::var(IN_CHILD).is_err() {
        return;
    }
    lienthong::telemetry::tell_panics();
    let name = "Lò Thị Trồng";
    assert!(catch_unwind(|| panic!("what of {name}?")).is_err());
    assert!(catch_unwind(|| name.parse::<u8>().map_err(|_wrong| name.to_owned()).unwrap()).is_err());
    assert!(catch_unwind(|| panic!("a text of the source")).is_err());
}
