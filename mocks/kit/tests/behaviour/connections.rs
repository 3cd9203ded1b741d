//! Connections: several calls on one, a reset, a mock that leaves and comes back.

use super::{Counter, PATIENCE, Seen, answer, counter, see};
use mock_kit::{Fault, Options, start};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test]
async fn one_connection_serves_many_requests_and_a_reset_is_a_reset() {
    let running = counter().await;
    let address = running.address();
    running.fault(Fault::lost_answer("count").after(3));
    let (read, error) = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let whole = "POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
        let chunked = "POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
        let mut read = String::new();
        let mut buffer = [0_u8; 4096];
        for request in [whole, chunked, whole] {
            stream.write_all(request.as_bytes()).unwrap();
            let length = stream.read(&mut buffer).unwrap();
            read.push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
        stream.write_all(whole.as_bytes()).unwrap();
        (read, stream.read(&mut buffer).map_err(|error| error.kind()))
    })
    .await
    .unwrap();
    assert_eq!(read.matches("HTTP/1.1 200 OK").count(), 3, "{read}");
    assert!(read.contains(r#"{"taken":3}"#), "{read}");
    assert_eq!(error, Err(std::io::ErrorKind::ConnectionReset));
    running.shutdown().await;
}

#[tokio::test]
async fn a_mock_that_is_down_refuses_and_comes_back_with_its_ledger() {
    let running = counter().await;
    see(&running, &json!({}), PATIENCE).await;
    running.go_down().await;
    assert_eq!(see(&running, &json!({}), PATIENCE).await, Seen::Broken);
    running.come_back().await.unwrap();
    assert_eq!(see(&running, &json!({}), PATIENCE).await, answer(200, r#"{"taken":2}"#));
    assert_eq!(running.ledger().len(), 2);
    let address = running.address();
    running.shutdown().await;
    let again = start(Counter::default(), Options { listen: address, ..Options::default() }).await.unwrap();
    assert_eq!(again.address(), address);
    again.shutdown().await;
}

#[tokio::test]
async fn a_mock_that_refuses_connections_answers_the_open_ones_once_more() {
    let running = counter().await;
    let mut open = tokio::net::TcpStream::connect(running.address()).await.unwrap();
    running.refuse_connections().await;
    assert_eq!(see(&running, &json!({}), PATIENCE).await, Seen::Broken);
    open.write_all(b"POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}").await.unwrap();
    let mut read = String::new();
    open.read_to_string(&mut read).await.unwrap();
    assert!(read.ends_with(r#"{"taken":1}"#), "{read}");
    running.come_back().await.unwrap();
    assert_eq!(see(&running, &json!({}), PATIENCE).await, answer(200, r#"{"taken":2}"#));
    running.shutdown().await;
}

#[tokio::test]
async fn an_unused_connection_is_closed_when_told_so() {
    let options = Options { idle: Some(Duration::from_millis(20)), ..Options::default() };
    let running = start(Counter::default(), options).await.unwrap();
    let address = running.address();
    let left = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.read(&mut [0_u8; 16]).unwrap()
    });
    assert_eq!(left.await.unwrap(), 0);
    running.shutdown().await;
}
