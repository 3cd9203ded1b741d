use super::*;

#[test]
fn a_receipt_needs_both_identifiers() {
    fn check(body: &str, expected: Option<(Option<&str>, &str)>) {
        let created = Created::read(body.as_bytes());
        let read = created.as_ref().map(|created| (created.reference.as_deref(), &*created.waybill));
        assert_eq!(read, expected, "{body}");
    }
    check(r#"{"orderHdrID":"d","originalID":"OR1","itemCode":"E1"}"#, Some((Some("OR1"), "E1")));
    check(r#"{"data":{"OrderHdrId":"d","OriginalId":"OR1","ItemCode":"E1"}}"#, Some((Some("OR1"), "E1")));
    check(r#"{"data":[{"orderHdrID":7,"itemCode":"E1"}]}"#, Some((None, "E1")));
    check(r#"{"success":true,"orderHdrID":"d","itemCode":"E1"}"#, Some((None, "E1")));
    check(r#"{"success":false,"orderHdrID":"d","itemCode":"E1"}"#, None);
    check(r#"{"orderHdrID":"d","itemCode":""}"#, None);
    check(r#"{"itemCode":"E1"}"#, None);
    check(r#"{"data":{"orderHdrID":"d"},"itemCode":"E1"}"#, None);
    check("[]", None);
    check("<html>", None);
}

#[test]
fn a_refusal_has_a_message_and_no_part_of_a_receipt() {
    fn check(body: &str, expected: Option<&str>) {
        let refusal = Refusal::read(body.as_bytes());
        assert_eq!(refusal.as_ref().map(|refusal| &*refusal.message), expected, "{body}");
    }
    check(r#"{"message":"Sai mã"}"#, Some("Sai mã"));
    check(r#"[{"Message":"Sai mã"}]"#, Some("Sai mã"));
    check(r#"{"message":" ","errorMessage":"Sai mã"}"#, Some("Sai mã"));
    check(r#"{"message":"Sai mã","itemCode":"E1"}"#, None);
    check(r#"{"message":"Sai mã","data":{"orderHdrID":"d"}}"#, None);
    check(r#"{"message":null}"#, None);
    check(r#"{"message":7}"#, None);
    check(r#"[{"message":"a"},{"message":"b"}]"#, None);
    check("[]", None);
    check("null", None);
}

#[test]
fn a_login_that_fails_is_told_from_an_answer_that_cannot_be_read() {
    fn check(body: &str, expected: Option<bool>) {
        let given = Given::read(body.as_bytes());
        assert_eq!(given.map(|given| matches!(given, Given::Token(_))), expected, "{body}");
    }
    check(r#"{"success":true,"errorMessage":null,"token":"a"}"#, Some(true));
    check(r#"{"token":" a "}"#, Some(true));
    check(r#"{"success":false,"token":"a"}"#, Some(false));
    check(r#"{"success":false}"#, Some(false));
    check(r#"{"errorMessage":"Sai mật khẩu"}"#, Some(false));
    check(r#"{"success":true,"token":""}"#, None);
    check(r#"{"token":"a\nb"}"#, None);
    check(r#"{"token":["a"]}"#, None);
    check("{}", None);
    check("[]", None);
}

#[test]
fn a_masked_text_says_nothing() {
    fn check(name: &str, expected: Option<&str>) {
        let body =
            serde_json::json!({ "results": [{ "receiverName": name, "codAmount": 8000.0 }] }).to_string();
        let records = listed(body.as_bytes()).unwrap();
        assert_eq!((records[0].receiver_name.as_deref(), records[0].cash), (expected, Some(8000)), "{name}");
    }
    check("Lò Thị Bưởi", Some("Lò Thị Bưởi"));
    check("Lò+++++i", None);
    check(" ", None);
}

#[test]
fn a_list_is_read_as_a_whole_or_not_at_all() {
    fn check(body: &str, expected: Option<usize>) {
        assert_eq!(listed(body.as_bytes()).map(|records| records.len()), expected, "{body}");
    }
    check(r#"{"results":[{},{}]}"#, Some(2));
    check(r#"{"Results":[]}"#, Some(0));
    check(r#"{"results":null}"#, None);
    check(r#"{"results":[7]}"#, None);
    check(r#"[{"results":[]}]"#, None);
    check("[]", None);
}

#[test]
fn an_order_is_found_in_each_of_its_wrappings() {
    fn check(body: &str, expected: Option<Option<&str>>) {
        let found = order(body.as_bytes());
        let read = found.as_ref().map(|found| found.as_ref().map(|record| record.name().unwrap_or_default()));
        assert_eq!(read, expected, "{body}");
    }
    check(r#"[{"results":[{"originalID":"OR1","itemCode":"E1"}]}]"#, Some(Some("OR1")));
    check(r#"{"results":[{"itemCode":"E1"}]}"#, Some(Some("E1")));
    check(r#"{"results":{"itemCode":"E1"}}"#, Some(Some("E1")));
    check(r#"[{"results":[]}]"#, Some(None));
    check("[]", Some(None));
    check(r#"[{"results":[{},{}]}]"#, None);
    check(r#"[{"results":null}]"#, None);
    check(r#"[{},{}]"#, None);
    check("{}", None);
}

#[test]
fn a_history_is_found_in_each_of_its_wrappings() {
    fn check(body: &str, expected: Option<usize>) {
        assert_eq!(history(body.as_bytes()).map(|rows| rows.len()), expected, "{body}");
    }
    check(r#"{"statusHistory":[{}]}"#, Some(1));
    check(r#"[{"results":[{"statusHistory":[{},{}]}]}]"#, Some(2));
    check(r#"{"data":{"StatusHistory":[]}}"#, Some(0));
    check(r#"{"statusHistory":null}"#, None);
    check(r#"{"results":[]}"#, None);
    check("[]", None);
}

#[test]
fn a_moment_is_read_in_each_of_its_forms() {
    fn check(date: &str, hour: &str, expected: Option<&str>) {
        let expected = expected.map(|moment| moment.parse::<DateTime>().unwrap());
        assert_eq!(moment(date, hour), expected, "{date} {hour}");
    }
    check("05/11/2026 14:30:00", "", Some("2026-11-05T14:30:00"));
    check("05-11-2026 14:30:00", "", Some("2026-11-05T14:30:00"));
    check("2026-11-05T14:30:00", "", Some("2026-11-05T14:30:00"));
    check("2026-11-05T14:30:00.123", "", Some("2026-11-05T14:30:00"));
    check("05/11/2026", "14:30:05", Some("2026-11-05T14:30:05"));
    check("05-11-2026", "14:30", Some("2026-11-05T14:30:00"));
    check("2026-11-05", "14:30:05", Some("2026-11-05T14:30:05"));
    // A date that carries midnight beside the hour.
    check("2026-11-05T00:00:00", "14:30:05", Some("2026-11-05T14:30:05"));
    check("05/11/2026", "", None);
    check("11/25/2026", "14:30:05", None);
    check("", "14:30:05", None);
}

#[test]
fn a_row_stands_at_the_clocks_of_viet_nam() {
    let row = serde_json::json!({ "createdDate": "05/11/2026", "createdHour": "00:30:00", "statusCode": 14 });
    let row = FeedRow::read(&row).unwrap();
    assert_eq!((&*row.status, row.instant()), ("14", Some("2026-11-04T17:30:00Z".parse().unwrap())));
}
