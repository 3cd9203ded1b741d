//! The figures on a fixed journal: built from events, answers of the partners and reports of the post, and counted by hand.
//!
//! It is Friday 20 November 2026, 10:00. The office works Monday to Friday, 7:00–11:30 and 13:30–17:00, 8 hours a day. So
//! *at risk* is what is promised until 8 working hours later, Monday the 23rd, 10:00; *not collected* what the post took 16 working
//! hours ago, Wednesday the 18th, 10:00, or before.
//!
//! Agency A (H11.01.07); times are of November 2026 in Việt Nam; `post`: the result goes back by post.
//!
//! | n | received | due | reported | record | order | so |
//! |---|---|---|---|---|---|---|
//! | 1 | 31 Oct, last ms | 4th | 2, 9 on the 3rd | accepted | | October's; on its 31st still running |
//! | 2 | 1st, 00:00 | 5th 17:00 | 9 on the 5th 16:00 | accepted | | on time |
//! | 3 | 2nd | 6th 17:00 | 10 on the 9th | accepted | | late, 10 without 9 |
//! | 4 | 3rd | 10th 17:00 | 5 on the 4th 10:00, 4 on the 9th 10:00, 9 on the 14th 10:00 | accepted | | 120 h deducted: on time |
//! | 5 | 3rd | 25th 17:00 | 5, 4, 5, 4 | accepted | | two supplements without end: overdue |
//! | 6 | 10th | 23rd 09:00 | 4 | waiting | | running, at risk |
//! | 7 | 10th | 19th 17:00 | 4 | refused, names a field | | overdue |
//! | 8 | 11th | none | 4; its 9 waits for one before it | accepted | | undated; one event waits |
//! | 9 | 12th | 18th 17:00 | 9 on the 16th, post, no phone | accepted | dead | on time, 9 without order |
//! | 10 | 12th | 20th 17:00 | 9 on the 17th 09:00, post, 8,000 đ | accepted | taken 17th 09:00 | on time, not collected |
//! | 11 | 12th | 19th 17:00 | 9 on the 13th, post, 15,000 đ | accepted | delivered, settled | on time |
//! | 12 | 12th | 19th 17:00 | 9 on the 18th 11:00, post, 20,000 đ | accepted | failed at the door | on time |
//! | 13 | 12th | 19th 17:00 | 9 on the 16th, post, 9,000 đ | accepted | back at the desk | on time; its cash is not expected |
//! | 14 | not yet | 25th | 1 on the 12th | accepted | | in no period |
//! | 15 | 13th | 18th 17:00 | 7 on the 19th | accepted | | late |
//! | 16 | 19th 06:30 (18th in UTC) | 24th 17:00 | 2 | not taken, tried again | | running |
//! | 17 | 12th | 19th 17:00 | 9 on the 13th, post, 5,000 đ | accepted | delivered, collected | on time |
//!
//! Besides, an event of dossier 2 comes again under its id with another content, and is set aside.
//!
//! By hand, November: received 2–13 and 15–17: 15. Acknowledged: all of them but 6, 7, 16: 12 of 15 = 80,00 %. On time 2, 4, 9–13,
//! 17: 8. Late 3, 15. Running 6, 16. Overdue 5, 7. Undated 8. In time 10 of 14 = 71,43 %. Orders 10–13, 17: 5. Cash expected 8 + 15 + 20
//! + 5 = 48 thousand of 4 orders, collected 15 + 5 = 20 of 2, settled 15 of 1.
//!
//! Agency B (H11.01.08): one dossier, received on the 5th, 9 on the 6th, promised for the 6th; the national report says 4: 25,00 %.
//! Agency C (H11.01.09): nothing. All: 13 of 15 + 4 = 19 = 68,42 %; in time 11 of 15 = 73,33 %.

pub(crate) mod docs;
pub(crate) mod fixture;

use super::world::World;
use crate::journal::report::{FigureList, JournalReport};
use crate::views::figures::{self, AgencyFigures, CashShown, Figures, Intake};
use fixture::{A, B, C, ROWS, at, code, fixed, import, now};
use lienthong_core::figures::Period;

fn report(world: &World) -> JournalReport {
    JournalReport::open(&world.settings.journal.path).unwrap()
}

fn figures_of(world: &World, sees: impl Fn(&str) -> bool, period: Period) -> Figures {
    figures::figures(&report(world), &world.settings, sees, (period, Intake::Open), now()).unwrap()
}

fn november() -> Period {
    Period::read("2026-11").unwrap()
}

/// What the hand computed of agency A in November.
fn by_hand() -> AgencyFigures {
    AgencyFigures {
        agency: Some(A.to_owned()),
        name: Some("UBND xã".to_owned()),
        reported: None,
        received: 15,
        denominator: 15,
        acknowledged: 12,
        missing: 3,
        unheard: 0,
        sync_percent: Some(80.0),
        on_time: 8,
        late: 2,
        running: 2,
        overdue: 2,
        undated: 1,
        in_time_percent: Some(71.43),
        at_risk: Some(1),
        without_9: 1,
        asked_again: 1,
        without_order: 1,
        orders: 5,
        not_collected: 1,
        failed: 1,
        returned: 1,
        cash_expected: CashShown { count: 4, sum: 48_000 },
        cash_collected: CashShown { count: 2, sum: 20_000 },
        cash_settled: CashShown { count: 1, sum: 15_000 },
        quarantined: 1,
        waiting: 1,
        ..AgencyFigures::default()
    }
}

/// As JSON: the shares behind the percentages are another way to say them.
fn same(seen: &AgencyFigures, expected: &AgencyFigures) {
    let text = |figures| serde_json::to_string_pretty(figures).unwrap();
    assert_eq!(text(seen), text(expected));
}

#[tokio::test]
async fn the_figures_are_what_a_hand_computed() {
    let world = fixed().await;
    let seen = figures_of(&world, |_agency| true, november());
    let [a, b, c] = &seen.agencies[..] else { panic!("three agencies") };
    same(a, &by_hand());
    let empty = |code: &str| AgencyFigures {
        agency: Some(code.to_owned()),
        name: Some("UBND xã".to_owned()),
        at_risk: Some(0),
        ..AgencyFigures::default()
    };
    let of_b = AgencyFigures {
        reported: Some(4),
        received: 1,
        denominator: 4,
        acknowledged: 1,
        unheard: 3,
        sync_percent: Some(25.0),
        on_time: 1,
        in_time_percent: Some(100.0),
        ..empty(B)
    };
    same(b, &of_b);
    same(c, &empty(C));
    let total = AgencyFigures {
        agency: None,
        name: None,
        reported: Some(4),
        received: 16,
        denominator: 19,
        acknowledged: 13,
        unheard: 3,
        sync_percent: Some(68.42),
        on_time: 9,
        in_time_percent: Some(73.33),
        ..by_hand()
    };
    same(&seen.total, &total);
}

#[tokio::test]
async fn a_day_ends_at_midnight_of_viet_nam_and_a_month_is_cut_at_its_end() {
    let world = fixed().await;
    let october = figures_of(&world, |agency| agency == A, Period::read("2026-10").unwrap());
    let seen = &october.total;
    assert_eq!((seen.received, seen.acknowledged, seen.sync_percent), (1, 1, Some(100.0)));
    // It ended on 3 November, which is after the cut, and its date had not passed then.
    assert_eq!((seen.running, seen.on_time, seen.at_risk), (1, 0, None));
    let day = |day: &str| {
        let day = day.parse().unwrap();
        figures_of(&world, |agency| agency == A, Period::of_days(day, day).unwrap()).total.received
    };
    assert_eq!((day("2026-10-31"), day("2026-11-01")), (1, 1));
    assert_eq!((day("2026-11-18"), day("2026-11-19")), (0, 1), "the 19th, 06:30, is the 18th in UTC");
}

#[tokio::test]
async fn what_is_missing_says_why_and_who_must_act() {
    let world = fixed().await;
    let missing =
        figures::missing(&report(&world), &world.settings, |_agency| true, (november(), 10), now()).unwrap();
    let lines: Vec<_> = missing
        .lines
        .iter()
        .map(|line| {
            let dossier = line.dossier.clone().unwrap_or_default();
            (dossier, line.why, line.who, line.code.clone().unwrap_or_default())
        })
        .collect();
    let line = |n: usize, why, who, reason: &str| (code(&ROWS[n - 1]), why, who, reason.to_owned());
    let expected = [
        line(6, "waiting", "nobody", ""),
        line(7, "stopped-field", "desk", "TEST-57"),
        line(16, "retrying", "nobody", "TEST-DOWN"),
    ];
    // The message that was set aside speaks of a dossier that the portal has.
    assert_eq!(lines, expected);
    assert_eq!((missing.more, missing.reasons.len()), (false, 3));
    let first =
        figures::missing(&report(&world), &world.settings, |_agency| true, (november(), 1), now()).unwrap();
    assert_eq!((first.lines.len(), first.more), (1, true));
}

#[tokio::test]
async fn every_list_has_as_many_lines_as_its_figure_says() {
    let world = fixed().await;
    let list = |list| {
        let asked = (november(), list, 100);
        figures::list(&report(&world), &world.settings, |agency| agency == A, asked, now()).unwrap().lines
    };
    let dossiers = |list_of| {
        let lines = list(list_of);
        lines
            .iter()
            .map(|line| line.dossier.rsplit('-').next().unwrap().parse().unwrap())
            .collect::<Vec<usize>>()
    };
    let check = |list, expected: &[usize]| assert_eq!(dossiers(list), expected, "{list:?}");
    check(FigureList::Late, &[3, 15]);
    check(FigureList::Overdue, &[5, 7]);
    check(FigureList::AtRisk, &[6]);
    check(FigureList::Undated, &[8]);
    check(FigureList::WithoutDone, &[3]);
    check(FigureList::AskedAgain, &[5]);
    check(FigureList::WithoutOrder, &[9]);
    check(FigureList::Left, &[10]);
    check(FigureList::Failed, &[12]);
    check(FigureList::Returned, &[13]);
    let stopped = &list(FigureList::WithoutOrder)[0];
    assert_eq!((stopped.code.as_deref(), stopped.who), (Some("GATEWAY-NO-PHONE"), "desk"));
}

#[tokio::test]
async fn an_agency_that_is_not_seen_is_in_no_figure_and_no_list() {
    let world = fixed().await;
    let seen = figures_of(&world, |agency| agency == B, november());
    assert_eq!((seen.agencies.len(), seen.total.received, seen.total.quarantined), (1, 1, 0));
    let sees = |agency: &str| agency == B;
    let missing = figures::missing(&report(&world), &world.settings, sees, (november(), 10), now()).unwrap();
    assert_eq!(missing.lines, []);
    for list in FigureList::ALL {
        let asked = (november(), list, 10);
        let shown = figures::list(&report(&world), &world.settings, sees, asked, now()).unwrap();
        assert_eq!(shown.lines, [], "{list:?}");
    }
}

#[tokio::test]
async fn figures_say_until_when_they_are_complete_and_what_they_lack() {
    let world = fixed().await;
    let asked = |intake, sees: fn(&str) -> bool, period: &str| {
        let period = Period::read(period).unwrap();
        let seen = figures::figures(&report(&world), &world.settings, sees, (period, intake), now()).unwrap();
        let codes: Vec<&str> = seen.doubts.iter().map(|doubt| doubt.code).collect();
        (seen.complete_until, codes)
    };
    let open = |sees| asked(Intake::Open, sees, "2026-11");
    // An event of A has waited since the 19th, 10:01.
    let of_a = open(|agency| agency == A);
    assert_eq!(of_a, (Some(at("19T10:01")), vec!["period-open", "events-waiting", "quarantined"]));
    assert_eq!(open(|agency| agency == B), (Some(now()), vec!["period-open", "unheard"]));
    assert_eq!(asked(Intake::Open, |agency| agency == C, "2026-10"), (Some(now()), vec![]));
    let closed = asked(Intake::Closed(Some(at("19T12:00"))), |agency| agency == C, "2026-10");
    assert_eq!(closed, (Some(at("19T12:00")), vec!["intake-closed"]));
    // The newest event arrived last, whenever it happened.
    let unknown = asked(Intake::Unknown, |agency| agency == C, "2026-10");
    assert_eq!(unknown, (Some(at("19T10:01")), vec!["intake-unknown"]));
}

#[tokio::test]
async fn an_import_takes_the_place_of_the_count_before_and_the_audit_keeps_it() {
    let world = fixed().await;
    import(&world, "agency;period;received\nH11.01.08;2026-11;2\nH11.01.07;2026-Q4;40\n");
    let seen = figures_of(&world, |agency| agency == B, november());
    assert_eq!((seen.total.reported, seen.total.sync_percent), (Some(2), Some(50.0)));
    let details =
        "SELECT group_concat(subject || ' ' || detail, '; ') FROM audit WHERE act = 'figures-import'";
    let kept: String = world.file().query_row(details, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "H11.01.08 2026-11: 4; H11.01.08 2026-11: 2, was 4; H11.01.07 2026-Q4: 40");
}

#[tokio::test]
async fn the_figures_outlive_the_payloads() {
    let world = fixed().await;
    let before = figures_of(&world, |_agency| true, november());
    world
        .file()
        .execute_batch(
            "UPDATE dossier SET basis = NULL; UPDATE inbox SET payload = NULL; UPDATE handoff SET content = NULL;
             UPDATE attempt SET said = NULL; UPDATE quarantine SET payload = NULL; DELETE FROM payload;",
        )
        .unwrap();
    assert_eq!(figures_of(&world, |_agency| true, november()), before);
}
