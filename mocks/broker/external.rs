//! A virtual host of our own on a broker that somebody else runs.
//!
//! Invented dossiers must never reach a real gateway. So the rule is one sentence: the virtual host must not exist
//! before, is created here, and is deleted at the end. AMQP itself can neither create one nor tell that it did not exist;
//! the management API can do both, so without it nothing is started.

use anyhow::{Context as _, Result, bail};
use lapin::uri::AMQPUri;
use url::Url;

use crate::management::{Answer, Management};

/// A virtual host that did not exist before, on a broker given by its URL.
pub struct ExternalVhost {
    /// Its name.
    pub name: String,
    /// The AMQP URL of this virtual host, credentials included.
    pub url: String,
    management: Management,
}

impl ExternalVhost {
    /// Creates the virtual host that the path of `amqp_url` names, or else `name`.
    ///
    /// The management API is asked at `management_url`, by default port 15672 of the same host over http, with the
    /// credentials of `amqp_url`, whose user gets all rights in the new virtual host.
    ///
    /// # Errors
    ///
    /// When a URL cannot be read, the virtual host exists, or the API cannot be reached or refuses; the message says what
    /// the caller can do. Nothing stays behind then.
    pub async fn create(amqp_url: &str, management_url: Option<&str>, name: &str) -> Result<Self> {
        let mut url = Url::parse(amqp_url).context("AMQP_URL is not a URL")?;
        let parts: AMQPUri = amqp_url
            .parse()
            .map_err(|reason: String| anyhow::anyhow!("AMQP_URL is not the URL of a broker: {reason}"))?;
        let name = if url.path().len() > 1 { parts.vhost } else { name.to_owned() };
        if name.is_empty() || !name.chars().all(|char| char.is_ascii_alphanumeric() || "._-".contains(char)) {
            bail!(
                "AMQP_URL names the virtual host {name:?}; name one that does not exist yet, of letters, digits, \
                 \".\", \"_\" and \"-\", or none"
            );
        }
        url.set_path(&name);
        let user = parts.authority.userinfo;
        let by_default = format!("http://{}:15672", url.host_str().unwrap_or("localhost"));
        let management = management_url.unwrap_or(&by_default);
        let management = Management::new(management, &user.username, &user.password)?;
        let vhost = Self { name, url: url.into(), management };
        vhost.create_on_the_broker(&user.username).await?;
        Ok(vhost)
    }

    /// The look before is for the message; that the answer to the creation says *created* is what is relied on.
    async fn create_on_the_broker(&self, user: &str) -> Result<()> {
        let path = self.path();
        let found = self.call("GET", &path, "").await?;
        if found.status != 404 {
            return Err(self.unexpected("was looked for", &found));
        }
        let created = self.call("PUT", &path, "{}").await?;
        if created.status != 201 {
            return Err(self.unexpected("was to be created", &created));
        }
        let rights = format!("permissions/{}/{}", self.name, percent_encoded(user));
        let body = r#"{"configure":".*","write":".*","read":".*"}"#;
        let granted = self.call("PUT", &rights, body).await?;
        if !matches!(granted.status, 201 | 204) {
            let error = self.unexpected("was to be opened for the user of AMQP_URL", &granted);
            self.remove().await.context("failed to delete the virtual host again")?;
            return Err(error);
        }
        Ok(())
    }

    /// Deletes the virtual host with all that is in it.
    ///
    /// # Errors
    ///
    /// When the API cannot be reached or refuses; the virtual host is then still there, and the message names it.
    pub async fn delete(self) -> Result<()> {
        self.remove().await
    }

    async fn remove(&self) -> Result<()> {
        let deleted = self.call("DELETE", &self.path(), "").await?;
        if deleted.status != 204 {
            return Err(self.unexpected("was to be deleted", &deleted));
        }
        Ok(())
    }

    fn path(&self) -> String {
        format!("vhosts/{}", self.name)
    }

    async fn call(&self, method: &str, path: &str, body: &str) -> Result<Answer> {
        self.management.call(method, path, body).await.with_context(|| {
            format!(
                "failed to reach the management API at {}, which creates and deletes the virtual host {:?}: enable it \
                 (`rabbitmq-plugins enable rabbitmq_management`), say where it is (AMQP_MANAGEMENT_URL), or give no \
                 AMQP_URL",
                self.management.address(),
                self.name
            )
        })
    }

    fn unexpected(&self, what: &str, answer: &Answer) -> anyhow::Error {
        let Self { name, management, .. } = self;
        let Answer { status, text } = answer;
        let cure = match status {
            200 | 204 => "it exists, and may carry real dossiers; name one that does not exist yet",
            401 | 403 => "the user of AMQP_URL needs the tag administrator and its right password",
            _ => "this is not how a management API of RabbitMQ answers; look at AMQP_MANAGEMENT_URL",
        };
        let text: String = text.chars().take(200).collect();
        anyhow::anyhow!(
            "virtual host {name:?} {what}; {} answered {status} {text}: {cure}",
            management.address()
        )
    }
}

/// A user's name as one segment of a path.
fn percent_encoded(segment: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-~".contains(&byte);
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    segment.bytes().map(encode).collect()
}
