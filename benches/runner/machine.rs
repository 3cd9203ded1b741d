//! The machine and the software that a measure was made with.

use anyhow::Result;
use serde::Serialize;
use std::path::Path;
use tokio::process::Command;

/// What a figure means nothing without.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_mib: u64,
    pub(crate) kernel: String,
    /// File system and device under the journals.
    pub(crate) disk: String,
    /// Load of the last minute when the measure began: others may have used the machine.
    pub(crate) load: String,
    pub(crate) commit: String,
    pub(crate) build: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) rabbitmq: String,
    pub(crate) when: String,
}

impl Machine {
    /// Looks around.
    pub(crate) async fn look(folder: &Path, rabbitmq: String) -> Result<Self> {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let info = read("/proc/cpuinfo");
        let processor = value(&info, "model name").unwrap_or("unknown").to_owned();
        let memory = read("/proc/meminfo");
        let memory =
            value(&memory, "MemTotal").and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok());
        Ok(Self {
            processor,
            cores: std::thread::available_parallelism()?.get(),
            memory_mib: memory.unwrap_or(0) / 1_024,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            disk: disk(folder),
            load: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
            commit: commit().await,
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
            sqlite: rusqlite::version(),
            rabbitmq,
            when: lienthong::clock::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
        })
    }
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

/// The mount whose path is the longest beginning of the folder's.
fn disk(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_error| folder.to_owned());
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<&str>>());
    let under = fields.filter(|fields| fields.get(1).is_some_and(|path| folder.starts_with(path)));
    let longest = under.max_by_key(|fields| fields.get(1).map_or(0, |path| path.len()));
    match longest.as_deref() {
        Some([device, _, kind, ..]) => format!("{kind} on {device}"),
        Some(_) | None => "unknown".to_owned(),
    }
}

/// The commit, with a mark when the sources differ from it.
async fn commit() -> String {
    let git = async |arguments: &[&str]| {
        let output =
            Command::new("git").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().await;
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).await;
    let is_changed = !git(&["status", "--porcelain", "--untracked-files=no"]).await.is_empty();
    if is_changed { format!("{commit} with changes") } else { commit }
}
