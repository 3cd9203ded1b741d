//! The proxy before a server that says everything again.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use private_broker::{Network, Proxy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// A silent network is believed after so long.
const QUIET: Duration = Duration::from_millis(150);

const DEADLINE: Duration = Duration::from_secs(10);

async fn echo(tasks: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(async move {
        let mut clients = JoinSet::new();
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            clients.spawn(async move {
                let (mut from, mut to) = client.split();
                tokio::io::copy(&mut from, &mut to).await.ok();
            });
        }
    });
    address
}

/// What comes back of a word within a time: nothing, the word, or the end.
async fn say(client: &mut TcpStream, word: &str, within: Duration) -> Option<String> {
    client.write_all(word.as_bytes()).await.ok();
    hear(client, within).await
}

async fn hear(client: &mut TcpStream, within: Duration) -> Option<String> {
    let mut heard = [0; 64];
    let length = timeout(within, client.read(&mut heard)).await.ok()?.unwrap_or(0);
    Some(String::from_utf8_lossy(&heard[..length]).into_owned())
}

const END: Option<&str> = Some("");

#[tokio::test]
async fn a_network_is_clear_silent_slow_and_cut_on_command() {
    let mut tasks = JoinSet::new();
    let proxy = Proxy::start(echo(&mut tasks).await).await.unwrap();
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut client, "one", DEADLINE).await.as_deref(), Some("one"));
    for silent in [Network::BLACK_HOLE, Network::UPWARD_SILENT, Network::DOWNWARD_SILENT] {
        proxy.set(silent);
        assert_eq!(say(&mut client, "two", QUIET).await, None, "{silent:?}");
        proxy.heal();
        assert_eq!(hear(&mut client, DEADLINE).await.as_deref(), Some("two"), "{silent:?}");
    }
    proxy.set(Network::SLOW);
    assert_eq!(say(&mut client, "three", DEADLINE).await.as_deref(), Some("three"));
    proxy.cut();
    assert_eq!(say(&mut client, "four", DEADLINE).await.as_deref(), END);
    proxy.heal();
    let mut again = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut again, "five", DEADLINE).await.as_deref(), Some("five"));
}

#[tokio::test]
async fn a_door_hangs_or_refuses_while_those_inside_go_on() {
    let mut tasks = JoinSet::new();
    let proxy = Proxy::start(echo(&mut tasks).await).await.unwrap();
    let mut inside = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut inside, "one", DEADLINE).await.as_deref(), Some("one"));
    proxy.set(Network::HANGING);
    let mut hanging = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut hanging, "two", QUIET).await, None);
    proxy.set(Network::REFUSING);
    let mut refused = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut refused, "three", DEADLINE).await.as_deref(), END);
    assert_eq!(say(&mut inside, "four", DEADLINE).await.as_deref(), Some("four"));
    assert_eq!(proxy.accepted().len(), 3);
    proxy.cut();
    assert_eq!(hear(&mut hanging, DEADLINE).await.as_deref(), END);
}
