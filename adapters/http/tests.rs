//! The client against servers that misbehave, each a script over a raw socket in a thread of its own.

use crate::{
    Answer, Body, Client, ClientSettings, Connection, Failure, FailureKind, LIVELY, Left, Method, Request,
};
use bytes::Bytes;
use secrecy::SecretString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;
use url::Url;

const CAP: usize = 1000;
const OK: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: Application/JSON; charset=utf-8\r\ncontent-length: 2\r\n\r\n{}";

/// What a script saw, one string a request.
type Seen = JoinHandle<Vec<String>>;

fn serve(scheme: &str, script: impl FnOnce(&TcpListener) -> Vec<String> + Send + 'static) -> (Url, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("{scheme}://{}/orders?OrderNumber=H11-0041-TRA", listener.local_addr().unwrap());
    (url.parse().unwrap(), std::thread::spawn(move || script(&listener)))
}

fn accept(listener: &TcpListener) -> BufReader<TcpStream> {
    BufReader::new(listener.accept().unwrap().0)
}

fn read_request(stream: &mut BufReader<TcpStream>) -> String {
    let mut text = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        text.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    text + &String::from_utf8(body).unwrap()
}

fn answer(stream: &mut BufReader<TcpStream>, text: &str) {
    stream.get_mut().write_all(text.as_bytes()).unwrap();
}

/// What the script saw, once it has ended. Waits beside the runtime, which has connections to close meanwhile.
async fn ended(server: Seen) -> Vec<String> {
    tokio::task::spawn_blocking(|| server.join().unwrap()).await.unwrap()
}

/// Reads one request, writes `text` and keeps the connection until the client closes it.
fn answer_once(text: &'static str) -> impl FnOnce(&TcpListener) -> Vec<String> {
    move |listener| {
        let mut stream = accept(listener);
        let seen = read_request(&mut stream);
        answer(&mut stream, text);
        wait_for_close(&mut stream);
        vec![seen]
    }
}

fn wait_for_close(stream: &mut BufReader<TcpStream>) {
    // A reset ends the connection as well as an orderly end.
    drop(stream.read_to_end(&mut Vec::new()));
}

fn client(deadline: Duration) -> Client {
    let settings = ClientSettings {
        deadline,
        connect_deadline: Duration::from_secs(10),
        body_cap: CAP,
        authorities: Vec::new(),
        identity: None,
    };
    Client::build(settings).unwrap()
}

/// Long enough for a busy machine; tests that wait for it to pass use [`short`].
fn long() -> Client {
    client(Duration::from_secs(30))
}

fn short() -> Client {
    client(Duration::from_millis(200))
}

fn post(url: &Url) -> Request {
    Request {
        method: Method::Post,
        url: url.clone(),
        headers: vec![("Accept-Charset", "UTF-8".to_owned())],
        secret_headers: vec![("Authorization", SecretString::from("Bearer verysecret"))],
        body: Body::Json(Bytes::from_static("{\"ten\":\"Lò Thị Bưởi\"}".as_bytes())),
        connection: Connection::Kept,
        trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
    }
}

fn check(result: Result<Answer, Failure>, kind: FailureKind, left: Left, status: Option<u16>) {
    let failure = result.expect_err("a failure");
    assert_eq!((failure.kind, failure.left, failure.status), (kind, left, status));
    let mut printed = failure.to_string();
    let mut cause = std::error::Error::source(&failure);
    while let Some(error) = cause {
        printed.push_str(&error.to_string());
        cause = error.source();
    }
    printed.push_str(&format!("{failure:?}"));
    assert!(!printed.contains("OrderNumber") && !printed.contains("verysecret"), "{printed}");
}

#[tokio::test]
async fn a_head_is_answered_whatever_the_page_behind_it_weighs() {
    let (url, server) = serve("http", answer_once("HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\n"));
    let request = Request { method: Method::Head, body: Body::Empty, ..post(&url) };
    let answer = long().call(request).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert!(ended(server).await[0].starts_with("HEAD /orders?"));
}

#[tokio::test]
async fn a_header_of_the_account_goes_with_every_call_and_is_not_printed() {
    let (url, server) = serve("http", answer_once(OK));
    let secret = SecretString::from("khoa-cua-don-vi");
    let client = long().always_sending("X-Khoa", &secret).unwrap();
    client.call(post(&url)).await.unwrap();
    assert!(ended(server).await[0].contains("x-khoa: khoa-cua-don-vi"));
    assert!(!format!("{client:?}").contains("khoa-cua-don-vi"));
    let broken = SecretString::from("khoa\r\ncua: don-vi");
    assert!(client.clone().always_sending("X-Khoa", &broken).is_err());
    assert!(client.always_sending("X Khoa", &secret).is_err());
}

#[tokio::test]
async fn a_refused_port_left_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    check(long().call(post(&url)).await, FailureKind::Refused, Left::No, None);
}

#[tokio::test]
async fn a_name_that_nobody_knows_left_nothing() {
    // A label of 64 letters cannot exist, so that no name server is asked.
    let url: Url = format!("http://{}.example/", "a".repeat(64)).parse().unwrap();
    check(long().call(post(&url)).await, FailureKind::NameNotFound, Left::No, None);
}

#[tokio::test]
async fn a_handshake_that_never_ends_left_nothing() {
    let (url, server) = serve("https", |listener| {
        wait_for_close(&mut accept(listener));
        Vec::new()
    });
    check(short().call(post(&url)).await, FailureKind::ConnectTimedOut, Left::No, None);
    ended(server).await;
}

#[tokio::test]
async fn a_server_without_tls_left_nothing() {
    let (url, server) = serve("https", |listener| {
        let mut stream = accept(listener);
        answer(&mut stream, OK);
        wait_for_close(&mut stream);
        Vec::new()
    });
    check(long().call(post(&url)).await, FailureKind::Tls, Left::No, None);
    ended(server).await;
}

#[tokio::test]
async fn a_header_with_a_line_break_left_nothing() {
    let mut request = post(&"http://127.0.0.1:9/".parse().unwrap());
    request.secret_headers = vec![("Authorization", SecretString::from("Bearer a\r\nHost: b"))];
    check(long().call(request).await, FailureKind::Unbuildable, Left::No, None);
}

#[tokio::test]
async fn a_server_that_goes_on_talking_over_the_deadline_may_have_it() {
    for (text, status) in [
        ("", None),
        ("HTTP/1.1 200 OK\r\ncontent-le", None),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab", Some(200)),
    ] {
        let (url, server) = serve("http", answer_once(text));
        check(short().call(post(&url)).await, FailureKind::Deadline, Left::Maybe, status);
        assert_eq!(ended(server).await.len(), 1);
    }
}

#[tokio::test]
async fn an_answer_byte_by_byte_within_the_deadline_is_an_answer() {
    let (url, server) = serve("http", |listener| {
        let mut stream = accept(listener);
        stream.get_mut().set_nodelay(true).unwrap();
        let seen = read_request(&mut stream);
        for byte in OK.as_bytes() {
            stream.get_mut().write_all(&[*byte]).unwrap();
        }
        vec![seen]
    });
    let answer = long().call(post(&url)).await.unwrap();
    assert_eq!(
        (answer.status, answer.content_type.as_deref(), &*answer.body),
        (200, Some("application/json"), &b"{}"[..])
    );
    ended(server).await;
}

#[tokio::test]
async fn a_connection_closed_before_or_after_reading_may_have_brought_it() {
    let (url, server) = serve("http", |listener| {
        drop(accept(listener));
        Vec::new()
    });
    check(long().call(post(&url)).await, FailureKind::ClosedEarly, Left::Maybe, None);
    ended(server).await;

    for (text, status) in [("", None), ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab", Some(200))] {
        let (url, server) = serve("http", move |listener| {
            let mut stream = accept(listener);
            let seen = read_request(&mut stream);
            answer(&mut stream, text);
            vec![seen]
        });
        check(long().call(post(&url)).await, FailureKind::ClosedEarly, Left::Maybe, status);
        ended(server).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_not_http_may_have_been_caused_by_it() {
    let (url, server) = serve("http", answer_once("220 smtp.example ESMTP\r\n\r\n"));
    check(long().call(post(&url)).await, FailureKind::Malformed, Left::Maybe, None);
    ended(server).await;
}

#[tokio::test]
async fn a_huge_answer_is_given_up_at_the_cap() {
    let (url, server) = serve("http", answer_once("HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n{"));
    check(long().call(post(&url)).await, FailureKind::BodyTooLarge, Left::Maybe, Some(200));
    ended(server).await;

    let (url, server) = serve("http", endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"));
    check(long().call(post(&url)).await, FailureKind::BodyTooLarge, Left::Maybe, Some(200));
    ended(server).await;
}

#[tokio::test]
async fn a_huge_page_behind_a_refusal_does_not_hide_it() {
    let (url, server) =
        serve("http", endless("HTTP/1.1 502 Bad Gateway\r\ntransfer-encoding: chunked\r\n\r\n"));
    let answer = long().call(post(&url)).await.unwrap();
    assert_eq!(answer.status, 502);
    assert!(answer.body.len() <= CAP);
    ended(server).await;
}

/// Writes chunks until the client closes the connection.
fn endless(head: &'static str) -> impl FnOnce(&TcpListener) -> Vec<String> {
    move |listener| {
        let mut stream = accept(listener);
        let seen = read_request(&mut stream);
        answer(&mut stream, head);
        while stream.get_mut().write_all(b"a\r\n0123456789\r\n").is_ok() {}
        vec![seen]
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (url, server) = serve(
        "http",
        answer_once("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n"),
    );
    let client = long();
    assert_eq!(client.call(post(&url)).await.unwrap().status, 302);
    drop(client);
    assert_eq!(ended(server).await.len(), 1);
}

#[tokio::test]
async fn the_wait_they_ask_for_comes_with_the_answer() {
    let (url, server) = serve(
        "http",
        answer_once(
            "HTTP/1.1 429 Too Many Requests\r\ndate: Thu, 15 Sep 2022 05:00:00 GMT\r\n\
             retry-after: Thu, 15 Sep 2022 05:00:30 GMT\r\ncontent-length: 0\r\n\r\n",
        ),
    );
    let client = long();
    assert_eq!(client.call(post(&url)).await.unwrap().retry_after, Some(Duration::from_secs(30)));
    drop(client);
    ended(server).await;
}

#[tokio::test]
async fn the_request_arrives_as_it_was_given() {
    let (url, server) = serve("http", answer_once(OK));
    let client = long();
    let request = post(&url);
    assert!(!format!("{request:?}").contains("verysecret"));
    client.call(request).await.unwrap();
    drop(client);
    let seen = ended(server).await.remove(0);
    for expected in [
        "POST /orders?OrderNumber=H11-0041-TRA HTTP/1.1\r\n",
        "accept-charset: UTF-8\r\n",
        "authorization: Bearer verysecret\r\n",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n",
        "content-type: application/json\r\n",
        "user-agent: lienthong/",
        "\r\n\r\n{\"ten\":\"Lò Thị Bưởi\"}",
    ] {
        assert!(seen.contains(expected), "{expected} in {seen}");
    }
    assert!(!seen.contains("accept-encoding"), "{seen}");
}

#[tokio::test]
async fn a_trace_that_no_header_can_carry_is_left_out() {
    let (url, server) = serve("http", answer_once(OK));
    let client = long();
    client.call(Request { trace: Some("no\r\ntrace".to_owned()), ..post(&url) }).await.unwrap();
    drop(client);
    let seen = ended(server).await.remove(0);
    assert!(!seen.contains("trace"), "{seen}");
}

#[tokio::test]
async fn a_kept_connection_may_be_stale_and_a_new_one_cannot() {
    let (url, server) = serve("http", |listener| {
        let mut kept = accept(listener);
        let mut seen = vec![read_request(&mut kept)];
        answer(&mut kept, OK);
        // The fresh call, while the first connection is idle.
        let mut fresh = accept(listener);
        seen.push(read_request(&mut fresh));
        answer(&mut fresh, OK);
        wait_for_close(&mut fresh);
        // The pooled call: it comes on the first connection, which closes at that moment.
        seen.push(read_request(&mut kept));
        drop(kept);
        seen
    });
    let client = long();
    client.call(post(&url)).await.unwrap();
    client.call(Request { connection: Connection::New, ..post(&url) }).await.unwrap();
    check(client.call(post(&url)).await, FailureKind::ClosedEarly, Left::Maybe, None);
    assert_eq!(ended(server).await.len(), 3, "and it is not repeated");
}

#[tokio::test]
async fn a_lively_connection_is_one_that_answered_just_now() {
    let (url, server) = serve("http", |listener| {
        let mut first = accept(listener);
        let mut seen = Vec::new();
        for _ in 0..2 {
            seen.push(read_request(&mut first));
            answer(&mut first, OK);
        }
        // Open as it is, it is left alone when it was idle for too long.
        let mut second = accept(listener);
        seen.push(read_request(&mut second));
        answer(&mut second, OK);
        seen
    });
    let (client, call) = (long(), || Request { connection: Connection::Lively, ..post(&url) });
    client.call(call()).await.unwrap();
    client.call(call()).await.unwrap();
    tokio::time::sleep(LIVELY + Duration::from_millis(50)).await;
    client.call(call()).await.unwrap();
    assert_eq!(ended(server).await.len(), 3);
}
