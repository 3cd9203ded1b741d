//! Everything the demo starts: broker, mocks, gateway; and its end.

use crate::gateway::{self, Gateway};
use crate::member;
use crate::say;
use anyhow::{Context as _, Result, bail};
use mock_commune::Listener;
use mock_portal::Agency;
use mock_post::Customer;
use private_broker::{Broker, ExternalVhost};
use std::net::SocketAddr;
use std::process;
use tokio::net::TcpListener;

/// Secret of both invented accounts.
const SECRET: &str = "mat-khau-thu";

/// Where events are published.
pub(crate) enum Messages {
    /// A broker of our own.
    Private(Box<Broker>, String),
    /// A virtual host of our own on somebody's broker.
    External(ExternalVhost),
}

impl Messages {
    fn url(&self) -> &str {
        match self {
            Self::Private(_, url) => url,
            Self::External(vhost) => &vhost.url,
        }
    }
}

/// Starts a private broker, or creates a virtual host on the given one.
pub(crate) async fn broker(amqp_url: Option<&str>, management_url: Option<&str>) -> Result<Messages> {
    match amqp_url {
        Some(amqp_url) => {
            let name = format!("lienthong-demo-{}", process::id());
            let vhost = ExternalVhost::create(amqp_url, management_url, &name).await?;
            Ok(Messages::External(vhost))
        }
        None => {
            let broker = Broker::start().await?;
            let url = broker.new_vhost().await?.url;
            Ok(Messages::Private(Box::new(broker), url))
        }
    }
}

/// What runs.
pub(crate) struct Stage {
    pub(crate) messages: Messages,
    pub(crate) portal: mock_portal::Running,
    pub(crate) post: mock_post::Running,
    pub(crate) commune: Listener,
    pub(crate) gateway: Gateway,
    folder: tempfile::TempDir,
}

impl Stage {
    /// Starts mocks and gateway, and waits until the gateway is ready.
    pub(crate) async fn set(messages: Messages) -> Result<Self> {
        let agencies = vec![Agency::new("H11.01.07", "H11.01.07", SECRET)];
        let listen = address().await?;
        let portal = mock_portal::Config { agencies, listen, ..mock_portal::Config::default() };
        let portal = mock_portal::Mock::start(portal).await.context("failed to start the portal's mock")?;
        let customers = vec![Customer::new("LC_XA_TIENTHANH", "tien-thanh", SECRET)];
        let listen = address().await?;
        let post = mock_post::Config { customers, listen, ..mock_post::Config::default() };
        let post = mock_post::Mock::start(post).await.context("failed to start the post's mock")?;
        let commune = Listener::bind(messages.url(), "#").await?;
        let folder = tempfile::Builder::new().prefix("lienthong-demo-").tempdir()?;
        let surroundings = gateway::Surroundings {
            folder: folder.path().to_owned(),
            amqp_url: messages.url().to_owned(),
            portal_url: portal.url(),
            post_url: post.url(),
            secret: SECRET,
        };
        match Gateway::start(surroundings).await {
            Ok(gateway) => Ok(Self { messages, portal, post, commune, gateway, folder }),
            Err(error) => {
                end(messages, portal, post, commune).await?;
                let kept = folder.keep();
                Err(error.context(format!("journal and log are kept in {}", kept.display())))
            }
        }
    }

    /// The broker's URL.
    pub(crate) fn amqp_url(&self) -> &str {
        self.messages.url()
    }

    /// How many messages the partners and the commune's system received, but for reads of the feed, which never end.
    pub(crate) fn received(&self) -> usize {
        let portal = ["login", "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo"];
        let post = ["token", "order", "cancel"];
        portal.iter().map(|operation| self.portal.count(operation)).sum::<usize>()
            + post.iter().map(|operation| self.post.count(operation)).sum::<usize>()
            + self.commune.count()
    }

    /// Where everything is, for people who look around.
    pub(crate) fn addresses(&self) -> String {
        let (portal, post, admin) = (self.portal.url(), self.post.url(), self.gateway.admin());
        let command = self.gateway.command_file();
        let command = command.display();
        format!(
            "\nEverything stays until Ctrl-C.\n\
             \x20 broker      {}\n\
             \x20 portal      {portal}/_mock/state   /_mock/ledger   /_mock/duplicates   /_mock/faults\n\
             \x20 post        {post}/_mock/state   /_mock/ledger   /_mock/duplicates   /_mock/faults\n\
             \x20 page        {admin}/   (user {}, password {})\n\
             \x20 gateway     {admin}/live   {admin}/ready   {admin}/metrics\n\
             \x20 journal     {}\n\
             \x20 log         {}\n\
             \x20 config      {}\n\
             \x20 commands    {command} status\n\
             \x20             {command} dead-letters list\n\
             \x20             {command} quarantine list",
            self.amqp_url(),
            member::NAME,
            self.gateway.password(),
            self.folder.path().join("journal.db").display(),
            self.gateway.log_file().display(),
            self.gateway.config_file().display(),
        )
    }

    /// Stops everything; the folder stays unless all was well, and is named then.
    pub(crate) async fn strike(mut self, well: bool) -> Result<()> {
        let stopped = self.gateway.stop().await;
        let ended = end(self.messages, self.portal, self.post, self.commune).await;
        if well && stopped.is_ok() {
            self.folder.close().context("failed to remove the demo's folder")?;
        } else {
            say(&format!("Journal and log are kept in {}", self.folder.keep().display()));
        }
        if let (Err(error), false) = (&stopped, well) {
            say(&format!("{error:#}"));
        }
        stopped.and(ended)
    }
}

/// A free address below the ports that outgoing connections get (32768 and up): a mock that is down for a while must find
/// its port free when it comes back, and nobody who dials it meanwhile may be given the port itself.
pub(crate) async fn address() -> Result<SocketAddr> {
    for _ in 0..1_000 {
        let address = SocketAddr::from(([127, 0, 0, 1], rand::random_range(10_000..20_000)));
        if TcpListener::bind(address).await.is_ok() {
            return Ok(address);
        }
    }
    bail!("no free port between 10000 and 20000")
}

async fn end(
    messages: Messages,
    portal: mock_portal::Running,
    post: mock_post::Running,
    commune: Listener,
) -> Result<()> {
    let heard = commune.close().await;
    portal.shutdown().await;
    post.shutdown().await;
    match messages {
        Messages::Private(broker, _) => broker.shutdown().await?,
        Messages::External(vhost) => vhost.delete().await?,
    }
    heard
}
