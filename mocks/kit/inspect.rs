//! The endpoints under `/_mock/`: what was received, what is held, and misbehaviour on command.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::fault::Fault;
use crate::http::{Answer, Request};
use crate::now;
use crate::partner::Partner;
use crate::server::Shared;

/// Answers a request to `/_mock/…`; such requests never enter the ledger.
pub(crate) fn answer<P: Partner>(shared: &Shared<P>, request: &Request) -> Answer {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/_mock/") => Answer::json(200, &json!({ "name": shared.partner.name() })),
        ("GET", "/_mock/ledger") => ledger(shared, request),
        ("GET", "/_mock/duplicates") => Answer::json(200, &shared.partner.duplicates()),
        ("GET", "/_mock/state") => Answer::json(200, &shared.partner.state()),
        ("GET", "/_mock/faults") => Answer::json(200, &json!({ "faults": shared.faults().all() })),
        ("POST", "/_mock/faults") => add_fault(shared, request),
        ("DELETE", "/_mock/faults") => clear_faults(shared, request),
        ("POST", "/_mock/reset") => {
            shared.reset();
            done()
        }
        (_, _) => command(shared, request),
    }
}

fn done() -> Answer {
    Answer::json(200, &json!({ "done": true }))
}

fn refusal(status: u16, reason: &str) -> Answer {
    Answer::json(status, &json!({ "error": reason }))
}

fn command<P: Partner>(shared: &Shared<P>, request: &Request) -> Answer {
    let answer = shared.partner.command(request, now());
    shared.changed();
    answer.unwrap_or_else(|| refusal(404, "no such command"))
}

/// Reads a command of the partner's own and answers with what `obey` says of it; a body that is no such command with 400.
pub fn obey<T: DeserializeOwned>(request: &Request, obey: impl FnOnce(T) -> Value) -> Answer {
    let body: &[u8] = if request.body.is_empty() { b"{}" } else { &request.body };
    match serde_json::from_slice(body) {
        Ok(command) => Answer::json(200, &obey(command)),
        Err(error) => refusal(400, &error.to_string()),
    }
}

fn ledger<P: Partner>(shared: &Shared<P>, request: &Request) -> Answer {
    let since: u64 = match request.parameter("since").map(str::parse).transpose() {
        Ok(since) => since.unwrap_or(0),
        Err(error) => return refusal(400, &format!("since: {error}")),
    };
    let operation = request.parameter("operation");
    let entries: Vec<Value> = shared
        .entries()
        .iter()
        .filter(|entry| entry.number > since && operation.is_none_or(|wanted| wanted == entry.operation))
        .map(|entry| entry.show())
        .collect();
    Answer::json(200, &json!({ "count": entries.len(), "entries": entries }))
}

fn add_fault<P: Partner>(shared: &Shared<P>, request: &Request) -> Answer {
    match serde_json::from_slice::<Fault>(&request.body) {
        Ok(fault) => {
            let id = shared.faults().add(fault, Instant::now());
            Answer::json(201, &json!({ "id": id }))
        }
        Err(error) => refusal(400, &error.to_string()),
    }
}

fn clear_faults<P: Partner>(shared: &Shared<P>, request: &Request) -> Answer {
    match request.parameter("id").map(str::parse).transpose() {
        Ok(id) => {
            shared.faults().clear(id);
            done()
        }
        Err(error) => refusal(400, &format!("id: {error}")),
    }
}
