use super::*;
use crate::standin::ledger::Entry;

/// Two dossiers of seven events each; the first goes home by post.
fn load() -> Load {
    Load::lives(2)
}

/// A ledger in which everything was told as it should be.
fn whole(load: &Load) -> Vec<(What, usize, usize)> {
    let mut told = Vec::new();
    for dossier in 0..load.dossiers() {
        for step in 0..load.statuses(dossier).len() {
            told.extend([(What::Record, dossier, step), (What::Row, dossier, step)]);
        }
    }
    told.push((What::Order, 0, 6));
    told
}

fn ledger(load: &Load, told: &[(What, usize, usize)]) -> Ledger {
    let mut ledger = Ledger::default();
    for (what, dossier, step) in told {
        let entry: Entry = ledger.open();
        let status = load.statuses(*dossier)[*step];
        let (name, moment) = (load::code(*dossier), load::moment(*step));
        if *what == What::Order {
            ledger.note(&entry, *what, &load::order_number(*dossier), 0, 0);
        } else {
            ledger.note(&entry, *what, &name, status, moment);
        }
    }
    ledger
}

fn problems(told: &[(What, usize, usize)], side: Side) -> Vec<String> {
    let load = load();
    Book::read(&load, &ledger(&load, told), side).problems()
}

#[test]
fn what_was_told_once_and_in_order_is_well_and_records_may_be_left_out() {
    let mut told = whole(&load());
    assert_eq!(problems(&told, Side::Gateway), Vec::<String>::new());
    told.remove(2);
    assert_eq!(problems(&told, Side::Gateway), Vec::<String>::new());
}

#[test]
fn a_lost_row_and_a_lost_order_are_found() {
    let mut told = whole(&load());
    told.pop();
    told.remove(15);
    let expected = ["lost: H11.01.07-220915-000000-TRA-1", "lost: H11.01.07-220915-000001 row 1"];
    assert_eq!(problems(&told, Side::Relay), expected);
}

#[test]
fn a_doubled_row_and_a_doubled_order_are_found() {
    let mut told = whole(&load());
    told.extend([(What::Order, 0, 6), (What::Row, 1, 6)]);
    let expected = ["doubled: H11.01.07-220915-000000-TRA-1", "doubled: H11.01.07-220915-000001 row 7"];
    assert_eq!(problems(&told, Side::Relay), expected);
}

#[test]
fn rows_that_changed_places_are_found_at_the_gateway_and_not_at_the_relay() {
    let mut told = whole(&load());
    told.swap(1, 3);
    assert_eq!(problems(&told, Side::Relay), Vec::<String>::new());
    assert!(
        problems(&told, Side::Gateway).contains(&"out of order: H11.01.07-220915-000000 row 2".to_owned())
    );
}

#[test]
fn a_record_that_goes_back_and_one_that_is_missing_at_the_end_are_found() {
    let mut told = whole(&load());
    told.push((What::Record, 0, 0));
    let found = problems(&told, Side::Gateway);
    assert!(found.contains(&"out of order: H11.01.07-220915-000000 record 1".to_owned()), "{found:?}");
    let mut told = whole(&load());
    told.remove(12);
    assert_eq!(problems(&told, Side::Gateway), ["stale: H11.01.07-220915-000000 record 4"]);
}

#[test]
fn what_nobody_asked_for_is_found() {
    let mut told = whole(&load());
    told.push((What::Order, 1, 6));
    assert_eq!(problems(&told, Side::Relay), ["invented: H11.01.07-220915-000001-TRA-1"]);
}
