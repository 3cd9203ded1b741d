use super::*;
use crate::users::PasswordHash;
use std::fs;
use std::path::Path;

/// The examples, with a text in one of their files replaced; nothing of them is read from outside.
fn settings(changes: &[(&str, &str, &str)]) -> (tempfile::TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    fs::create_dir(folder.path().join("tables")).unwrap();
    for file in [
        "demo.toml",
        "tables/agencies-demo.toml",
        "tables/units.csv",
        "tables/procedures.csv",
        "tables/calendar.csv",
        "tables/post-areas.csv",
    ] {
        let mut text = fs::read_to_string(config.join(file)).unwrap();
        for (_, from, to) in changes.iter().filter(|(changed, _, _)| *changed == file) {
            assert!(text.contains(from), "{file} has no {from}");
            text = if from.is_empty() { (*to).to_owned() } else { text.replace(from, to) };
        }
        fs::write(folder.path().join(file), text).unwrap();
    }
    let variable = |name: &str| match name {
        "DEMO_ADMIN_PORT" => Some("18085".to_owned()),
        "DEMO_PORTAL_URL" | "DEMO_POST_URL" => Some("http://127.0.0.1:18080".to_owned()),
        "DEMO_USER_PASSWORD" => Some(PasswordHash::of("mật khẩu demo").as_phc().to_owned()),
        _ => Some("amqp://127.0.0.1/demo".to_owned()),
    };
    let settings = crate::config::load_with(&folder.path().join("demo.toml"), &variable).unwrap();
    (folder, settings)
}

const AREAS: &str = "tables/post-areas.csv";
const TODAY: Date = jiff::civil::date(2026, 11, 24);

/// The agencies' desks in communes of after the reform.
const MOVED: [(&str, &str, &str); 2] = [
    ("tables/agencies-demo.toml", "province_code = \"60\"", "province_code = \"68\""),
    ("tables/agencies-demo.toml", "commune_code = \"22966\"", "commune_code = \"22954\""),
];

fn states(changes: &[(&str, &str, &str)], on: &str) -> Vec<(String, State)> {
    let (_folder, settings) = settings(changes);
    let checked = checked(&settings, on.parse().unwrap(), TODAY);
    checked.desks.into_iter().map(|desk| (desk.commune, desk.state)).collect()
}

fn state_of(changes: &[(&str, &str, &str)], on: &str) -> State {
    let changes: Vec<_> = MOVED.into_iter().chain(changes.iter().copied()).collect();
    let (commune, state) = states(&changes, on).remove(0);
    assert_eq!(commune, "22954");
    state
}

#[test]
fn a_desk_is_addressed_on_the_days_on_which_its_commune_and_number_hold() {
    let of_old = State::Addressed { province: 80, district: Some(8010) };
    assert_eq!(
        states(&[], "2022-09-15"),
        [
            ("22966".to_owned(), of_old),
            ("22963".to_owned(), State::Addressed { province: 80, district: Some(8010) })
        ]
    );
    let successors = vec![UnitCode::new("22954")];
    assert_eq!(states(&[], "2025-07-01")[0].1, State::NotInForce { successors });
    assert_eq!(state_of(&[], "2025-07-01"), State::Addressed { province: 67, district: None });
}

#[test]
fn a_number_of_another_family_is_none() {
    let heads = "unit_code,post_province,post_district,valid_from,valid_to,family\n";
    let areas = |rows: &str| format!("{heads}{rows}");
    let check = |rows: &str, expected: State| {
        assert_eq!(state_of(&[(AREAS, "", &areas(rows))], "2026-11-24"), expected, "{rows}");
    };
    check("68,67,,,,operational\n", State::Addressed { province: 67, district: None });
    check("68,67,,,,\n", State::Addressed { province: 67, district: None });
    check("68,66,,,,postal-code\n68,67,,,,operational\n", State::Addressed { province: 67, district: None });
    let families = vec!["postal-code".to_owned()];
    check("68,66,,,,postal-code\n", State::OtherFamily { families });
    check("01,10,,,,\n", State::NoNumber);
    let demo = (
        "demo.toml",
        "interface = \"post-ngsp\"",
        "interface = \"post-ngsp\"\narea_family = \"postal-code\"",
    );
    let rows = areas("68,66,,,,postal-code\n68,67,,,,operational\n");
    assert_eq!(
        state_of(&[(AREAS, "", &rows), demo], "2026-11-24"),
        State::Addressed { province: 66, district: None }
    );
}

/// The second agency's account of the demo, at NGSP, and the same at MyVNPost.
const AT_NGSP: &str = "interface = \"post-ngsp\"
token_url = \"${DEMO_POST_URL}/token\"
order_url = \"${DEMO_POST_URL}/ngsp/orders\"
cancel_url = \"${DEMO_POST_URL}/ngsp/orders/cancel\"
tracking_url = \"${DEMO_POST_URL}/ngsp/orders/tracking\"
customer_secret = \"${DEMO_SECRET}\"
customer_code = \"LC_XA_TIENLOI\"
customer_key = \"tien-loi\"
tracking_codes = { \"4\" = \"delivered\" }";
const AT_MYVNPOST: &str = "interface = \"post-myvnpost\"
base_url = \"${DEMO_POST_URL}\"
username = \"tienloi_mc\"
password = \"${DEMO_SECRET}\"
customer_code = \"T000180000\"
tracking_codes = { \"14\" = \"delivered\" }";

#[test]
fn a_commune_without_a_number_is_told_where_orders_name_communes() {
    let check = |row: &str, expected: State| {
        let areas = format!(
            "unit_code,post_province,post_district,valid_from,valid_to,post_commune\n22966,80,,,,\n{row}\n"
        );
        let changes = [("demo.toml", AT_NGSP, AT_MYVNPOST), (AREAS, "", &areas)];
        let states = states(&changes, "2022-09-15");
        let communes: Vec<_> = states.iter().map(|(commune, _)| commune.as_str()).collect();
        assert_eq!(communes, ["22966", "22963"]);
        assert_eq!(states[0].1, State::Addressed { province: 80, district: None }, "NGSP does not ask");
        assert_eq!(states[1].1, expected, "{row}");
    };
    check("22963,80,,,,80123", State::Addressed { province: 80, district: None });
    check("22963,80,,,,", State::NoCommuneNumber);
    check("60,80,,,,", State::NoCommuneNumber);
}

#[test]
fn a_desk_in_another_province_than_its_commune_is_told_where_it_lies() {
    let moved = (
        "tables/units.csv",
        "22954,Phường Tiến Thành,68,2025-07-01,,",
        "22954,Phường Tiến Thành,68,2025-07-01,2026-06-30,22954\n22954,Phường Tiến Thành,79,2026-07-01,,",
    );
    let province = Some(UnitCode::new("79"));
    assert_eq!(state_of(&[moved], "2026-11-24"), State::OtherProvince { province });
}

#[test]
fn what_else_the_tables_lack_is_told_in_words() {
    let ended = (
        "tables/units.csv",
        "22933,Phường Hàm Thắng,68,2025-07-01,,",
        "22933,Phường Hàm Thắng,68,2025-07-01,2026-06-30,",
    );
    let changes: Vec<_> = MOVED.into_iter().chain([ended]).collect();
    let (_folder, settings) = settings(&changes);
    let checked = checked(&settings, TODAY, TODAY);
    assert_eq!(checked.without_successor, ["22933"]);
    assert_eq!(checked.missing_year, Some(2027));
    assert_eq!(checked.provinces.len(), 1);
    assert_eq!(checked.provinces[0].provinces.len(), 32, "34 without Hà Nội and Lâm Đồng");
    let told = text(&checked);
    assert!(told.starts_with("Mã bưu chính ngày 24/11/2026\n"), "{told}");
    for words in [
        "H11.01.07  22954  Phường Tiến Thành  operational  67",
        "cảnh báo: 32 tỉnh chưa có mã bưu chính họ operational: 04, 08",
        "cảnh báo: 1 đơn vị đã hết hiệu lực mà chưa rõ nhập vào đâu: 22933",
        "cảnh báo: lịch làm việc chưa có ngày nghỉ của năm 2027",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let (_folder, settings) = self::settings(&[]);
    let told = text(&self::checked(&settings, TODAY, TODAY));
    assert!(told.contains("KHÔNG CÒN hiệu lực, đã nhập vào 22954; sửa commune_code"), "{told}");
}
