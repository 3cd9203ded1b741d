//! Somebody who uses the page: reads what is visible, presses what has a name, fills in what has a label.

use super::chrome::{Chrome, Screen};
use super::driver::Element;
use crate::support::DEADLINE;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// Where pictures of the page go, if somebody wants them: `LIENTHONG_SCREENS=docs/screens`.
const SCREENS: &str = "LIENTHONG_SCREENS";

/// How often the page is looked at for what must come.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A visitor in front of a browser.
pub(crate) struct Visitor {
    chrome: Chrome,
    address: String,
    /// How often something was pressed.
    pub(crate) clicks: usize,
}

impl Visitor {
    /// At a desk.
    pub(crate) async fn at_a_desk(address: &str) -> Self {
        Self::with(Screen::Desk, address).await
    }

    /// With a phone in the hand.
    pub(crate) async fn with_a_phone(address: &str) -> Self {
        Self::with(Screen::Phone, address).await
    }

    async fn with(screen: Screen, address: &str) -> Self {
        Self { chrome: Chrome::start(screen).await, address: address.to_owned(), clicks: 0 }
    }

    /// Goes to a path of the page.
    pub(crate) async fn goes_to(&self, path: &str) {
        self.chrome.driver.goes_to(&format!("{}{path}", self.address)).await;
    }

    /// Path and query of where the visitor is.
    pub(crate) async fn place(&self) -> String {
        let at = self.chrome.driver.run("return location.pathname + location.search").await;
        at.as_str().unwrap_or_default().to_owned()
    }

    /// Everything that can be read.
    pub(crate) async fn text(&self) -> String {
        let text = self.chrome.driver.run("return document.body ? document.body.innerText : ''").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a text can be read.
    pub(crate) async fn sees(&self, text: &str) {
        let end = Instant::now() + DEADLINE;
        loop {
            let seen = self.text().await;
            if seen.to_lowercase().contains(&text.to_lowercase()) {
                return;
            }
            assert!(Instant::now() < end, "nowhere: {text:?}\nat {}\n{seen}", self.place().await);
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Whether a text can be read now.
    pub(crate) async fn can_read(&self, text: &str) -> bool {
        self.text().await.to_lowercase().contains(&text.to_lowercase())
    }

    /// Presses the link or button that is called so, or the line that unfolds; the first that can be seen.
    pub(crate) async fn presses(&mut self, name: &str) {
        let end = Instant::now() + DEADLINE;
        let path = called(name);
        loop {
            let wanted = self.first_visible(&path, &format!("a link or button {name:?}"), end).await;
            // The page may have been put in anew in between: then the next look finds the new one.
            match self.chrome.driver.press(&wanted).await {
                Ok(()) => break,
                Err(error) => assert!(Instant::now() < end, "{name:?} cannot be pressed: {error}"),
            }
        }
        self.clicks += 1;
    }

    /// Whether there is a visible link or button that is called so.
    pub(crate) async fn can_press(&self, name: &str) -> bool {
        self.visible(&called(name)).await.is_some()
    }

    /// Writes into the field with this label.
    pub(crate) async fn fills(&self, label: &str, value: &str) {
        let field = self.field(label).await;
        self.chrome.driver.write(&field, value).await.unwrap();
    }

    /// Chooses what is called so from the list with this label.
    pub(crate) async fn chooses(&self, label: &str, choice: &str) {
        let path =
            format!("//select[@id=//label[{}]/@for]/option[normalize-space()={choice:?}]", labelled(label));
        let wanted = format!("a choice {choice:?} of {label:?}");
        let option = self.first_visible(&path, &wanted, Instant::now() + DEADLINE).await;
        self.chrome.driver.press(&option).await.unwrap();
    }

    async fn field(&self, label: &str) -> Element {
        let label = labelled(label);
        let path =
            format!("//*[@id=//label[{label}]/@for] | //label[{label}]//*[self::input or self::textarea]");
        self.first_visible(&path, &format!("a field {label:?}"), Instant::now() + DEADLINE).await
    }

    async fn first_visible(&self, path: &str, wanted: &str, end: Instant) -> Element {
        loop {
            if let Some(element) = self.visible(path).await {
                return element;
            }
            assert!(Instant::now() < end, "no {wanted}\nat {}\n{}", self.place().await, self.text().await);
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn visible(&self, path: &str) -> Option<Element> {
        for element in self.chrome.driver.find(path).await {
            if self.chrome.driver.is_visible(&element).await {
                return Some(element);
            }
        }
        None
    }

    /// By how many pixels the page is wider than the window.
    pub(crate) async fn too_wide(&self) -> i64 {
        let script = "const page = document.documentElement; return page.scrollWidth - page.clientWidth";
        self.chrome.driver.run(script).await.as_i64().unwrap()
    }

    /// What keeps people with a disability from using the page, as far as axe finds it: serious and critical findings.
    ///
    /// # Panics
    /// Without axe: what cannot be checked is no success.
    pub(crate) async fn barriers(&self) -> Vec<String> {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(path).expect("axe-core is there (npm ci --prefix tests/browser)");
        self.chrome.driver.run(&axe).await;
        let script = "const done = arguments[arguments.length - 1];
             axe.run(document, { resultTypes: ['violations'] }).then(done, error => done({ error: String(error) }))";
        let found = self.chrome.driver.run_to_end(script).await;
        let checked = found["passes"].as_array().map_or(0, Vec::len);
        assert!(checked > 0, "axe has checked nothing: {}", found["error"]);
        let grave = |finding: &&Value| ["serious", "critical"].map(Value::from).contains(&finding["impact"]);
        let told = |finding: &Value| {
            format!(
                "{}: {} ({})",
                finding["id"], finding["nodes"][0]["html"], finding["nodes"][0]["failureSummary"]
            )
        };
        found["violations"].as_array().unwrap().iter().filter(grave).map(told).collect()
    }

    /// Takes a picture of the page for the documents, if somebody wants it.
    pub(crate) async fn shows(&self, name: &str) {
        #[expect(clippy::disallowed_methods, reason = "a test's switch is no configuration")]
        let Ok(folder) = std::env::var(SCREENS) else { return };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), self.chrome.driver.picture().await).unwrap();
    }

    /// Goes home.
    pub(crate) async fn leaves(self) {
        self.chrome.quit().await;
    }
}

/// Where what can be pressed and is called so stands. Names of things on the page have no quotation marks.
fn called(name: &str) -> String {
    let named = format!("[normalize-space()={name:?} or @aria-label={name:?}]");
    ["a", "button", "summary"].map(|tag| format!("//{tag}{named}")).join(" | ")
}

fn labelled(label: &str) -> String {
    format!("starts-with(normalize-space(), {label:?})")
}
