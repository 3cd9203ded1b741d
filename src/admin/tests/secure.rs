//! The listener with a certificate.

use super::*;
use rcgen::{CertificateParams, KeyPair};
use std::io::Cursor;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs::default_provider};

fn pair() -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    (params.self_signed(&key).unwrap(), key)
}

fn settings(certificate: &str, key: &str) -> TlsSettings {
    TlsSettings { certificate: certificate.as_bytes().to_vec(), key: key.to_owned().into() }
}

#[tokio::test]
async fn whoever_speaks_tls_is_answered_whoever_else_hangs_about() {
    let (certificate, key) = pair();
    let tls = settings(&certificate.pem(), &key.serialize_pem());
    let bound = listen(([127, 0, 0, 1], 0).into(), Some(&tls)).await.unwrap();
    let (address, stop) = (bound.address().unwrap(), CancellationToken::new());
    let served = TaskTracker::new();
    served.spawn(serve(bound, Arc::new(Health::new()), None, stop.clone()));
    // Somebody who says nothing, and somebody who does not speak TLS.
    let _silent = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut plain = tokio::net::TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET /live HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();

    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut stream = connector.connect("localhost".try_into().unwrap(), stream).await.unwrap();
    stream.write_all(b"GET /live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = Cursor::new(Vec::new());
    tokio::io::copy(&mut stream, &mut answer).await.ok();
    let answer = String::from_utf8(answer.into_inner()).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    let mut heard = Vec::new();
    plain.read_to_end(&mut heard).await.ok();
    assert!(!heard.starts_with(b"HTTP"), "nothing is said in the clear");
    stop.cancel();
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_refused_before_anything_is_served() {
    let ((one, key), (_, other)) = (pair(), pair());
    for (certificate, key) in [
        ("", key.serialize_pem()),
        ("no certificate", key.serialize_pem()),
        (&one.pem(), String::new()),
        (&one.pem(), other.serialize_pem()),
    ] {
        let tls = settings(certificate, &key);
        assert!(check(&tls).is_err(), "{certificate}");
        assert!(listen(([127, 0, 0, 1], 0).into(), Some(&tls)).await.is_err(), "{certificate}");
    }
    assert!(check(&settings(&one.pem(), &key.serialize_pem())).is_ok());
}
