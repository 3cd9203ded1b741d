//! What is still open once everything is published and moved: the demo waits for it, however long the machine takes.
//!
//! Nothing here measures silence. The rest is over when the gateway has taken in every event, read the feed to its end,
//! has nothing open but what stands behind a dead letter, and the commune's own system has heard each outcome that the
//! gateway published. What holds then holds tomorrow, so that the judgement is about an end and not about a moment.

use crate::stage::Stage;
use anyhow::{Context as _, Result};
use jiff::Timestamp;
use pilot::{Pilot, Script};
use serde_json::Value;
use std::collections::BTreeSet;

/// Outcomes that the broker has confirmed.
const PUBLISHED: &str =
    r#"lienthong_handoffs_total{partner="commune",kind="commune.event",state="accepted"}"#;

/// The rest.
pub(crate) struct Rest {
    events: usize,
    feed: Feed,
}

impl Rest {
    /// The rest after the last movement of a parcel.
    pub(crate) fn new(pilot: &Pilot, moved_at: Timestamp) -> Self {
        let events = pilot.scripts.iter().map(|script: &Script| script.events().count()).sum();
        Self { events, feed: Feed { moved_at, first: None } }
    }

    /// What is open, one line each; empty when the end is reached.
    pub(crate) async fn open(&mut self, stage: &Stage) -> Result<Vec<String>> {
        let status = stage.gateway.ask(&["status"]).await?;
        let number = |field: &str| status.get(field).and_then(Value::as_u64).unwrap_or_default();
        let mut open = Vec::new();
        let (taken_in, waiting) = (number("events"), number("waiting_events"));
        if usize::try_from(taken_in)? < self.events {
            open.push(format!("{taken_in} of {} events are taken in", self.events));
        }
        if waiting > 0 {
            open.push(format!("{waiting} events wait for the one before"));
        }
        if !self.feed.is_read(&status)? {
            open.push("the post's feed is not read to its end".to_owned());
        }
        open.extend(handoffs(stage, &status).await?);
        let heard = stage.commune.once().len();
        let published = usize::try_from(stage.gateway.metric(PUBLISHED).await?)?;
        if heard < published {
            open.push(format!("the commune's system has heard {heard} of {published} outcomes"));
        }
        Ok(open)
    }
}

/// Readings of the post's feed, as the gateway tells of them.
struct Feed {
    moved_at: Timestamp,
    /// The first reading that was over after the last movement; it may have begun before.
    first: Option<Timestamp>,
}

impl Feed {
    /// Whether a reading is over that began after the last movement: the second that ended after it.
    fn is_read(&mut self, status: &Value) -> Result<bool> {
        let read_at = lines(status, "accounts")
            .find(|line| text(line, "account") == "post-tien-thanh")
            .map(|line| text(line, "feed_read_at").parse::<Timestamp>())
            .context("the gateway tells nothing of the post's account")?;
        let Some(read_at) = read_at.ok().filter(|read_at| *read_at > self.moved_at) else { return Ok(false) };
        Ok(*self.first.get_or_insert(read_at) < read_at)
    }
}

/// Handoffs that are not final, but for dead letters and what waits behind them.
async fn handoffs(stage: &Stage, status: &Value) -> Result<Vec<String>> {
    let mut open = Vec::new();
    let mut waiting = 0;
    for line in lines(status, "open") {
        let count = line.get("count").and_then(Value::as_u64).unwrap_or_default();
        match text(line, "state") {
            "dead" | "held" => {}
            "waiting" => waiting += count,
            state => open.push(format!("{count} handoffs to {} are {state}", text(line, "partner"))),
        }
    }
    let behind = if waiting > 0 { behind_dead_letters(stage).await? } else { 0 };
    if waiting > behind {
        open.push(format!("{} handoffs wait, and behind no dead letter", waiting - behind));
    }
    Ok(open)
}

/// Handoffs that wait in a lane with a dead letter.
async fn behind_dead_letters(stage: &Stage) -> Result<u64> {
    let dead = stage.gateway.ask(&["dead-letters", "list", "--all", "--limit", "10000"]).await?;
    let lane = |line| (text(line, "dossier"), text(line, "partner"));
    let lanes: BTreeSet<(&str, &str)> = dead.as_array().into_iter().flatten().map(lane).collect();
    let mut behind = 0;
    for (dossier, partner) in lanes {
        let report = stage.gateway.ask(&["dossier", dossier]).await?;
        let waits = |line: &&Value| text(line, "partner") == partner && text(line, "state") == "waiting";
        behind += lines(&report, "handoffs").filter(waits).count();
    }
    Ok(u64::try_from(behind)?)
}

fn lines<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line.get(field).and_then(Value::as_str).unwrap_or_default()
}
