//! An operator with the commands of `docs/operating.md`, and the clerk of the post whom he can phone.
//!
//! He resumes what is blocked, replays what stopped, says *not there* only of what he looked up at the partner, dismisses
//! what needs nothing more, and pauses partners for no reason but to try it. The clerk takes note of orders that the
//! gateway doubts: then they show in the feed.

use crate::judge::Judgement;
use crate::stage::Stage;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use mock_post::Step;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::sleep;

/// Dead letters that the desk must cure, or nobody can: the pilot's table expects them.
const EXPECTED: [&str; 3] = ["GATEWAY-NO-PHONE", "GATEWAY-UNKNOWN-PROCEDURE", "GATEWAY-STATUS-JUMP"];

/// Of these, what he dismisses: somebody has taken the result to the citizen.
const DISMISSED: &str = "GATEWAY-NO-PHONE";

/// How long an order must have stopped before it is said that it is not there; longer than any answer of the mocks takes.
const LOOKED_UP: SignedDuration = SignedDuration::from_secs(8);
/// How long a letter without a phone waits for the desk before it is dismissed.
const CURED: SignedDuration = SignedDuration::from_secs(90);

const PAUSES: [&str; 4] = ["post", "portal", "post-tien-thanh", "portal-tien-thanh"];

/// Handoffs that one command is given at most.
const AT_ONCE: usize = 50;

/// The operator.
pub(crate) struct Operator {
    stage: Arc<Stage>,
    chance: Mutex<StdRng>,
    dismissed: Mutex<BTreeSet<(String, String)>>,
    failed: Mutex<(u32, String)>,
}

/// One line of the list of dead letters.
struct Letter {
    handoff: String,
    dossier: String,
    kind: String,
    state: String,
    code: String,
    number: String,
    row_status: u64,
    dead_at: Option<Timestamp>,
}

/// What is to be done about a letter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Leave,
    TakeNote,
    Replay,
    ReplayNotThere,
    Dismiss,
}

impl Letter {
    fn read(line: &Value) -> Self {
        let text = |field: &str| line.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            handoff: text("handoff"),
            dossier: text("dossier"),
            kind: text("kind"),
            state: text("state"),
            code: text("code"),
            number: text("number"),
            row_status: line.get("row_status").and_then(Value::as_u64).unwrap_or_default(),
            dead_at: text("dead_at").parse().ok(),
        }
    }

    fn is_older_than(&self, age: SignedDuration) -> bool {
        self.dead_at.is_some_and(|dead_at| mock_kit::now().duration_since(dead_at) > age)
    }
}

impl Operator {
    pub(crate) fn new(stage: Arc<Stage>, seed: u64) -> Self {
        let chance = Mutex::new(StdRng::seed_from_u64(seed.wrapping_mul(8).wrapping_add(6)));
        Self { stage, chance, dismissed: Mutex::default(), failed: Mutex::default() }
    }

    /// Works for ever. A command that fails, because the journal is locked, is tried again the next time.
    pub(crate) async fn work(&self) -> Result<()> {
        loop {
            sleep(Duration::from_millis(self.draw(1_000, 3_000))).await;
            let resumed = self.resume_blocked().await;
            let seen_to = self.see_to_letters().await;
            let paused = if self.draw(0, 9) == 0 { self.pause().await } else { Ok(()) };
            for error in [resumed, seen_to, paused].into_iter().filter_map(Result::err) {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                *failed = (failed.0 + 1, format!("{error:#}"));
            }
        }
    }

    /// Commands that failed, and what the last one said.
    pub(crate) fn failed(&self) -> (u32, String) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What he dismissed is not missed. And a message that the desk published once more may stand in the quarantine once
    /// more: it is counted by its bytes ([`crate::ledgers::quarantine`]).
    pub(crate) fn forgive(&self, mut judgement: Judgement) -> Judgement {
        let dismissed = self.dismissed.lock().unwrap_or_else(PoisonError::into_inner);
        for (dossier, code) in dismissed.iter() {
            if let Some(lines) = judgement.differences.get_mut(dossier) {
                lines.retain(|line| *line != format!("dead letter missing: {code}"));
            }
        }
        for lines in judgement.differences.values_mut() {
            lines.retain(|line| !line.starts_with("quarantine is "));
        }
        judgement.differences.retain(|_, lines| !lines.is_empty());
        judgement
    }

    fn draw(&self, least: u64, most: u64) -> u64 {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).random_range(least..=most)
    }

    async fn resume_blocked(&self) -> Result<()> {
        let status = self.stage.gateway.ask(&["status"]).await?;
        for account in status.get("accounts").and_then(Value::as_array).into_iter().flatten() {
            if let (Some(_), Some(name)) = (
                account.get("blocked").and_then(Value::as_str),
                account.get("account").and_then(Value::as_str),
            ) {
                self.stage.gateway.ask(&["resume", name]).await?;
                self.stage.tally.strike("operator", "resume of a blocked account");
            }
        }
        Ok(())
    }

    async fn pause(&self) -> Result<()> {
        let scope = {
            let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
            PAUSES.choose(&mut *chance).copied().unwrap_or("post")
        };
        if self.draw(0, 2) == 0 {
            self.stage.gateway.ask(&["pause", scope, "--reason", "thử", "--until", "2s"]).await?;
            self.stage.tally.strike("operator", "pause with an end");
            return Ok(());
        }
        self.stage.gateway.ask(&["pause", scope, "--reason", "thử"]).await?;
        self.stage.tally.strike("operator", "pause");
        sleep(Duration::from_millis(self.draw(200, 4_000))).await;
        // Whatever happens to the journal meanwhile: nothing may stay paused.
        while self.stage.gateway.ask(&["resume", scope]).await.is_err() {
            sleep(Duration::from_millis(500)).await;
        }
        self.stage.tally.strike("operator", "resume");
        Ok(())
    }

    async fn see_to_letters(&self) -> Result<()> {
        let list = self.stage.gateway.ask(&["dead-letters", "list", "--all", "--limit", "1000"]).await?;
        let mut acts: Vec<(Act, Letter)> = Vec::new();
        for letter in list.as_array().into_iter().flatten().map(Letter::read) {
            acts.push((self.decide(&letter).await?, letter));
        }
        for (_, letter) in acts.iter().filter(|(act, _)| *act == Act::TakeNote) {
            self.stage.post.partner().advance_to(&letter.number, Step::Accepted);
            self.stage.tally.strike("operator", "the clerk takes note");
        }
        self.command(&acts, Act::Replay, &["dead-letters", "replay"], "replay").await?;
        let not_there = ["dead-letters", "replay", "--not-there"];
        self.command(&acts, Act::ReplayNotThere, &not_there, "replay, not there").await?;
        let dismiss = ["dead-letters", "dismiss", "--reason", "đã trao tay"];
        self.command(&acts, Act::Dismiss, &dismiss, "dismiss").await?;
        let mut dismissed = self.dismissed.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = acts.into_iter().filter(|(act, letter)| *act == Act::Dismiss && letter.code == DISMISSED);
        dismissed.extend(gone.map(|(_, letter)| (letter.dossier, letter.code)));
        Ok(())
    }

    async fn command(&self, acts: &[(Act, Letter)], act: Act, command: &[&str], name: &str) -> Result<()> {
        let ids: Vec<&str> = acts
            .iter()
            .filter(|(found, _)| *found == act)
            .map(|(_, letter)| letter.handoff.as_str())
            .collect();
        for ids in ids.chunks(AT_ONCE) {
            self.stage.gateway.ask(&[command, ids].concat()).await?;
            self.stage.tally.add("operator", name, u32::try_from(ids.len())?);
        }
        Ok(())
    }

    async fn decide(&self, letter: &Letter) -> Result<Act> {
        if letter.code == DISMISSED && letter.is_older_than(CURED) {
            return Ok(Act::Dismiss);
        }
        if EXPECTED.contains(&letter.code.as_str()) || letter.state == "held" {
            return Ok(Act::Leave);
        }
        if letter.kind == "post.order" {
            return Ok(self.decide_order(letter));
        }
        if letter.state != "dead" {
            return Ok(Act::Leave);
        }
        if letter.row_status == 5 && letter.code == "GATEWAY-UNCERTAIN" {
            return self.decide_row_5(letter).await;
        }
        Ok(if letter.is_older_than(SignedDuration::from_secs(1)) { Act::Replay } else { Act::Leave })
    }

    /// The clerk knows whether the post has it.
    fn decide_order(&self, letter: &Letter) -> Act {
        let parcels = self.stage.post.partner().parcels(&letter.number);
        match parcels.last().map(mock_post::Parcel::step) {
            Some(None) => Act::TakeNote,
            // It shows in the feed already.
            Some(Some(_)) => Act::Leave,
            None if letter.state == "dead" && letter.is_older_than(LOOKED_UP) => Act::ReplayNotThere,
            None => Act::Leave,
        }
    }

    /// The portal's page shows whether the row is there: one more than the gateway knows of.
    async fn decide_row_5(&self, letter: &Letter) -> Result<Act> {
        if !letter.is_older_than(LOOKED_UP) {
            return Ok(Act::Leave);
        }
        let report = self.stage.gateway.ask(&["dossier", &letter.dossier]).await?;
        let handoffs = report.get("handoffs").and_then(Value::as_array).cloned().unwrap_or_default();
        let text = |line: &Value, field: &str| line.get(field).and_then(Value::as_str).map(str::to_owned);
        let known = handoffs
            .iter()
            .filter(|line| line.get("row_status").and_then(Value::as_u64) == Some(5))
            .filter(|line| matches!(text(line, "state").as_deref(), Some("accepted" | "dismissed")))
            .count();
        let held = self.stage.portal.partner().dossier(&letter.dossier);
        let held = held.map_or(0, |held| held.rows.iter().filter(|row| row.status == "5").count());
        Ok(if held > known { Act::Dismiss } else { Act::ReplayNotThere })
    }
}
