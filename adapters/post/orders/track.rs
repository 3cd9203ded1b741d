//! The tracking feed → our words.
//!
//! The feed is one append-only list a customer, read after a cursor (OpenCPS v2, VNPostGetOrderModel.java, read 08/2026).
//! A code that the table does not know is kept and shown as *unknown*, never guessed; a row that cannot be read is
//! counted and passed by, so that one bad row does not stop the feed.

use crate::orders::wire::{FeedRow, Page, feed_id};
use jiff::Timestamp;
use lienthong_core::ids::OrderNumber;
use lienthong_core::port::FeedPage;
use lienthong_core::tracking::{Meaning, TrackingEvent};
use serde_json::Value;
use std::collections::BTreeMap;

/// The cursor before the first row.
pub(crate) const BEGINNING: &str = "000000000000000000000000";

/// Translates a page that was read after `after`.
pub(crate) fn page(
    page: &Page,
    after: Option<&str>,
    page_size: u16,
    codes: &BTreeMap<String, Meaning>,
) -> FeedPage {
    let rows: Vec<TrackingEvent> = page.rows.iter().filter_map(|row| event(row, codes)).collect();
    let last = page.rows.iter().rev().find_map(feed_id);
    let more = page.rows.len() >= usize::from(page_size);
    FeedPage::Rows {
        unreadable: page.rows.len() - rows.len(),
        rows,
        cursor: last.or(after).map(str::to_owned),
        more,
    }
}

fn event(row: &Value, codes: &BTreeMap<String, Meaning>) -> Option<TrackingEvent> {
    let feed_id = feed_id(row)?.to_owned();
    let row = FeedRow::read(row)?;
    Some(TrackingEvent {
        feed_id,
        number: OrderNumber::new(row.order_number),
        meaning: codes.get(&row.status_code).copied().unwrap_or(Meaning::UNKNOWN),
        wire_code: row.status_code,
        at: Timestamp::from_millisecond(row.event_time).ok()?,
        waybill: row.item_code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ngsp::testing;
    use lienthong_core::tracking::{Money, TrackingState};
    use serde_json::json;

    fn codes() -> BTreeMap<String, Meaning> {
        testing::settings("http://ngsp.example").tracking_codes
    }

    #[test]
    fn the_sample_feed_becomes_two_events() {
        let read = Page::read(&testing::fixture("sample-feed.json")).unwrap();
        let FeedPage::Rows { rows, cursor, unreadable, more } = page(&read, None, 500, &codes()) else {
            panic!("rows");
        };
        let shown: Vec<_> = rows
            .iter()
            .map(|row| (row.feed_id.as_str(), row.number.as_str(), row.meaning, row.wire_code.as_str()))
            .collect();
        let number = "000.00.25.H56-261102-00041-TRA";
        assert_eq!(
            shown,
            [
                ("5f0c1d2e3a4b5c6d7e8f9011", number, TrackingState::Collected.into(), "1"),
                ("5f0c1d2e3a4b5c6d7e8f9012", number, TrackingState::Delivered.into(), "4"),
            ]
        );
        assert_eq!(rows[1].at, "2026-11-06T03:15:00Z".parse().unwrap());
        assert_eq!(rows[1].waybill.as_deref(), Some("EN980000777VN"));
        assert_eq!((cursor.as_deref(), unreadable, more), (Some("5f0c1d2e3a4b5c6d7e8f9012"), 0, false));
    }

    #[test]
    fn rows_that_cannot_be_read_are_counted_and_passed_by() {
        fn check(row: Value, expected: Option<(&str, TrackingState)>) {
            let text = row.to_string();
            let expected = expected.map(|(code, state)| (code, Meaning::from(state)));
            let FeedPage::Rows { rows, unreadable, cursor, .. } =
                page(&Page { rows: vec![row] }, Some("5f00"), 500, &codes())
            else {
                panic!("rows");
            };
            let read = rows.first().map(|row| (row.wire_code.as_str(), row.meaning));
            assert_eq!((read, unreadable), (expected, usize::from(expected.is_none())), "{text}");
            assert!(matches!(cursor.as_deref(), Some("5f00" | "5f01")), "{text}");
        }
        let row = |member: &str, value: Value| {
            let mut row = json!({ "_id": { "$oid": "5f01" }, "OrderNumber": "H11-TRA-1", "EventTime": 1_793_848_500_000_i64,
                "StatusCode": 1, "ItemCode": "" });
            row[member] = value;
            row
        };
        check(row("Notes", json!(null)), Some(("1", TrackingState::Collected)));
        check(row("StatusCode", json!("4")), Some(("4", TrackingState::Delivered)));
        check(row("StatusCode", json!(77)), Some(("77", TrackingState::Unknown)));
        check(row("StatusCode", json!(-3)), Some(("-3", TrackingState::Unknown)));
        check(row("EventTime", json!("1793848500000")), Some(("1", TrackingState::Collected)));
        check(row("StatusCode", json!(null)), None);
        check(row("EventTime", json!("05/11/2026")), None);
        check(row("EventTime", json!(i64::MAX)), None);
        check(row("OrderNumber", json!("")), None);
        check(row("_id", json!(7)), None);
        check(row("StatusCode", json!("x".repeat(101))), None);
        check(row("OrderNumber", json!("x".repeat(101))), None);
        check(json!("a row"), None);
    }

    #[test]
    fn a_code_may_speak_of_the_cash_alone_or_of_parcel_and_cash() {
        let both = Meaning { parcel: Some(TrackingState::Delivered), money: Some(Money::Collected) };
        let codes = [("20".to_owned(), Money::Collected.into()), ("24".to_owned(), both)].into();
        for (code, expected) in [(20, Money::Collected.into()), (24, both), (21, Meaning::UNKNOWN)] {
            let row = json!({ "_id": { "$oid": "5f01" }, "OrderNumber": "H11-TRA-1",
                "EventTime": 1_793_848_500_000_i64, "StatusCode": code, "ItemCode": "" });
            let FeedPage::Rows { rows, .. } = page(&Page { rows: vec![row] }, None, 500, &codes) else {
                panic!("rows");
            };
            assert_eq!(rows[0].meaning, expected, "{code}");
        }
    }

    #[test]
    fn an_empty_page_keeps_the_cursor_and_a_full_one_asks_for_more() {
        fn check(rows: &[&str], after: Option<&str>, expected: (Option<&str>, bool)) {
            let rows = rows.iter().map(|id| json!({ "_id": { "$oid": id } })).collect();
            let FeedPage::Rows { cursor, more, .. } = page(&Page { rows }, after, 2, &codes()) else {
                panic!("rows");
            };
            assert_eq!((cursor.as_deref(), more), expected);
        }
        check(&[], None, (None, false));
        check(&[], Some("5f01"), (Some("5f01"), false));
        check(&["5f02"], Some("5f01"), (Some("5f02"), false));
        check(&["5f02", "5f03"], Some("5f01"), (Some("5f03"), true));
        // Whether it moves on is for the reader to see.
        check(&["5f02", "5f03"], Some("5f03"), (Some("5f03"), true));
    }
}
