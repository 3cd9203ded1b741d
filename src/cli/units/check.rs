//! `units check`: can every agency's desk be addressed by the post, and what do the tables lack?
//!
//! A desk needs a row of the postal areas for its commune, or for its province, of the family of numbers that its account's
//! contract uses: a number of another family is another place. Where orders name communes, the commune's own row has its number.

use crate::cli::Exit;
use crate::cli::output::{Output, table};
use crate::config::Settings;
use crate::config::settings::AccountSettings;
use crate::views::words::day;
use jiff::Timestamp;
use jiff::civil::{Date, time};
use lienthong_core::calendar::missing_year;
use lienthong_core::ids::UnitCode;
use lienthong_core::tables::{AgencyProfile, Desk, Tables, UnitRow, VIETNAM};
use lienthong_core::units::ended_without_successor;
use lienthong_post::areas::AreaTable;
use serde::Serialize;

/// What the tables lack on a day.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    day: Date,
    desks: Vec<Checkpoint>,
    provinces: Vec<Unaddressed>,
    without_successor: Vec<String>,
    missing_year: Option<i16>,
}

/// The desk of an agency.
#[derive(Debug, Serialize)]
struct Checkpoint {
    agency: String,
    commune: String,
    name: Option<String>,
    family: String,
    state: State,
}

/// How the desk's commune stands in the tables.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
enum State {
    /// The post has a number for it.
    Addressed { province: u32, district: Option<u32> },
    /// The table of units does not have it.
    UnknownUnit,
    /// It is no unit on this day.
    NotInForce { successors: Vec<UnitCode> },
    /// It lies in another province than the agency's table says.
    OtherProvince { province: Option<UnitCode> },
    /// No row of the postal areas holds for it.
    NoNumber,
    /// A row holds for it, without the number of the commune that the account's orders name.
    NoCommuneNumber,
    /// Rows hold for it, and all of them are of other families.
    OtherFamily { families: Vec<String> },
}

/// Provinces in force to which no order can be addressed, by family.
#[derive(Debug, Serialize)]
struct Unaddressed {
    family: String,
    provinces: Vec<String>,
}

pub(super) fn check(settings: &Settings, on: Date, today: Date, output: Output) -> anyhow::Result<Exit> {
    let checked = checked(settings, on, today);
    output.show(&checked, text)?;
    let all = checked.desks.iter().all(|desk| matches!(desk.state, State::Addressed { .. }));
    Ok(if all { Exit::Done } else { Exit::Failed })
}

fn checked(settings: &Settings, on: Date, today: Date) -> Checked {
    // Any instant of the day will do: the tables are looked up by days.
    let at = VIETNAM.to_timestamp(on.to_datetime(time(12, 0, 0, 0))).unwrap_or(Timestamp::MAX);
    let tables = &settings.tables;
    let desks: Vec<Checkpoint> =
        tables.agencies.values().filter_map(|agency| checkpoint(settings, agency, at)).collect();
    let mut families: Vec<&str> = desks.iter().map(|desk| desk.family.as_str()).collect();
    families.sort_unstable();
    families.dedup();
    let provinces = families.iter().map(|family| unaddressed(settings, family, at)).collect();
    let lost = ended_without_successor(&tables.units, on);
    Checked {
        day: on,
        provinces,
        without_successor: lost.into_iter().map(|(code, _)| code.to_string()).collect(),
        missing_year: missing_year(settings.calendars.known_until, today),
        desks,
    }
}

/// The desk of an agency that orders parcels, as the account in force that day addresses it.
fn checkpoint(settings: &Settings, agency: &AgencyProfile, at: Timestamp) -> Option<Checkpoint> {
    let account = settings.accounts.get(agency.post_account.as_ref()?.at(at))?;
    let (areas, desk) = (account.areas()?, agency.desk.as_ref()?);
    Some(Checkpoint {
        agency: agency.code.to_string(),
        commune: desk.commune_code.to_string(),
        name: newest_row(&settings.tables, &desk.commune_code, at).map(|row| row.name.clone()),
        family: areas.family().to_owned(),
        state: state(settings, account, areas, desk, at),
    })
}

fn newest_row<'t>(tables: &'t Tables, code: &UnitCode, at: Timestamp) -> Option<&'t UnitRow> {
    tables.unit(code, at).or_else(|| tables.units.get(code)?.last())
}

fn state(
    settings: &Settings,
    account: &AccountSettings,
    areas: &AreaTable,
    desk: &Desk,
    at: Timestamp,
) -> State {
    let tables = &settings.tables;
    let Some(row) = newest_row(tables, &desk.commune_code, at) else { return State::UnknownUnit };
    if tables.unit(&desk.commune_code, at).is_none() {
        return State::NotInForce { successors: row.successors.clone() };
    }
    if row.province_code.as_ref() != Some(&desk.province_code) {
        return State::OtherProvince { province: row.province_code.clone() };
    }
    let area = |family: &str| {
        let district = desk.district_code.as_ref();
        settings.areas.get(family)?.area(&desk.province_code, district, &desk.commune_code, at)
    };
    if let Some(area) = area(areas.family()) {
        if account.numbers_communes() && areas.commune(&desk.commune_code, at).is_none() {
            return State::NoCommuneNumber;
        }
        return State::Addressed { province: area.province, district: area.district };
    }
    let families: Vec<String> =
        settings.areas.keys().filter(|other| area(other).is_some()).cloned().collect();
    if families.is_empty() { State::NoNumber } else { State::OtherFamily { families } }
}

/// Parcels go to the whole country: a province without a number takes none.
fn unaddressed(settings: &Settings, family: &str, at: Timestamp) -> Unaddressed {
    let tables = &settings.tables;
    let provinces = tables.units.keys().filter(|code| {
        tables.unit(code, at).is_some_and(|row| row.province_code.is_none())
            && settings.areas.get(family).and_then(|areas| areas.area(code, None, code, at)).is_none()
    });
    Unaddressed { family: family.to_owned(), provinces: provinces.map(ToString::to_string).collect() }
}

fn text(checked: &Checked) -> String {
    let mut lines = vec![format!("Mã bưu chính ngày {}", day(checked.day))];
    if checked.desks.is_empty() {
        lines.push("Không có cơ quan nào gửi bưu điện.".to_owned());
    } else {
        let rows: Vec<Vec<String>> = checked.desks.iter().map(row).collect();
        lines.push(table(&["Cơ quan", "Mã xã", "Tên", "Họ mã", "Kết quả"], &rows));
    }
    for Unaddressed { family, provinces } in &checked.provinces {
        if !provinces.is_empty() {
            let count = provinces.len();
            lines.push(format!(
                "cảnh báo: {count} tỉnh chưa có mã bưu chính họ {family}: {}",
                provinces.join(", ")
            ));
        }
    }
    if !checked.without_successor.is_empty() {
        let codes = &checked.without_successor;
        lines.push(format!(
            "cảnh báo: {} đơn vị đã hết hiệu lực mà chưa rõ nhập vào đâu: {}",
            codes.len(),
            codes.join(", ")
        ));
    }
    if let Some(year) = checked.missing_year {
        lines.push(format!("cảnh báo: {}", crate::views::words::missing_year(year)));
    }
    lines.join("\n")
}

fn row(desk: &Checkpoint) -> Vec<String> {
    let result = match &desk.state {
        State::Addressed { province, district: Some(district) } => format!("{province}, {district}"),
        State::Addressed { province, district: None } => province.to_string(),
        State::UnknownUnit => "KHÔNG CÓ trong bảng đơn vị hành chính".to_owned(),
        State::NotInForce { successors } => {
            let into = successors.iter().map(UnitCode::as_str).collect::<Vec<_>>().join(", ");
            let into = if into.is_empty() { String::new() } else { format!(", đã nhập vào {into}") };
            format!("KHÔNG CÒN hiệu lực{into}; sửa commune_code và province_code của cơ quan")
        }
        State::OtherProvince { province } => {
            let province = province.as_ref().map_or("–", UnitCode::as_str);
            format!("THUỘC tỉnh {province}; sửa province_code của cơ quan")
        }
        State::NoNumber => "CHƯA CÓ mã bưu chính; thêm dòng vào bảng post_areas".to_owned(),
        State::NoCommuneNumber => {
            "CHƯA CÓ mã xã của bưu điện; điền cột post_commune của bảng post_areas".to_owned()
        }
        State::OtherFamily { families } => format!(
            "CHỈ CÓ mã họ khác ({}); thêm dòng họ {} vào bảng post_areas",
            families.join(", "),
            desk.family
        ),
    };
    let name = desk.name.clone().unwrap_or_else(|| "–".to_owned());
    vec![desk.agency.clone(), desk.commune.clone(), name, desk.family.clone(), result]
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
