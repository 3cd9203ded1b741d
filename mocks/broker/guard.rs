//! A shell that outlives this process by a moment, and takes what belongs to it along.
//!
//! It leads the process group into which the broker's processes are put, and waits for the end of its standard input.
//! That pipe's other end is held by this process alone (Rust opens it close-on-exec), so it breaks when the guard is
//! ended, when this process exits, and when it is killed. No process id is polled, so none can be mistaken.
//!
//! Guaranteed: the group is killed and the folder removed. Not covered: helpers of the Erlang VM that leave the group
//! (it gives each of its port programs a session); they end by themselves when the VM's pipe to them breaks.

use std::io;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use std::os::unix::process::CommandExt as _;

/// The killer is put outside the group (`setsid`), because it has to live on to remove the folder; the second removal
/// is for files that a dying process made during the first.
const SCRIPT: &str = r#"
read -r _
setsid sh -c 'kill -KILL "-$1"; rm -rf "$2" || { sleep 1; rm -rf "$2"; }' sh "$$" "$1" &
wait
"#;

/// The leader of a process group that ends with this process.
pub(crate) struct Guard {
    shell: Child,
    life_line: Option<ChildStdin>,
    group: i32,
}

impl Guard {
    /// Starts the guard of a folder, with the environment that marks the processes of one broker.
    pub(crate) fn start(folder: &Path, environment: &[(&str, String)]) -> io::Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(folder)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let group = i32::try_from(shell.id()).map_err(io::Error::other)?;
        let life_line = shell.stdin.take();
        Ok(Self { shell, life_line, group })
    }

    /// The process group that ends with the guard.
    pub(crate) fn group(&self) -> i32 {
        self.group
    }

    /// Kills the group, and returns when the guard itself is gone with it.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        drop(self.life_line.take());
        self.shell.wait().map(|_| ())
    }
}
