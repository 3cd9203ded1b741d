//! The stand-ins' process, as the runner sees it.

use super::process::Process;
use crate::standin::Addresses;
use crate::standin::ledger::{Counts, Ledger};
use anyhow::{Context as _, Result, bail};
use std::net::SocketAddr;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

/// The stand-ins.
pub(crate) struct Standin {
    pub(crate) process: Process,
    pub(crate) addresses: Addresses,
}

impl Standin {
    /// Starts them and waits for their addresses.
    pub(crate) async fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = Process::start("the stand-ins", command.arg("standin").stdout(Stdio::piped()))?;
        let out = process.child.stdout.take().context("standard output is a pipe")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).await?;
        let addresses = serde_json::from_str(&line).context("the stand-ins did not say where they listen")?;
        Ok(Self { process, addresses })
    }

    /// How much they were told so far.
    pub(crate) async fn counts(&self) -> Result<Counts> {
        Ok(serde_json::from_slice(&ask(self.addresses.admin, "GET", "/counts").await?)?)
    }

    /// All they were told.
    pub(crate) async fn ledger(&self) -> Result<Ledger> {
        Ok(serde_json::from_slice(&ask(self.addresses.admin, "GET", "/ledger").await?)?)
    }

    /// Keeps answers back for so long.
    pub(crate) async fn delay(&self, millis: u32) -> Result<()> {
        ask(self.addresses.admin, "POST", &format!("/set?delay_ms={millis}")).await.map(drop)
    }

    /// Takes a partner down, or none.
    pub(crate) async fn down(&self, partner: &str) -> Result<()> {
        ask(self.addresses.admin, "POST", &format!("/set?down={partner}")).await.map(drop)
    }
}

/// Asks a server on loopback; anything but 200 is an error.
pub(crate) async fn ask(address: SocketAddr, method: &str, target: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n").context("an answer has a head")?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        bail!("{target} was refused");
    }
    Ok(answer.split_off(end + 4))
}
