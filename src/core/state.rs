//! What plans leave behind for later plans of the same dossier.
//!
//! The state is written with every event, so it is small; it outlives the payloads, so it holds no personal data: codes,
//! numbers, times, stages. Business, postal and portal facts are kept apart, never folded into one status. Only `plan`
//! writes it; the journal stores it without looking inside. `Default` is a dossier never heard of.

use crate::handoff::Leg;
use crate::ids::{AccountName, HandoffId, OrderNumber, Source};
use crate::status::Status;
use crate::tracking::{Money, TrackingState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// State of a dossier between plans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DossierState {
    /// How far each source has been heard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heard: Vec<Heard>,
    /// When the event behind the newest snapshot happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// Where the dossier stands, and what the portal was told.
    pub portal: PortalState,
    /// Whether the citizen wants the papers collected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup: Option<Wish>,
    /// The newest order of each leg.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub legs: BTreeMap<Leg, LegState>,
    /// How much the commune's system was told: the place of the last piece of news.
    #[serde(skip_serializing_if = "is_zero")]
    pub told: u32,
}

impl DossierState {
    /// How far this source has been heard about the dossier, or about its slip.
    pub fn heard_of(&self, source: &Source, slip: bool) -> Option<&Heard> {
        self.heard.iter().find(|heard| heard.source == *source && heard.slip == slip)
    }

    /// Forgets what was planned while the gateway only observed, and so never left: such an order's number is free, and
    /// the portal has no record from us.
    pub fn forget_observed(
        &mut self,
        order_was_observed: impl Fn(&HandoffId) -> bool,
        record_was_observed: bool,
    ) {
        for state in self.legs.values_mut() {
            if order_was_observed(&state.order) {
                state.stage = LegStage::Free;
                state.wanted = false;
            }
        }
        if record_was_observed && !self.portal.acknowledged {
            self.portal.recorded = false;
            self.portal.lists.clear();
            self.portal.emptying = None;
        }
    }

    /// Whether nothing more can come of the newest snapshot by itself: the desk has ended, and no parcel is under way. A
    /// slip that no dossier has named ends with its parcel.
    pub fn is_at_rest(&self) -> bool {
        let at_the_desk = match self.portal.status {
            Some(Status::Refused | Status::Withdrawn | Status::Stopped | Status::Done | Status::Returned)
            | None => false,
            Some(
                Status::Lodged
                | Status::Received
                | Status::Processing
                | Status::SupplementAsked
                | Status::PaymentAsked,
            ) => true,
        };
        !at_the_desk && !self.legs.values().any(|leg| leg.stage.is_under_way())
    }

    /// The state after the slip that this dossier began with is joined to it.
    ///
    /// The dossier's own facts stand; the slip brings its pickup. Where both ordered one, the order further on its way
    /// stands: the other could only be called off by a person.
    #[must_use]
    pub fn join(mut self, slip: Self) -> Self {
        for heard in slip.heard {
            if self.heard_of(&heard.source, heard.slip).is_none() {
                self.heard.push(heard);
            }
        }
        for (leg, state) in slip.legs {
            let stands = self.legs.get(&leg).is_some_and(|own| own.stage.weight() > state.stage.weight());
            if !stands {
                self.legs.insert(leg, state);
            }
        }
        self.pickup = match (self.pickup, slip.pickup) {
            (Some(own), Some(theirs)) => Some(if theirs.at > own.at { theirs } else { own }),
            (own, theirs) => own.or(theirs),
        };
        self.as_of = self.as_of.or(slip.as_of);
        self.told = self.told.max(slip.told);
        self
    }
}

/// How far a source has been heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The source.
    pub source: Source,
    /// It spoke of the slip: slips are counted apart from dossiers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub slip: bool,
    /// Highest position heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// Newest time heard.
    pub time: Timestamp,
}

/// Where a dossier stands, and what the portal was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PortalState {
    /// Status in the desk's newest snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// When the desk reported that status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_at: Option<Timestamp>,
    /// Status of the newest step that the desk reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<Status>,
    /// The desk's 10 means only that the parcel has left: the portal is told 9.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dispatched: bool,
    /// Lasting fact: when the post delivered the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// When the desk last took a finished dossier up again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reopened_at: Option<Timestamp>,
    /// How often supplements were asked for.
    #[serde(skip_serializing_if = "is_zero")]
    pub supplements: u32,
    /// A record was planned.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub recorded: bool,
    /// The portal accepted a record.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub acknowledged: bool,
    /// Lists that a planned record carried with entries.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub lists: BTreeSet<List>,
    /// The status that was last planned for the portal's own copy of a dossier that was lodged there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_told: Option<Status>,
    /// The newest status for a dossier that was lodged at the portal stopped, and the commune's system was told so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub status_stopped: bool,
    /// The record that is held because it would empty lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emptying: Option<Emptying>,
}

impl PortalState {
    /// The status that the portal is to show: the desk's, with the gateway's own lasting facts.
    pub fn reported(&self) -> Option<Status> {
        if self.delivered_at.is_some() {
            return Some(Status::Returned);
        }
        self.status.map(|status| if self.dispatched { Status::Done } else { status })
    }
}

/// Lists that the portal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum List {
    /// Papers handed in.
    Documents,
    /// Result papers.
    Results,
    /// Rounds of supplements.
    Supplements,
    /// Fees.
    Fees,
}

/// A held record and the lists that it would empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emptying {
    /// The record.
    pub record: HandoffId,
    /// The lists.
    pub lists: BTreeSet<List>,
}

/// Something the citizen wants or no longer wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// It is wanted.
    pub wanted: bool,
    /// Since when.
    pub at: Timestamp,
}

/// The newest order of a leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegState {
    /// The number's last part.
    pub n: u32,
    /// The order's number.
    pub number: OrderNumber,
    /// The handoff that orders it.
    pub order: HandoffId,
    /// The account it was planned for: a cancel goes the same way.
    pub account: AccountName,
    /// When the event behind it happened: tracking much older than this is not believed.
    pub ordered_at: Timestamp,
    /// Cash that the postman collects.
    #[serde(default, skip_serializing_if = "is_zero_cash")]
    pub cash: u64,
    /// A parcel was wanted when the leg was last looked at.
    pub wanted: bool,
    /// How far it got.
    pub stage: LegStage,
    /// The post's newest report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracked: Option<Tracked>,
    /// How far its cash got, as the post reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cashed: Option<Cashed>,
}

/// The post's newest report about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked {
    /// Where the parcel is.
    pub state: TrackingState,
    /// Since when.
    pub at: Timestamp,
}

/// How far the cash of an order got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cashed {
    /// What became of it.
    pub money: Money,
    /// Since when.
    pub at: Timestamp,
}

/// How far a leg's newest order got, as far as plans know. Whether it was sent stands in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LegStage {
    /// Called off before it left: the number is free again.
    Free,
    /// Planned, sent or taken; not collected.
    Ordered,
    /// A cancel is on its way.
    Cancelling,
    /// The cancel is confirmed.
    Cancelled,
    /// The post called it off on its own.
    CancelledByPost,
    /// The cancel failed: the parcel may go on, a person has the task.
    CancelFailed,
    /// A person settled the order or its cancel.
    ByHand,
    /// In the post's hands.
    Collected,
    /// The receiver has it.
    Delivered,
    /// Back with the sender.
    Returned,
}

impl LegStage {
    /// Whether the order or its parcel may still move.
    pub fn is_under_way(self) -> bool {
        match self {
            Self::Ordered | Self::Cancelling | Self::CancelFailed | Self::Collected => true,
            Self::Free
            | Self::Cancelled
            | Self::CancelledByPost
            | Self::ByHand
            | Self::Delivered
            | Self::Returned => false,
        }
    }

    /// How much it weighs when two orders of one leg meet: what lives weighs more than what ended.
    fn weight(self) -> u8 {
        match self {
            Self::Free => 0,
            Self::Cancelled | Self::CancelledByPost => 1,
            Self::Cancelling | Self::ByHand => 2,
            Self::Ordered => 3,
            Self::CancelFailed => 4,
            Self::Returned => 5,
            Self::Collected => 6,
            Self::Delivered => 7,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero_cash(cash: &u64) -> bool {
    *cash == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(status: Option<u8>, stage: Option<LegStage>) -> DossierState {
        let leg = |stage| LegState {
            n: 1,
            number: OrderNumber::new("X-TRA-1"),
            order: HandoffId::new("order"),
            account: AccountName::new("post-1"),
            ordered_at: Timestamp::UNIX_EPOCH,
            cash: 0,
            wanted: true,
            stage,
            tracked: None,
            cashed: None,
        };
        DossierState {
            portal: PortalState {
                status: status.map(|code| Status::try_from(code).unwrap()),
                ..PortalState::default()
            },
            legs: stage.map(|stage| (Leg::Return, leg(stage))).into_iter().collect(),
            ..DossierState::default()
        }
    }

    #[test]
    fn a_dossier_is_at_rest_when_the_desk_has_ended_and_no_parcel_is_under_way() {
        fn check(status: Option<u8>, stage: Option<LegStage>, expected: bool) {
            assert_eq!(state(status, stage).is_at_rest(), expected, "{status:?} {stage:?}");
        }
        for status in 1..=10 {
            check(Some(status), None, matches!(status, 3 | 7 | 8 | 9 | 10));
        }
        for stage in [LegStage::Ordered, LegStage::Cancelling, LegStage::CancelFailed, LegStage::Collected] {
            check(Some(9), Some(stage), false);
            check(None, Some(stage), false);
        }
        for stage in [LegStage::Free, LegStage::Cancelled, LegStage::CancelledByPost, LegStage::ByHand] {
            check(Some(9), Some(stage), true);
        }
        check(Some(10), Some(LegStage::Delivered), true);
        check(Some(4), Some(LegStage::Delivered), false);
        check(Some(9), Some(LegStage::Returned), true);
        check(None, None, true);
    }
}
