//! One connection: bytes to requests, answers to bytes, and the ways to break off.
//!
//! Bounds: a head of 64 KiB and a body of 64 MiB (a mock must be able to receive what is too large for a real partner, and
//! to say so). Reads `Content-Length` and chunked bodies. Nothing here decides.

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::{Answer, Request, parse_query};

const HEAD_CAP: usize = 64 * 1024;
const BODY_CAP: usize = 64 * 1024 * 1024;

/// A connection with what has been read ahead.
pub(crate) struct Wire {
    stream: TcpStream,
    ahead: BytesMut,
    idle: Option<Duration>,
    /// Whether the newest request was a HEAD: its answer has no body, whatever its length says (RFC 9110, 9.3.2).
    bodiless: bool,
}

impl Wire {
    /// Takes over a fresh connection; `idle` is how long it may stay unused before the mock closes it.
    pub(crate) fn new(stream: TcpStream, idle: Option<Duration>) -> Self {
        // A connection that cannot be made faster still serves.
        stream.set_nodelay(true).ok();
        Self { stream, ahead: BytesMut::with_capacity(8 * 1024), idle, bodiless: false }
    }

    /// Reads the next head; `None` when the client left, or stayed idle too long.
    pub(crate) async fn head(&mut self) -> io::Result<Option<Request>> {
        loop {
            if let Some((request, length)) = parse_head(&self.ahead)? {
                self.ahead.advance(length);
                self.bodiless = request.method == "HEAD";
                return Ok(Some(request));
            }
            if self.ahead.len() > HEAD_CAP {
                return Err(io::Error::other("head is too large"));
            }
            let between_requests = self.ahead.is_empty();
            let read = match self.idle.filter(|_| between_requests) {
                Some(idle) => match tokio::time::timeout(idle, self.stream.read_buf(&mut self.ahead)).await {
                    Ok(read) => read?,
                    Err(_elapsed) => return Ok(None),
                },
                None => self.stream.read_buf(&mut self.ahead).await?,
            };
            if read == 0 {
                return Ok(None);
            }
        }
    }

    /// Reads the body that the head announced.
    pub(crate) async fn body(&mut self, head: &Request) -> io::Result<Bytes> {
        if head.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        if head.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            return self.chunks().await;
        }
        let length = match head.header("content-length") {
            Some(text) => text.trim().parse().map_err(io::Error::other)?,
            None => 0,
        };
        self.exactly(length).await
    }

    async fn chunks(&mut self) -> io::Result<Bytes> {
        let mut body = BytesMut::new();
        loop {
            let size = self.chunk_size().await?;
            let chunk = self.exactly(size).await?;
            body.extend_from_slice(&chunk);
            if body.len() > BODY_CAP {
                return Err(io::Error::other("body is too large"));
            }
            self.exactly(2).await?;
            if size == 0 {
                return Ok(body.freeze());
            }
        }
    }

    async fn chunk_size(&mut self) -> io::Result<usize> {
        loop {
            match httparse::parse_chunk_size(&self.ahead) {
                Ok(httparse::Status::Complete((length, size))) => {
                    self.ahead.advance(length);
                    return usize::try_from(size).map_err(io::Error::other);
                }
                Ok(httparse::Status::Partial) => self.more().await?,
                Err(httparse::InvalidChunkSize) => return Err(io::Error::other("chunk size is unreadable")),
            }
        }
    }

    async fn exactly(&mut self, length: usize) -> io::Result<Bytes> {
        if length > BODY_CAP {
            return Err(io::Error::other("body is too large"));
        }
        while self.ahead.len() < length {
            self.more().await?;
        }
        // Copied, so that an entry of the ledger does not keep the whole read buffer alive.
        let body = Bytes::copy_from_slice(self.ahead.get(..length).unwrap_or_default());
        self.ahead.advance(length);
        Ok(body)
    }

    async fn more(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.ahead).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Sends a whole answer in one write.
    pub(crate) async fn send(&mut self, answer: &Answer, keep_alive: bool) -> io::Result<()> {
        let mut bytes = answer.head(keep_alive);
        bytes.extend_from_slice(self.body_of(answer));
        self.stream.write_all(&bytes).await
    }

    /// What is sent of an answer's body.
    fn body_of<'a>(&self, answer: &'a Answer) -> &'a [u8] {
        if self.bodiless { &[] } else { &answer.body }
    }

    /// Sends the body byte by byte, after the head, which goes at once or byte by byte too.
    pub(crate) async fn drip(&mut self, answer: &Answer, pause: Duration, slow_head: bool) -> io::Result<()> {
        let head = answer.head(false);
        let at_once = if slow_head { 0 } else { head.len() };
        let (at_once, slowly) = head.split_at(at_once);
        self.stream.write_all(at_once).await?;
        for byte in slowly.iter().chain(self.body_of(answer)) {
            tokio::time::sleep(pause).await;
            self.stream.write_all(std::slice::from_ref(byte)).await?;
        }
        Ok(())
    }

    /// Waits until the client leaves; says nothing.
    pub(crate) async fn outwait(&mut self) {
        let mut scrap = [0_u8; 1024];
        while matches!(self.stream.read(&mut scrap).await, Ok(read) if read > 0) {}
    }

    /// Breaks the connection off with a reset instead of an orderly end.
    pub(crate) fn reset(self) {
        // Without the option the client sees an orderly end, which breaks the exchange as well.
        self.stream.set_zero_linger().ok();
    }
}

fn parse_head(bytes: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Request::new(&mut headers);
    let length = match parsed.parse(bytes).map_err(io::Error::other)? {
        httparse::Status::Partial => return Ok(None),
        httparse::Status::Complete(length) => length,
    };
    let target = parsed.path.unwrap_or("/").to_owned();
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path.to_owned(), parse_query(query)),
        None => (target.clone(), Vec::new()),
    };
    let headers = parsed
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned()))
        .collect();
    let method = parsed.method.unwrap_or_default().to_owned();
    Ok(Some((Request { method, target, path, query, headers, body: Bytes::new() }, length)))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn the_answer_to_a_head_has_no_body() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let check = async |method: &str, tail: &str| {
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            client.write_all(format!("{method} / HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
            let mut wire = Wire::new(listener.accept().await.unwrap().0, None);
            wire.head().await.unwrap().unwrap();
            wire.send(&Answer::text(405, "no"), false).await.unwrap();
            drop(wire);
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with(tail), "{method}: {answer}");
        };
        check("GET", "Content-Length: 2\r\n\r\nno").await;
        check("HEAD", "Content-Length: 2\r\n\r\n").await;
    }
}
