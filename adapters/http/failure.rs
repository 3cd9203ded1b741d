//! Why a call brought no answer, and whether its request can have left us.
//!
//! The kinds are told apart by the types and codes of the errors below, never by their texts. Nothing that is printed
//! here holds the URL (its query names dossiers), a header or a body.

use crate::Left;
use std::error::Error;
use std::io;

type Source = Box<dyn Error + Send + Sync>;

/// A call that brought no complete answer.
#[derive(Debug, thiserror::Error)]
#[error("get an answer: {}", kind.words())]
pub struct Failure {
    /// Whether the request can have left us.
    pub left: Left,
    /// What happened.
    pub kind: FailureKind,
    /// Status of the answer, when it broke off after its head had arrived.
    pub status: Option<u16>,
    /// The error below, without the URL.
    #[source]
    pub source: Option<Source>,
}

/// What happened to a call that brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The request could not be written down, such as a header with a line break.
    Unbuildable,
    /// The name is not known.
    NameNotFound,
    /// The connection was refused.
    Refused,
    /// No connection stood in time.
    ConnectTimedOut,
    /// TLS was refused by one of the two sides: certificate, name or version.
    Tls,
    /// No connection, for another reason.
    NotConnected,
    /// No complete answer within the deadline.
    Deadline,
    /// The connection was closed before the answer was complete.
    ClosedEarly,
    /// The answer is larger than the cap.
    BodyTooLarge,
    /// The answer is not HTTP.
    Malformed,
}

impl FailureKind {
    /// Name in logs and reason codes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unbuildable => "unbuildable",
            Self::NameNotFound => "name-not-found",
            Self::Refused => "refused",
            Self::ConnectTimedOut => "connect-timed-out",
            Self::Tls => "tls",
            Self::NotConnected => "not-connected",
            Self::Deadline => "deadline",
            Self::ClosedEarly => "closed-early",
            Self::BodyTooLarge => "body-too-large",
            Self::Malformed => "malformed",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Unbuildable => "the request cannot be written down",
            Self::NameNotFound => "the host name is not known",
            Self::Refused => "the connection was refused",
            Self::ConnectTimedOut => "no connection stood in time",
            Self::Tls => "tls was refused",
            Self::NotConnected => "no connection could be made",
            Self::Deadline => "the deadline passed",
            Self::ClosedEarly => "the connection was closed before the answer was complete",
            Self::BodyTooLarge => "the answer is larger than the cap",
            Self::Malformed => "the answer is not HTTP",
        }
    }

    /// Whether a call that ended so can have left us.
    fn left(self) -> Left {
        match self {
            Self::Unbuildable
            | Self::NameNotFound
            | Self::Refused
            | Self::ConnectTimedOut
            | Self::Tls
            | Self::NotConnected => Left::No,
            Self::Deadline | Self::ClosedEarly | Self::BodyTooLarge | Self::Malformed => Left::Maybe,
        }
    }
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, status: Option<u16>, source: Option<Source>) -> Self {
        Self { left: kind.left(), kind, status, source }
    }

    /// Reads what the HTTP library reports.
    pub(crate) fn reported(error: reqwest::Error, status: Option<u16>) -> Self {
        let kind = kind_of(&error);
        Self::new(kind, status, Some(Box::new(error.without_url())))
    }
}

fn kind_of(error: &reqwest::Error) -> FailureKind {
    if error.is_builder() {
        return FailureKind::Unbuildable;
    }
    // "Connect" is said only by the connector: once it has handed over a connection, no error carries it.
    if error.is_connect() {
        return kind_of_connect(error);
    }
    if error.is_timeout() {
        return FailureKind::Deadline;
    }
    if refuses_our_certificate(error) {
        return FailureKind::Tls;
    }
    let malformed =
        causes(error).any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse));
    if malformed { FailureKind::Malformed } else { FailureKind::ClosedEarly }
}

fn kind_of_connect(error: &reqwest::Error) -> FailureKind {
    if error.is_dns() {
        return FailureKind::NameNotFound;
    }
    if error.is_timeout() {
        return FailureKind::ConnectTimedOut;
    }
    let kinds: Vec<io::ErrorKind> =
        causes(error).filter_map(|cause| cause.downcast_ref()).map(innermost).collect();
    if kinds.contains(&io::ErrorKind::ConnectionRefused) {
        FailureKind::Refused
    } else if kinds.contains(&io::ErrorKind::InvalidData) {
        // tokio-rustls reports every refusal of a handshake under this kind.
        FailureKind::Tls
    } else {
        FailureKind::NotConnected
    }
}

/// Whether the other side refused the handshake when ours was done: in TLS 1.3 the client may write before its
/// certificate is judged (RFC 8446, section 2). A server that ends the handshake there never reads what was written.
fn refuses_our_certificate(error: &reqwest::Error) -> bool {
    use rustls::AlertDescription as Alert;
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|error| {
        let Some(rustls::Error::AlertReceived(alert)) = innermost_error(error) else { return false };
        matches!(
            alert,
            Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
        )
    })
}

/// What TLS says inside IO errors.
fn innermost_error(error: &io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    match inner.downcast_ref::<io::Error>() {
        Some(inner) => innermost_error(inner),
        None => inner.downcast_ref(),
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The kind of an IO error inside IO errors: `source` skips the inner one.
fn innermost(error: &io::Error) -> io::ErrorKind {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
        Some(inner) => innermost(inner),
        None => error.kind(),
    }
}
