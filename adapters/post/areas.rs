//! Administrative unit → postal area.
//!
//! The post numbers provinces and districts in a family of its own (33 is Lào Cai there, Thanh Hóa's 44 is Quảng Bình's
//! number at the statistics office), and which family holds is a matter of the contract: the table is configuration and
//! nothing is ever derived from an administrative code. The daemon reads it from a CSV file with the columns
//!
//! ```text
//! unit_code,post_province,post_district,valid_from,valid_to,family,post_commune
//! 60,80,,,,,                          a province: no district of its own
//! 593,80,8010,,2025-06-30,,           an old district, until the last day of its level
//! 22966,80,8010,,,,                   a commune; its row goes before those of district and province
//! 04375,33,,,,,33112                  a commune in a family that numbers communes
//! ```
//!
//! The post itself has more than one family of numbers, the operational ones and the prefixes of the national postal codes
//! among them. A table holds the numbers of one family; which it is must be asked of the post, and is a setting of the
//! account. MyVNPost wants the commune's number too, as a text; at the other interfaces the commune stands in the address.
//!
//! where `unit_code` is a text with its leading zeros, `post_district`, `post_commune` and `family` may be
//! empty, and so may the days, both of which are included. Rows of one unit are told apart by their days; where two hold on a day, the later one in the file counts.

use jiff::Timestamp;
use lienthong_core::ids::UnitCode;
use lienthong_core::tables::{Validity, day_in_vietnam};
use std::collections::BTreeMap;

/// A postal province and, where there is one, a postal district.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// The post's number of the province.
    pub province: u32,
    /// The post's number of the district.
    pub district: Option<u32>,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaRow {
    /// Commune, district or province.
    pub unit: UnitCode,
    /// Its postal area.
    pub area: Area,
    /// The post's number of the commune itself, in families that have one.
    pub commune: Option<String>,
    /// When this row holds.
    pub validity: Validity,
}

/// The family of the samples that are public: post office numbers begin with it.
pub const OPERATIONAL: &str = "operational";

/// All postal areas of one family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaTable {
    family: String,
    rows: BTreeMap<UnitCode, Vec<AreaRow>>,
}

impl AreaTable {
    /// Puts rows of the operational family together, in the order of the file.
    pub fn new(rows: impl IntoIterator<Item = AreaRow>) -> Self {
        Self::of_family(OPERATIONAL, rows)
    }

    /// Puts rows of a family together, in the order of the file.
    pub fn of_family(family: &str, rows: impl IntoIterator<Item = AreaRow>) -> Self {
        let mut table = Self { family: family.to_owned(), rows: BTreeMap::new() };
        for row in rows {
            table.rows.entry(row.unit.clone()).or_default().push(row);
        }
        table
    }

    /// The family of its numbers.
    pub fn family(&self) -> &str {
        &self.family
    }

    /// The postal area of an address at a time: the most specific row wins, commune before district before province.
    pub fn area(
        &self,
        province: &UnitCode,
        district: Option<&UnitCode>,
        commune: &UnitCode,
        at: Timestamp,
    ) -> Option<Area> {
        let mut units = [Some(commune), district, Some(province)].into_iter().flatten();
        units.find_map(|unit| self.row(unit, at)).map(|row| row.area)
    }

    /// The post's number of a commune at a time, in families that have one.
    pub fn commune(&self, commune: &UnitCode, at: Timestamp) -> Option<&str> {
        self.row(commune, at)?.commune.as_deref()
    }

    fn row(&self, unit: &UnitCode, at: Timestamp) -> Option<&AreaRow> {
        let day = day_in_vietnam(at);
        self.rows.get(unit)?.iter().rev().find(|row| row.validity.covers(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(
        unit: &str,
        province: u32,
        district: Option<u32>,
        from: Option<&str>,
        to: Option<&str>,
    ) -> AreaRow {
        let day = |day: Option<&str>| day.map(|day| day.parse().unwrap());
        AreaRow {
            unit: UnitCode::new(unit),
            area: Area { province, district },
            commune: None,
            validity: Validity { from: day(from), to: day(to) },
        }
    }

    #[test]
    fn the_most_specific_row_in_force_wins() {
        let table = AreaTable::new([
            row("60", 80, None, None, Some("2025-06-30")),
            row("60", 81, None, Some("2025-07-01"), None),
            row("593", 80, Some(8010), None, Some("2025-06-30")),
            row("22966", 80, Some(8011), Some("2020-01-01"), Some("2025-06-30")),
        ]);
        let check =
            |commune: &str, district: Option<&str>, at: &str, expected: Option<(u32, Option<u32>)>| {
                let district = district.map(UnitCode::new);
                let at = at.parse().unwrap();
                let area = table.area(&UnitCode::new("60"), district.as_ref(), &UnitCode::new(commune), at);
                assert_eq!(area.map(|area| (area.province, area.district)), expected, "{commune} {at}");
            };
        check("22966", Some("593"), "2022-09-15T03:00:00Z", Some((80, Some(8011))));
        check("22966", Some("593"), "2019-09-15T03:00:00Z", Some((80, Some(8010))));
        check("99999", Some("593"), "2022-09-15T03:00:00Z", Some((80, Some(8010))));
        check("99999", None, "2022-09-15T03:00:00Z", Some((80, None)));
        // The last day ends at midnight in Việt Nam, which is 17:00 UTC.
        check("22966", Some("593"), "2025-06-30T16:59:59Z", Some((80, Some(8011))));
        check("22966", Some("593"), "2025-06-30T17:00:00Z", Some((81, None)));
        let empty = AreaTable::new([]);
        assert_eq!(
            empty.area(&UnitCode::new("60"), None, &UnitCode::new("22966"), Timestamp::UNIX_EPOCH),
            None
        );
    }

    #[test]
    fn a_commune_has_the_number_of_its_own_row_alone() {
        let numbered = |unit: &str, commune: &str, to| AreaRow {
            commune: Some(commune.to_owned()),
            ..row(unit, 33, None, None, to)
        };
        let table = AreaTable::new([
            numbered("15", "33000", None),
            row("04375", 33, None, None, None),
            numbered("04380", "33140", Some("2025-06-30")),
        ]);
        let check = |unit: &str, at: &str, expected: Option<&str>| {
            assert_eq!(table.commune(&UnitCode::new(unit), at.parse().unwrap()), expected, "{unit} {at}");
        };
        check("04380", "2022-09-15T03:00:00Z", Some("33140"));
        check("04380", "2025-07-01T03:00:00Z", None);
        check("04375", "2022-09-15T03:00:00Z", None);
        check("99999", "2022-09-15T03:00:00Z", None);
    }
}
