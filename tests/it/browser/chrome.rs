//! Chromium without a window, driven through chromedriver; both end when this is dropped.

use super::driver::Driver;
use crate::support::{DEADLINE, until};
use serde_json::{Value, json};
use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// What Chromium is started with: nothing of the machine's own profile, no word to anybody but the page's server.
const ARGUMENTS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--lang=vi",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// What somebody holds in their hands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Screen {
    /// A window on a desk.
    Desk,
    /// A phone, held upright.
    Phone,
}

/// A browser of its own.
pub(super) struct Chrome {
    /// The page.
    pub(super) driver: Driver,
    process: Child,
    _folder: TempDir,
}

impl Chrome {
    /// Starts it.
    ///
    /// # Panics
    /// Without chromedriver and Chromium: what cannot be checked is no success.
    pub(super) async fn start(screen: Screen) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let said = folder.path().join("chromedriver.log");
        let process = chromedriver(folder.path(), &said);
        let mut port = None;
        until("chromedriver has a port", DEADLINE, || {
            port = port_in(&std::fs::read_to_string(&said).unwrap());
            port.is_some()
        })
        .await;
        let driver = Driver::begin(port.unwrap_or_default(), capabilities(screen, folder.path())).await;
        Self { driver, process, _folder: folder }
    }

    /// Ends it in good order.
    pub(super) async fn quit(mut self) {
        self.driver.end().await;
        self.process.kill().await.unwrap();
    }
}

impl Drop for Chrome {
    /// A test that fell leaves no browser behind: driver and browser are a process group of their own.
    fn drop(&mut self) {
        if let Some(group) = self.process.id() {
            let ended =
                std::process::Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).status();
            ended.map(|_| ()).unwrap_or_default();
        }
    }
}

fn chromedriver(folder: &Path, said: &Path) -> Child {
    let file = File::create(said).unwrap();
    let mut command = Command::new("chromedriver");
    command.arg("--port=0").current_dir(folder).env("HOME", folder).process_group(0).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
    command.spawn().expect("chromedriver is there (mocks/broker/install.sh chromium chromium-driver)")
}

/// "ChromeDriver was started successfully on port 41234."
fn port_in(said: &str) -> Option<u16> {
    let (_, rest) = said.split_once("started successfully on port ")?;
    rest.split_once('.')?.0.parse().ok()
}

fn capabilities(screen: Screen, folder: &Path) -> Value {
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let mut arguments: Vec<&str> = ARGUMENTS.iter().copied().chain([profile.as_str()]).collect();
    let metrics = json!({ "deviceMetrics": { "width": 360, "height": 740, "pixelRatio": 1.0 } });
    let options = match screen {
        Screen::Desk => {
            arguments.push("--window-size=1280,1000");
            json!({ "args": arguments })
        }
        Screen::Phone => json!({ "args": arguments, "mobileEmulation": metrics }),
    };
    json!({ "browserName": "chrome", "goog:chromeOptions": options })
}
