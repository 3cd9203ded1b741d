//! The daily digest on a fixed journal, counted by hand. It is read on 16 September 2022, 09:00.
//!
//! Times are of Việt Nam: the 15th begins at 17:00 UTC of the 14th. `B`: agency H11.01.08; the others are H11.01.07's.
//!
//! | n | failed | so | then | of the 15th |
//! |---|---|---|---|---|
//! | 1 | record, 14th 23:59:59.999 | away | accepted 00:10 | no: of the 14th |
//! | 2 | record, 15th 00:00 | away | accepted 00:10 | by itself |
//! | 3 | record 10:00 | refused | replayed 10:30, accepted | by hand |
//! | 4 | order 10:00 | refused for its phone | the desk's next event 11:00, accepted | by itself, revived |
//! | 5 | order 10:00 | refused | dismissed 12:00 | otherwise |
//! | 6 | record 10:00 | refused | its row waits behind it | open, dead |
//! | 7 | order 13:00 | answer lost | | open, uncertain |
//! | 8 | record 14:30 | would empty a list | | open, held |
//! | 10 | record 10:00 | refused | a newer one 11:00 | otherwise |
//! | 11 | order 13:00 | answer lost | resolved 13:30 | by hand |
//! | 12 | record, 16th 00:00 | away | | no: of the 16th |
//! | 13 | order 14:00 | no phone: never sent | the desk's next event 14:30, accepted | by itself, revived |
//! | 14 | record 15:00 | its account is blocked | resumed 15:30, accepted | by hand |
//! | B 21 | record, 15th 23:59:59.999 | away | its row waits behind it | open, to be sent again |
//!
//! Failed 12 = by itself 3 (2, 4, 13; revived 2) + by hand 3 (3, 11, 14) + otherwise 2 (5, 10) + open 4 (6, 7, 8, 21). Events of
//! the 15th: one of each of 2–8, 10, 11, 13, 14 and 21, and a second of 4, 8, 10 and 13: 16.
//!
//! Orders accepted: 4, 8, 13. Records: 1, 2, 3, 4 twice, 5, 7, 8, 10 (the newer), 11, 13 twice, 14: 13. Rows: 1, 2, 3, 4 twice, 5, 7, 8
//! twice, 10 twice, 11, 13 twice, 14: 15. Of the desk's 9 that comes again a row is told again: it is another event.

mod docs;
pub(crate) mod fixture;

use super::world::{World, code, partners};
use crate::journal::report::JournalReport;
use crate::journal::tests::figures::fixture::{A, B};
use crate::users::Agencies;
use crate::views::digest::{self, Digest, Share};
use fixture::{code_of_b, fixed, handoff, is_replayed, now, t};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

fn digest_of(world: &World, agencies: &Agencies, day: &str, now: Timestamp) -> Digest {
    let report = JournalReport::open(&world.settings.journal.path).unwrap();
    let partners = partners();
    digest::digest(&report, (&world.settings, &partners), agencies, day.parse().unwrap(), now).unwrap()
}

/// Failed, by itself, revived, by hand, otherwise, open.
fn counted(digest: &Digest) -> [u32; 6] {
    let shares = [&digest.healed_by_itself, &digest.healed_by_hand, &digest.ended_otherwise, &digest.open];
    let sum: u32 = shares.iter().map(|share| share.count).sum();
    assert_eq!(digest.failed.count, sum, "what failed is the sum of its shares");
    for share in shares.into_iter().chain([&digest.failed]) {
        let (reasons, partners): (u32, u32) =
            (share.reasons.iter().map(|reason| reason.count).sum(), share.partners.values().sum());
        assert_eq!((reasons, partners), (share.count, share.count), "{share:#?}");
    }
    let [itself, hand, otherwise, open] = shares.map(|share| share.count);
    [digest.failed.count, itself, digest.revived, hand, otherwise, open]
}

fn dossiers(share: &Share) -> Vec<&str> {
    share.oldest.iter().map(|failed| failed.dossier.as_str()).collect()
}

/// `kind state code count`, of each reason.
fn reasons(share: &Share) -> Vec<String> {
    let line = |reason: &digest::FailedFor| {
        let (state, code) = (reason.state.as_deref().unwrap_or("-"), reason.code.as_deref().unwrap_or("-"));
        format!("{} {state} {code} {}", reason.kind, reason.count)
    };
    let mut lines: Vec<String> = share.reasons.iter().map(line).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn what_failed_on_a_day_and_what_became_of_it_is_what_a_hand_counted() {
    let world = fixed().await;
    let seen = digest_of(&world, &Agencies::all(), "2022-09-15", now());
    assert_eq!(counted(&seen), [12, 3, 2, 3, 2, 4]);
    assert_eq!(dossiers(&seen.healed_by_itself), [code(2), code(4), code(13)]);
    assert_eq!(dossiers(&seen.healed_by_hand), [code(3), code(11), code(14)]);
    assert_eq!(dossiers(&seen.ended_otherwise), [code(5), code(10)]);
    assert_eq!(dossiers(&seen.open), [code(6), code(7), code(8), code_of_b()]);
    assert_eq!(seen.open.oldest[0].since, t("15T10:00"));
    assert_eq!(
        reasons(&seen.open),
        [
            "portal.record dead TEST-57 1",
            "portal.record held GATEWAY-EMPTIED-LIST 1",
            "portal.record waiting TEST-503 1",
            "post.order uncertain TEST-504 1",
        ]
    );
    assert_eq!(
        reasons(&seen.healed_by_itself),
        ["portal.record - TEST-503 1", "post.order - GATEWAY-NO-PHONE 1", "post.order - TEST-105 1"]
    );
    assert_eq!(seen.failed.partners, BTreeMap::from([("portal".to_owned(), 7), ("post".to_owned(), 5)]));
    assert_eq!(seen.waiting_behind, 2, "the rows of 6 and 21");
    let standing: Vec<_> = seen.standing.iter().map(|line| (line.state.as_str(), line.count)).collect();
    assert_eq!(standing, [("dead", 1), ("held", 1), ("uncertain", 1)]);
    let says = "Ngày 15/09/2022 (xem lúc 16/09/2022 09:00:00): 12 việc có lỗi; 3 tự khắc phục, 3 do người vận hành khắc phục, \
                2 kết thúc cách khác, 4 còn mở.";
    assert_eq!((seen.complete, seen.says.vi.as_str()), (true, says));
}

#[tokio::test]
async fn what_is_open_says_what_to_do_and_no_person_is_named() {
    let world = fixed().await;
    let seen = digest_of(&world, &Agencies::all(), "2022-09-15", now());
    for reason in &seen.open.reasons {
        let advice = reason.advice.expect("what is open says what to do");
        let expected = match reason.state.as_deref() {
            Some("dead") => "Sửa trường được nêu",
            Some("held") => "Một cửa gửi lại hồ sơ với danh sách đầy đủ",
            Some("uncertain") => "Gọi bưu cục",
            _waiting => "Không phải làm gì",
        };
        assert!(advice.vi.starts_with(expected), "{reason:?}");
    }
    assert!(seen.healed_by_hand.reasons.iter().all(|reason| reason.advice.is_none()));
    let text = serde_json::to_string(&seen).unwrap();
    for person in ["Bưởi", "0510000", "999199000124", "Lạc Long Quân"] {
        assert!(!text.contains(person), "{person}");
    }
}

#[tokio::test]
async fn totals_of_a_day_are_what_a_hand_counted() {
    let world = fixed().await;
    let totals = digest_of(&world, &Agencies::all(), "2022-09-15", now()).totals;
    assert_eq!((totals.events, totals.orders), (Some(16), Some(3)));
    assert_eq!((totals.records, totals.rows), (Some(13), Some(15)));
    assert_eq!(totals.quarantined, 2);
    let acts = [("dismiss", 1), ("pause", 1), ("replay", 1), ("resolve", 1), ("resume", 2)];
    assert_eq!(totals.acts, acts.map(|(act, count)| (act.to_owned(), count)).into());
    let pauses: Vec<_> =
        totals.pauses.iter().map(|pause| (pause.scope.as_str(), pause.at, pause.reason.as_deref())).collect();
    assert_eq!(pauses, [("post", t("15T16:00"), Some("bảo trì"))]);
}

#[tokio::test]
async fn totals_that_are_not_kept_any_more_are_not_told() {
    let world = fixed().await;
    let late = now() + SignedDuration::from_hours(24 * 40);
    world.journal.erase(late).await.unwrap();
    let seen = digest_of(&world, &Agencies::all(), "2022-09-15", late);
    let totals = &seen.totals;
    assert_eq!((totals.events, totals.orders, totals.records, totals.rows), (None, None, None, None));
    assert_eq!(totals.quarantined, 2);
    assert_eq!(counted(&seen), [12, 3, 2, 3, 2, 4], "what failed is known for ever");
}

#[tokio::test]
async fn a_day_is_a_legal_day_of_viet_nam() {
    let world = fixed().await;
    let before = digest_of(&world, &Agencies::all(), "2022-09-14", now());
    assert_eq!((counted(&before), dossiers(&before.failed)), ([1, 1, 0, 0, 0, 0], vec![&*code(1)]));
    assert_eq!((before.totals.events, before.totals.quarantined), (Some(1), 1));
    assert_eq!(before.since, "2022-09-13T17:00:00Z".parse().unwrap());
    let today = digest_of(&world, &Agencies::all(), "2022-09-16", now());
    assert_eq!((counted(&today), dossiers(&today.failed)), ([1, 0, 0, 0, 0, 1], vec![&*code(12)]));
    assert_eq!((today.totals.events, today.totals.quarantined, today.complete), (Some(1), 1, false));
    assert!(today.says.vi.contains("chưa hết ngày, số liệu đến 09:00"), "{}", today.says.vi);
}

#[tokio::test]
async fn whoever_is_bound_to_agencies_is_told_of_those_alone() {
    let world = fixed().await;
    let hers = digest_of(&world, &Agencies::of([A]).unwrap(), "2022-09-15", now());
    assert_eq!((counted(&hers), hers.waiting_behind), ([11, 3, 2, 3, 2, 3], 1));
    assert_eq!((hers.totals.events, hers.totals.quarantined), (Some(15), 1));
    // Acts on partners and accounts belong to no agency.
    assert_eq!(hers.totals.acts.keys().collect::<Vec<_>>(), ["dismiss", "replay", "resolve"]);
    let text = serde_json::to_string(&hers).unwrap();
    assert!(!text.contains(B), "{text}");
    let other = digest_of(&world, &Agencies::of(["H11.01.08*"]).unwrap(), "2022-09-15", now());
    assert_eq!((counted(&other), other.waiting_behind), ([1, 0, 0, 0, 0, 1], 1));
    assert_eq!((other.totals.events, other.totals.records), (Some(1), Some(0)));
    assert!(other.standing.is_empty() && other.totals.acts.is_empty());
    let nobody = digest_of(&world, &Agencies::of(["H99"]).unwrap(), "2022-09-15", now());
    assert_eq!((counted(&nobody), nobody.totals.events), ([0; 6], Some(0)));
}

#[tokio::test]
async fn what_became_of_a_failure_is_as_of_now_and_that_it_failed_stays() {
    let world = fixed().await;
    is_replayed(&world, &handoff(&world, "portal.record", &code(6)), t("16T10:00")).await;
    let later = digest_of(&world, &Agencies::all(), "2022-09-15", t("16T11:00"));
    assert_eq!(counted(&later), [12, 4, 2, 4, 2, 2], "6 by hand, and 21 went by itself");
    assert_eq!(later.waiting_behind, 0);
    let today = digest_of(&world, &Agencies::all(), "2022-09-16", t("16T11:00"));
    assert_eq!(counted(&today), [1, 1, 0, 0, 0, 0], "a replay that is accepted is no failure");
}

#[tokio::test]
async fn what_waits_behind_another_of_its_lane_says_so() {
    let world = fixed().await;
    // 21 was to be sent again; now somebody has paused its lane.
    let sql = "SELECT id FROM dossier WHERE key = ?1";
    let row: i64 = world.file().query_row(sql, [code_of_b()], |row| row.get(0)).unwrap();
    let lanes = [lienthong_core::handoff::Partner::Portal];
    fixture::operator(&world).pause_lanes(row, &lanes, "chờ cơ quan", None, t("16T08:00")).unwrap();
    let seen = digest_of(&world, &Agencies::of([B]).unwrap(), "2022-09-15", now());
    assert_eq!(reasons(&seen.open), ["portal.record behind TEST-503 1"]);
    assert_eq!(seen.waiting_behind, 1, "its row, and not itself");
}
