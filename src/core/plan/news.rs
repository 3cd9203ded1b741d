//! What the commune's own system is told of a plan.
//!
//! Whatever a person at the desk would have to ask the gateway for is told once: what a partner took or refused, where a
//! parcel is, what somebody must look at. Only agencies with an account for it are told anything. News itself causes no
//! news.

use super::draft::Draft;
use super::{Born, Change, Ended, Flag, Known, Settlement};
use crate::handoff::{Content, HandoffKind, Partner};
use crate::news::{Became, News, Notice, OrderNews, PortalNews, Request, Told, Update};

/// Plans a piece of news for each thing that the plan, and its cause, have to tell.
pub(super) fn tell(draft: &mut Draft<'_>) {
    let account = draft.agency().and_then(|agency| draft.account(agency, Partner::Commune));
    let (Some(account), Some(at)) = (account, draft.at()) else { return };
    for told in draft.all_told() {
        draft.state.told += 1;
        let news = News { sequence: draft.state.told, at, told };
        draft.hand_off(account, Content::News(news), None);
    }
}

/// What is told of a settlement; `None` when it ends or stops nothing that the commune asked for.
pub(super) fn of_settlement(settlement: &Settlement) -> Option<Told> {
    let became = match &settlement.ended {
        Ended::Accepted(_) => Became::Accepted,
        Ended::Dead(reason) => Became::stopped(reason),
        Ended::ByHand => Became::SettledByHand,
        Ended::Reopened => Became::Reopened,
        // Its own end will be told.
        Ended::SentLate(_) => return None,
    };
    let portal = |update| PortalNews { update, status: settlement.status, became: became.clone() };
    let order = |request| {
        let (leg, number) = (settlement.leg?, settlement.number.clone()?);
        Some(Told::Order(OrderNews { request, leg, number, became: became.clone() }))
    };
    match settlement.kind {
        HandoffKind::PortalRecord => Some(Told::Portal(portal(Update::Record))),
        HandoffKind::PortalProgress => Some(Told::Portal(portal(Update::Progress))),
        HandoffKind::PortalStatus => match settlement.ended {
            // That it was taken is told only where it was told to have stopped: `settled` knows.
            Ended::Accepted(_) => None,
            Ended::Dead(_) | Ended::ByHand | Ended::Reopened | Ended::SentLate(_) => {
                Some(Told::Portal(portal(Update::Status)))
            }
        },
        HandoffKind::PostOrder => order(Request::Order),
        HandoffKind::PostCancel => order(Request::Cancel),
        HandoffKind::CommuneEvent => None,
    }
}

/// What is told of a handoff that is planned: nothing of one that is due, because its end will be told.
pub(super) fn of_birth(content: &Content, born: &Born) -> Option<Told> {
    match born {
        Born::Due => None,
        Born::Dead(reason) => Told::of(content, Became::stopped(reason)),
        Born::Held(reason) => Told::of(content, Became::held(reason)),
    }
}

/// What is told of a change of an earlier handoff. What is superseded was replaced: the newer one's end will be told.
pub(super) fn of_change(change: &Change, known: &Known) -> Option<Told> {
    match change {
        Change::Supersede { .. } => None,
        Change::Replan { content, born, .. } => of_birth(content, born),
        Change::Annihilate { id } => {
            let open = known.open.iter().find(|open| open.id == *id)?;
            let (leg, number) = (open.leg?, open.number.clone()?);
            Some(Told::Order(OrderNews { request: Request::Order, leg, number, became: Became::CalledOff }))
        }
    }
}

/// What is told of something that the desk should see.
pub(super) fn of_flag(flag: &Flag) -> Told {
    Told::Notice(Notice { code: flag.code.clone(), task: flag.task })
}
