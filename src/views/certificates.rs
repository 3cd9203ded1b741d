//! Certificates of an account's own: until when they hold.

use jiff::Timestamp;
use lienthong_http::ClientSettings;
use serde::Serialize;
use utoipa::ToSchema;
use x509_parser::pem::Pem;

/// Days before its end from which a certificate is worth a warning: a new one takes a letter and its answer.
const SOON: i64 = 30;

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Shows the partner who we are.
    Client,
    /// Shows us who the partner is.
    Authority,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Certificate {
    /// What it is for.
    pub purpose: Purpose,
    /// When it ends; `None`: it cannot be read.
    pub ends_at: Option<Timestamp>,
    /// Whole days until then; negative when it has ended.
    pub days_left: Option<i64>,
    /// Whether that is soon, over, or unknown.
    pub is_due: bool,
}

/// The certificates in a client's PEM files; the key that may stand beside one is passed over.
pub(super) fn of(client: &ClientSettings, now: Timestamp) -> Vec<Certificate> {
    let own = client.identity.iter().flat_map(|pem| ends(pem)).map(|end| (Purpose::Client, end));
    let trusted = client.authorities.iter().flat_map(|pem| ends(pem)).map(|end| (Purpose::Authority, end));
    own.chain(trusted).map(|(purpose, end)| certificate(purpose, end, now)).collect()
}

fn certificate(purpose: Purpose, ends_at: Option<Timestamp>, now: Timestamp) -> Certificate {
    // Rounded down: what ends in an hour has no day left, and what ended an hour ago has -1.
    let days_left = ends_at.map(|end| end.duration_since(now).as_secs().div_euclid(24 * 3600));
    Certificate { purpose, ends_at, days_left, is_due: days_left.is_none_or(|days| days < SOON) }
}

/// When each certificate of a PEM file ends.
fn ends(pem: &[u8]) -> Vec<Option<Timestamp>> {
    let blocks =
        Pem::iter_from_buffer(pem).filter_map(Result::ok).filter(|block| block.label == "CERTIFICATE");
    let end = |block: Pem| {
        let certificate = block.parse_x509().ok()?;
        Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
    };
    blocks.map(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};
    use std::time::Duration;

    #[test]
    fn a_certificate_tells_how_many_days_it_has_left() {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["portal.example".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2022, 1, 1);
        params.not_after = date_time_ymd(2022, 12, 31);
        let certificate = params.self_signed(&key).unwrap();
        let client = ClientSettings {
            deadline: Duration::from_secs(1),
            connect_deadline: Duration::from_secs(1),
            body_cap: 1,
            authorities: vec![
                b"no certificate".to_vec(),
                b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec(),
            ],
            identity: Some(format!("{}{}", key.serialize_pem(), certificate.pem()).into_bytes()),
        };
        let found = of(&client, "2022-12-30T00:00:01Z".parse().unwrap());
        let days: Vec<_> = found.iter().map(|one| (one.purpose, one.days_left, one.is_due)).collect();
        assert_eq!(days, [(Purpose::Client, Some(0), true), (Purpose::Authority, None, true)]);
        let found = of(&client, "2022-11-30T00:00:00Z".parse().unwrap());
        assert_eq!((found[0].days_left, found[0].is_due), (Some(31), false));
        let found = of(&client, "2022-12-31T00:00:01Z".parse().unwrap());
        assert_eq!(found[0].days_left, Some(-1));
    }
}
