//! Requests and answers as values.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

/// One HTTP request.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Method in upper case.
    pub method: String,
    /// Path and query as received.
    pub target: String,
    /// Path without the query.
    pub path: String,
    /// Query parameters in order, decoded.
    pub query: Vec<(String, String)>,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body; empty while only the head has been read.
    pub body: Bytes,
}

impl Request {
    /// The first header of that (lower-case) name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first query parameter of that name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the body says to be of that content type.
    #[must_use]
    pub fn is_of_type(&self, content_type: &str) -> bool {
        self.header("content-type")
            .and_then(|kind| kind.split(';').next())
            .is_some_and(|kind| kind.trim() == content_type)
    }

    /// What an `Authorization` header of that scheme carries.
    #[must_use]
    pub fn authorization(&self, scheme: &str) -> Option<&str> {
        self.header("authorization")?.strip_prefix(scheme)?.strip_prefix(' ')
    }
}

/// One HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers besides `Content-Length`, and besides `Date` when that is the moment of sending.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
}

impl Answer {
    /// An answer with a JSON body.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::with_body(status, "application/json;charset=UTF-8", body.to_string())
    }

    /// An answer with plain text, as a gateway in between sends it.
    #[must_use]
    pub fn text(status: u16, body: impl Into<Bytes>) -> Self {
        Self::with_body(status, "text/plain; charset=utf-8", body)
    }

    /// An answer with a body of the given content type.
    #[must_use]
    pub fn with_body(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into() }
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn and_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Status line and headers as they go over the wire.
    pub(crate) fn head(&self, keep_alive: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        if self.headers.iter().all(|(name, _)| name != "Date") {
            head.push_str(&format!("Date: {}\r\n", http_date(crate::now())));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !keep_alive {
            head.push_str("Connection: close\r\n");
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", self.body.len()));
        head.into_bytes()
    }
}

/// An instant as HTTP writes it: whole seconds of GMT.
pub(crate) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Other",
    }
}

/// Decodes `a=b&c=d`, as in a query or a form.
#[must_use]
pub fn parse_query(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => decoded.push(b' '),
            b'%' => {
                let mut ahead = bytes.clone();
                match (ahead.next().and_then(hex_digit), ahead.next().and_then(hex_digit)) {
                    (Some(high), Some(low)) => {
                        decoded.push(high * 16 + low);
                        bytes = ahead;
                    }
                    (_, _) => decoded.push(b'%'),
                }
            }
            other => decoded.push(other),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_with_its_percent_signs() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            assert_eq!(parse_query(text), expected, "{text}");
        };
        check("", &[]);
        check("a=1&b=2", &[("a", "1"), ("b", "2")]);
        check("dstcode=VN%3AGOV%3Ax", &[("dstcode", "VN:GOV:x")]);
        check("a=%C4%91+b", &[("a", "đ b")]);
        check("a=100%&b", &[("a", "100%"), ("b", "")]);
    }
}
