//! What the catalogue can be told to be.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::civil::Date;

/// The mock's switches.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How long an unused connection is kept; `None` keeps it for ever.
    pub idle: Option<Duration>,
    /// Path of the service.
    pub path: String,
    /// The units, with their days.
    pub units: Vec<Unit>,
    /// Element around the rows.
    pub root: String,
    /// Whether names come as the real catalogue is known to have them: other capitals, stray blanks.
    pub untidy: bool,
}

/// A province or commune.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// `MaTinh` of a province, `MaPhuongXa` of a commune.
    pub code: String,
    /// `TenTinh` or `TenPhuongXa`.
    pub name: String,
    /// `MaTinh` of a commune; `None` for a province.
    pub province: Option<String>,
    /// First day in force; `None` is open.
    pub from: Option<Date>,
    /// Last day in force; `None` is open.
    pub to: Option<Date>,
}

impl Unit {
    /// A unit without an end.
    #[must_use]
    pub fn new(code: &str, name: &str, province: Option<&str>) -> Self {
        Self {
            code: code.to_owned(),
            name: name.to_owned(),
            province: province.map(str::to_owned),
            from: None,
            to: None,
        }
    }

    /// Reads a line: code, name, province code, first and last day, with tabs between; what is missing at the end is open.
    ///
    /// # Errors
    /// The line has no code or name, or a day that is none.
    pub fn read(line: &str) -> Result<Self, String> {
        let mut values = line.split('\t').map(str::trim);
        let mut next = || values.next().filter(|value| !value.is_empty());
        let day = |text: Option<&str>| {
            text.map(|text| text.parse::<Date>().map_err(|error| format!("{line}: {error}"))).transpose()
        };
        let (Some(code), Some(name)) = (next(), next()) else {
            return Err(format!("{line}: has no code or no name"));
        };
        let unit = Self::new(code, name, next());
        Ok(Self { from: day(next())?, to: day(next())?, ..unit })
    }

    pub(crate) fn in_force(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            idle: None,
            path: "/DMDVHC.asmx".to_owned(),
            units: vec![
                Unit::new("15", "Tỉnh Lào Cai", None),
                Unit::new("68", "Tỉnh Lâm Đồng", None),
                Unit::new("04375", "Xã Yên Bình", Some("15")),
                Unit::new("22954", "Phường Tiến Thành", Some("68")),
            ],
            root: "NewDataSet".to_owned(),
            untidy: false,
        }
    }
}
