//! The end of a life: no more faults, everything that was published arrives, time passes until nothing is left to do.
//! Then both partners must hold what the desks said last.

use super::desk::{Desk, Said};
use super::life::{Broken, Life};
use super::partners::Parcel;
use super::store::{Act, Handoff, Store as _};
use super::town::{COMMUNES, PORTALS, POSTS, SOURCES, UNTOLD, moment};
use lienthong_core::event::EventKind;
use lienthong_core::handoff::{HandoffKind, Leg, Partner};
use lienthong_core::plan::reasons;
use lienthong_core::tracking::TrackingState;
use std::collections::BTreeSet;

/// Rounds until everything must have come to rest.
const ROUNDS: usize = 400;

impl Life<'_> {
    /// Ends the life and judges what it left behind.
    pub(super) fn end(&mut self) -> Result<(), Broken> {
        self.faults = false;
        self.tell("no more faults".to_owned());
        self.look()?;
        for _ in 0..ROUNDS {
            if !self.round()? {
                self.everything_has_ended()?;
                self.communes_have_heard()?;
                for index in 0..self.desks.len() {
                    self.portal_shows_the_last_word(&self.desks[index])?;
                    self.the_portals_own_copy_shows_it_too(&self.desks[index])?;
                    self.rows_have_arrived(&self.desks[index])?;
                    self.post_carries_what_is_wanted(&self.desks[index])?;
                }
                return Ok(());
            }
        }
        Err("nothing comes to rest".to_owned())
    }

    /// One round of everything; says whether anything is left.
    fn round(&mut self) -> Result<bool, Broken> {
        let mut opened = false;
        for scope in
            PORTALS.iter().chain(&POSTS).chain(&COMMUNES).copied().chain(["post", "portal", "commune"])
        {
            if self.is_closed(scope) {
                let act = Act::Resume { scope: scope.to_owned() };
                self.store.act(&act, self.now);
                opened = true;
            }
        }
        let lanes: Vec<_> = self.stands.lane_pauses.keys().cloned().collect();
        for (dossier, partner) in lanes {
            let partner = Partner::ALL.into_iter().find(|one| one.name() == partner).expect("a partner");
            self.store.act(&Act::ReleaseLane { dossier, partner }, self.now);
            opened = true;
        }
        if opened {
            self.look()?;
        }
        if !self.wire.is_empty() {
            while !self.wire.is_empty() {
                self.deliver(6)?;
            }
            self.look()?;
        }
        self.claim()?;
        while !self.flights.is_empty() {
            self.send()?;
            self.settle()?;
            self.look()?;
        }
        for index in 0..2 {
            while self.unread(index) {
                self.read_feed(index)?;
                self.look()?;
            }
        }
        self.look()?;
        let ready = self.stands.handoffs.iter().filter_map(|handoff| self.stands.soonest(handoff));
        let held_off = self.stands.accounts.values().filter_map(|account| account.not_before).max();
        let gaps = self.stands.inbox.iter().filter_map(|received| received.plan_at);
        let Some(next) = ready.chain(gaps).min() else { return Ok(false) };
        let next = next.max(held_off.unwrap_or(next)) - moment(0).as_millisecond();
        if moment(next) > self.now {
            self.now = moment(next);
            self.tell("time passes".to_owned());
        }
        if self.stands.inbox.iter().any(|received| received.plan_at.is_some()) {
            self.release_gaps()?;
            self.look()?;
        }
        Ok(true)
    }

    fn is_closed(&self, scope: &str) -> bool {
        let blocked = self.stands.accounts.get(scope).is_some_and(|account| account.blocked.is_some());
        blocked || self.stands.pauses.contains_key(scope)
    }

    fn unread(&mut self, index: usize) -> bool {
        if self.posts[index].feed.is_empty() {
            return false;
        }
        let account = lienthong_core::ids::AccountName::new(POSTS[index]);
        let cursor = self.store.cursor(&account);
        let read = cursor.map_or(0, |cursor| cursor.parse::<usize>().expect("our own cursor"));
        read < self.posts[index].feed.len()
    }

    /// Promise 6, at the end: final, or dead or held where somebody sees it, or waiting behind such a one.
    fn everything_has_ended(&self) -> Result<(), Broken> {
        for handoff in self.stands.handoffs.iter().filter(|handoff| handoff.is_open()) {
            let seen = handoff.is("dead") || handoff.is("held");
            let lane = self.stands.lane(handoff.dossier, handoff.partner());
            let behind = lane.iter().any(|other| other.is("dead") && other.id != handoff.id);
            let waits = handoff.is("waiting") && behind;
            if !seen && !waits {
                return Err(format!("{} {} is {} for ever", handoff.kind.name(), handoff.id, handoff.state));
            }
        }
        Ok(())
    }

    /// What the commune's system is told: of everything that ended or stopped at a partner there is news, and what was
    /// accepted was heard.
    fn communes_have_heard(&self) -> Result<(), Broken> {
        let is_news = |one: &&Handoff| one.kind == HandoffKind::CommuneEvent;
        let heard = |one: &&Handoff| self.communes.iter().any(|commune| commune.heard.contains(&one.id));
        let accepted = self.stands.handoffs.iter().filter(is_news).filter(|one| one.is("accepted"));
        if let Some(lost) = accepted.clone().find(|one| !heard(one)) {
            return Err(format!("the news {} counts as told, and the commune has not heard it", lost.id));
        }
        for (dossier, key) in &self.stands.dossiers {
            let own = || self.stands.handoffs.iter().filter(|one| one.dossier == *dossier);
            // Of a status nothing is told while it is taken.
            let quiet = |one: &&Handoff| one.kind == HandoffKind::PortalStatus && one.is("accepted");
            let ended = |one: &&Handoff| {
                !is_news(one)
                    && !quiet(one)
                    && ["accepted", "dead", "held", "dismissed"].iter().any(|state| one.is(state))
            };
            let (ended, news) = (own().filter(ended).count(), own().filter(is_news).count());
            if news < ended {
                return Err(format!("of {key} {ended} handoffs ended or stopped, and there are {news} news"));
            }
        }
        Ok(())
    }

    fn dossier(&self, desk: &Desk) -> Option<i64> {
        self.stands.dossiers.iter().find(|(_, key)| **key == desk.code).map(|(id, _)| *id)
    }

    fn handoffs<'a>(&'a self, desk: &Desk) -> impl Iterator<Item = &'a Handoff> {
        let dossier = self.dossier(desk);
        self.stands.handoffs.iter().filter(move |handoff| Some(handoff.dossier) == dossier)
    }

    /// What was stored of what the desk said of the dossier, in the desk's order.
    fn heard<'a>(&self, desk: &'a Desk) -> Vec<&'a Said> {
        let stored = |said: &&Said| !said.of_slip && self.book.stored.contains_key(&said.id);
        desk.said.iter().filter(stored).collect()
    }

    /// Whether a step of it came after a newer one.
    fn heard_late(&self, desk: &Desk) -> bool {
        let key = |dossier: &i64| self.stands.dossiers.get(dossier).is_some_and(|key| *key == desk.code);
        self.stands.flags.iter().any(|(dossier, code)| key(dossier) && code == reasons::LATE_EVENT)
    }

    /// Whether statuses came together that no process can mean, as messages were lost or late.
    fn is_muddled(heard: &[&Said]) -> bool {
        let steps: BTreeSet<u8> = heard.iter().map(|said| said.status).collect();
        let ended = steps.contains(&9) || steps.contains(&10);
        ended && (steps.contains(&3) || steps.contains(&1))
    }

    fn portal_shows_the_last_word(&self, desk: &Desk) -> Result<(), Broken> {
        let heard = self.heard(desk);
        let open = |handoff: &Handoff| handoff.kind == HandoffKind::PortalRecord && handoff.is_open();
        let by_hand = |handoff: &Handoff| {
            handoff.kind == HandoffKind::PortalRecord && (handoff.is("dismissed") || handoff.is("resolved"))
        };
        if self.handoffs(desk).any(|handoff| open(handoff) || by_hand(handoff)) || Self::is_muddled(&heard) {
            return Ok(());
        }
        let Some(shown) = self.portals[desk.agency].records.get(&desk.code).and_then(|all| all.last()) else {
            let told = heard.iter().any(|said| said.kind == EventKind::StatusChanged);
            return if told { Err(format!("the portal has no record of {}", desk.code)) } else { Ok(()) };
        };
        // Not every event brings a record: the portal may show any since the newest that does.
        let tells = |said: &&&Said| {
            matches!(
                said.kind,
                EventKind::StatusChanged | EventKind::ReturnRegistered | EventKind::ReturnWithdrawn
            )
        };
        let newest = heard.iter().rev().find(tells).map_or(0, |said| said.sequence);
        let shows: Vec<_> = heard.iter().filter(|said| said.sequence >= newest).collect();
        let allowed: BTreeSet<u8> = shows.iter().flat_map(|said| self.statuses(desk, said, &heard)).collect();
        if !allowed.contains(&shown.status) {
            return Err(format!(
                "the portal shows {} of {}, and should show {allowed:?}",
                shown.status, desk.code
            ));
        }
        if !shows.iter().any(|said| said.subject == shown.subject) {
            return Err(format!(
                "the portal shows {:?} of {}, which is not the newest",
                shown.subject, desk.code
            ));
        }
        Ok(())
    }

    /// Of a dossier that was lodged at the portal: the last status that has a code, unless one is stopped or was settled by
    /// hand.
    fn the_portals_own_copy_shows_it_too(&self, desk: &Desk) -> Result<(), Broken> {
        let heard = self.heard(desk);
        let statuses = || self.handoffs(desk).filter(|one| one.kind == HandoffKind::PortalStatus);
        let set = self.portals[desk.agency].own.get(&desk.code);
        if !desk.lodged || PORTALS[desk.agency] != PORTALS[0] {
            return set.map_or(Ok(()), |_| Err(format!("a status was set of {}", desk.code)));
        }
        let settled = |one: &Handoff| one.is_open() || one.is("dismissed") || one.is("resolved");
        // A late event plans none (decision 0011): the copy stays behind until the next step that has a code.
        if statuses().any(settled) || Self::is_muddled(&heard) || self.heard_late(desk) {
            return Ok(());
        }
        let Some(shown) = set.and_then(|set| set.last()) else { return Ok(()) };
        let newest =
            heard.iter().rev().find(|said| !UNTOLD.contains(&said.status)).map_or(0, |said| said.sequence);
        let later = heard.iter().filter(|said| said.sequence >= newest);
        let allowed: BTreeSet<u8> = later.flat_map(|said| self.statuses(desk, said, &heard)).collect();
        if allowed.contains(shown) {
            return Ok(());
        }
        Err(format!("the portal's own copy of {} has {shown}, and should have one of {allowed:?}", desk.code))
    }

    /// Statuses that the portal may show: the desk's last, or 10 once the post delivered the result.
    fn statuses(&self, desk: &Desk, last: &Said, heard: &[&Said]) -> Vec<u8> {
        let prefix = format!("{}-TRA-", desk.code);
        let post = &self.posts[desk.agency];
        let delivered =
            post.delivered.iter().filter(|(number, _)| number.starts_with(&prefix)).map(|(_, at)| *at).max();
        let dispatched = self.town.dispatched && SOURCES[desk.source] == SOURCES[1] && last.by_post;
        match (last.status, delivered) {
            (9, None) => vec![9],
            (10, None) if dispatched => vec![9, 10],
            (9, Some(at)) => {
                let reopened = heard.iter().any(|said| said.time > at && !matches!(said.status, 9 | 10));
                let open = heard
                    .iter()
                    .rev()
                    .find(|said| said.time <= at)
                    .is_none_or(|said| !matches!(said.status, 9 | 10));
                if reopened || open { vec![9, 10] } else { vec![10] }
            }
            (10, _) => vec![9, 10],
            // Held back over a gap, it was planned after the delivery that came after it, or at the same moment: only a
            // later word of the desk opens a dossier again that was delivered.
            (status, Some(at)) if at >= last.time => vec![status, 10],
            (status, _) => vec![status],
        }
    }

    /// Promise 1, at its end: every step that was stored has its row at the portal, or a dead letter, or a reason.
    fn rows_have_arrived(&self, desk: &Desk) -> Result<(), Broken> {
        for said in self.heard(desk) {
            if said.kind != EventKind::StatusChanged || said.status == 10 {
                continue;
            }
            let received = self.stands.inbox.iter().find(|received| received.event == said.id);
            let inbox = received.map(|received| received.id);
            let mut rows = self.stands.handoffs.iter().filter(|one| {
                one.inbox == inbox
                    && one.kind == HandoffKind::PortalProgress
                    && one.status == Some(said.status)
            });
            let at_portal = self.portals[desk.agency]
                .rows
                .iter()
                .any(|row| row.text == said.id && row.dossier == desk.code);
            let stopped = rows.any(|row| !row.is("accepted"));
            if !at_portal && !stopped {
                return Err(format!("the step {} has no row at the portal", said.id));
            }
        }
        Ok(())
    }

    /// The return leg, as the desk's last word asks for it, unless a person has it.
    fn post_carries_what_is_wanted(&self, desk: &Desk) -> Result<(), Broken> {
        let heard = self.heard(desk);
        let Some(last) = heard.last() else { return Ok(()) };
        let leg = format!("{}-TRA", desk.code);
        let person = |handoff: &Handoff| {
            handoff.partner() == Partner::Post
                && handoff.leg == Some(Leg::Return)
                && (handoff.is("dead") || handoff.is("dismissed"))
        };
        if Self::is_muddled(&heard) || self.book.by_hand.contains(&leg) || self.handoffs(desk).any(person) {
            return Ok(());
        }
        let prefix = format!("{leg}-");
        let parcels: Vec<&Parcel> = self.posts[desk.agency]
            .parcels
            .iter()
            .filter(|(number, _)| number.starts_with(&prefix))
            .flat_map(|(_, parcels)| parcels)
            .collect();
        let uncollected = |parcel: &&&Parcel| parcel.lives() && !parcel.state.is_collected();
        let called_off_by_post = parcels.iter().any(|parcel| parcel.state == TrackingState::Cancelled);
        if last.by_post && last.status == 9 {
            let sent = parcels.iter().any(|parcel| parcel.state != TrackingState::Cancelled);
            if !sent && !called_off_by_post {
                return Err(format!("the result of {} is to go by post, and no order stands", desk.code));
            }
        } else if last.status != 10 && parcels.iter().filter(uncollected).count() > 0 {
            return Err(format!("a return of {} is ordered that nobody wants", desk.code));
        }
        Ok(())
    }
}
