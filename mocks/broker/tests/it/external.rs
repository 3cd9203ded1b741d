//! A virtual host of our own on somebody else's broker, against a management API that is played.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, put};
use private_broker::ExternalVhost;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// `lan:mật khẩu`, as HTTP's basic authentication writes it.
const AUTHORIZATION: &str = "Basic bGFuOm3huq10IGto4bqpdQ==";

#[derive(Default)]
struct Played {
    vhosts: BTreeSet<String>,
    rights: Vec<(String, String)>,
    refuses_rights: bool,
}

type Api = Arc<Mutex<Played>>;

fn known(headers: &HeaderMap) -> bool {
    headers.get("authorization").is_some_and(|value| value == AUTHORIZATION)
}

async fn look(State(api): State<Api>, Path(name): Path<String>, headers: HeaderMap) -> StatusCode {
    match (known(&headers), api.lock().unwrap().vhosts.contains(&name)) {
        (false, _) => StatusCode::UNAUTHORIZED,
        (true, false) => StatusCode::NOT_FOUND,
        (true, true) => StatusCode::OK,
    }
}

async fn create(State(api): State<Api>, Path(name): Path<String>) -> StatusCode {
    if api.lock().unwrap().vhosts.insert(name) { StatusCode::CREATED } else { StatusCode::NO_CONTENT }
}

async fn delete(State(api): State<Api>, Path(name): Path<String>) -> StatusCode {
    if api.lock().unwrap().vhosts.remove(&name) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn grant(State(api): State<Api>, Path(right): Path<(String, String)>) -> StatusCode {
    let mut api = api.lock().unwrap();
    if api.refuses_rights {
        return StatusCode::BAD_REQUEST;
    }
    api.rights.push(right);
    StatusCode::CREATED
}

/// The API, its address, and the server that ends with the test.
async fn play() -> (Api, String, JoinHandle<()>) {
    let api = Api::default();
    let router = Router::new()
        .route("/api/vhosts/{name}", get(look).put(create).delete(delete))
        .route("/api/permissions/{vhost}/{user}", put(grant))
        .with_state(Arc::clone(&api));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "the server ends with the test's runtime")]
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (api, address, server)
}

const BROKER: &str = "amqp://lan:m%E1%BA%ADt%20kh%E1%BA%A9u@127.0.0.1:5999";

async fn refusal(amqp_url: &str, management_url: &str) -> String {
    let error = ExternalVhost::create(amqp_url, Some(management_url), "demo").await.err();
    let error = format!("{:#}", error.expect("a refusal"));
    assert!(!error.contains("kh%E1") && !error.contains("khẩu"), "a password in {error}");
    error
}

#[tokio::test]
async fn a_virtual_host_is_created_opened_and_deleted() {
    let (api, address, _server) = play().await;
    let vhost = ExternalVhost::create(BROKER, Some(&address), "demo").await.unwrap();
    assert_eq!((vhost.name.as_str(), vhost.url.as_str()), ("demo", format!("{BROKER}/demo").as_str()));
    assert_eq!(api.lock().unwrap().rights, [("demo".to_owned(), "lan".to_owned())]);
    vhost.delete().await.unwrap();
    assert_eq!(api.lock().unwrap().vhosts, BTreeSet::new());
}

#[tokio::test]
async fn the_name_in_the_url_comes_before_the_default() {
    let (api, address, _server) = play().await;
    let url = format!("{BROKER}/pilot?heartbeat=10");
    let vhost = ExternalVhost::create(&url, Some(&address), "demo").await.unwrap();
    assert_eq!((vhost.name.as_str(), vhost.url.as_str()), ("pilot", url.as_str()));
    assert_eq!(api.lock().unwrap().vhosts, BTreeSet::from(["pilot".to_owned()]));
}

#[tokio::test]
async fn a_virtual_host_that_exists_is_refused_and_stays() {
    let (api, address, _server) = play().await;
    api.lock().unwrap().vhosts.insert("demo".to_owned());
    let error = refusal(BROKER, &address).await;
    assert!(error.contains("it exists, and may carry real dossiers"), "{error}");
    assert_eq!(api.lock().unwrap().vhosts, BTreeSet::from(["demo".to_owned()]));
}

#[tokio::test]
async fn a_virtual_host_that_cannot_be_opened_is_deleted_again() {
    let (api, address, _server) = play().await;
    api.lock().unwrap().refuses_rights = true;
    let error = refusal(BROKER, &address).await;
    assert!(error.contains("was to be opened for the user of AMQP_URL"), "{error}");
    assert_eq!(api.lock().unwrap().vhosts, BTreeSet::new());
}

#[tokio::test]
async fn what_cannot_work_is_refused_with_a_cure() {
    let (_api, address, _server) = play().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (amqp_url, management_url, cure) in [
        (BROKER, format!("http://{closed}"), "rabbitmq-plugins enable rabbitmq_management"),
        (BROKER, "https://broker.example".to_owned(), "only http is spoken"),
        ("amqp://lan:wrong@127.0.0.1:5999", address.clone(), "the tag administrator and its right password"),
        ("amqp://127.0.0.1:5999/%2f", address.clone(), "name one that does not exist yet"),
        ("http://127.0.0.1:5999", address.clone(), "AMQP_URL is not the URL of a broker"),
        ("nonsense", address.clone(), "AMQP_URL is not a URL"),
    ] {
        let error = refusal(amqp_url, &management_url).await;
        assert!(error.contains(cure), "{error:?} does not say {cure:?}");
    }
}
