use super::*;
use crate::myvnpost::testing::{now, record, return_order};
use crate::myvnpost::wire::listed;
use serde_json::{Value, json};

fn records(changes: &[Value]) -> Vec<Record> {
    let records: Vec<Value> = changes.iter().cloned().map(record).collect();
    listed(json!({ "results": records }).to_string().as_bytes()).unwrap()
}

#[test]
fn an_order_is_searched_from_the_day_before_its_own() {
    fn check(as_of: &str, expected: &str) {
        let order = Order { as_of: as_of.parse().unwrap(), ..return_order() };
        assert_eq!(first_day(&order, now()).to_string(), expected, "{as_of}");
    }
    check("2026-11-05T03:00:00Z", "2026-11-04");
    // The evening in UTC is the next day in Việt Nam.
    check("2026-11-04T17:00:00Z", "2026-11-04");
    check("2022-09-15T03:00:00Z", "2022-09-14");
    // A desk whose clock is wrong does not move the search behind the order.
    check("2027-01-01T03:00:00Z", "2026-11-05");
}

#[test]
fn pages_are_read_while_they_are_full_and_bring_orders() {
    let number = return_order().number;
    let mut search = Search::of(&number);
    let other = |name: &str| json!({ "originalID": name, "saleOrderCode": "H11-GOM-1" });
    assert!(search.take_in(records(&[other("OR1"), other("OR2")]), 2));
    // One moved to the next page while it was read, and ours stands beside it.
    assert!(search.take_in(records(&[other("OR2"), json!({})]), 2));
    // The same page again and again.
    assert!(!search.take_in(records(&[other("OR2"), json!({})]), 2));
    assert!(!search.take_in(records(&[other("OR3")]), 2));
    assert_eq!(search.found.len(), 1);
    assert_eq!(receipt(&search.found[0]).reference.as_deref(), Some("OR778100"));
}

#[test]
fn only_what_is_shown_is_compared() {
    fn check(changes: Value, expected: bool) {
        let text = changes.to_string();
        assert_eq!(is_same(&return_order(), &records(&[changes])[0]), expected, "{text}");
    }
    check(json!({}), true);
    check(json!({ "codAmount": 0 }), false);
    check(json!({ "codAmount": null }), true);
    check(json!({ "receiverName": "LÒ THỊ BƯỞI", "receiverPhone": "0510 000 111" }), true);
    check(json!({ "receiverName": "Lò Thị Mận" }), false);
    check(json!({ "receiverPhone": "0510000222" }), false);
    check(json!({ "receiverName": "Lò+++++i", "receiverPhone": "0510++++22" }), true);
}
