//! Asking before something is done that was shown.

use super::complain;
use std::io::{self, IsTerminal as _, Write as _};

/// Whether to go on: told so with `--yes`, or asked at a terminal. Without either nothing is done.
pub(super) fn confirmed(yes: bool, question: &str) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        complain("Chưa làm gì cả: hãy thêm --yes để xác nhận.");
        return Ok(false);
    }
    let mut terminal = io::stderr().lock();
    write!(terminal, "{question} [c/K] ")?;
    terminal.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "c" | "có" | "co" | "y" | "yes"))
}
