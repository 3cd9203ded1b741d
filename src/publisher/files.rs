//! Files of events, one message after the other: JSON and XML one a file, JSON lines one a line.

use super::{Error, Manner};
use crate::intake::Decode;
use lienthong_commune::{Dialect, Family, Headers, Refusal, without_secrets};
use std::fmt;
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

/// Largest message read from a file, in bytes. The gateway's own cap is configured and far lower; a larger one may be
/// published raw, to see it quarantined.
pub(super) const MESSAGE_CAP: u64 = 64 * 1024 * 1024;

/// Where a message stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1, in a file of JSON lines.
    pub line: Option<u64>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.path.display()),
            None => write!(f, "{}", self.path.display()),
        }
    }
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    JsonLines,
    Xml,
}

impl Kind {
    pub(super) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "xml" => Some(Self::Xml),
            _ => None,
        }
    }

    fn content_type(self, family: Family) -> &'static str {
        match (self, family) {
            (Self::Json | Self::JsonLines, Family::CloudEvents) => Dialect::Json.content_type(),
            (Self::Json | Self::JsonLines, Family::OpenCps) => Dialect::OpenCps.content_type(),
            (Self::Xml, _) => Dialect::Xml.content_type(),
        }
    }
}

/// A message as it is published.
pub(super) struct Message<'a> {
    pub(super) origin: Origin,
    pub(super) headers: Headers<'a>,
    pub(super) routing_key: String,
    pub(super) id: Option<String>,
    pub(super) body: Vec<u8>,
    pub(super) refusal: Option<Refusal>,
}

/// The messages of some files, read one by one.
pub(super) struct Messages<'a> {
    files: std::slice::Iter<'a, PathBuf>,
    manner: Manner<'a>,
    decode: &'a Decode,
    lines: Option<Lines<'a>>,
}

struct Lines<'a> {
    path: &'a Path,
    reader: BufReader<File>,
    line: u64,
}

impl<'a> Messages<'a> {
    pub(super) fn of(files: &'a [PathBuf], manner: Manner<'a>, decode: &'a Decode) -> Self {
        Self { files: files.iter(), manner, decode, lines: None }
    }

    /// The next message; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Message<'a>>, Error> {
        loop {
            if let Some(lines) = &mut self.lines {
                if let Some((origin, body)) = lines.next().await? {
                    return Ok(Some(self.message(Kind::JsonLines, origin, body)));
                }
                self.lines = None;
            }
            let Some(path) = self.files.next() else { return Ok(None) };
            let kind = Kind::of(path).ok_or_else(|| Error::Kind(path.clone()))?;
            let file = File::open(path).await.map_err(|source| Error::File { path: path.clone(), source })?;
            match kind {
                Kind::JsonLines => {
                    self.lines = Some(Lines { path, reader: BufReader::new(file), line: 0 });
                }
                Kind::Json | Kind::Xml => {
                    let body = whole(path, file).await?;
                    let origin = Origin { path: path.clone(), line: None };
                    return Ok(Some(self.message(kind, origin, body)));
                }
            }
        }
    }

    fn message(&self, kind: Kind, origin: Origin, body: Vec<u8>) -> Message<'a> {
        let headers = Headers {
            content_type: Some(kind.content_type(self.manner.family)),
            dialect: (self.manner.family == Family::OpenCps).then_some("opencps"),
            source: self.manner.source,
        };
        let (routing_key, id, refusal) = match (self.decode)(&headers, &body) {
            Ok(event) => {
                let key = format!("{}.vn.dossier.{}", event.snapshot.agency.code, event.kind.name());
                (key, Some(event.id.as_str().to_owned()), None)
            }
            Err(refusal) => ("unknown.unreadable".to_owned(), None, Some(refusal)),
        };
        // A dossier as OpenCPS has it carries the secret of its receipt, which nobody behind the broker needs.
        let body = if refusal.is_none() { without_secrets(&body).into_owned() } else { body };
        Message { origin, headers, routing_key, id, body, refusal }
    }
}

impl Lines<'_> {
    /// The next line that is not blank.
    async fn next(&mut self) -> Result<Option<(Origin, Vec<u8>)>, Error> {
        loop {
            let mut body = Vec::new();
            let read = (&mut self.reader).take(MESSAGE_CAP + 1).read_until(b'\n', &mut body).await;
            let read = read.map_err(|source| Error::File { path: self.path.to_owned(), source })?;
            self.line += 1;
            let origin = Origin { path: self.path.to_owned(), line: Some(self.line) };
            if read == 0 {
                return Ok(None);
            }
            if body.len() as u64 > MESSAGE_CAP {
                return Err(Error::TooLarge(origin));
            }
            if !body.trim_ascii().is_empty() {
                return Ok(Some((origin, body.trim_ascii().to_vec())));
            }
        }
    }
}

async fn whole(path: &Path, file: File) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    let read = file.take(MESSAGE_CAP + 1).read_to_end(&mut body).await;
    read.map_err(|source| Error::File { path: path.to_owned(), source })?;
    if body.len() as u64 > MESSAGE_CAP {
        return Err(Error::TooLarge(Origin { path: path.to_owned(), line: None }));
    }
    Ok(body)
}
