//! Everything the soak starts: broker, proxy, mocks, gateway; and its end.

use crate::desk::Desk;
use crate::gateway::{Gateway, Surroundings};
use crate::say;
use crate::tally::Tally;
use anyhow::{Context as _, Result, bail};
use mock_commune::Listener;
use mock_portal::Agency;
use mock_post::Customer;
use private_broker::{Broker, Proxy, Vhost};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::time::interval;

/// Secret of both invented accounts.
const SECRET: &str = "mat-khau-thu";

/// How often the gateway is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What runs.
pub(crate) struct Stage {
    pub(crate) broker: Mutex<Broker>,
    pub(crate) vhost: Vhost,
    pub(crate) proxy: Proxy,
    pub(crate) portal: mock_portal::Running,
    pub(crate) post: mock_post::Running,
    pub(crate) commune: Listener,
    pub(crate) gateway: Gateway,
    pub(crate) desk: Desk,
    pub(crate) tally: Tally,
    folder: tempfile::TempDir,
}

impl Stage {
    /// Starts everything, and waits until the gateway is ready.
    pub(crate) async fn set() -> Result<Self> {
        let broker = Broker::start().await?;
        let vhost = broker.new_vhost().await?;
        let proxy = Proxy::start(broker.address()?).await?;
        let agencies = vec![Agency::new("H11.01.07", "H11.01.07", SECRET)];
        let listen = address().await?;
        let portal = mock_portal::Config { agencies, listen, ..mock_portal::Config::default() };
        let portal = mock_portal::Mock::start(portal).await.context("failed to start the portal's mock")?;
        let customers = vec![Customer::new("LC_XA_TIENTHANH", "tien-thanh", SECRET)];
        let listen = address().await?;
        let post = mock_post::Config { customers, listen, ..mock_post::Config::default() };
        let post = mock_post::Mock::start(post).await.context("failed to start the post's mock")?;
        let commune = Listener::stay(&vhost.url, "#").await?;
        let folder = tempfile::Builder::new().prefix("lienthong-soak-").tempdir()?;
        let surroundings = Surroundings {
            folder: folder.path().to_owned(),
            amqp_url: proxy.url(&vhost.url),
            admin_port: address().await?.port(),
            portal_url: portal.url(),
            post_url: post.url(),
            secret: SECRET,
        };
        let gateway = Gateway::new(surroundings)?;
        gateway.start().await?;
        gateway.until_ready().await?;
        let desk = Desk::new(vhost.url.clone());
        let broker = Mutex::new(broker);
        let tally = Tally::default();
        Ok(Self { broker, vhost, proxy, portal, post, commune, gateway, desk, tally, folder })
    }

    /// How many requests the mocks received, but for reads of the feed, which never end.
    pub(crate) fn received(&self) -> usize {
        let portal = ["login", "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo"];
        let post = ["token", "order", "cancel"];
        portal.iter().map(|operation| self.portal.count(operation)).sum::<usize>()
            + post.iter().map(|operation| self.post.count(operation)).sum::<usize>()
    }

    /// Looks after the gateway, which must never end on its own, and after its memory.
    pub(crate) async fn watch(&self) -> Result<()> {
        let mut beat = interval(LOOK);
        loop {
            beat.tick().await;
            self.gateway.look().await?;
        }
    }

    /// Ends every fault.
    pub(crate) async fn heal(&self) -> Result<()> {
        self.portal.clear_faults();
        self.post.clear_faults();
        self.portal.come_back().await.context("the portal's mock could not listen again")?;
        self.post.come_back().await.context("the post's mock could not listen again")?;
        self.proxy.heal();
        self.desk.release();
        Ok(())
    }

    /// Stops everything; the folder stays unless all was well, and is named then.
    pub(crate) async fn strike(self, well: bool) -> Result<()> {
        let stopped = self.gateway.stop().await;
        self.portal.shutdown().await;
        self.post.shutdown().await;
        let ended = self.broker.into_inner().shutdown().await;
        if well && stopped.is_ok() {
            self.folder.close().context("failed to remove the soak's folder")?;
        } else {
            say(&format!("Journal and log are kept in {}", self.folder.keep().display()));
        }
        stopped.and(ended)
    }
}

/// A free address below the ports that outgoing connections get (32768 and up): who is down for a while must find the
/// port free when coming back.
async fn address() -> Result<SocketAddr> {
    for _ in 0..1_000 {
        let address = SocketAddr::from(([127, 0, 0, 1], rand::random_range(10_000..20_000)));
        if TcpListener::bind(address).await.is_ok() {
            return Ok(address);
        }
    }
    bail!("no free port between 10000 and 20000")
}
