//! What the tests need of W3C WebDriver, version 2: JSON over HTTP, a session at a time.
//!
//! The crates that speak all of it bring more than this: one teaches `String` to be added to keys, which breaks what others
//! infer; another an HTTP stack of its own.

use crate::support::{DEADLINE, client};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

/// Under which name the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser's session.
pub(super) struct Driver {
    client: reqwest::Client,
    session: String,
}

/// Something on the page.
#[derive(Clone, Debug)]
pub(super) struct Element(String);

/// What the driver says when it cannot.
type Answered = Result<Value, String>;

impl Driver {
    /// Begins a session with a driver that listens on this port.
    pub(super) async fn begin(port: u16, capabilities: Value) -> Self {
        let mut driver = Self { client: client(), session: format!("http://127.0.0.1:{port}/session") };
        let wanted = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let begun = driver.call(Method::POST, "", wanted).await.expect("Chromium starts");
        let id = begun["sessionId"].as_str().expect("a session has an id");
        driver.session = format!("{}/{id}", driver.session);
        driver
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Answered {
        let request =
            self.client.request(method.clone(), format!("{}{path}", self.session)).timeout(DEADLINE);
        let request = if method == Method::POST { request.json(&body) } else { request };
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let good = answer.status().is_success();
        #[expect(clippy::disallowed_methods, reason = "what the tests ask for is small")]
        let answer: Value = answer.json().await.map_err(|error| error.to_string())?;
        let value = answer["value"].clone();
        if good { Ok(value) } else { Err(format!("{}: {}", value["error"], value["message"])) }
    }

    async fn get(&self, path: &str) -> Answered {
        self.call(Method::GET, path, Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> Answered {
        self.call(Method::POST, path, body).await
    }

    /// Goes to an address.
    pub(super) async fn goes_to(&self, address: &str) {
        self.post("/url", json!({ "url": address })).await.unwrap();
    }

    /// Runs a script, and gives what it returns.
    pub(super) async fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({ "script": script, "args": [] })).await.unwrap()
    }

    /// Runs a script, and gives what it hands to its last argument.
    pub(super) async fn run_to_end(&self, script: &str) -> Value {
        self.post("/execute/async", json!({ "script": script, "args": [] })).await.unwrap()
    }

    /// Everything that an XPath leads to, in the order of the page.
    pub(super) async fn find(&self, path: &str) -> Vec<Element> {
        let found = self.post("/elements", json!({ "using": "xpath", "value": path })).await.unwrap();
        let id = |element: &Value| Element(element[ELEMENT].as_str().unwrap().to_owned());
        found.as_array().unwrap().iter().map(id).collect()
    }

    /// Whether somebody can see it; what has left the page nobody sees.
    pub(super) async fn is_visible(&self, Element(id): &Element) -> bool {
        self.get(&format!("/element/{id}/displayed")).await.is_ok_and(|displayed| displayed == true)
    }

    /// Presses it.
    ///
    /// # Errors
    /// When it has left the page, or something covers it.
    pub(super) async fn press(&self, Element(id): &Element) -> Result<(), String> {
        self.post(&format!("/element/{id}/click"), json!({})).await.map(drop)
    }

    /// Empties it and writes into it.
    ///
    /// # Errors
    /// When it has left the page.
    pub(super) async fn write(&self, Element(id): &Element, text: &str) -> Result<(), String> {
        self.post(&format!("/element/{id}/clear"), json!({})).await?;
        self.post(&format!("/element/{id}/value"), json!({ "text": text })).await.map(drop)
    }

    /// A picture of the window, PNG.
    pub(super) async fn picture(&self) -> Vec<u8> {
        let picture = self.get("/screenshot").await.unwrap();
        STANDARD.decode(picture.as_str().unwrap()).unwrap()
    }

    /// Ends the session; the browser closes.
    pub(super) async fn end(&self) {
        self.call(Method::DELETE, "", Value::Null).await.unwrap();
    }
}
