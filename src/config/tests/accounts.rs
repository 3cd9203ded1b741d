//! Accounts of an agency that change on days.

use super::refusals::check;
use super::{GATEWAY, copied, loaded};
use lienthong_core::handoff::Partner;
use lienthong_core::ids::AgencyCode;

#[test]
fn accounts_that_change_leave_no_day_without_one_and_stand_in_order() {
    const SECOND: &str = "{ account = \"post-tien-thanh\", from = 2027-01-01 }]";
    let refusals = [
        (
            "[{ account = \"post-tien-loi\" }",
            "[{ account = \"post-tien-loi\", from = 2026-01-01 }",
            "[1].from: leaves the days before 2026-01-01 without an account; leave it out of the first entry",
        ),
        (
            SECOND,
            "{ account = \"post-tien-thanh\" }]",
            "[2].from: is missing; write year-month-day without quotes, as in 2027-01-01",
        ),
        (
            SECOND,
            "{ account = \"post-tien-thanh\", from = \"1/1/2027\" }]",
            "[2].from: \"1/1/2027\" is not a date; write year-month-day without quotes, as in 2027-01-01",
        ),
        (
            SECOND,
            "{ account = \"post-tien-thanh\", from = 2027-01-01 }, { account = \"post-tien-loi\", from = 2026-12-31 }]",
            "[3].from: 2026-12-31 is not after 2027-01-01, where the entry before begins; order them by their days",
        ),
        (
            SECOND,
            "{ account = \"post-tien-than\", from = 2027-01-01 }]",
            "[2].account: \"post-tien-than\" is not configured; configured are: my-tien-loi, post-ham-thuan, post-tan-lap, post-tien-loi, post-tien-thanh",
        ),
        (
            SECOND,
            "{ account = \"portal-tien-loi\", from = 2027-01-01 }]",
            "[2].account: \"portal-tien-loi\" is an account of the portal; write one of the post: my-tien-loi, post-ham-thuan, post-tan-lap, post-tien-loi, post-tien-thanh",
        ),
        (
            SECOND,
            "{ account = \"post-tien-thanh\", form = 2027-01-01 }]",
            "[2].from: is missing; write year-month-day without quotes, as in 2027-01-01\n\
             tables/agencies.toml: agencies.\"H11.01.08\".post_account[2].form: is not known here; did you mean from?",
        ),
        (
            SECOND,
            "\"post-tien-thanh\"]",
            ": entry 2 is not a table; write [[agencies.\"H11.01.08\".post_account]]",
        ),
    ];
    let agencies = "tables/agencies.toml";
    for (from, to, expected) in refusals {
        let expected = format!("{agencies}: agencies.\"H11.01.08\".post_account{expected}");
        check(&[(agencies, from, to)], &expected);
    }
    let all = "[{ account = \"post-tien-loi\" }, { account = \"post-tien-thanh\", from = 2027-01-01 }]";
    let empty = "lists no account; write its name, or leave the key out";
    check(&[(agencies, all, "[]")], &format!("{agencies}: agencies.\"H11.01.08\".post_account: {empty}"));
    let number = "7 is not a text; write it in quotes, as in \"tien-thanh\"";
    check(&[(agencies, all, "7")], &format!("{agencies}: agencies.\"H11.01.08\".post_account: {number}"));
}

#[test]
fn an_account_changes_with_the_day_that_the_table_names() {
    let settings = loaded(copied().path(), GATEWAY).unwrap();
    let agency = AgencyCode::new("H11.01.08");
    let post = |at: &str| {
        let account = settings.tables.account(&agency, Partner::Post, at.parse().unwrap());
        account.unwrap().as_str().to_owned()
    };
    assert_eq!(post("2026-12-31T23:59:59+07:00"), "post-tien-loi");
    assert_eq!(post("2027-01-01T00:00:00+07:00"), "post-tien-thanh");
}
