//! As much of RabbitMQ's management API as creating and deleting a virtual host needs, over plain HTTP.
//!
//! HTTP/1.0 by hand, one connection per call: three calls in the life of a demo do not earn a client library, and the
//! gateway's own client is not for what plays its surroundings. Every call has a deadline and a cap.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

/// The API answers in milliseconds; creating a virtual host on a slow cluster takes some seconds.
const DEADLINE: Duration = Duration::from_secs(15);

/// Answers are empty or one JSON object of some hundred bytes.
const ANSWER_CAP: u64 = 64 * 1024;

/// The management API of one broker, with one user's credentials.
pub(crate) struct Management {
    url: Url,
    authorization: String,
}

/// A status and what came with it.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Management {
    pub(crate) fn new(url: &str, username: &str, password: &str) -> Result<Self> {
        let url = Url::parse(url).with_context(|| format!("{url:?} is not a URL"))?;
        if url.scheme() != "http" || url.host_str().is_none() {
            bail!(
                "{url} is not the URL of a management API; only http is spoken, as in \"http://localhost:15672\""
            );
        }
        let authorization = format!("Basic {}", STANDARD.encode(format!("{username}:{password}")));
        Ok(Self { url, authorization })
    }

    /// Where the API is, for messages.
    pub(crate) fn address(&self) -> &Url {
        &self.url
    }

    /// Makes one call; `path` starts behind `/api/`.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> Result<Answer> {
        let answer = timeout(DEADLINE, self.exchange(method, path, body))
            .await
            .with_context(|| format!("no answer within {DEADLINE:?}"))??;
        parse(&answer)
    }

    async fn exchange(&self, method: &str, path: &str, body: &str) -> Result<Vec<u8>> {
        let host = self.url.host_str().context("the URL has no host")?.trim_matches(['[', ']']);
        let port = self.url.port_or_known_default().context("the URL has no port")?;
        let base = self.url.path().trim_end_matches('/');
        let (authorization, length) = (&self.authorization, body.len());
        let request = format!(
            "{method} {base}/api/{path} HTTP/1.0\r\nHost: {host}:{port}\r\nAuthorization: {authorization}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect((host, port)).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(ANSWER_CAP).read_to_end(&mut answer).await?;
        Ok(answer)
    }
}

fn parse(answer: &[u8]) -> Result<Answer> {
    let answer = String::from_utf8_lossy(answer);
    let (head, text) = answer.split_once("\r\n\r\n").context("the answer is not HTTP")?;
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    let status = status.filter(|_| head.starts_with("HTTP/")).context("the answer is not HTTP")?;
    Ok(Answer { status, text: text.trim().to_owned() })
}
