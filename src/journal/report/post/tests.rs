use super::super::find::{BY_ORDER, BY_WAYBILL};
use super::super::{FoundBy, JournalReport};
use super::*;
use crate::journal::{migrate, open};
use rusqlite::Connection;

/// Orders of two agencies, one in each place that there is.
const CONTENT: &str = r#"
    INSERT INTO dossier (id, key, agency, state, updated_at) VALUES
        (1, 'H11.01.07-220915-0041', 'H11.01.07',
         '{"legs":{"TRA":{"n":1,"number":"H11.01.07-220915-0041-TRA-1","order":"h-4","account":"post-1",
           "ordered_at":"2022-09-15T03:00:00Z","cash":8000,"wanted":true,"stage":"collected"}}}', 0),
        (2, 'H11.01.08-220915-0042', 'H11.01.08', '{}', 0);
    INSERT INTO slip VALUES ('P-77', 1);
    INSERT INTO handoff (id, handoff_id, dossier, agency, partner, account, kind, leg, number, place, state, due_at,
        partner_number, dead_at, tables_version, planned_at, ended_at)
    VALUES (1, 'h-1', 1, 'H11.01.07', 'post', 'post-1', 'post.order', 'TRA', 'A-1', 1, 'dead', 0, NULL, 150, 'v', 100, NULL),
        (2, 'h-2', 1, 'H11.01.07', 'post', 'post-1', 'post.order', 'GOM', 'A-2', 2, 'accepted', 0, NULL, NULL, 'v', 100, 200),
        (3, 'h-3', 1, 'H11.01.07', 'post', 'post-1', 'post.order', 'TRA', 'A-3', 3, 'resolved', 0, 'VNP-9', NULL, 'v', 100, 300),
        (4, 'h-4', 1, 'H11.01.07', 'post', 'post-1', 'post.order', 'TRA', 'H11.01.07-220915-0041-TRA-1', 4, 'accepted', 0, NULL,
         NULL, 'v', 100, 200),
        (5, 'h-5', 1, 'H11.01.07', 'post', 'post-1', 'post.order', 'TRA', 'A-5', 5, 'accepted', 0, NULL, NULL, 'v', 100, 200),
        (6, 'h-6', 1, 'H11.01.07', 'post', 'post-1', 'post.order', 'TRA', 'A-6', 6, 'accepted', 0, NULL, NULL, 'v', 100, 200),
        (7, 'h-7', 1, 'H11.01.07', 'post', 'post-1', 'post.order', 'TRA', 'A-7', 7, 'accepted', 0, NULL, NULL, 'v', 100, 200),
        (8, 'h-8', 1, 'H11.01.07', 'post', 'post-1', 'post.cancel', 'TRA', 'A-7', 8, 'accepted', 0, NULL, NULL, 'v', 150, 250),
        (9, 'h-9', 1, 'H11.01.07', 'post', 'post-1', 'post.order', 'TRA', 'A-9', 9, 'superseded', 0, NULL, NULL, 'v', 100, 200),
        (10, 'h-10', 1, 'H11.01.07', 'post', 'post-1', 'post.order', 'TRA', 'A-10', 10, 'accepted', 0, NULL, NULL, 'v', 999, 1000),
        (11, 'h-11', 2, 'H11.01.08', 'post', 'post-1', 'post.order', 'GOM', 'B-1', 1, 'accepted', 0, NULL, NULL, 'v', 100, 200);
    INSERT INTO tracking (number, account, state, wire_code, at, feed_id, waybill, cash, cash_at) VALUES
        ('H11.01.07-220915-0041-TRA-1', 'post-1', 'unknown', '77', 700, 'f3', 'CH10020030VN', 'collected', 720),
        ('A-5', 'post-1', 'delivered', '4', 800, 'f4', NULL, NULL, NULL),
        ('A-6', 'post-1', 'returning', '7', 900, 'f5', NULL, NULL, NULL),
        ('B-1', 'post-1', 'unknown', '20', 0, 'f6', NULL, 'collected', 400);
    INSERT INTO tracking_row VALUES
        ('post-1', 'f1', 'H11.01.07-220915-0041-TRA-1', 'collected', '1', 600, 600, NULL, NULL),
        ('post-1', 'f3', 'H11.01.07-220915-0041-TRA-1', 'unknown', '77', 700, 700, NULL, NULL),
        ('post-1', 'f6', 'B-1', '', '20', 400, 400, NULL, 'collected');
    INSERT INTO receipt VALUES ('A-5', 'post-1', 'ref', 'CH20020031VN');
    INSERT INTO waybill (code, account, imported_at, number, bound_at) VALUES ('CH30020032VN', 'post-1', 0, 'A-6', 1);
"#;

fn report(check: impl FnOnce(JournalReport)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut connection = open::connect(&path).unwrap();
    migrate::migrate(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
    connection.execute_batch(CONTENT).unwrap();
    check(JournalReport::open(&path).unwrap());
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap()
}

#[test]
fn an_order_stands_where_its_parcel_is() {
    use TrackingState::{Accepted, Cancelled, Collected, Delivered, FailedAttempt, Returned, Unknown};
    fn check(state: &str, tracked: Option<TrackingState>, called_off: bool, pickup: bool, tab: Option<Tab>) {
        assert_eq!(
            Tab::of(state, tracked, called_off, pickup),
            tab,
            "{state}, {tracked:?}, {called_off}, {pickup}"
        );
    }
    check("waiting", None, false, false, Some(Tab::Unsent));
    check("dead", None, false, true, Some(Tab::Unsent));
    check("uncertain", None, false, false, Some(Tab::Unsent));
    check("accepted", None, false, true, Some(Tab::Collect));
    check("accepted", Some(Accepted), false, false, Some(Tab::Desk));
    check("resolved", Some(Unknown), false, false, Some(Tab::Desk));
    check("accepted", None, true, false, None);
    check("accepted", Some(Cancelled), false, false, None);
    // The post has it after all: the cancel came too late, whatever was answered.
    check("accepted", Some(Collected), true, false, Some(Tab::Moving));
    check("dismissed", Some(FailedAttempt), false, false, Some(Tab::Moving));
    check("accepted", Some(Delivered), false, true, Some(Tab::Delivered));
    check("accepted", Some(Returned), false, false, Some(Tab::Returned));
    check("dismissed", None, false, false, None);
}

#[test]
fn an_agency_has_its_orders_of_a_period_in_their_places() {
    report(|report| {
        assert_eq!(report.order_agencies().unwrap(), ["H11.01.07", "H11.01.08"]);
        let standings = report.standings("H11.01.07", at(100), at(999)).unwrap();
        let places: Vec<_> = standings.iter().map(|order| (order.row, order.tab, order.since)).collect();
        let expected = [
            (1, Tab::Unsent, at(150)),
            (2, Tab::Collect, at(200)),
            (3, Tab::Desk, at(300)),
            // The newest code is unknown: the last one that says something holds.
            (4, Tab::Moving, at(600)),
            (5, Tab::Delivered, at(800)),
            (6, Tab::Returned, at(900)),
        ];
        assert_eq!(places, expected);
        // A report about the cash alone says nothing of the parcel.
        let other = report.standings("H11.01.08", at(0), at(999)).unwrap();
        assert_eq!(other, [Standing { row: 11, tab: Tab::Collect, since: at(200), is_pickup: true }]);
    });
}

#[test]
fn an_order_has_its_waybill_and_cash_from_wherever_they_are_known() {
    report(|report| {
        let order = report.order(4).unwrap();
        assert_eq!((order.waybill.as_deref(), order.cash), (Some("CH10020030VN"), Some(8000)));
        assert_eq!((order.cashed.as_deref(), order.cashed_at), (Some("collected"), Some(at(720))));
        assert_eq!(order.tracked, None, "an unknown code is no place");
        assert_eq!(report.order(5).unwrap().waybill.as_deref(), Some("CH20020031VN"));
        assert_eq!(report.order(6).unwrap().waybill.as_deref(), Some("CH30020032VN"));
        assert_eq!(report.order(5).unwrap().cash, None, "the state knows a newer order of the leg");
        assert_eq!(report.order_said(5).unwrap(), None);
    });
}

#[test]
fn a_dossier_is_found_by_what_stands_on_a_paper() {
    report(|report| {
        let check = |search: &str, expected: Option<(&str, FoundBy)>| {
            let found = report.find(search).unwrap();
            let found = found.as_ref().map(|line| (line.dossier.as_str(), line.by));
            assert_eq!(found, expected, "{search}");
        };
        let (one, other) = ("H11.01.07-220915-0041", "H11.01.08-220915-0042");
        check(one, Some((one, FoundBy::Code)));
        check(" h11.01.07-220915-0041 ", Some((one, FoundBy::Code)));
        check("phieu:P-77", Some((one, FoundBy::Slip)));
        check("P-77", Some((one, FoundBy::Slip)));
        check("A-3", Some((one, FoundBy::Order)));
        check("VNP-9", Some((one, FoundBy::Order)));
        check("B-1", Some((other, FoundBy::Order)));
        check("A-9", None);
        check("CH10020030VN", Some((one, FoundBy::Waybill)));
        check("ch20020031vn", Some((one, FoundBy::Waybill)));
        check("CH30020032VN", Some((one, FoundBy::Waybill)));
        check("Lò Thị Bưởi", None);
        check("", None);
    });
}

#[test]
fn the_beginning_of_a_code_lists_only_agencies_that_are_seen() {
    report(|report| {
        let codes = |search: &str, agency: &str| -> Vec<String> {
            let lines = report.beginning(search, 10, |seen| agency.is_empty() || seen == agency).unwrap();
            lines.into_iter().map(|line| line.dossier).collect()
        };
        assert_eq!(codes("h11.01.0", ""), ["H11.01.07-220915-0041", "H11.01.08-220915-0042"]);
        assert_eq!(codes("H11.01.0", "H11.01.08"), ["H11.01.08-220915-0042"]);
        assert_eq!(codes("H11.01.07-2209", "H11.01.08"), [""; 0]);
        assert_eq!(codes("H11", ""), [""; 0], "too short to mean anything");
    });
}

/// How SQLite goes about a question.
fn plan(connection: &Connection, sql: &str) -> String {
    let parameters = vec!["x"; connection.prepare(sql).unwrap().parameter_count()];
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = statement.query_map(rusqlite::params_from_iter(parameters), |row| row.get::<_, String>(3));
    steps.unwrap().collect::<Result<Vec<_>, _>>().unwrap().join("\n")
}

#[test]
fn no_question_of_the_clerk_walks_through_a_table() {
    report(|report| {
        for sql in [AGENCIES, STANDINGS, KNOWN_REPORT, ORDER, BY_ORDER, BY_WAYBILL] {
            let plan = plan(&report.connection, sql);
            let walks: Vec<&str> =
                plan.lines().filter(|step| step.starts_with("SCAN") && !step.contains("agencies")).collect();
            assert!(walks.is_empty(), "{sql}\n{plan}");
        }
    });
}
