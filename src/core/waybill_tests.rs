use super::*;
use proptest::prelude::*;

#[test]
fn a_waybill_has_its_form_and_its_check_digit() {
    fn check(text: &str, expected: Result<&str, NoWaybill>) {
        assert_eq!(Waybill::read(text).as_ref().map(Waybill::as_str), expected.as_ref().copied(), "{text}");
    }
    // UPU S10 gives RR 47312482 9 GB as its example; the second is the sample of the post's contract.
    check("RR473124829GB", Ok("RR473124829GB"));
    check(" ch100200305vn ", Ok("CH100200305VN"));
    check("CH100200304VN", Err(NoWaybill::CheckDigit { expected: 5 }));
    // The rests 11 and 10 are written as 5 and 0.
    check("CH000000155VN", Ok("CH000000155VN"));
    check("CH000000080VN", Ok("CH000000080VN"));
    for text in [
        "",
        "CH10020030VN",
        "CH1002003055VN",
        "C1100200305VN",
        "CH10020030XVN",
        "CH100200305V1",
        "CHđ00200305VN",
    ] {
        check(text, Err(NoWaybill::Form));
    }
}

#[test]
fn a_range_is_given_by_its_ends_with_or_without_check_digits() {
    fn check(from: &str, to: &str, expected: Result<(usize, &str, &str), NoRange>) {
        let found = range(from, to);
        let found = found.as_ref().map(|all| {
            (all.len(), all.first().map_or("", Waybill::as_str), all.last().map_or("", Waybill::as_str))
        });
        assert_eq!(found, expected.as_ref().copied(), "{from} {to}");
    }
    let three = Ok((3, "CH100200305VN", "CH100200322VN"));
    check("CH100200305VN", "CH100200322VN", three);
    check("CH10020030VN", "CH10020032VN", three);
    check("CH10020030VN", "CH100200322VN", three);
    check("CH10020030VN", "CH10020030VN", Ok((1, "CH100200305VN", "CH100200305VN")));
    check("CH100200301VN", "CH10020032VN", Err(NoRange::End(NoWaybill::CheckDigit { expected: 5 })));
    check("CH1002003", "CH10020032VN", Err(NoRange::End(NoWaybill::Form)));
    check("CH10020030VN", "CI10020032VN", Err(NoRange::Letters));
    check("CH10020032VN", "CH10020030VN", Err(NoRange::Backwards));
    check("CH00000000VN", "CH00099999VN", Ok((100_000, "CH000000005VN", "CH000999998VN")));
    check("CH00000000VN", "CH00100000VN", Err(NoRange::TooLong(100_001)));
}

#[test]
fn a_list_reports_every_line_that_is_no_waybill() {
    let read = list("\u{feff}# dải tháng 9\r\n\r\nCH100200305VN\r\n  ch100200319vn\n").unwrap();
    assert_eq!(read.iter().map(Waybill::as_str).collect::<Vec<_>>(), ["CH100200305VN", "CH100200319VN"]);
    let problems = list("CH100200305VN\nhai\nCH100200310VN\n").unwrap_err();
    assert_eq!(problems, [(2, NoWaybill::Form), (3, NoWaybill::CheckDigit { expected: 9 })]);
}

const RULES: PoolRules = PoolRules { unusable: "TEST-105", not_taken: &["TEST-105", "TEST-NO"] };

#[test]
fn a_waybill_is_unused_only_when_every_attempt_proves_it() {
    fn check(trials: &[(Option<&str>, &str)], expected: bool) {
        let trial = |(outcome, code): &(Option<&str>, &str)| Trial {
            outcome: outcome.map(str::to_owned),
            code: (*code).to_owned(),
        };
        let trials: Vec<Trial> = trials.iter().map(trial).collect();
        assert_eq!(is_unused(&trials, RULES), expected, "{trials:?}");
    }
    check(&[], true);
    check(&[(Some("unavailable"), "TEST-UNREACHABLE"), (Some("unavailable"), "TEST-HTTP-429")], true);
    check(&[(Some("rejected"), "TEST-105"), (Some("rejected"), "TEST-NO")], true);
    check(&[(Some("rejected"), "GATEWAY-NO-PHONE")], true);
    check(&[(Some("rejected"), "TEST-57")], false);
    check(&[(Some("rejected"), "TEST-NO"), (Some("uncertain"), "TEST-NO-ANSWER")], false);
    check(&[(Some("accepted"), "TEST-OK"), (Some("rejected"), "TEST-NO")], false);
    check(&[(Some("blocked"), "TEST-HTTP-3XX")], false);
    check(&[(None, "")], false);
}

#[test]
fn another_waybill_follows_only_what_surely_took_none() {
    fn check(unused: bool, refused: u32, expected: AfterUnusable) {
        assert_eq!(after_unusable(unused, refused), expected, "{unused} {refused}");
    }
    check(true, 1, AfterUnusable::Another);
    check(true, MOST_REFUSED - 1, AfterUnusable::Another);
    check(true, MOST_REFUSED, AfterUnusable::Enough);
    check(false, 1, AfterUnusable::InDoubt);
    check(false, MOST_REFUSED, AfterUnusable::InDoubt);
}

#[test]
fn a_pool_is_low_below_its_threshold_and_says_what_is_missing() {
    let found = |free| {
        low(&AccountName::new("post-1"), free, 200, Timestamp::UNIX_EPOCH)
            .map(|found| (found.scope, found.count))
    };
    assert_eq!(found(200), None);
    assert_eq!(found(199), Some(("post-1".to_owned(), 1)));
    assert_eq!(found(0), Some(("post-1".to_owned(), 200)));
}

proptest! {
    #[test]
    fn what_a_range_gives_reads_back_and_no_other_digit_does(serial in 0_u32..99_999_999) {
        let all = range(&format!("EB{serial:08}VN"), &format!("EB{:08}VN", serial + 1)).unwrap();
        prop_assert_eq!(all.len(), 2);
        for waybill in &all {
            let read = Waybill::read(waybill.as_str());
            prop_assert_eq!(read.as_ref(), Ok(waybill));
        }
        let digits = (0..10).filter(|digit| Waybill::read(&format!("EB{serial:08}{digit}VN")).is_ok());
        prop_assert_eq!(digits.count(), 1);
    }
}
