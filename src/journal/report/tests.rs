use super::*;
use crate::journal::{migrate, open};

/// One dossier with a bit of everything.
const CONTENT: &str = "
    INSERT INTO payload (id, body) VALUES (1, x'7b7d'), (2, x'22746f6922'), (3, x'7b2278');
    INSERT INTO dossier (id, key, agency, state, basis, updated_at) VALUES (1, 'H11.01.07-220915-0041', 'H11.01.07', '{}', NULL, 3000);
    INSERT INTO slip VALUES ('P-77', 1);
    INSERT INTO inbox VALUES (1, 'urn:s', 'e-1', x'00', 1, 'status-changed', 9, 1000, 5, 1500, 'planned', NULL, NULL, 1),
        (2, 'urn:s', 'e-2', x'00', 1, 'fees-changed', 9, 2000, 7, 2500, 'waiting', 9000, NULL, 1);
    INSERT INTO handoff (id, handoff_id, dossier, partner, account, kind, leg, number, place, state, attempts, due_at,
        code, field, dead_at, content, tables_version, planned_at, ended_at)
    VALUES (1, 'h-1', 1, 'portal', 'portal-1', 'portal.record', NULL, NULL, 1, 'accepted', 1, 0, NULL, NULL, NULL, 1, 'v', 1500, 1600),
        (2, 'h-2', 1, 'post', 'post-1', 'post.order', 'TRA', 'H11.01.07-220915-0041-TRA-1', 2, 'dead', 1, 0,
         'POST-57', 'postal.return.phone', 1700, 1, 'v', 1500, NULL);
    INSERT INTO attempt VALUES (1, 2, 1, 1, 1550, 1700, 'rejected', 'POST-57', 201, 'create', 150, 2);
    INSERT INTO tracking_row VALUES ('post-1', 'f1', 'H11.01.07-220915-0041-TRA-1', 'collected', '1', 1800, 1900, NULL, NULL);
    INSERT INTO flag (dossier, code, task, at) VALUES (1, 'DESK-LATE', 1, 1750);
    INSERT INTO account (name, blocked_code, blocked_at) VALUES ('post-1', 'POST-LOGIN', 1800);
    INSERT INTO pause VALUES ('portal', 'bảo trì', 1900, NULL);
    INSERT INTO quarantine VALUES (1, 1200, 'COMMUNE-NOT-JSON', NULL, 'not JSON', x'abcd', 3, 'k', NULL, '{}', 3);
";

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
fn a_dossier_is_found_by_code_and_by_slip_with_all_that_happened() {
    report(|report| {
        for name in ["H11.01.07-220915-0041", "phieu:P-77", "P-77"] {
            let dossier = report.dossier(name).unwrap().expect(name);
            assert_eq!(dossier.dossier, "H11.01.07-220915-0041");
            assert_eq!((dossier.events.len(), dossier.handoffs.len()), (2, 2));
            assert_eq!((dossier.tracking.len(), dossier.flags.len()), (1, 1));
            assert_eq!(dossier.handoffs[1].tries[0].code.as_deref(), Some("POST-57"));
        }
        assert!(report.dossier("H11.01.07-220915-0042").unwrap().is_none());
    });
}

#[test]
fn the_cash_of_a_dossier_is_what_its_orders_carry_and_what_the_post_reported() {
    let leg = |number: &str, cash: u64| {
        serde_json::json!({ "n": 1, "number": number, "order": "h", "account": "post-1",
            "ordered_at": "2022-09-15T03:00:00Z", "cash": cash, "wanted": true, "stage": "delivered" })
    };
    let state = serde_json::json!({ "portal": {}, "legs": { "TRA": leg("X-TRA-2", 8000), "GOM": leg("X-GOM-1", 0) } });
    let line = |number: &str, cash: &str, millis| TrackingLine {
        number: number.to_owned(),
        state: None,
        wire_code: "20".to_owned(),
        at: at(millis),
        waybill: None,
        cash: Some(cash.to_owned()),
    };
    let told = |number: &str, expected, collected_at, settled_at| CashLine {
        number: number.to_owned(),
        expected,
        collected_at,
        settled_at,
    };
    let tracking = [
        line("X-TRA-2", "collected", 100),
        line("X-TRA-1", "settled", 150),
        line("X-TRA-2", "settled", 200),
        line("X-TRA-2", "collected", 300),
        line("X-GOM-1", "collected", 400),
    ];
    let cash = lines::cash(&state.to_string(), &tracking).unwrap();
    let expected = [
        told("X-GOM-1", Some(0), Some(at(400)), None),
        told("X-TRA-1", None, None, Some(at(150))),
        told("X-TRA-2", Some(8000), Some(at(100)), Some(at(200))),
    ];
    assert_eq!(cash, expected);
    assert_eq!(lines::cash("{}", &[]).unwrap(), []);
}

#[test]
fn what_stopped_is_listed_with_reason_and_field() {
    report(|report| {
        let stopped = report.stopped(10, &Agencies::all()).unwrap();
        assert_eq!(stopped.len(), 1);
        assert_eq!(stopped[0].field.as_deref(), Some("postal.return.phone"));
        assert_eq!(stopped[0].dead_at, Some(at(1700)));
        let (content, said) = report.handoff_payload("h-2").unwrap();
        assert_eq!((content, said), (Some(serde_json::json!({})), Some("toi".into())));
        assert!(report.handoff("h-9").unwrap().is_none());
    });
}

#[test]
fn the_overview_counts_what_is_open() {
    report(|report| {
        let overview = report.overview().unwrap();
        assert_eq!((overview.events, overview.waiting_events), (2, 1));
        assert_eq!((overview.quarantined, overview.tasks), (1, 1));
        assert_eq!(overview.last_event_at, Some(at(2500)));
        assert_eq!(overview.open.len(), 1);
        assert_eq!((overview.open[0].state.as_str(), overview.open[0].count), ("dead", 1));
        assert_eq!(overview.accounts[0].blocked.as_deref(), Some("POST-LOGIN"));
        assert_eq!(overview.pauses[0].until, None);
    });
}

#[test]
fn the_quarantine_shows_bytes_only_when_asked() {
    report(|report| {
        let line = report.quarantined_message(1, &Agencies::all()).unwrap().unwrap();
        assert_eq!((line.code.as_str(), line.sha256.as_str()), ("COMMUNE-NOT-JSON", "abcd"));
        assert_eq!(report.quarantined_bytes(1).unwrap().as_deref(), Some(b"{\"x".as_slice()));
        assert_eq!(report.quarantine(10, &Agencies::all()).unwrap().len(), 1);
    });
}

#[test]
fn a_journal_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    assert!(matches!(JournalReport::open(&path), Err(Error::Open { .. })));
    assert!(!path.exists());
}

#[test]
fn a_report_cannot_write() {
    report(|report| {
        let refused = report.connection.execute("DELETE FROM pause", []).unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
    });
}
