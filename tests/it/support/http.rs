//! A client that shares nothing with the gateway's.

use serde_json::Value;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

/// A client without proxy.
pub(crate) fn client() -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
    let builder = reqwest::Client::builder();
    builder
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

/// Status and body of an answer; a body that is no JSON comes as a text.
pub(crate) async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    #[expect(clippy::disallowed_methods, reason = "what the tests ask for is small")]
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Asks the gateway's own listener; `None` when nobody listens.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Option<(u16, Value)> {
    // Building one costs more than asking. It keeps no connection: those would belong to the test that opened them.
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    let response = CLIENT.get_or_init(client).get(format!("http://{address}{path}")).send().await.ok()?;
    Some(read(response).await)
}
