//! Which processes of a broker live: those whose environment names its AMQP port.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The command lines and folders of a broker's living processes; a zombie has no environment, and counts as gone.
pub(crate) fn of_broker(url: &str) -> Vec<(String, PathBuf)> {
    let port = url::Url::parse(url).unwrap().port().unwrap();
    let mark = format!("RABBITMQ_NODE_PORT={port}");
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| {
            let process = entry.unwrap().path();
            let environment = fs::read(process.join("environ")).ok()?;
            let environment: Vec<_> =
                environment.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
            let home = environment.iter().find_map(|variable| variable.strip_prefix("HOME="))?;
            let command = fs::read(process.join("cmdline")).ok()?;
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            environment.iter().any(|variable| *variable == mark).then(|| (command, home.into()))
        })
        .collect()
}

/// Returns once no process of the broker is left, nor its folder.
pub(crate) async fn are_gone(url: &str, folder: &std::path::Path) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let left = of_broker(url);
        if left.is_empty() && !folder.exists() {
            return;
        }
        assert!(Instant::now() < deadline, "after 10 s there are {left:?} and {}", folder.display());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
