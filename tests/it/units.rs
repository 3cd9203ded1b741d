//! The table of administrative units is renewed from the statistics office's catalogue and from files: whole or not at all,
//! with every change shown before, and nothing lost that was in force.

use crate::support::{configuration, ended};
use mock_kit::{Deed, Fault};
use mock_units::{Config, Mock, Running, Unit};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/tables/units.csv");
/// A day after the newest change of the shipped table.
const DAY: &str = "2026-07-01";

/// A gateway's folder with a table of its own, and the catalogue that it asks.
struct Office {
    folder: tempfile::TempDir,
    catalogue: Running,
}

/// How a command ended.
struct Told {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }

    /// Codes and kinds of the changes.
    fn changes(&self) -> Vec<(String, String)> {
        let changes = self.json()["changes"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        changes.iter().map(|change| (text(&change["code"]), text(&change["what"]["kind"]))).collect()
    }
}

impl Office {
    /// The table as it is shipped, and a catalogue that lists the country as it is since the reform.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        configuration(folder.path());
        fs::copy(SHIPPED, folder.path().join("units.csv")).unwrap();
        let units = country();
        assert_eq!(units.len(), 34 + 3321);
        let catalogue = Mock::start(Config { units, untidy: true, ..Config::default() }).await.unwrap();
        let office = Self { folder, catalogue };
        let path = office.folder.path().join("gateway.toml");
        let shipped = Path::new(SHIPPED).display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(&shipped));
        let own = text.replace(&shipped, "units.csv");
        let units =
            format!("\n[units]\nurl = \"{}/DMDVHC.asmx\"\ndeadline = \"5s\"\n", office.catalogue.url());
        fs::write(&path, own + &units).unwrap();
        office
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("units.csv")
    }

    fn table(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn rows(&self, code: &str) -> Vec<String> {
        let code = format!("{code},");
        self.table().lines().filter(|line| line.starts_with(&code)).map(str::to_owned).collect()
    }

    async fn runs(&self, arguments: &[&str]) -> Told {
        let output = ended(self.folder.path(), arguments).await;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Told { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

/// The country since 1 July 2025, read from the shipped table without the gateway.
fn country() -> Vec<Unit> {
    let table = fs::read_to_string(SHIPPED).unwrap();
    let rows = table.lines().filter(|line| line.contains(",2025-07-01,"));
    rows.map(|line| {
        let values: Vec<&str> = line.split(',').collect();
        let province = Some(values[2]).filter(|code| !code.is_empty());
        let name = match province {
            // The office writes what a province is; the open data leaves it out.
            None if !values[1].starts_with("Thành phố") => format!("Tỉnh {}", values[1]),
            Some(_) | None => values[1].to_owned(),
        };
        Unit::new(values[0], &name, province)
    })
    .collect()
}

#[tokio::test]
async fn the_country_is_asked_for_and_brings_nothing_but_fuller_names() {
    let office = Office::new().await;
    let before = office.table();
    let told = office.runs(&["units", "sync", "--date", DAY, "--dry-run", "--json"]).await;
    assert_eq!(told.code, Some(0), "{}", told.err);
    let corrected = told.changes().into_iter().filter(|(code, kind)| kind == "corrected" && code.len() == 2);
    assert_eq!((corrected.count(), told.changes().len()), (28, 28), "provinces that are no city");
    assert_eq!(told.json()["written"], false);
    assert_eq!(office.table(), before, "nothing is written");
    let asked: Vec<Vec<String>> = office.catalogue.ledger().iter().map(|entry| entry.keys.clone()).collect();
    assert_eq!(asked, [["01/07/2026"], ["01/07/2026"]]);

    let told = office.runs(&["units", "sync", "--date", DAY, "--yes"]).await;
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert!(told.out.contains("28 thay đổi") && told.out.contains("Đã ghi."), "{}", told.out);
    assert_eq!(office.rows("68"), ["68,Tỉnh Lâm Đồng,,2025-07-01,,"], "tidied");
    let again = office.runs(&["units", "sync", "--date", DAY, "--yes"]).await;
    assert!(again.out.contains("0 thay đổi") && again.out.contains("Bảng không thay đổi."), "{}", again.out);
    assert_eq!(office.runs(&["check"]).await.code, Some(0), "the gateway reads what was written");
}

#[tokio::test]
async fn a_merging_ends_and_begins_rows_and_waits_for_a_word() {
    let office = Office::new().await;
    office.runs(&["units", "sync", "--date", "2026-06-30", "--yes"]).await;
    let before = office.table();
    let mut units = country();
    units.retain(|unit| unit.code != "22918");
    units.push(Unit::new("22919", "Phường Hòn Rơm", Some("68")));
    for unit in units.iter_mut().filter(|unit| unit.code == "22945") {
        unit.name = "Phường Phan Thiết Mới".to_owned();
    }
    office.catalogue.partner().list(units);

    let told = office.runs(&["units", "sync", "--date", DAY]).await;
    assert_eq!(told.code, Some(5), "nobody confirmed");
    for line in
        ["22918", "hết hiệu lực sau 30/06/2026", "có hiệu lực từ 01/07/2026", "đổi tên từ Phường Phan Thiết"]
    {
        assert!(told.out.contains(line), "{line}: {}", told.out);
    }
    assert_eq!(office.table(), before);

    let told = office
        .runs(&[
            "units",
            "sync",
            "--date",
            DAY,
            "--yes",
            "--json",
            "--as",
            "Tổ trực",
            "--reason",
            "Nghị quyết (ví dụ)",
        ])
        .await;
    let of = |code: &str, kind: &str| (code.to_owned(), kind.to_owned());
    assert_eq!(told.changes(), [of("22918", "ends"), of("22919", "begins"), of("22945", "renamed")]);
    assert_eq!(told.json()["written"], true);
    assert_eq!(told.json()["without_successor"], serde_json::json!(["22918"]));
    assert_eq!(office.rows("22918").last().unwrap(), "22918,Phường Mũi Né,68,2025-07-01,2026-06-30,");
    assert_eq!(office.rows("22919"), ["22919,Phường Hòn Rơm,68,2026-07-01,,"]);
    assert_eq!(office.rows("22945").len(), 3, "old Bình Thuận, since the reform, under the new name");
    assert!(office.table().contains(": list of 2026-07-01 from http://"), "the source is noted");
    assert!(office.table().contains("by Tổ trực (") && office.table().contains("): Nghị quyết (ví dụ)\n"));

    let row = "code,name,province_code,valid_from,valid_to,successors\n\
               22918,Phường Mũi Né,68,2025-07-01,2026-06-30,22919\n";
    let file = office.write("successors.csv", row);
    let told = office.runs(&["units", "import", &file, "--yes", "--json"]).await;
    assert_eq!(
        (told.changes(), told.json()["without_successor"].clone()),
        (vec![of("22918", "corrected")], serde_json::json!([]))
    );
    assert_eq!(office.rows("22918").last().unwrap(), "22918,Phường Mũi Né,68,2025-07-01,2026-06-30,22919");
    assert_eq!(office.runs(&["check"]).await.code, Some(0));
}

#[tokio::test]
async fn a_shrunken_or_empty_list_is_refused_unless_somebody_says_why() {
    let office = Office::new().await;
    let before = office.table();
    let mut half = country();
    half.retain(|unit| unit.province.is_none() || unit.code.as_str() < "20000");
    for units in
        [half.clone(), Vec::new(), country().into_iter().filter(|unit| unit.province.is_none()).collect()]
    {
        office.catalogue.partner().list(units);
        let told = office.runs(&["units", "sync", "--date", DAY, "--yes"]).await;
        assert_eq!(told.code, Some(5), "{}", told.out);
        assert!(told.err.contains("--force --reason"), "{}", told.err);
        assert_eq!(office.table(), before);
    }
    office.catalogue.partner().list(half);
    let told = office.runs(&["units", "sync", "--date", DAY, "--yes", "--force"]).await;
    assert_eq!(told.code, Some(2), "a reason is needed");
    let told = office
        .runs(&["units", "sync", "--date", DAY, "--yes", "--force", "--reason", "cải cách (ví dụ)"])
        .await;
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert!(office.table().contains("although unusually many end, by "), "it is noted");
    assert!(office.rows("22918").last().unwrap().contains(",2025-07-01,2026-06-30,"));
}

#[tokio::test]
async fn what_is_no_whole_list_leaves_the_table_as_it_is() {
    let office = Office::new().await;
    let before = office.table();
    let mut contradicting = country();
    contradicting.push(Unit::new("22918", "Phường Khác", Some("68")));
    office.catalogue.partner().list(contradicting);
    let told = office.runs(&["units", "sync", "--date", DAY, "--yes", "--force", "--reason", "x"]).await;
    assert_eq!(told.code, Some(5));
    assert!(told.err.contains("22918 is both Phường Mũi Né and Phường Khác"), "{}", told.err);

    office.catalogue.partner().list(country());
    let deeds = [
        (Deed::Unavailable { wait: mock_kit::Wait::None }, 3),
        (Deed::Reset { stage: mock_kit::Stage::AfterTaking }, 3),
        (Deed::HtmlPage { taken: false }, 3),
        (Deed::Refuse { code: String::new(), message: "DenNgay sai".to_owned() }, 5),
        (Deed::Unreadable, 5),
        (Deed::Garbled { with: mock_kit::Garble::Empty }, 5),
        (Deed::Redirect { location: "http://127.0.0.1:1/".to_owned() }, 3),
    ];
    for (deed, code) in deeds {
        office.catalogue.fault(Fault::new(deed.clone()).on("DanhMucPhuongXa"));
        let told = office.runs(&["units", "sync", "--date", DAY, "--yes"]).await;
        office.catalogue.clear_faults();
        assert_eq!(told.code, Some(code), "{deed:?}: {}", told.err);
        assert!(told.err.contains("DanhMucPhuongXa"), "{deed:?}: {}", told.err);
        assert_eq!(office.table(), before, "{deed:?}");
    }
    let told = office.runs(&["units", "sync", "--date", "2025-06-30", "--yes"]).await;
    assert_eq!(told.code, Some(5), "{}", told.err);
    assert!(told.err.contains("the table knows changes of 2025-07-01"), "{}", told.err);
    let told = office.runs(&["units", "sync", "--date", "2999-01-01", "--yes"]).await;
    assert_eq!(told.code, Some(2), "{}", told.err);
    assert_eq!(office.table(), before);
}

#[tokio::test]
async fn a_file_is_brought_in_whole_or_refused_with_its_line() {
    let office = Office::new().await;
    let before = office.table();
    let list: String = country()
        .iter()
        .map(|unit| {
            format!("{}\t{}\t{}\n", unit.code, unit.name, unit.province.as_deref().unwrap_or_default())
        })
        .collect();
    let list = office.write("list.tsv", &format!("# a list\ncode\tname\tprovince_code\n{list}"));
    assert_eq!(office.runs(&["units", "import", &list, "--yes"]).await.code, Some(2), "the day is missing");
    let told = office.runs(&["units", "import", &list, "--date", DAY, "--dry-run", "--json"]).await;
    assert_eq!(told.changes().len(), 28, "{}", told.err);

    let heads = "code,name,province_code,valid_from,valid_to,successors\n";
    let overlapping = office.write("rows.csv", &format!("{heads}22918,Phường Mũi Né,68,2026-01-01,,\n"));
    let told = office.runs(&["units", "import", &overlapping, "--yes"]).await;
    assert_eq!(told.code, Some(2));
    assert!(told.err.contains("unit 22918 overlaps in time with line"), "{}", told.err);
    let nowhere =
        office.write("rows.csv", &format!("{heads}22918,Phường Mũi Né,68,2025-07-01,2026-06-30,99999\n"));
    let told = office.runs(&["units", "import", &nowhere, "--yes"]).await;
    assert!(told.err.contains("99999 is no unit of this file"), "{}", told.err);
    let broken = office.write("rows.csv", &format!("{heads}2291,Phường Mũi Né,68,2025-07-01,,\n"));
    let told = office.runs(&["units", "import", &broken, "--yes"]).await;
    assert!(told.err.contains("line 2, code"), "{}", told.err);
    assert_eq!(office.table(), before);
}

#[tokio::test]
async fn a_table_is_renewed_although_an_agency_lies_in_a_commune_that_it_lacks() {
    let office = Office::new().await;
    let agencies = office.folder.path().join("agencies.toml");
    let text = fs::read_to_string(&agencies).unwrap();
    fs::write(
        &agencies,
        text.replace("commune_code = \"22966\"", "commune_code = \"22919\"")
            .replace("province_code = \"60\"", "province_code = \"68\"")
            .replace("commune_code = \"22963\"", "commune_code = \"22954\""),
    )
    .unwrap();
    assert_eq!(office.runs(&["check"]).await.code, Some(2));
    let mut units = country();
    units.push(Unit::new("22919", "Phường Hòn Rơm", Some("68")));
    office.catalogue.partner().list(units);
    assert_eq!(office.runs(&["units", "sync", "--date", DAY, "--yes"]).await.code, Some(0));
    assert_eq!(office.runs(&["check"]).await.code, Some(0));
    let told = office.runs(&["units", "check", "--date", DAY, "--json"]).await;
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert_eq!(told.json()["desks"][0]["state"]["kind"], "addressed");
    let told = office.runs(&["units", "check", "--date", "2026-06-30"]).await;
    assert_eq!(told.code, Some(1), "{}", told.err);
}
