//! What the running gateway says of itself: the journal does not know whether the broker is there.

use super::runtime;
use crate::admin::Readiness;
use crate::config::Settings;
use lienthong_http::{Body, Client, ClientSettings, Connection, Method, Request};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// The whole question: `/ready` answers from memory, and somebody waits.
const DEADLINE: Duration = Duration::from_secs(2);

/// Largest answer that is read: some lines for each account.
const BODY_CAP: usize = 1 << 20;

/// The answer of `/ready`; `None` when no gateway answers there.
pub(super) fn ask(settings: &Settings) -> anyhow::Result<Option<Readiness>> {
    let admin = &settings.admin;
    let client = ClientSettings {
        deadline: DEADLINE,
        connect_deadline: DEADLINE / 2,
        body_cap: BODY_CAP,
        authorities: admin.tls.iter().map(|tls| tls.certificate.clone()).collect(),
        identity: None,
    };
    let scheme = if admin.tls.is_some() { "https" } else { "http" };
    let mut address = admin.listen;
    address.set_ip(reached_at(address.ip()));
    let request = Request {
        method: Method::Get,
        url: format!("{scheme}://{address}/ready").parse()?,
        headers: Vec::new(),
        secret_headers: Vec::new(),
        body: Body::Empty,
        connection: Connection::New,
        trace: None,
    };
    let client = Client::build(client)?;
    let answer = runtime()?.block_on(client.call(request));
    Ok(answer.ok().and_then(|answer| serde_json::from_slice(&answer.body).ok()))
}

/// Where this machine reaches what listens at an address.
fn reached_at(ip: IpAddr) -> IpAddr {
    match (ip.is_unspecified(), ip.is_ipv4()) {
        (false, _) => ip,
        (true, true) => Ipv4Addr::LOCALHOST.into(),
        (true, false) => Ipv6Addr::LOCALHOST.into(),
    }
}
