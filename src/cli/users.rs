//! `users`: what the configuration needs of a user of the desk.

use super::arguments::UsersCommand;
use super::output::Output;
use super::{Exit, complain};
use crate::users::{PasswordHash, SHORTEST, TokenHash, new_token};
use anyhow::Context as _;
use lienthong_core::text;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use serde::Serialize;
use std::io::{self, BufRead as _, IsTerminal as _};

/// Bytes that are read of a password.
const READ: u64 = 4096;

/// What goes into the configuration.
#[derive(Serialize)]
struct Hashed {
    password: String,
}

/// The same for a token, which is shown once.
#[derive(Serialize)]
struct Token {
    token: String,
    hash: String,
}

pub(super) fn users(command: &UsersCommand, output: Output) -> anyhow::Result<Exit> {
    match command {
        UsersCommand::Hash { token: false } => hash(output),
        UsersCommand::Hash { token: true } => {
            let token = new_token();
            let made = Token { hash: TokenHash::of(&token).hex(), token };
            output.show(&made, |made| {
                format!(
                    "Mã truy cập (chỉ hiện một lần, hãy giao cho chương trình): {}\ntoken = {:?}",
                    made.token, made.hash
                )
            })?;
            Ok(Exit::Done)
        }
    }
}

fn hash(output: Output) -> anyhow::Result<Exit> {
    let password = if io::stdin().is_terminal() { asked()? } else { Some(one_line(io::stdin().lock())?) };
    let Some(password) = password else {
        complain("Hai lần nhập không giống nhau.");
        return Ok(Exit::Refused);
    };
    if text::normalise(&password).chars().count() < SHORTEST {
        complain(&format!("Mật khẩu cần ít nhất {SHORTEST} ký tự."));
        return Ok(Exit::Refused);
    }
    let hashed = Hashed { password: PasswordHash::of(&password).as_phc().to_owned() };
    output.show(&hashed, |hashed| hashed.password.clone())?;
    Ok(Exit::Done)
}

/// Asks twice at the terminal; `None` when the answers differ.
fn asked() -> anyhow::Result<Option<String>> {
    let _silence = Silence::begin()?;
    complain("Mật khẩu (không hiện khi gõ):");
    let password = one_line(io::stdin().lock())?;
    complain("Nhập lại:");
    Ok((one_line(io::stdin().lock())? == password).then_some(password))
}

/// A line, without its end.
fn one_line(input: impl io::BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    input.take(READ).read_line(&mut line).context("failed to read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The terminal shows nothing of what is typed, until this is dropped.
struct Silence(Termios);

impl Silence {
    fn begin() -> anyhow::Result<Self> {
        let before = tcgetattr(io::stdin()).context("failed to ask the terminal")?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent).context("failed to silence the terminal")?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Nobody can be told when this fails; the shell has its own settings.
        tcsetattr(io::stdin(), OptionalActions::Flush, &self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_a_line_without_its_end() {
        for (input, expected) in [("mật khẩu\n", "mật khẩu"), ("a b\r\nc\n", "a b"), ("", "")] {
            assert_eq!(one_line(input.as_bytes()).unwrap(), expected, "{input:?}");
        }
    }
}
