//! One thing of the example's tables, or of its calendar, is broken at a time.

use super::refusals::{check, refused};
use super::{GATEWAY, copied, loaded};
use std::fs;

#[test]
fn agencies_are_checked_against_accounts_and_units() {
    let agencies = "tables/agencies.toml";
    let refusals = [
        (
            "portal_account = \"portal-tien-thanh\"",
            "portal_account = \"prtal\"",
            r#"agencies."H11.01.07".portal_account: "prtal" is not configured; configured are: portal-phong-tho, portal-tien-loi, portal-tien-thanh, portal-yen-binh"#,
        ),
        (
            "portal_account = \"portal-tien-thanh\"",
            "portal_account = \"post-tien-thanh\"",
            r#"agencies."H11.01.07".portal_account: "post-tien-thanh" is an account of the post; write one of the portal: portal-phong-tho, portal-tien-loi, portal-tien-thanh, portal-yen-binh"#,
        ),
        (
            "phone = \"0510000901\"",
            "phone = \"901\"",
            r#"agencies."H11.01.07".desk.phone: "901" is not a phone number that can be dialled; write 10 or 11 digits, as in "0510000111""#,
        ),
        (
            "commune_code = \"22966\"",
            "commune_code = \"22967\"",
            r#"agencies."H11.01.07".desk.commune_code: "22967" is not in the table of units; correct it or add its row"#,
        ),
        ("commune_code = \"22966\"", "commune_code = \"22954\"", "accepted"),
        (
            "province_code = \"60\"",
            "province_code = \"68\"",
            r#"agencies."H11.01.07".desk.commune_code: commune 22966 never lay in province 68; correct one of them"#,
        ),
        (
            "[agencies.\"H11.01.07\".desk]",
            "[agencies.\"H11.01.07\".dsk]",
            "agencies.\"H11.01.07\".desk: is missing; an agency with a post_account needs its address and phone\n\
             tables/agencies.toml: agencies.\"H11.01.07\".dsk: is not known here; did you mean desk?",
        ),
    ];
    for (from, to, expected) in refusals {
        let expected =
            if expected == "accepted" { expected.to_owned() } else { format!("{agencies}: {expected}") };
        check(&[(agencies, from, to)], &expected);
    }
}

#[test]
fn units_are_checked_one_by_one_and_together() {
    let refusals = [
        (
            "tables/units.csv",
            "22966,Xã Tiến Thành,60,,2025-06-30,22954",
            "22966,Xã Tiến Thành,60,2025-07-01,2025-06-30,22954",
            "line 2220, valid_to: 2025-06-30 is before valid_from 2025-07-01; exchange or correct them",
        ),
        (
            "tables/units.csv",
            "22966,Xã Tiến Thành,60,,2025-06-30,22954",
            "22966,Xã Tiến Thành,60,,2025-06-30,2295",
            "line 2220, successors: 2295 is no unit of this file; add its row or correct the code",
        ),
        (
            "tables/units.csv",
            "22969,Thị trấn Liên Hương,60,,2025-06-30,22969",
            "22969,Thị trấn Liên Hương,60,,2025-07-30,22969",
            "line 2222: unit 22969 overlaps in time with line 2221; a code has one row on each day",
        ),
        (
            "tables/units.csv",
            "code,name,province_code",
            "code,nme,province_code",
            "line 1: column \"nme\" is not known; did you mean name?\n\
             tables/units.csv: line 1: column name is missing; add it",
        ),
    ];
    check_rows(&refusals);
}

#[test]
fn procedures_and_areas_are_checked_one_by_one_and_together() {
    let refusals = [
        (
            "tables/procedures.csv",
            "1.004873.H11,1.004873,gateway,,,G15-TP03,Hộ tịch",
            "1.004873,1.004873,gateway,,,G15-TP03,Hộ tịch",
            "line 12: procedure 1.004873 repeats line 11; a code has one row on each day",
        ),
        (
            "tables/procedures.csv",
            "1.004873.H11,1.004873,gateway,,,G15-TP03,Hộ tịch",
            "1.004873.H11,TS_lop1,bo,,,,",
            "line 12, national_code: \"TS_lop1\" is not a national code; write a digit, a dot and six digits, as in 1.004873\n\
             tables/procedures.csv: line 12, reported_by: \"bo\" is not one of gateway, ministry; write one of them",
        ),
        (
            "tables/procedures.csv",
            "1.004873.H11,1.004873,gateway,,,G15-TP03,Hộ tịch",
            "1.004873.H11,1.004873,gateway,,30/06/2025,G15-TP03,",
            "line 12, field_name: is missing; write it, as in Hộ tịch\n\
             tables/procedures.csv: line 12, valid_to: \"30/06/2025\" is not a date; write year-month-day, as in 2025-06-30",
        ),
        (
            "tables/post-areas.csv",
            "593,80,8010,,2025-06-30",
            "593,80,8010,,\n593,eighty,8010,,",
            "line 15, post_province: \"eighty\" is not a whole number; write digits, as in 80",
        ),
        (
            "tables/procedures.csv",
            "1.004873.H11,1.004873,gateway,,,G15-TP03,Hộ tịch",
            "1.004873.H11,1.004873",
            "line 12: has not the 7 values that the first line names",
        ),
    ];
    check_rows(&refusals);
}

#[test]
fn the_calendar_is_checked_day_by_day_and_year_by_year() {
    let day = "2024-05-04,,worked,Làm bù ngày 29/4 (ví dụ)";
    let row = |change: &'static str, expected: &'static str| ("tables/calendar.csv", day, change, expected);
    let refusals = [
        row(",,off,Tết", "line 22, day: is empty; fill it in"),
        row(
            "4/5/2024,,worked,x",
            "line 22, day: \"4/5/2024\" is not a date; write year-month-day, as in 2025-06-30",
        ),
        row(
            "2024-05-04,,holiday,x",
            "line 22, kind: \"holiday\" is not one of off, worked; write one of them",
        ),
        row(
            "2024-05-04,2024-05-03,off,x",
            "line 22, until: 2024-05-03 is not within 31 days from 2024-05-04; write the last day of the stretch",
        ),
        row(
            "2024-05-04,2042-05-04,off,x",
            "line 22, until: 2042-05-04 is not within 31 days from 2024-05-04; write the last day of the stretch",
        ),
        row(
            "2024-04-30,,worked,x",
            "line 22, day: 2024-04-30 stands in an earlier row too; keep one of them",
        ),
        row("2029-01-01,,off,x", "day: no row is in 2027; add the days off of that year"),
    ];
    check_rows(&refusals);
    let hours = |value: &'static str| (GATEWAY, "#hours = [\"07:00-11:30\", \"13:30-17:00\"]", value);
    check(
        &[hours("hours = [\"13:30-17:00\", \"07:00-11:30\"]")],
        "gateway.example.toml: calendar.hours: its parts overlap or are not in order; write them from morning to evening",
    );
    check(
        &[hours("hours = [\"17:00-07:00\"]")],
        r#"gateway.example.toml: calendar.hours: ["17:00-07:00"] is not a list in which each entry is a part of a day; write two times of day with a hyphen, as in ["07:00-11:30"]"#,
    );
    check(
        &[hours(
            "hours_from = { \"16/4/2027\" = [\"06:30-11:00\"], \"2027-04-16\" = [\"13:30-17:00\", \"07:00-11:30\"] }",
        )],
        "gateway.example.toml: calendar.hours_from: \"16/4/2027\" is not a date; write the first day as year-month-day, as in \"2027-01-01\"\n\
         gateway.example.toml: calendar.hours_from: its parts overlap or are not in order; write them from morning to evening",
    );
    let copy = copied();
    let path = copy.path().join(GATEWAY);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("#~week_from", "week_from", 1)).unwrap();
    let changed = loaded(copy.path(), GATEWAY).unwrap().calendars;
    assert!(!changed.agencies.is_working_day(jiff::civil::date(2026, 12, 26)), "a Saturday before");
    assert!(changed.agencies.is_working_day(jiff::civil::date(2027, 1, 2)), "a Saturday from 2027 on");
    let calendars = loaded(copied().path(), GATEWAY).unwrap().calendars;
    assert_eq!(calendars.known_until, Some(jiff::civil::date(2026, 12, 31)));
    assert!(!calendars.agencies.is_working_day(jiff::civil::date(2022, 2, 3)));
    assert!(calendars.agencies.is_working_day(jiff::civil::date(2024, 5, 4)));
}

/// Checks that the first problems are those expected: a row that is gone can be missed elsewhere too.
fn check_rows(refusals: &[(&str, &str, &str, &str)]) {
    for (file, from, to, expected) in refusals {
        let found = refused(&[(file, from, to)]);
        assert!(found.starts_with(&format!("{file}: {expected}")), "{from} → {to}: {found}");
    }
}
