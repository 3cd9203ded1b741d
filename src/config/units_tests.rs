use super::*;
use jiff::civil::date;
use lienthong_core::units::{dated_changes, list_changes, newest_change};
use std::fs;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/tables/units.csv");

fn written(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_table_that_is_written_reads_back_the_same() {
    let shipped = table(Path::new(SHIPPED)).unwrap();
    assert_eq!(shipped.stray_comment(), None);
    let text = shipped.written(&shipped.register, "");
    assert_eq!(Some(&text), shipped.text.as_ref(), "the shipped table is as it would be written");
    let noted = shipped.written(&shipped.register, "2026-11-24: một\nghi chú");
    assert!(noted.contains("\n# 2026-11-24: một ghi chú\ncode,name,"), "one line, behind the comments");
    assert_eq!(register(Path::new(SHIPPED), &noted).unwrap(), shipped.register);
    let begun = Table::default().written(&shipped.register, "");
    assert!(begun.starts_with("# Administrative units"));
    assert_eq!(register(Path::new(SHIPPED), &begun).unwrap(), shipped.register);
}

#[test]
fn the_shipped_table_has_the_country_as_it_is_since_the_reform() {
    let shipped = table(Path::new(SHIPPED)).unwrap().register;
    let day = date(2025, 7, 1);
    let in_force = |digits| {
        let rows = shipped.iter().filter(|(code, _)| code.as_str().len() == digits);
        rows.filter(|(_, rows)| rows.iter().any(|row| row.validity.covers(day))).count()
    };
    assert_eq!((in_force(2), in_force(5)), (34, 3321));
    assert_eq!(newest_change(&shipped), Some(day));
    assert_eq!(lienthong_core::units::ended_without_successor(&shipped, day), []);
}

#[test]
fn a_list_of_the_country_changes_nothing_in_the_shipped_table() {
    let shipped = table(Path::new(SHIPPED)).unwrap();
    let rows: String =
        shipped.text.as_deref().unwrap().lines().filter(|line| line.contains(",2025-07-01,")).fold(
            "# a list as the open data has it\nlevel\tcode\tname\tprovince_code\n".to_owned(),
            |list, line| {
                let values: Vec<&str> = line.split(',').collect();
                let level = if values[2].is_empty() { "province" } else { "commune" };
                list + &format!("{level}\t{}\t{}\t{}\n", values[0], values[1], values[2])
            },
        );
    let folder = tempfile::tempdir().unwrap();
    let Import::List(list) = import(&written(folder.path(), "list.tsv", &rows)).unwrap() else {
        panic!("a list was read as rows with days");
    };
    assert_eq!(list.len(), 34 + 3321);
    let merged = list_changes(&shipped.register, &list, date(2026, 11, 24)).unwrap();
    assert_eq!((merged.changes, merged.shrinkage), (vec![], None));
}

#[test]
fn rows_with_their_own_days_are_read_by_the_columns_of_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "code,name,province_code,valid_from,valid_to,successors\n\
                22933,Phường Hàm Thắng,68,2025-07-01,2026-06-30,22945\n";
    let Import::Dated(rows) = import(&written(folder.path(), "rows.csv", rows)).unwrap() else {
        panic!("rows with days were read as a list");
    };
    let shipped = table(Path::new(SHIPPED)).unwrap();
    let merged = dated_changes(&shipped.register, &rows);
    assert_eq!(merged.changes.len(), 1);
    let text = shipped.written(&merged.register, "");
    assert_eq!(register(Path::new(SHIPPED), &text).unwrap(), merged.register);
}

#[test]
fn a_file_that_cannot_be_brought_in_names_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str, expected: &str| {
        let problems = import(&written(folder.path(), "rows.csv", text)).unwrap_err().to_string();
        assert!(problems.ends_with(expected), "{problems}");
    };
    check(
        "code,name,province_code\n2293,Hàm Thắng,68\n",
        "line 2, code  \"2293\" is not a code of 2 or 5 digits; keep leading zeros, as in 22966",
    );
    check("code,name,province_code\n22933,,68\n", "line 2, name  is empty; fill it in");
    check("code,name\n68,Lâm Đồng\n", "line 1  column province_code is missing; add it");
    check(
        "code,name,province_code,valid_from,valid_to,successors\n22933,Hàm Thắng,,2025-07-01,,\n",
        "line 2, province_code  is missing for a commune; write two digits, as in 60",
    );
    assert!(import(&folder.path().join("none.csv")).unwrap_err().to_string().contains("cannot be read"));
}

#[test]
fn the_table_is_found_although_the_rest_of_the_configuration_does_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = written(
        folder.path(),
        "gateway.toml",
        "mode = \"nonsense\"\n[tables]\nunits = \"units.csv\"\n[units]\nurl = \"http://127.0.0.1:1/x\"\n\
         corrections = { \"04375 Xã Yên Bình\" = \"04376\" }\n",
    );
    let settings = load(&gateway).unwrap();
    assert_eq!(settings.file, folder.path().join("units.csv"));
    assert_eq!(settings.catalogue.url, "http://127.0.0.1:1/x");
    assert_eq!(settings.catalogue.corrections[0].name, "Xã Yên Bình");
    assert_eq!(table(&settings.file).unwrap(), Table::default());
    let wrong = written(
        folder.path(),
        "wrong.toml",
        "[units]\nurl = \"nso\"\nadress = \"x\"\ncorrections = { \"04375\" = \"04376\" }\n",
    );
    let problems = load(&wrong).unwrap_err().to_string();
    assert!(problems.contains("units.url") && problems.contains("units.adress"), "{problems}");
    assert!(problems.contains("\"04375\" = \"04376\" is no correction"), "{problems}");
}

#[test]
fn a_comment_between_rows_is_found_before_it_is_lost() {
    let with = |text: &str| Table { text: Some(text.to_owned()), ..Table::default() };
    assert_eq!(with("# a\ncode,name\n# b\n01,x\n").stray_comment(), Some(3));
    assert_eq!(with("# a\n# b\ncode,name\n01,x\n").stray_comment(), None);
}
