//! Misbehaviour on command.
//!
//! A [`Fault`] says *when* (operation, key, account, after how many, how often, how long) and *what* ([`Deed`]);
//! [`crate::armed`] draws them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::partner::Call;

/// Where a reset strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Before the body is read.
    BeforeReading,
    /// After reading, before anything takes effect.
    BeforeTaking,
    /// After it took effect: the answer is lost.
    AfterTaking,
}

/// The `Retry-After` of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// No such header.
    #[default]
    None,
    /// A number of seconds.
    Seconds(u64),
    /// The HTTP date so many seconds from the answer's own.
    DateIn(u64),
}

/// A body that is no receipt, behind a status that says success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Garble {
    /// Nothing.
    Empty,
    /// A page of HTML, as a portal of the network in between sends it.
    Html,
    /// `null`.
    Null,
    /// The usual answer with every member null.
    NullMembers,
    /// Somebody else's JSON.
    Foreign,
    /// The usual answer in UTF-16.
    Utf16,
    /// The usual answer under the content type of a page.
    OtherType,
}

/// What a fault does. `taken` says whether the request takes effect first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Deed {
    /// Waits, then goes on as usual; with `taken`, it waits between effect and answer.
    Delay {
        /// Milliseconds.
        ms: u64,
        /// Whether the effect comes before the wait.
        #[serde(default)]
        taken: bool,
    },
    /// Answers with this status and plain text.
    Status {
        /// HTTP status.
        status: u16,
        /// Text of the body.
        #[serde(default)]
        body: String,
        /// Whether it takes effect first.
        #[serde(default)]
        taken: bool,
    },
    /// Answers 429.
    TooMany {
        /// How long to wait.
        #[serde(default)]
        wait: Wait,
    },
    /// Answers 503.
    Unavailable {
        /// How long to wait.
        #[serde(default)]
        wait: Wait,
    },
    /// Resets the connection.
    Reset {
        /// Where it strikes.
        stage: Stage,
    },
    /// Never answers; holds the connection until the client leaves.
    Silence {
        /// Whether it takes effect first.
        #[serde(default)]
        taken: bool,
    },
    /// Answers 502 with an HTML page, as a proxy does.
    HtmlPage {
        /// Whether it takes effect first.
        #[serde(default)]
        taken: bool,
    },
    /// Takes effect and answers 2xx with a body that nobody can read.
    Unreadable,
    /// Takes effect and answers with the usual status and another body.
    Garbled {
        /// What stands in it.
        with: Garble,
    },
    /// Answers 2xx with a body of this size.
    Huge {
        /// Size of the body.
        bytes: usize,
        /// Whether it takes effect first.
        #[serde(default)]
        taken: bool,
    },
    /// Answers 200 with a head of this size.
    HugeHead {
        /// Size of one header.
        bytes: usize,
        /// Whether it takes effect first.
        #[serde(default)]
        taken: bool,
    },
    /// Says that the session or token is dead, and forgets it.
    SessionExpired,
    /// Says that user name or password is wrong.
    WrongCredentials,
    /// Says that the dossier or order exists already; nothing takes effect.
    AlreadyExists,
    /// Refuses for a business reason.
    Refuse {
        /// The partner's code.
        code: String,
        /// The partner's sentence.
        message: String,
    },
    /// Answers 302.
    Redirect {
        /// Where to.
        location: String,
    },
    /// Answers 404 without the partner's envelope.
    NotFound,
    /// Takes effect and answers as usual, but byte by byte.
    Slow {
        /// Milliseconds before each byte.
        ms_per_byte: u64,
    },
    /// The same, the head byte by byte as well.
    SlowHead {
        /// Milliseconds before each byte.
        ms_per_byte: u64,
    },
}

impl Deed {
    /// The names of all deeds.
    pub const KINDS: [&'static str; 19] = [
        "delay",
        "status",
        "too-many",
        "unavailable",
        "reset",
        "silence",
        "html-page",
        "unreadable",
        "garbled",
        "huge",
        "huge-head",
        "session-expired",
        "wrong-credentials",
        "already-exists",
        "refuse",
        "redirect",
        "not-found",
        "slow",
        "slow-head",
    ];

    /// The name under which ledger and configuration know the deed.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Delay { .. } => "delay",
            Self::Status { .. } => "status",
            Self::TooMany { .. } => "too-many",
            Self::Unavailable { .. } => "unavailable",
            Self::Reset { .. } => "reset",
            Self::Silence { .. } => "silence",
            Self::HtmlPage { .. } => "html-page",
            Self::Unreadable => "unreadable",
            Self::Garbled { .. } => "garbled",
            Self::Huge { .. } => "huge",
            Self::HugeHead { .. } => "huge-head",
            Self::SessionExpired => "session-expired",
            Self::WrongCredentials => "wrong-credentials",
            Self::AlreadyExists => "already-exists",
            Self::Refuse { .. } => "refuse",
            Self::Redirect { .. } => "redirect",
            Self::NotFound => "not-found",
            Self::Slow { .. } => "slow",
            Self::SlowHead { .. } => "slow-head",
        }
    }

    /// Whether the request takes effect before the deed strikes.
    #[must_use]
    pub fn takes_effect(&self) -> bool {
        match self {
            Self::Delay { .. }
            | Self::Unreadable
            | Self::Garbled { .. }
            | Self::Slow { .. }
            | Self::SlowHead { .. } => true,
            Self::Status { taken, .. }
            | Self::Silence { taken }
            | Self::HtmlPage { taken }
            | Self::Huge { taken, .. }
            | Self::HugeHead { taken, .. } => *taken,
            Self::Reset { stage } => *stage == Stage::AfterTaking,
            Self::TooMany { .. }
            | Self::Unavailable { .. }
            | Self::SessionExpired
            | Self::WrongCredentials
            | Self::AlreadyExists
            | Self::Refuse { .. }
            | Self::Redirect { .. }
            | Self::NotFound => false,
        }
    }
}

/// When the mock misbehaves, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only this operation or endpoint.
    #[serde(default)]
    pub operation: Option<String>,
    /// Only requests about this dossier or order number.
    #[serde(default)]
    pub key: Option<String>,
    /// Only this account.
    #[serde(default)]
    pub account: Option<String>,
    /// Lets so many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// Strikes so often; without it, until cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// Ends after so many milliseconds.
    #[serde(default)]
    pub for_ms: Option<u64>,
    /// What happens.
    pub does: Deed,
}

impl Fault {
    /// A fault that strikes every request until it is cleared.
    #[must_use]
    pub fn new(does: Deed) -> Self {
        Self { operation: None, key: None, account: None, skip: 0, times: None, for_ms: None, does }
    }

    /// The answer is lost: the request takes effect, then the connection is reset. Strikes once.
    #[must_use]
    pub fn lost_answer(operation: &str) -> Self {
        Self::new(Deed::Reset { stage: Stage::AfterTaking }).on(operation).times(1)
    }

    /// The client's time-out after the request took effect: the mock says nothing. Strikes once.
    #[must_use]
    pub fn taken_in_silence(operation: &str) -> Self {
        Self::new(Deed::Silence { taken: true }).on(operation).times(1)
    }

    /// Only this operation or endpoint.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Only requests about this dossier or order number.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Only this account.
    #[must_use]
    pub fn account(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    /// Lets `count` matching requests pass first.
    #[must_use]
    pub fn after(mut self, count: u32) -> Self {
        self.skip = count;
        self
    }

    /// Strikes `count` times.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.times = Some(count);
        self
    }

    /// Ends after `duration`.
    #[must_use]
    pub fn lasting(mut self, duration: Duration) -> Self {
        self.for_ms = Some(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        self
    }

    pub(crate) fn fits(&self, endpoint: &str, call: &Call) -> bool {
        self.operation.as_deref().is_none_or(|wanted| wanted == call.operation || wanted == endpoint)
            && self.key.as_ref().is_none_or(|wanted| call.keys.contains(wanted))
            && self.account.as_ref().is_none_or(|wanted| call.account.as_ref() == Some(wanted))
    }

    pub(crate) fn strikes_head(&self, endpoint: &str) -> bool {
        self.does == (Deed::Reset { stage: Stage::BeforeReading })
            && self.key.is_none()
            && self.account.is_none()
            && self.operation.as_deref().is_none_or(|wanted| wanted == endpoint)
    }
}
