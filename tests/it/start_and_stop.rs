//! The start waits for what is not there and refuses what cannot be; the stop drains.

use crate::support::{DEADLINE, Dossier, Options, World, until};
use mock_kit::{Deed, Fault};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream, UnixDatagram};
use tokio::task::JoinSet;

/// A loopback address that nobody listens on.
fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Lets connections through to the broker, from an address of the test's choice.
async fn let_through(listener: TcpListener, broker: SocketAddr) {
    let mut connections = JoinSet::new();
    while let Ok((mut inside, _)) = listener.accept().await {
        let mut outside = TcpStream::connect(broker).await.unwrap();
        connections.spawn(async move { tokio::io::copy_bidirectional(&mut inside, &mut outside).await });
    }
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_waited_for_and_readiness_says_so() {
    let address = free_address();
    let usual = World::new().await;
    let (before, after) = usual.vhost.url.split_once('@').unwrap();
    let (broker, path) = after.split_once('/').unwrap();
    let options = Options { broker: Some(format!("{before}@{address}/{path}")), ..Options::default() };
    let world = World::with(options).await;
    let mut gateway = world.spawn();
    let waiting = gateway.until_readiness(503).await;
    until("it has tried", DEADLINE, || gateway.said("no connection to the broker") == 1).await;
    assert_eq!(waiting["dependencies"]["broker"]["ready"], false, "{waiting}");
    assert!(waiting["dependencies"]["broker"]["reason"].is_string(), "{waiting}");
    assert_eq!(gateway.ask("/live").await.unwrap().0, 200);

    let mut proxy = JoinSet::new();
    proxy.spawn(let_through(TcpListener::bind(address).await.unwrap(), broker.parse().unwrap()));
    gateway.ready().await;
    let mut dossier = Dossier::new(1);
    usual.publish(&dossier.statuses(&[2])).await;
    world.settled(1, DEADLINE).await;
    assert_eq!(world.rows(&dossier).len(), 1);

    // Gone again, and back again.
    proxy.shutdown().await;
    let lost = gateway.until_readiness(503).await;
    assert_eq!(lost["dependencies"]["journal"]["ready"], true, "{lost}");
    proxy.spawn(let_through(TcpListener::bind(address).await.unwrap(), broker.parse().unwrap()));
    gateway.ready().await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_stop_finishes_what_is_under_way_and_leaves_the_rest_for_the_next_start() {
    let world = World::with(Options { concurrency: 2, ..Options::default() }).await;
    world.post.fault(Fault::new(Deed::Delay { ms: 700, taken: true }).on("order"));
    let gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..6).map(|number| Dossier::new(number).by_post()).collect();
    let events: Vec<_> = dossiers.iter_mut().map(|dossier| dossier.status(9)).collect();
    world.publish(&events).await;
    until("orders are under way", DEADLINE, || world.post.partner().taken() == 2).await;
    gateway.stop().await;
    let journal = world.journal();
    let accepted = "SELECT count(*) FROM handoff WHERE kind = 'post.order' AND state = 'accepted'";
    assert_eq!((journal.count(accepted), journal.open_attempts()), (2, 0), "the answers were awaited");
    assert_eq!(world.post.partner().taken(), 2, "nothing new was begun");

    let gateway = world.gateway().await;
    world.settled(events.len(), DEADLINE).await;
    assert_eq!((journal.count(accepted), world.post.partner().taken()), (6, 6));
    gateway.stop().await;
}

#[tokio::test]
async fn a_stop_ends_with_its_grace_and_what_was_cut_off_counts_as_made() {
    let world = World::with(Options { grace: "300ms", deadline: "20s", ..Options::default() }).await;
    world.post.fault(Fault::taken_in_silence("order"));
    let gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    world.publish(&dossier.statuses(&[9])).await;
    until("the order is under way", DEADLINE, || world.post.partner().taken() == 1).await;
    gateway.stop().await;
    assert_eq!(world.journal().open_attempts(), 1);
    let gateway = world.gateway().await;
    until("it is asked about", DEADLINE, || {
        world.journal().of(&dossier.code, "post.order").iter().all(|order| order.state == "uncertain")
    })
    .await;
    assert_eq!(world.post.partner().taken(), 1);
    gateway.stop().await;
}

/// Waits until the service manager is told this.
async fn told(manager: &UnixDatagram, wanted: &str) {
    let mut room = [0; 1024];
    let hearing = async {
        loop {
            let length = manager.recv(&mut room).await.unwrap();
            if String::from_utf8_lossy(&room[..length]).contains(wanted) {
                return;
            }
        }
    };
    tokio::time::timeout(DEADLINE, hearing).await.unwrap_or_else(|_late| panic!("never told: {wanted}"));
}

#[tokio::test]
async fn the_service_manager_is_told_of_the_start_of_life_and_of_the_stop() {
    let broker = Some(format!("amqp://guest:guest@{}/", free_address()));
    let world = World::with(Options { broker, ..Options::default() }).await;
    let socket = world.file("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    let gateway = world.spawn_managed(&socket, Duration::from_secs(1));
    // A broker that is away is no failed start.
    told(&manager, "READY=1").await;
    told(&manager, "STATUS=chưa sẵn sàng: broker (").await;
    told(&manager, "WATCHDOG=1").await;
    told(&manager, "WATCHDOG=1").await;
    gateway.stop().await;
    told(&manager, "STOPPING=1").await;
}

#[tokio::test]
async fn a_second_instance_is_refused_and_the_first_goes_on() {
    let world = World::new().await;
    let mut gateway = world.gateway().await;
    let second = world.command(&["run"]).await;
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("another instance holds the journal"), "{said}");
    gateway.ready().await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_bad_configuration_ends_with_code_2_and_every_problem() {
    let world = World::new().await;
    let path = world.file("gateway.toml");
    let good = std::fs::read_to_string(&path).unwrap();
    let bad = good.replace("grace = \"5s\"", "grace = 5").replace("rate = 10000", "rat = 10000");
    std::fs::write(&path, bad).unwrap();
    for command in ["run", "check"] {
        let ended = world.command(&[command]).await;
        assert_eq!(ended.status.code(), Some(2), "{ended:?}");
        let said =
            format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        for word in [
            "gateway.toml",
            "5 problems",
            "grace",
            "accounts.portal-tien-thanh.rat",
            "accounts.post-tien-loi.rat",
        ] {
            assert!(said.contains(word), "{command} does not say {word}: {said}");
        }
    }
}
