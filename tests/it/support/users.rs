//! Users of the operator's desk, and a client that asks it as one of them.

use super::{AGENCY, AGENCY_2, DEADLINE, Gateway, World, client};
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderValue, SET_COOKIE};
use serde_json::Value;
use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "mật khẩu thử nghiệm";

/// Names, roles and agencies: two clerks of a commune each, and who sees all.
const USERS: [(&str, &str, &str); 5] = [
    ("lan", "clerk", AGENCY),
    ("binh", "clerk", AGENCY_2),
    ("tam", "viewer", "*"),
    ("minh", "operator", "*"),
    ("quan", "admin", "*"),
];

impl World {
    /// Brings users into the configuration, for the gateway that is started next.
    pub(crate) fn has_users(&self) {
        let (path, owner_only) = (self.file("users"), Permissions::from_mode(0o600));
        std::fs::write(&path, hash()).unwrap();
        std::fs::set_permissions(&path, owner_only).unwrap();
        for (name, role, agency) in USERS {
            self.configure(&format!(
                "[[users]]\nname = \"{name}\"\nrole = \"{role}\"\nagencies = [\"{agency}\"]\n\
                 password = {{ file = \"users\" }}"
            ));
        }
    }
}

/// The hash of the password, as the program makes it.
fn hash() -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command.args(["users", "hash"]).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Somebody who is logged in, without a browser: page and API answer alike.
pub(crate) struct Member {
    client: reqwest::Client,
    address: String,
    cookie: HeaderValue,
}

/// Status and text of an answer.
pub(crate) type Told = (u16, String);

impl Member {
    /// Logs somebody in.
    pub(crate) async fn of(gateway: &mut Gateway, name: &str) -> Self {
        let address = format!("http://{}", gateway.address().await);
        let client = client();
        let form = form(&[("name", name), ("password", PASSWORD)]);
        let login = client.post(format!("{address}/login")).header(CONTENT_TYPE, FORM).body(form);
        let answer = login.timeout(DEADLINE).send().await.unwrap();
        let cookie = answer.headers().get(SET_COOKIE).expect("the login is taken").to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().parse().unwrap();
        Self { client, address, cookie }
    }

    /// Asks for a path.
    pub(crate) async fn gets(&self, path: &str) -> Told {
        let answer = self.client.get(format!("{}{path}", self.address)).header(COOKIE, &self.cookie);
        told(answer.send().await.unwrap()).await
    }

    /// Sends a form of the page.
    pub(crate) async fn posts(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        let csrf = self.csrf().await;
        let form = form(&[fields, &[("csrf", &csrf)]].concat());
        let post = self.client.post(format!("{}{path}", self.address)).header(COOKIE, &self.cookie);
        told(post.header(CONTENT_TYPE, FORM).body(form).send().await.unwrap()).await
    }

    /// Sends JSON to the API.
    pub(crate) async fn sends(&self, path: &str, body: &Value) -> Told {
        let post = self.client.post(format!("{}{path}", self.address)).header(COOKIE, &self.cookie);
        told(post.header("x-csrf-token", self.csrf().await).json(body).send().await.unwrap()).await
    }

    async fn csrf(&self) -> String {
        let (_, page) = self.gets("/acts").await;
        let (_, behind) = page.split_once("name=\"csrf\" value=\"").expect("a form of the page");
        behind.split('"').next().unwrap().to_owned()
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn form(fields: &[(&str, &str)]) -> String {
    let mut query = reqwest::Url::parse("http://localhost").unwrap();
    query.query_pairs_mut().extend_pairs(fields);
    query.query().unwrap_or_default().to_owned()
}

async fn told(answer: reqwest::Response) -> Told {
    let status = answer.status().as_u16();
    #[expect(clippy::disallowed_methods, reason = "what the tests ask for is small")]
    let text = answer.text().await.unwrap();
    (status, text)
}
