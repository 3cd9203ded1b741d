//! Plays the statistics office's catalogue of administrative units (`DMDVHC.asmx`).
//!
//! Three questions over SOAP, answered with a .NET data set: an inline schema, then a diffgram with one `TABLE` a unit in
//! force on the day asked for. A question is read strictly ([`question`]): what the contract does not name is refused
//! with a fault that names it, where the real service may look away.
//!
//! *Evidenced* (public clients and a copy of the WSDL, read 08/2026): SOAP 1.1 and 1.2, document/literal, namespace
//! `http://tempuri.org/`, the three operations with their parameters (all optional strings, `DenNgay` as `dd/MM/yyyy`), the
//! header `SOAPAction`, schema and diffgram, the members of a row; names that differ in capitals and blanks, and a unit under
//! a wrong code ([`Config::untidy`]). *Assumed*: the words of every fault and its HTTP status 500; 415 for a content type that
//! is not SOAP's; that filters compare codes and names whole; that a day without `DenNgay` is today; the element around the rows,
//! which two sources call `NewDataSet` and `DocumentElement` ([`Config::root`]).
//!
//! The mock is written from the contract, and shares no type with the gateway.

mod answer;
mod catalogue;
mod config;
mod question;

pub use catalogue::Catalogue;
pub use config::{Config, Unit};

/// A catalogue that runs.
pub type Running = mock_kit::Running<Catalogue>;

/// Starts catalogues.
#[derive(Debug)]
pub struct Mock;

impl Mock {
    /// Binds the configured address and serves until shut down.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn start(config: Config) -> std::io::Result<Running> {
        let options = mock_kit::Options { listen: config.listen, idle: config.idle, tick: None };
        mock_kit::start(Catalogue::new(config), options).await
    }
}
