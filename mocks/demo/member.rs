//! Who may look at the demo's page: one user, whose password is made at each start.

use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::Stdio;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// What the user is called in `config/demo.toml`.
pub(crate) const NAME: &str = "demo";

/// Letters that nobody takes for others.
const LETTERS: &[u8] = b"abcdefghkmnpqrstuvwxyz";

/// A password, and its hash as the program makes it.
pub(crate) struct Password {
    pub(crate) text: String,
    pub(crate) hash: String,
}

impl Password {
    /// Makes a new one.
    pub(crate) async fn new(program: &Path) -> Result<Self> {
        let letter = || char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
        let text: String = (0..12).map(|_| letter()).collect();
        let mut command = Command::new(program);
        command.args(["users", "hash"]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("failed to start {}", program.display()))?;
        let mut input = child.stdin.take().context("the password cannot be handed over")?;
        input.write_all(format!("{text}\n").as_bytes()).await?;
        drop(input);
        let output = child.wait_with_output().await?;
        if !output.status.success() {
            bail!("the password could not be hashed");
        }
        Ok(Self { text, hash: String::from_utf8(output.stdout)?.trim().to_owned() })
    }
}
