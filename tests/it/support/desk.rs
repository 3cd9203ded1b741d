//! The operator's desk as people and programs use it: users in the configuration, a browser, a token.

use super::{DEADLINE, World, gateway};
use serde_json::Value;
use std::net::SocketAddr;
use std::process::Stdio;
use tokio::io::AsyncWriteExt as _;

/// The password of every user here; invented.
pub(crate) const PASSWORD: &str = "mật khẩu thử nghiệm";

impl World {
    /// Configures users of the desk: name, role, pattern of agencies. Gives the token of each, in their order.
    pub(crate) async fn configure_users(&self, users: &[(&str, &str, &str)]) -> Vec<String> {
        let password = self.file("user-password");
        std::fs::write(&password, self.hashed().await).unwrap();
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&password, owner_only).unwrap();
        let mut tokens = Vec::new();
        for (name, role, agencies) in users {
            let made = self.json(&["users", "hash", "--token"]).await;
            tokens.push(made["token"].as_str().unwrap().to_owned());
            self.configure(&format!(
                "[[users]]\nname = {name:?}\nrole = {role:?}\nagencies = [{agencies:?}]\n\
                 password = {{ file = \"user-password\" }}\ntoken = {}\n",
                made["hash"]
            ));
        }
        tokens
    }

    /// What `users hash` prints of the password.
    async fn hashed(&self) -> Vec<u8> {
        let mut command = gateway::command(&self.file(""), &["users", "hash"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).await.unwrap();
        let output =
            tokio::time::timeout(DEADLINE, child.wait_with_output()).await.expect("it ends").unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

/// A browser in which somebody may be logged in, or a program with a token.
pub(crate) struct Visitor {
    client: reqwest::Client,
    address: SocketAddr,
    shows: Vec<(&'static str, String)>,
}

impl Visitor {
    /// Nobody.
    pub(crate) fn new(address: SocketAddr) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a client that shares nothing with the gateway's")]
        let builder = reqwest::Client::builder();
        let builder =
            builder.no_proxy().pool_max_idle_per_host(0).redirect(reqwest::redirect::Policy::none());
        Self { client: builder.timeout(DEADLINE).build().unwrap(), address, shows: Vec::new() }
    }

    /// A program.
    pub(crate) fn with_token(address: SocketAddr, token: &str) -> Self {
        Self { shows: vec![("authorization", format!("Bearer {token}"))], ..Self::new(address) }
    }

    /// Somebody who has logged in.
    pub(crate) async fn logged_in(address: SocketAddr, name: &str) -> Self {
        let mut visitor = Self::new(address);
        let answer = visitor.posts("/login", &[("name", name), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{name}: {}", answer.body);
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        visitor.shows.push(("cookie", cookie.split(';').next().unwrap().to_owned()));
        visitor
    }

    pub(crate) async fn gets(&self, path: &str) -> Answer {
        self.sends("GET", path, None).await
    }

    /// Sends a form.
    pub(crate) async fn posts(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.sends("POST", path, Some(("application/x-www-form-urlencoded", form))).await
    }

    /// Sends what a test likes.
    pub(crate) async fn sends(&self, method: &str, path: &str, body: Option<(&str, String)>) -> Answer {
        let url = format!("http://{}{path}", self.address);
        let mut request = self.client.request(method.parse().unwrap(), url);
        for (name, value) in &self.shows {
            request = request.header(*name, value);
        }
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        #[expect(clippy::disallowed_methods, reason = "what the tests ask for is small")]
        let body = response.text().await.unwrap();
        Answer { status, headers, body }
    }

    /// What the API describes: method and path of each endpoint.
    pub(crate) async fn endpoints(&self) -> Vec<(String, String)> {
        let document: Value = serde_json::from_str(&self.gets("/api/v1/openapi.json").await.body).unwrap();
        let mut endpoints = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                endpoints.push((method.to_uppercase(), path.clone()));
            }
        }
        endpoints
    }

    /// Where the menu leads.
    pub(crate) async fn menu(&self) -> Vec<String> {
        let page = self.gets("/").await.body;
        let (_, nav) = page.split_once("<nav").unwrap();
        let (nav, _) = nav.split_once("</nav>").unwrap();
        let links = nav.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        links.map(str::to_owned).collect()
    }
}

/// The path of an endpoint with a name in each place.
pub(crate) fn filled(path: &str, name: &str) -> String {
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        filled.push('/');
        filled.push_str(if part.starts_with('{') { name } else { part });
    }
    filled
}
