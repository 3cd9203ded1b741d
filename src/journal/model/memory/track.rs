//! The tracking feed.

use super::{Memory, stored};
use crate::journal::{FeedProgress, FeedReading};
use jiff::Timestamp;
use lienthong_core::handoff::HandoffKind;
use lienthong_core::next::Next;
use lienthong_core::outcome::{Reason, ReasonCode, gateway};
use lienthong_core::plan::Cause;
use lienthong_core::tracking::{Money, TrackingEvent, TrackingState};

impl Memory {
    pub(super) fn track_all(&mut self, reading: &FeedReading) -> FeedProgress {
        let mut progress = FeedProgress::default();
        let now = stored(reading.read_at);
        for report in &reading.rows {
            if !self.feed.insert((reading.account.as_str().to_owned(), report.feed_id.clone())) {
                continue;
            }
            progress.new += 1;
            if let Some(news) = report.meaning.parcel {
                self.index(report, news);
            }
            if let Some(money) = report.meaning.money {
                self.index_cash(report, money);
            }
            let order = self.rows.values().find(|row| {
                row.kind == HandoffKind::PostOrder
                    && row.number.as_ref() == Some(&report.number)
                    && row.state != "superseded"
            });
            let Some((row, dossier, inbox)) = order.map(|row| (row.id, row.dossier, row.inbox)) else {
                progress.strangers += 1;
                continue;
            };
            self.adopt(row, now);
            self.plan(dossier, inbox, Cause::Tracking(report), now);
        }
        let account = self.account(&reading.account);
        account.cursor = reading.cursor.clone().or_else(|| account.cursor.take());
        progress
    }

    fn index(&mut self, report: &TrackingEvent, news: TrackingState) {
        let number = report.number.as_str().to_owned();
        let newest = self.tracking.get(&number);
        let stays = newest.is_some_and(|(at, feed_id, state)| !replaces(report, news, *at, feed_id, state));
        if !stays {
            let state = news.name().to_owned();
            self.tracking.insert(number, (stored(report.at), report.feed_id.clone(), state));
        }
    }

    fn index_cash(&mut self, report: &TrackingEvent, money: Money) {
        let number = report.number.as_str().to_owned();
        let unknown = (Timestamp::UNIX_EPOCH, report.feed_id.clone(), "unknown".to_owned());
        self.tracking.entry(number.clone()).or_insert(unknown);
        let cash = self.cash.entry(number).or_insert(money);
        *cash = money.max(*cash);
    }

    fn adopt(&mut self, id: i64, now: Timestamp) {
        let row = &self.rows[&id];
        let code = row.code.as_deref().unwrap_or_default();
        let doubted = row.state == "dead" && [gateway::UNCERTAIN, gateway::NO_ACCOUNT].contains(&code);
        let tried = row.state == "waiting" && row.attempts > 0;
        if row.state == "uncertain" || doubted || tried {
            let found = Next::Accepted(Reason::new(ReasonCode::known(gateway::FOUND)));
            self.become_what(id, &found, now);
        }
    }
}

/// Whether a report takes the place of the newest one.
fn replaces(report: &TrackingEvent, news: TrackingState, at: Timestamp, feed_id: &str, state: &str) -> bool {
    let state = TrackingState::from_name(state);
    let ended = matches!(state, Some(TrackingState::Delivered | TrackingState::Returned));
    if ended && !news.is_final() {
        return false;
    }
    if news.is_final() && !state.is_some_and(TrackingState::is_final) {
        return true;
    }
    let newer = (report.feed_id.len(), report.feed_id.as_str()) > (feed_id.len(), feed_id);
    report.at > at || (report.at == at && newer)
}
