//! Who comes, when, and what becomes of each dossier: a list of lives for each group, the rest as life usually goes.

mod by_post;
mod odd;
mod usual;

use crate::calendar::{moment_on, working_days};
use crate::chance::Chance;
use crate::desk::{Arrival, Desk, Procedure};
use crate::incidents;
use crate::script::{Group, Script};
use crate::stray::{Stray, strays};
use jiff::civil::{Date, date};
use std::collections::BTreeMap;

/// A life: what happens to the dossier that the desk has before it.
type Life = fn(&mut Desk);

/// Lives of chosen kinds, with how many dossiers live them.
type Lives = &'static [(&'static str, usize, Life)];

/// Dossiers of one pilot, and of one of its days, at most: where the numbers of the next round begin.
const DOSSIERS_AT_MOST: u32 = 500;
const SERIALS_AT_MOST: u32 = 50;

/// The last day on which a chosen life begins: it should reach its end.
const CHOSEN_UNTIL: Date = date(2022, 8, 10);

const POST_LIVES: Lives = &[
    ("returned by post", 18, by_post::returned),
    ("returned by post after a failed attempt", 6, by_post::failed_attempt),
    ("parcel came back, ordered again", 3, by_post::reordered),
    ("parcel came back, fetched at the desk", 2, by_post::fetched_after_return),
    ("fetched at the desk though ordered", 3, by_post::fetched_though_ordered),
    ("return registered early", 3, by_post::registered_early),
    ("return registered late", 4, by_post::registered_late),
    ("return withdrawn before the result", 2, by_post::withdrawn_before),
    ("return withdrawn after the result", 2, by_post::withdrawn_after),
    ("return withdrawn and registered again", 2, by_post::registered_again),
    ("re-opened with a return order", 3, by_post::reopened),
    ("the desk says 10 after the delivery", 4, by_post::said_again),
    ("re-opened after the delivery", 1, by_post::reopened_after_delivery),
    ("receiver's phone from the applicant", 1, by_post::phone_of_the_applicant),
    ("collected at home", 5, by_post::collected_at_home),
    ("collected at home under the code", 3, by_post::collected_under_the_code),
    ("collected at home, asked again under the code", 1, by_post::asked_again),
    ("collected at home, refused", 2, by_post::collected_and_refused),
    ("collected at home, withdrawn", 2, by_post::collected_and_withdrawn),
    ("collected at home, stopped", 1, by_post::collected_and_stopped),
    ("pickup cancelled", 3, by_post::pickup_cancelled),
    ("papers forwarded", 4, by_post::forwarded),
    ("papers forwarded twice", 1, by_post::forwarded_twice),
    ("refused", 4, usual::refused),
    ("withdrawn", 3, usual::withdrawn),
    ("stopped", 2, usual::stopped),
    ("two supplements", 3, usual::two_supplements),
    ("re-opened", 2, usual::reopened),
    ("receiver without a phone, cured", 1, odd::phone_cured),
    ("receiver without a phone", 1, odd::phone_missing),
    ("unmapped procedure", 1, odd::unmapped_procedure),
    ("impossible status", 1, odd::impossible_status),
    ("fee collected by the postman", 3, by_post::cash_collected),
    ("fee paid online before the postman came", 2, by_post::cash_paid_online),
    ("fee to be collected, parcel came back, ordered again", 1, by_post::cash_reordered),
];

const ONLINE_LIVES: Lives = &[
    ("refused", 8, usual::refused),
    ("withdrawn", 5, usual::withdrawn),
    ("stopped", 2, usual::stopped),
    ("two supplements", 4, usual::two_supplements),
    ("re-opened", 2, usual::reopened),
    ("returned by post", 10, by_post::returned),
    ("return registered late", 2, by_post::registered_late),
];

const DIRECT_LIVES: Lives = &[
    ("refused", 3, usual::refused),
    ("withdrawn", 2, usual::withdrawn),
    ("two supplements", 2, usual::two_supplements),
    ("re-opened", 1, usual::reopened),
    ("papers forwarded", 3, by_post::forwarded),
];

const MARRIAGE: Procedure = Procedure {
    code: "1.004873",
    name: "Cấp giấy xác nhận tình trạng hôn nhân",
    result: "Giấy xác nhận tình trạng hôn nhân",
};

/// Civil-status procedures of a commune; the desk writes some with the province's suffix.
const PROCEDURES: [Procedure; 7] = [
    Procedure { code: "1.001193", name: "Đăng ký khai sinh", result: "Giấy khai sinh" },
    Procedure { code: "1.000894", name: "Đăng ký kết hôn", result: "Giấy chứng nhận kết hôn" },
    Procedure { code: "1.000656", name: "Đăng ký khai tử", result: "Trích lục khai tử" },
    Procedure {
        code: "2.000635", name: "Cấp bản sao trích lục hộ tịch", result: "Bản sao trích lục"
    },
    Procedure {
        code: "2.000635.H11", name: "Cấp bản sao trích lục hộ tịch", result: "Bản sao trích lục"
    },
    MARRIAGE,
    Procedure { code: "1.004873.H11", ..MARRIAGE },
];

/// The pilot.
#[derive(Debug, Clone)]
pub struct Pilot {
    /// What it was made from.
    pub seed: u64,
    /// Dossiers in the order of their codes.
    pub scripts: Vec<Script>,
    /// Messages that nobody can read, or that nobody may send.
    pub strays: Vec<Stray>,
}

impl Pilot {
    /// The pilot of a seed; the same seed gives the same pilot.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::round(seed, 0)
    }

    /// A pilot beside others: rounds below 100 share neither codes nor slips, identity numbers or phones of applicants,
    /// and with a seed of its own, a round shares no event id either. Strays are the same in every round.
    #[must_use]
    pub fn round(seed: u64, round: u32) -> Self {
        let mut chance = Chance::new(seed);
        let groups = [
            (Group::Post, 185, date(2022, 9, 15), POST_LIVES),
            (Group::Online, 162, date(2022, 8, 31), ONLINE_LIVES),
            (Group::Direct, 140, date(2022, 9, 15), DIRECT_LIVES),
        ];
        let mut arrivals = Vec::new();
        for (group, count, last, lives) in groups {
            arrivals.extend(group_arrivals(group, count, last, lives, &mut chance));
        }
        let mut scripts = live(arrivals, round, &mut chance);
        incidents::happen(&mut scripts, &mut chance);
        Self { seed, scripts, strays: strays() }
    }
}

/// Arrivals of a group with the life that each is to have; codes follow.
fn group_arrivals(
    group: Group,
    count: usize,
    last: Date,
    lives: Lives,
    chance: &mut Chance,
) -> Vec<(Arrival, &'static str, Life)> {
    let days = working_days(last);
    let early: Vec<Date> = days.iter().copied().filter(|day| *day <= CHOSEN_UNTIL).collect();
    let chosen = lives.iter().flat_map(|(about, count, life)| std::iter::repeat_n((*about, *life), *count));
    let mut chosen: Vec<(&'static str, Life)> = chosen.collect();
    let first = chosen.len();
    chosen.extend(std::iter::repeat_n(("usual", usual::usual as Life), count - first));
    let mut arrivals = Vec::with_capacity(count);
    for (place, (about, life)) in chosen.into_iter().enumerate() {
        let day = *chance.pick(if place < first { &early } else { &days });
        let procedure = match group {
            Group::Online => MARRIAGE,
            Group::Post | Group::Direct => *chance.pick(&PROCEDURES),
        };
        let at = moment_on(day, chance);
        arrivals.push((Arrival { number: 0, code: String::new(), group, procedure, at }, about, life));
    }
    arrivals
}

/// Numbers the arrivals by day, as the desk's system does, and lets each live.
fn live(mut arrivals: Vec<(Arrival, &'static str, Life)>, round: u32, chance: &mut Chance) -> Vec<Script> {
    arrivals.sort_by_key(|(arrival, _, _)| arrival.at);
    let mut today: BTreeMap<Date, u32> = BTreeMap::new();
    let mut scripts = Vec::with_capacity(arrivals.len());
    let first = usize::try_from(round * DOSSIERS_AT_MOST).expect("rounds are few");
    for (number, (mut arrival, about, life)) in (first..).zip(arrivals) {
        let day = arrival.at.0.date();
        let serial = today.entry(day).or_insert(round * SERIALS_AT_MOST);
        *serial += 1;
        arrival.number = number + 1;
        arrival.code = format!("{}-{}-{serial:04}", crate::AGENCY, day.strftime("%y%m%d"));
        let mut desk = Desk::new(&arrival, chance.split());
        life(&mut desk);
        scripts.push(desk.close(about));
    }
    scripts
}
