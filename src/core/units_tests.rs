use super::*;
use jiff::civil::date;
use proptest::prelude::*;

const REFORM: Date = date(2025, 7, 1);
const LATER: Date = date(2026, 7, 1);

fn unit(code: &str, name: &str, province: Option<&str>) -> Listed {
    Listed { code: UnitCode::new(code), name: name.to_owned(), province_code: province.map(UnitCode::new) }
}

/// Lâm Đồng with one commune fewer than there are fingers on a hand; the merging of 2026 is invented.
fn lam_dong() -> Vec<Listed> {
    vec![
        unit("68", "Lâm Đồng", None),
        unit("22918", "Phường Mũi Né", Some("68")),
        unit("22924", "Phường Phú Thủy", Some("68")),
        unit("22933", "Phường Hàm Thắng", Some("68")),
        unit("22945", "Phường Phan Thiết", Some("68")),
    ]
}

fn table(list: &[Listed], day: Date) -> Register {
    list_changes(&Register::new(), list, day).unwrap().register
}

fn kinds(merged: &Merged) -> Vec<(&str, &'static str)> {
    let kind = |change: &Change| match change.what {
        What::Begins { .. } => "begins",
        What::Ends { .. } => "ends",
        What::Renamed { .. } => "renamed",
        What::Moved { .. } => "moved",
        What::Corrected { .. } => "corrected",
        What::TakenBack => "taken back",
    };
    merged.changes.iter().map(|change| (change.code.as_str(), kind(change))).collect()
}

#[test]
fn a_list_brought_in_twice_changes_nothing() {
    let table = table(&lam_dong(), REFORM);
    assert_eq!(table.len(), 5);
    for day in [REFORM, LATER] {
        let again = list_changes(&table, &lam_dong(), day).unwrap();
        assert_eq!((again.changes, again.shrinkage, again.register), (vec![], None, table.clone()));
    }
}

#[test]
fn a_unit_that_is_gone_ends_the_day_before_and_its_row_stays() {
    let before = table(&lam_dong(), REFORM);
    let mut list = lam_dong();
    list.retain(|unit| unit.code.as_str() != "22933");
    list.push(unit("22999", "Phường Hòn Rơm", Some("68")));
    let merged = list_changes(&before, &list, LATER).unwrap();
    assert_eq!(kinds(&merged), [("22933", "ends"), ("22999", "begins")]);
    let ended = &merged.register[&UnitCode::new("22933")];
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].validity, Validity { from: Some(REFORM), to: Some(date(2026, 6, 30)) });
    let begun = &merged.register[&UnitCode::new("22999")][0];
    assert_eq!(begun.validity, Validity { from: Some(LATER), to: None });
    let lost = ended_without_successor(&merged.register, LATER);
    assert_eq!(lost.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["22933"]);
    assert!(ended_without_successor(&before, LATER).is_empty());
}

#[test]
fn a_new_name_or_province_begins_a_row_and_the_old_one_points_to_it() {
    let before = table(&lam_dong(), REFORM);
    let mut list = lam_dong();
    list[3].name = "Phường Hàm Thắng Mới".to_owned();
    list[4].province_code = Some(UnitCode::new("79"));
    list.push(unit("79", "Thành phố Hồ Chí Minh", None));
    let merged = list_changes(&before, &list, LATER).unwrap();
    assert_eq!(kinds(&merged), [("22933", "renamed"), ("22945", "moved"), ("79", "begins")]);
    let rows = &merged.register[&UnitCode::new("22933")];
    assert_eq!(
        (rows.len(), rows[0].name.as_str(), rows[1].name.as_str()),
        (2, "Phường Hàm Thắng", "Phường Hàm Thắng Mới")
    );
    assert_eq!(rows[0].successors, [UnitCode::new("22933")]);
    assert!(ended_without_successor(&merged.register, LATER).is_empty());

    // A second list of the same day corrects the first: no row of no day is left.
    let again = list_changes(&merged.register, &lam_dong(), LATER).unwrap();
    assert_eq!(kinds(&again), [("22933", "renamed"), ("22945", "moved"), ("79", "taken back")]);
    assert!(!again.register.contains_key(&UnitCode::new("79")));
}

#[test]
fn what_a_list_of_the_same_day_takes_back_goes_on_without_a_seam() {
    let before = table(&lam_dong(), REFORM);
    let mut list = lam_dong();
    list.retain(|unit| unit.code.as_str() != "22933");
    list.push(unit("22999", "Phường Hòn Rơm", Some("68")));
    let mistaken = list_changes(&before, &list, LATER).unwrap().register;
    let corrected = list_changes(&mistaken, &lam_dong(), LATER).unwrap();
    assert_eq!(kinds(&corrected), [("22933", "begins"), ("22999", "taken back")]);
    assert_eq!(corrected.register, before);
}

#[test]
fn a_name_is_corrected_only_to_one_that_says_more() {
    let before = table(&lam_dong(), REFORM);
    let mut list = lam_dong();
    list[0].name = "Tỉnh Lâm Đồng".to_owned();
    list[1].name = "phường MŨI NÉ".to_owned();
    let merged = list_changes(&before, &list, LATER).unwrap();
    assert_eq!(kinds(&merged), [("68", "corrected")]);
    assert_eq!(merged.register[&UnitCode::new("68")][0].name, "Tỉnh Lâm Đồng");
    let back = list_changes(&merged.register, &lam_dong(), LATER).unwrap();
    assert_eq!(back.changes, []);
}

#[test]
fn a_list_of_a_day_that_the_table_has_passed_is_refused() {
    let mut list = lam_dong();
    list.push(unit("22999", "Phường Hòn Rơm", Some("68")));
    let table = list_changes(&table(&lam_dong(), REFORM), &list, LATER).unwrap().register;
    let day = date(2026, 6, 30);
    assert_eq!(list_changes(&table, &list, day), Err(Refusal::TooOld { day, newest: LATER }));
    assert!(list_changes(&table, &list, LATER).is_ok());
    let mut ends = Register::new();
    let row = UnitRow { validity: Validity { from: None, to: Some(day) }, ..UnitRow::of(&list[0], day) };
    ends.insert(UnitCode::new("60"), vec![row]);
    assert_eq!(newest_change(&ends), Some(LATER), "the day after an end");
}

#[test]
fn a_list_that_contradicts_itself_is_refused_with_every_contradiction() {
    let mut list = lam_dong();
    list.push(unit("22945", "Phường Khác", Some("68")));
    list.push(unit("1", "Hà Nội", None));
    list.push(unit("00004", "Phường Ba Đình", Some("01")));
    let Err(Refusal::Contradiction(problems)) = list_changes(&Register::new(), &list, REFORM) else {
        panic!("it was taken");
    };
    assert_eq!(
        problems,
        [
            "22945 is both Phường Phan Thiết and Phường Khác",
            "\"1\" (Hà Nội) is not a code of 2 digits",
            "00004 (Phường Ba Đình) lies in 01, which is not listed",
        ]
    );
    let doubled = [lam_dong(), lam_dong()].concat();
    assert_eq!(list_changes(&Register::new(), &doubled, REFORM).unwrap().register.len(), 5);
}

/// A province with so many communes.
fn communes(count: usize) -> Vec<Listed> {
    let mut list = vec![unit("68", "Lâm Đồng", None)];
    list.extend((0..count).map(|number| unit(&format!("{number:05}"), &format!("Xã {number}"), Some("68"))));
    list
}

#[test]
fn a_list_is_shrunken_when_more_than_one_in_twenty_ends_or_nothing_is_there() {
    let table = table(&communes(100), REFORM);
    let check = |list: &[Listed], expected: Option<(usize, usize)>| {
        let found = list_changes(&table, list, LATER).unwrap().shrinkage;
        assert_eq!(found.map(|found| (found.in_force, found.ending)), expected);
    };
    check(&communes(95), None);
    check(&communes(94), Some((100, 6)));
    check(&communes(0), Some((100, 100)));
    check(&[], Some((100, 100)));
    assert!(list_changes(&Register::new(), &[], REFORM).unwrap().shrinkage.is_some(), "an empty first list");
    let mut replaced = communes(80);
    replaced.extend((200..220).map(|number| unit(&format!("{number:05}"), "Xã", Some("68"))));
    check(&replaced, Some((100, 20)));
}

#[test]
fn rows_with_their_own_days_take_the_place_of_those_that_begin_with_them() {
    let before = table(&lam_dong(), REFORM);
    let code = UnitCode::new("22933");
    let old = UnitRow {
        name: "Phường Hàm Thắng".to_owned(),
        province_code: Some(UnitCode::new("60")),
        validity: Validity { from: None, to: Some(date(2025, 6, 30)) },
        successors: vec![code.clone()],
    };
    let ended = UnitRow {
        validity: Validity { from: Some(REFORM), to: Some(date(2026, 6, 30)) },
        successors: vec![UnitCode::new("22945")],
        ..before[&code][0].clone()
    };
    let rows = Register::from([(code.clone(), vec![old.clone(), ended.clone()])]);
    let merged = dated_changes(&before, &rows);
    assert_eq!(kinds(&merged), [("22933", "begins"), ("22933", "ends")]);
    assert_eq!(merged.register[&code], [old, ended.clone()]);
    assert_eq!(dated_changes(&merged.register, &rows).changes, []);
    let corrected = UnitRow { successors: vec![UnitCode::new("22918")], ..ended };
    let again = dated_changes(&merged.register, &Register::from([(code, vec![corrected])]));
    assert_eq!(
        again.changes[0].what,
        What::Corrected { before: "Phường Hàm Thắng 2025-07-01–2026-06-30 22945".to_owned() }
    );
}

/// A list of some communes under two names and in two provinces.
fn lists() -> impl Strategy<Value = Vec<Listed>> {
    proptest::collection::btree_map(0..8_u8, (0..2_u8, 0..2_u8), 0..8).prop_map(|communes| {
        let mut list = vec![unit("68", "Lâm Đồng", None), unit("79", "Thành phố Hồ Chí Minh", None)];
        list.extend(communes.into_iter().map(|(code, (name, province))| {
            let province = if province == 0 { "68" } else { "79" };
            unit(&format!("0000{code}"), &format!("Xã {name}"), Some(province))
        }));
        list
    })
}

proptest! {
    #[test]
    fn after_a_list_the_table_says_of_its_day_what_the_list_says(days in proptest::collection::vec((0..3_i8, lists()), 1..8)) {
        let mut register = Register::new();
        let mut day = REFORM;
        for (ahead, list) in days {
            day = day.checked_add(jiff::Span::new().days(ahead)).unwrap();
            let before = register.clone();
            register = list_changes(&register, &list, day).unwrap().register;
            let in_force = |register: &Register, day| -> Vec<(UnitCode, String, Option<UnitCode>)> {
                let rows = register.iter().flat_map(|(code, rows)| rows.iter().map(move |row| (code, row)));
                let rows = rows.filter(|(_, row)| row.validity.covers(day));
                rows.map(|(code, row)| (code.clone(), row.name.clone(), row.province_code.clone())).collect()
            };
            let mut expected: Vec<_> =
                list.into_iter().map(|unit| (unit.code, unit.name, unit.province_code)).collect();
            expected.sort();
            prop_assert_eq!(in_force(&register, day), expected, "one row a unit, and no other");
            let yesterday = day.yesterday().unwrap();
            if before.values().flatten().all(|row| row.validity.from != Some(day)) {
                prop_assert_eq!(in_force(&register, yesterday), in_force(&before, yesterday), "the past stays");
            }
            prop_assert!(register.values().flatten().all(|row| row.validity.from <= row.validity.to || row.validity.to.is_none()));
        }
    }
}
