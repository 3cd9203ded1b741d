//! Asks the catalogue: the only IO of this crate.

use crate::config::{CatalogueSettings, Correction};
use crate::diffgram::{self, Unreadable};
use crate::envelope::Operation;
use jiff::civil::Date;
use lienthong_core::units::Listed;
use lienthong_http::settings::{SettingProblem, address};
use lienthong_http::{Answer, Body, BuildError, Client, Connection, Failure, Method, Request};
use url::Url;

/// The catalogue at one address.
#[derive(Clone, Debug)]
pub struct Catalogue {
    url: Url,
    corrections: Vec<Correction>,
    http: Client,
}

/// The units of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Provinces, then communes, as they are listed, corrected.
    pub list: Vec<Listed>,
    /// Corrections that nothing in the list needed any more.
    pub unused: Vec<Correction>,
}

/// A catalogue that could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// Its address cannot be called.
    #[error("use the address of the catalogue: {0}")]
    Address(SettingProblem),
    /// Its certificates cannot be used.
    #[error("set up calls to the catalogue")]
    Client(#[source] BuildError),
    /// There is no complete answer.
    #[error("ask the catalogue {}", .operation.name())]
    NoAnswer {
        /// What was asked.
        operation: Operation,
        /// Why.
        #[source]
        failure: Failure,
    },
    /// It refused without saying why.
    #[error("ask the catalogue {}: HTTP status {status}", .operation.name())]
    Status {
        /// What was asked.
        operation: Operation,
        /// HTTP status.
        status: u16,
    },
    /// Its answer says nothing about units.
    #[error("read what the catalogue says to {}", .operation.name())]
    Unreadable {
        /// What was asked.
        operation: Operation,
        /// Why.
        #[source]
        unreadable: Unreadable,
    },
}

impl Catalogue {
    /// Ready to ask; nothing is sent yet.
    ///
    /// # Errors
    /// When its address or a certificate cannot be used.
    pub fn build(settings: CatalogueSettings) -> Result<Self, Failed> {
        let mut problems = Vec::new();
        let rule = "must be an address with http or https and a host";
        let url = address("url", &settings.url, rule, &mut problems);
        let url = url.ok_or(Failed::Address(SettingProblem { key: "url", rule }))?;
        let http = Client::build(settings.client).map_err(Failed::Client)?;
        Ok(Self { url, corrections: settings.corrections, http })
    }

    /// Asks for all units of a day. Questions write nothing: a failed one may be asked again.
    ///
    /// # Errors
    /// When there is no complete and readable answer to both questions.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection; nothing is left behind.
    pub async fn units(&self, day: Date) -> Result<Asked, Failed> {
        let mut list = self.ask(Operation::Provinces, day).await?;
        list.extend(self.ask(Operation::Communes, day).await?);
        let unused = self.corrections.iter().filter(|correction| !correction.apply(&mut list));
        let unused = unused.cloned().collect();
        Ok(Asked { list, unused })
    }

    async fn ask(&self, operation: Operation, day: Date) -> Result<Vec<Listed>, Failed> {
        let request = Request {
            method: Method::Post,
            url: self.url.clone(),
            headers: vec![("SOAPAction", operation.action()), ("Accept", "text/xml".to_owned())],
            secret_headers: Vec::new(),
            body: Body::Xml(operation.question(day)),
            connection: Connection::Kept,
            trace: None,
        };
        let answer = self.http.call(request).await;
        let answer = answer.map_err(|failure| Failed::NoAnswer { operation, failure })?;
        read(&answer, operation)
    }
}

/// A status other than 200 counts, unless a fault says more: SOAP 1.1 sends faults with 500.
fn read(answer: &Answer, operation: Operation) -> Result<Vec<Listed>, Failed> {
    let read = diffgram::units(&answer.body, operation);
    match (answer.status, read) {
        (200, Ok(units)) => Ok(units),
        (200, Err(unreadable)) | (_, Err(unreadable @ Unreadable::Fault(_))) => {
            Err(Failed::Unreadable { operation, unreadable })
        }
        (status, Ok(_) | Err(_)) => Err(Failed::Status { operation, status }),
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
