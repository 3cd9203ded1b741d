//! As much HTTP/1.1 as the stand-ins need: keep-alive, bodies with a length, one answer a request, in order.

use bytes::{Buf as _, BytesMut};
use std::borrow::Cow;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Largest request that is read: a record has some 3 KiB, ten rows 6 KiB.
const LARGEST: usize = 1024 * 1024;
const HEADERS: usize = 32;

/// One request.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    headers: &'a [httparse::Header<'a>],
    pub(crate) body: &'a [u8],
}

impl Request<'_> {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    }
}

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Cow<'static, [u8]>,
    /// How long it is kept back.
    pub(crate) after: Duration,
}

impl Answer {
    /// An answer whose body is always the same.
    pub(crate) fn fixed(status: u16, body: &'static str) -> Self {
        Self { status, body: Cow::Borrowed(body.as_bytes()), after: Duration::ZERO }
    }

    /// An answer that is made up now.
    pub(crate) fn made(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: Cow::Owned(body.into()), after: Duration::ZERO }
    }
}

/// Where the head of a request ends and how long its body is; `None` while the head is incomplete.
struct Head {
    length: usize,
    body: usize,
    closes: bool,
}

/// Serves one connection until its end.
///
/// # Errors
/// When the connection breaks, or what comes is no HTTP.
pub(crate) async fn serve(mut stream: TcpStream, answer: impl Fn(&Request<'_>) -> Answer) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = BytesMut::with_capacity(16 * 1024);
    let mut written = Vec::with_capacity(512);
    loop {
        let Some(head) = head(&buffer)? else {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        while buffer.len() < head.length + head.body {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let answered = answered(&buffer, &head, &answer)?;
        if !answered.after.is_zero() {
            tokio::time::sleep(answered.after).await;
        }
        write(&mut written, &answered);
        stream.write_all(&written).await?;
        buffer.advance(head.length + head.body);
        if head.closes {
            return stream.shutdown().await;
        }
    }
}

fn head(buffer: &BytesMut) -> io::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(buffer).map_err(io::Error::other)? {
        httparse::Status::Partial if buffer.len() > LARGEST => {
            return Err(io::Error::other("an endless head"));
        }
        httparse::Status::Partial => return Ok(None),
        httparse::Status::Complete(length) => length,
    };
    let mut head = Head { length, body: 0, closes: false };
    for header in request.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            let told = std::str::from_utf8(header.value).ok().and_then(|told| told.trim().parse().ok());
            head.body =
                told.filter(|body| *body <= LARGEST).ok_or_else(|| io::Error::other("a bad length"))?;
        } else if header.name.eq_ignore_ascii_case("connection") {
            head.closes = header.value.eq_ignore_ascii_case(b"close");
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(io::Error::other("a body without a length"));
        }
    }
    Ok(Some(head))
}

fn answered(buffer: &[u8], head: &Head, answer: &impl Fn(&Request<'_>) -> Answer) -> io::Result<Answer> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    request.parse(buffer).map_err(io::Error::other)?;
    let target = request.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let body = buffer.get(head.length..head.length + head.body).unwrap_or_default();
    let method = request.method.unwrap_or_default();
    Ok(answer(&Request { method, path, query, headers: request.headers, body }))
}

fn write(written: &mut Vec<u8>, answer: &Answer) {
    use std::io::Write as _;
    written.clear();
    let reason = match answer.status {
        200 => "OK",
        201 => "Created",
        503 => "Service Unavailable",
        _ => "Refused",
    };
    let (status, length) = (answer.status, answer.body.len());
    write!(
        written,
        "HTTP/1.1 {status} {reason}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    )
    .expect("memory takes what is written");
    written.extend_from_slice(&answer.body);
}
