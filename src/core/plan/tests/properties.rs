//! What holds for every life of a dossier, however odd.

use super::sample::{self, CODE, pickup, slip, step, with};
use super::statuses;
use super::world::World;
use crate::event::{Event, EventKind};
use crate::handoff::{Content, HandoffKind, Leg};
use crate::ids::{EventId, OrderNumber, PortalCode};
use crate::plan::{Born, Cause, Open, Place, Plan, Stage, plan};
use crate::state::LegStage;
use crate::status::Status;
use crate::tracking::TrackingState;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Happening {
    Desk { kind: EventKind, status: u8, by_post: bool, paid: bool, phone: bool, skip: u64 },
    Late { status: u8 },
    Slip,
    Track { leg: Leg, n: u32, state: TrackingState },
    Accept { kind: HandoffKind },
    Refuse { kind: HandoffKind, uncertain: bool },
    Attempt { kind: HandoffKind, uncertain: bool },
}

fn happening() -> impl Strategy<Value = Happening> {
    let kind = prop_oneof![
        6 => Just(EventKind::StatusChanged),
        4 => prop::sample::select(EventKind::ALL.to_vec()),
    ];
    let desk =
        (kind, 1..=10_u8, prop::bool::weighted(0.8), any::<bool>(), prop::bool::weighted(0.9), 0..2_u64);
    let handoff = || {
        prop::sample::select(vec![
            HandoffKind::PortalRecord,
            HandoffKind::PortalProgress,
            HandoffKind::PortalStatus,
            HandoffKind::PostOrder,
            HandoffKind::PostCancel,
        ])
    };
    let leg = prop::sample::select(vec![Leg::Pickup, Leg::Return, Leg::PapersBack]);
    let track = (leg, 1..3_u32, prop::sample::select(TrackingState::ALL.to_vec()));
    prop_oneof![
        6 => desk.prop_map(|(kind, status, by_post, paid, phone, skip)| {
            Happening::Desk { kind, status, by_post, paid, phone, skip }
        }),
        1 => (1..=10_u8).prop_map(|status| Happening::Late { status }),
        1 => Just(Happening::Slip),
        2 => track.prop_map(|(leg, n, state)| Happening::Track { leg, n, state }),
        5 => handoff().prop_map(|kind| Happening::Accept { kind }),
        1 => (handoff(), any::<bool>()).prop_map(|(kind, uncertain)| Happening::Refuse { kind, uncertain }),
        1 => (handoff(), any::<bool>()).prop_map(|(kind, uncertain)| Happening::Attempt { kind, uncertain }),
    ]
}

/// Plays a life and looks at every plan.
struct Player {
    world: World,
    sequence: u64,
    late: u32,
}

impl Player {
    fn play(&mut self, happening: &Happening) -> Option<Plan> {
        self.world.now = sample::minute(self.sequence * 10 + 60);
        match happening {
            Happening::Desk { kind, status, by_post, paid, phone, skip } => {
                self.sequence += 1 + skip;
                let event = if *kind == EventKind::StatusChanged {
                    step(self.sequence, *status)
                } else {
                    pickup(self.sequence, *kind, *status)
                };
                let event = with(event, |snapshot| {
                    snapshot.dossier.return_by_post = *by_post;
                    snapshot.dossier.portal_code = Some(PortalCode::new("G22.99.1-261030-0142"));
                    snapshot.fees.iter_mut().flatten().for_each(|fee| fee.paid = *paid);
                    if !phone {
                        snapshot.applicant.phone = None;
                        snapshot.postal.return_to.as_mut().unwrap().phone = None;
                    }
                });
                Some(self.desk(&event))
            }
            Happening::Late { status } if self.sequence > 1 => {
                self.late += 1;
                let mut event = step(1, *status);
                event.id = EventId::new(format!("late-{}", self.late));
                Some(self.desk(&event))
            }
            Happening::Slip => {
                self.sequence += 1;
                Some(self.desk(&slip(self.sequence, EventKind::PickupRequested)))
            }
            Happening::Track { leg, n, state } => {
                let number = format!("{CODE}-{}-{n}", leg.name());
                let at = self.sequence * 10 + 5;
                self.world
                    .accepted
                    .contains(&OrderNumber::new(number.as_str()))
                    .then(|| self.world.track(&number, *state, at))
            }
            Happening::Accept { kind } => {
                self.has(*kind, |stage| stage != Stage::Held).then(|| self.world.accept(*kind))
            }
            Happening::Refuse { kind, uncertain } => {
                let code = if *uncertain { "GATEWAY-UNCERTAIN" } else { "PARTNER-9" };
                self.has(*kind, |stage| stage == Stage::Waiting).then(|| self.world.refuse(*kind, code, None))
            }
            Happening::Attempt { kind, uncertain } => {
                if self.has(*kind, |stage| stage == Stage::Waiting) {
                    let stage = if *uncertain { Stage::Uncertain } else { Stage::Sending };
                    self.world.attempt(*kind, stage);
                }
                None
            }
            Happening::Late { .. } => None,
        }
    }

    /// Whether the first of that kind that is neither dead nor final stands so.
    fn has(&self, kind: HandoffKind, stands: impl Fn(Stage) -> bool) -> bool {
        let mut open = self.world.open.iter().filter(|open| open.kind == kind);
        open.next().is_some_and(|open| open.stage != Stage::Dead && stands(open.stage) && !self.waits(open))
    }

    /// A cancel waits for its order's call.
    fn waits(&self, cancel: &Open) -> bool {
        let mut others = self.world.open.iter().filter(|open| open.id != cancel.id);
        cancel.kind == HandoffKind::PostCancel
            && others.any(|open| open.number == cancel.number && open.stage == Stage::Sending)
    }

    /// Plans the event twice: the plans must be the same.
    fn desk(&mut self, event: &Event) -> Plan {
        let world = &self.world;
        let known = world.known();
        let again = plan(Cause::Desk(event), &known, &world.tables, &sample::Strict, world.now);
        let made = self.world.desk(event);
        assert_eq!(format!("{made:?}"), format!("{again:?}"), "planning is deterministic");
        made
    }
}

fn ids_are_unique(plan: &Plan) {
    for (index, planned) in plan.handoffs.iter().enumerate() {
        assert!(plan.handoffs.iter().skip(index + 1).all(|other| other.id != planned.id));
    }
}

/// Numbers with a live order: planned, sent or taken, and not known to have ended.
fn legs_have_one_live_order(world: &World) {
    let mut live: BTreeMap<Leg, Vec<&OrderNumber>> = BTreeMap::new();
    for open in world.open.iter().filter(|open| open.kind == HandoffKind::PostOrder) {
        let leg = open.leg.unwrap();
        if leg != Leg::Forward {
            live.entry(leg).or_default().push(open.number.as_ref().unwrap());
        }
    }
    for (leg, numbers) in live {
        let newest = &world.state.legs[&leg].number;
        let others = numbers.iter().filter(|number| **number != newest).count();
        assert_eq!((others, numbers.len()), (0, 1), "{leg:?} {numbers:?}\n{}", world.story());
    }
}

fn the_newest_record_is_last(world: &World, plan: &Plan) {
    let records: Vec<_> = world.open.iter().filter(|open| open.kind == HandoffKind::PortalRecord).collect();
    let new = plan.handoffs.iter().find(|planned| planned.content.kind() == HandoffKind::PortalRecord);
    if let (Some(new), Some(last)) = (new, records.last()) {
        assert_eq!(last.id, new.id, "{}", world.story());
    }
}

/// What has not left and what stopped is the newest status there is: a newer one would say all that it says.
fn only_the_newest_status_waits(world: &World) {
    let statuses: Vec<_> = world.open.iter().filter(|open| open.kind == HandoffKind::PortalStatus).collect();
    let older = statuses.split_last().map_or(&[][..], |(_, older)| older);
    for status in older {
        let stays = match status.stage {
            Stage::Sending | Stage::Uncertain => true,
            Stage::Waiting => status.attempted,
            Stage::Dead | Stage::Held => false,
        };
        assert!(stays, "{}", world.story());
    }
}

/// Every record tells the status as it stands, and every step that is not refused brings one.
fn the_newest_status_is_told(happening: &Happening, plan: &Plan) {
    let mut told = plan.handoffs.iter().filter_map(|planned| match &planned.content {
        Content::Record(record) => Some(record.status),
        Content::Row(_) | Content::Status(_) | Content::Order(_) | Content::Cancel(_) | Content::News(_) => {
            None
        }
    });
    let first = told.next();
    assert!(told.next().is_none(), "one record a plan: {plan:?}");
    assert!(first.is_none() || first == plan.state.portal.reported(), "{plan:?}");
    let refused = plan.handoffs.iter().any(|planned| match &planned.born {
        Born::Dead(reason) => reason.code.as_str() == "GATEWAY-STATUS-JUMP",
        Born::Due | Born::Held(_) => false,
    });
    let step = matches!(happening, Happening::Desk { kind: EventKind::StatusChanged, .. });
    assert!(!step || refused || first.is_some(), "{plan:?}");
}

fn no_collected_parcel_is_cancelled(before: &crate::state::DossierState, plan: &Plan) {
    for planned in &plan.handoffs {
        if let Content::Cancel(cancel) = &planned.content {
            let stage = before.legs[&cancel.leg].stage;
            assert_eq!(stage, LegStage::Ordered, "{cancel:?}");
            let tracked = before.legs[&cancel.leg].tracked;
            assert!(!tracked.is_some_and(|tracked| tracked.state.is_collected()), "{cancel:?}");
        }
    }
}

fn no_accepted_number_is_used_again(accepted: &[OrderNumber], plan: &Plan) {
    for planned in &plan.handoffs {
        if let Content::Order(order) = &planned.content {
            assert!(!accepted.contains(&order.number), "{}", order.number);
        }
    }
}

/// Every status event in order is one row, unless the gateway said its 10 first or no process can mean it.
fn a_step_is_one_row(happening: &Happening, told: bool, plan: &Plan) {
    let Happening::Desk { kind: EventKind::StatusChanged, status, .. } = happening else { return };
    let rows = plan.handoffs.iter().filter(|planned| planned.content.kind() == HandoffKind::PortalProgress);
    let expected = usize::from(!(told && *status == Status::Returned.code()));
    assert_eq!(rows.count(), expected, "{plan:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_life_keeps_the_promises(life in prop::collection::vec(happening(), 1..40)) {
        let mut player = Player { world: World::with_tables(statuses::tables()), sequence: 0, late: 0 };
        for happening in &life {
            let (state, accepted) = (player.world.state.clone(), player.world.accepted.clone());
            let Some(made) = player.play(happening) else { continue };
            ids_are_unique(&made);
            legs_have_one_live_order(&player.world);
            the_newest_record_is_last(&player.world, &made);
            the_newest_status_is_told(happening, &made);
            only_the_newest_status_waits(&player.world);
            no_collected_parcel_is_cancelled(&state, &made);
            no_accepted_number_is_used_again(&accepted, &made);
            let lasting = made.state.portal.delivered_at.is_some();
            a_step_is_one_row(happening, lasting, &made);
            for planned in &made.handoffs {
                let row = planned.content.kind() == HandoffKind::PortalProgress;
                prop_assert!(!row || planned.place == Place::Last);
            }
        }
    }
}
