//! Settings of the catalogue.

use lienthong_core::ids::UnitCode;
use lienthong_core::units::Listed;
use lienthong_http::ClientSettings;

/// Where the catalogue is asked, and what is known to be wrong in it.
#[derive(Clone, Debug)]
pub struct CatalogueSettings {
    /// Address of the service.
    pub url: String,
    /// Units that it lists under a wrong code.
    pub corrections: Vec<Correction>,
    /// How calls are made.
    pub client: ClientSettings,
}

impl Default for CatalogueSettings {
    fn default() -> Self {
        let client = ClientSettings {
            deadline: defaults::DEADLINE,
            connect_deadline: defaults::CONNECT_DEADLINE,
            body_cap: defaults::BODY_CAP,
            authorities: Vec::new(),
            identity: None,
        };
        Self { url: defaults::URL.to_owned(), corrections: Vec::new(), client }
    }
}

/// A commune that the catalogue lists under a wrong code. Consumers patch one (vietnamese-provinces-database,
/// `dvhcvn_soap_corrector.go`, read 08/2026); which one it is changes with the catalogue, so that it is configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The code that the catalogue has.
    pub listed: UnitCode,
    /// The name that stands there: the code may belong to another unit too.
    pub name: String,
    /// The code that it should have.
    pub code: UnitCode,
}

impl Correction {
    /// Corrects the list; whether it had such a unit.
    pub(crate) fn apply(&self, list: &mut [Listed]) -> bool {
        let fits = |unit: &&mut Listed| unit.code == self.listed && unit.name == self.name;
        let found = list.iter_mut().find(fits);
        found.map(|unit| unit.code = self.code.clone()).is_some()
    }
}

/// What is assumed where nothing else is configured.
pub mod defaults {
    use std::time::Duration;

    /// The public service (vietnamese-provinces-database, `data_downloader.go`, read 08/2026).
    pub const URL: &str = "https://danhmuchanhchinh.nso.gov.vn/DMDVHC.asmx";

    /// The whole answer. The list of the country is one answer of about a megabyte, made by a slow service.
    pub const DEADLINE: Duration = Duration::from_secs(120);

    /// Until a connection stands; longer than for the partners, because nothing waits behind it.
    pub const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

    /// Largest answer, in bytes. At some 300 bytes a row the 11,000 units of before 2025 took three megabytes.
    pub const BODY_CAP: usize = 16 << 20;
}
