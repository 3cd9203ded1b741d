use super::*;
use crate::myvnpost::testing::{self, now, record};
use crate::myvnpost::wire::listed;
use lienthong_core::tracking::TrackingState;
use serde_json::json;

const NUMBER: &str = "000.00.25.H56-261102-00041-TRA";

/// The reader of the feed: gives back the cursor of the last step, as the tracker does.
struct Reader {
    reading: Reading,
    cursor: Option<String>,
    rows: Vec<TrackingEvent>,
    now: Timestamp,
    page_size: u16,
}

fn records(changes: &[Value]) -> Vec<Record> {
    let records: Vec<Value> = changes.iter().cloned().map(record).collect();
    listed(json!({ "results": records }).to_string().as_bytes()).unwrap()
}

/// An order of ours by a number.
fn order(n: u32, status: u32) -> Value {
    json!({ "originalID": format!("OR{n}"), "itemCode": format!("E{n}"), "saleOrderCode": format!("H11-{n}-TRA-1"),
        "status": status })
}

impl Reader {
    fn new() -> Self {
        Self { reading: Reading::default(), cursor: None, rows: Vec::new(), now: now(), page_size: 2 }
    }

    fn step(&mut self) -> Step {
        self.reading.step(self.cursor.as_deref(), self.now)
    }

    /// Takes in what a step brought; says whether more follows at once.
    fn take(&mut self, page: FeedPage) -> bool {
        let FeedPage::Rows { rows, cursor, more, .. } = page else { panic!("rows") };
        self.rows.extend(rows);
        self.cursor = cursor;
        more
    }

    fn list(&mut self, page: u32, changes: &[Value]) -> bool {
        let listed = self.reading.listed(page, &records(changes), self.page_size, self.now);
        self.take(listed)
    }

    fn tell(&mut self, history: &[Value]) -> bool {
        let states = testing::settings("http://my.example").tracking_codes;
        let told = self.reading.told(history, &states);
        self.take(told)
    }

    /// A whole round of a short list, in which every history is told.
    fn round(&mut self, changes: &[Value]) -> Vec<String> {
        let mut asked = Vec::new();
        assert!(matches!(self.step(), Step::List { page: 0, .. }));
        let mut more = self.list(0, changes);
        while more {
            match self.step() {
                Step::History(waybill) => {
                    asked.push(waybill);
                    more = self.tell(&[json!({ "createdDate": "05/11/2026 14:30:00", "statusCode": 14 })]);
                }
                Step::Over(page) => more = self.take(page),
                Step::List { .. } => panic!("the list is short"),
            }
        }
        asked
    }
}

#[test]
fn a_history_becomes_rows_with_names_that_stay() {
    let mut reader = Reader::new();
    assert_eq!(reader.step(), Step::List { from: "2026-11-05".parse().unwrap(), page: 0 });
    assert!(reader.list(0, &[json!({})]));
    assert_eq!(reader.step(), Step::History("ED210000457VN".to_owned()));
    let history = testing::sample("sample-history.json")["statusHistory"].as_array().unwrap().clone();
    assert!(reader.tell(&history));
    let shown: Vec<_> = reader
        .rows
        .iter()
        .map(|row| (&*row.feed_id, row.number.as_str(), row.meaning, row.at.to_string()))
        .collect();
    assert_eq!(
        shown,
        [
            (
                "OR778100/2026-11-02T16:20:00/1",
                NUMBER,
                TrackingState::Accepted.into(),
                "2026-11-02T09:20:00Z".to_owned()
            ),
            (
                "OR778100/2026-11-03T09:05:10/6",
                NUMBER,
                TrackingState::Collected.into(),
                "2026-11-03T02:05:10Z".to_owned()
            ),
            (
                "OR778100/2026-11-05T14:30:00/14",
                NUMBER,
                TrackingState::Delivered.into(),
                "2026-11-05T07:30:00Z".to_owned()
            ),
        ]
    );
    assert_eq!(reader.rows[2].waybill.as_deref(), Some("ED210000457VN"));
}

#[test]
fn only_orders_of_ours_whose_record_changed_are_asked_about() {
    let mut reader = Reader { page_size: 100, ..Reader::new() };
    let stranger = json!({ "originalID": "OR9", "saleOrderCode": null });
    assert_eq!(reader.round(&[order(1, 1), stranger]), ["E1"]);
    assert_eq!(reader.cursor.as_deref(), Some("2026-11-06/0"));
    assert_eq!(reader.round(&[order(1, 1)]), Vec::<String>::new());
    assert_eq!(reader.round(&[order(1, 6)]), ["E1"]);
    // Another process knows nothing.
    let mut restarted = Reader { cursor: reader.cursor, ..Reader::new() };
    assert_eq!(restarted.round(&[order(1, 6)]), ["E1"]);
}

#[test]
fn what_was_told_and_not_stored_is_asked_again() {
    let mut reader = Reader::new();
    assert!(matches!(reader.step(), Step::List { .. }));
    assert!(reader.list(0, &[order(1, 14)]));
    assert!(matches!(reader.step(), Step::History(_)));
    let stored = reader.cursor.clone();
    reader.tell(&[]);
    // The journal could not store it: the reader comes back with the cursor of before.
    reader.cursor = stored;
    assert_eq!(reader.round(&[order(1, 14)]), ["E1"]);
    assert_eq!(reader.round(&[order(1, 14)]), Vec::<String>::new());
}

#[test]
fn a_full_page_is_followed_by_the_next_once_its_orders_are_told() {
    let mut reader = Reader::new();
    assert!(matches!(reader.step(), Step::List { page: 0, .. }));
    assert!(reader.list(0, &[order(1, 1), order(2, 1)]));
    assert_eq!(reader.step(), Step::History("E1".to_owned()));
    assert!(reader.tell(&[]));
    assert_eq!(reader.step(), Step::History("E2".to_owned()));
    assert!(reader.tell(&[]));
    assert_eq!(reader.step(), Step::List { from: "2026-11-05".parse().unwrap(), page: 1 });
    // One moved from the first page to the second meanwhile: it is the same order.
    assert!(reader.list(1, &[order(2, 1), order(3, 1)]));
    assert_eq!(reader.step(), Step::History("E3".to_owned()));
    assert!(reader.tell(&[]));
    assert_eq!(reader.step(), Step::List { from: "2026-11-05".parse().unwrap(), page: 2 });
    // A list that shows the same on every page ends.
    assert!(!reader.list(2, &[order(2, 1), order(3, 1)]));
}

#[test]
fn the_next_round_begins_on_the_day_on_which_this_one_began() {
    let mut reader = Reader { cursor: Some("2026-10-01/7+3".to_owned()), ..Reader::new() };
    assert_eq!(reader.step(), Step::List { from: "2026-10-01".parse().unwrap(), page: 0 });
    assert!(!reader.list(0, &[]));
    assert_eq!(reader.cursor.as_deref(), Some("2026-11-06/0"));
    // Half past midnight: what was stamped before midnight may show only now.
    reader.now = "2026-11-06T17:30:00Z".parse().unwrap();
    reader.step();
    reader.list(0, &[]);
    assert_eq!(reader.cursor.as_deref(), Some("2026-11-06/0"));
    reader.now = "2026-11-06T18:00:00Z".parse().unwrap();
    reader.step();
    reader.list(0, &[]);
    assert_eq!(reader.cursor.as_deref(), Some("2026-11-07/0"));
    // A cursor that nobody can read is none.
    let mut reader = Reader { cursor: Some("5f0c1d2e".to_owned()), ..Reader::new() };
    assert_eq!(reader.step(), Step::List { from: "2026-11-05".parse().unwrap(), page: 0 });
}

#[test]
fn an_order_whose_history_cannot_be_read_holds_the_day_and_nothing_else() {
    let mut reader = Reader::new();
    reader.step();
    assert!(reader.list(0, &[order(1, 1), order(2, 1)]));
    assert_eq!(reader.step(), Step::History("E1".to_owned()));
    let passed_by = reader.reading.passed_by();
    assert!(matches!(passed_by, FeedPage::Rows { unreadable: 1, .. }));
    assert!(reader.take(passed_by));
    assert_eq!(reader.step(), Step::History("E2".to_owned()));
    assert!(reader.tell(&[]));
    assert!(matches!(reader.step(), Step::List { page: 1, .. }));
    assert!(!reader.list(1, &[]));
    assert_eq!(reader.cursor.as_deref(), Some("2026-11-05/0"), "the day is held");
    // In the next round it is asked about again, and alone; after a week it is given up.
    reader.now = "2026-11-20T01:00:00Z".parse().unwrap();
    assert_eq!(reader.step(), Step::List { from: "2026-11-05".parse().unwrap(), page: 0 });
    assert!(reader.list(0, &[order(1, 1)]));
    assert_eq!(reader.step(), Step::History("E1".to_owned()));
    let passed_by = reader.reading.passed_by();
    assert!(reader.take(passed_by));
    let Step::Over(page) = reader.step() else { panic!("the round is over") };
    assert!(!reader.take(page));
    assert_eq!(reader.cursor.as_deref(), Some("2026-11-13/0"));
}

#[test]
fn rows_that_cannot_be_read_are_counted_and_passed_by() {
    let mut reader = Reader::new();
    reader.step();
    reader.list(0, &[order(1, 77)]);
    reader.step();
    let states = testing::settings("http://my.example").tracking_codes;
    let row = |code: Value, date: &str| json!({ "createdDate": date, "createdHour": "08:00:00", "statusCode": code });
    let history = [
        row(json!(77), "05/11/2026"),
        row(json!(null), "05/11/2026"),
        row(json!(1), "hôm qua"),
        json!("a row"),
        row(json!("6"), "04/11/2026"),
    ];
    let FeedPage::Rows { rows, unreadable, .. } = reader.reading.told(&history, &states) else {
        panic!("rows")
    };
    let read: Vec<_> = rows.iter().map(|row| (&*row.wire_code, row.meaning)).collect();
    assert_eq!(read, [("6", TrackingState::Collected.into()), ("77", Meaning::UNKNOWN)], "oldest first");
    assert_eq!(unreadable, 3);
}
