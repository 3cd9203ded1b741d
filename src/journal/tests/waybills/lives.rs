//! Random lives: whatever happens in whatever order, no waybill may have been used by two orders.

use super::*;
use lienthong_core::event::EventKind;
use lienthong_core::ids::HandoffId;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A new dossier whose result goes by post.
    Order,
    /// The citizen withdraws the return of a dossier, or wants it after all.
    Turn(usize),
    /// Everything due is claimed, and the orders end so.
    Send(End),
    /// Everything due is claimed, and the process dies.
    Die,
    /// A person acts on a stopped order.
    Replay,
    Dismiss,
    Reopen,
    /// So many waybills more, or again those from the beginning.
    Import(u32),
    Reimport,
    RetireFree,
    /// What a storm has blocked goes on.
    Resume,
}

/// How an order's attempt ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Accepted,
    Uncertain,
    Down,
    Refused,
    RefusedUnlisted,
    Unusable,
}

impl End {
    fn outcome(self) -> Outcome {
        match self {
            Self::Accepted => Outcome::Accepted(reason("TEST-OK")),
            Self::Uncertain => Outcome::Uncertain(reason("TEST-SILENT")),
            Self::Down => down(),
            Self::Refused => Outcome::Rejected(reason("TEST-NO")),
            Self::RefusedUnlisted => Outcome::Rejected(reason("TEST-57")),
            Self::Unusable => Outcome::Rejected(reason("TEST-105")),
        }
    }

    /// Whether the post may have the parcel under that waybill.
    fn may_be_taken(self) -> bool {
        matches!(self, Self::Accepted | Self::Uncertain | Self::RefusedUnlisted)
    }
}

fn step() -> impl Strategy<Value = Step> {
    let end = prop_oneof![
        3 => Just(End::Accepted), 2 => Just(End::Uncertain), 2 => Just(End::Down),
        2 => Just(End::Refused), 1 => Just(End::RefusedUnlisted), 2 => Just(End::Unusable)
    ];
    prop_oneof![
        5 => Just(Step::Order), 3 => (0..8_usize).prop_map(Step::Turn), 10 => end.prop_map(Step::Send),
        2 => Just(Step::Die), 3 => Just(Step::Replay), 3 => Just(Step::Dismiss), 2 => Just(Step::Reopen),
        3 => (1..4_u32).prop_map(Step::Import), 1 => Just(Step::Reimport), 1 => Just(Step::RetireFree),
        2 => Just(Step::Resume)
    ]
}

struct Life {
    world: Option<World>,
    number_unique: Uniqueness,
    hours: i64,
    dossiers: usize,
    events: BTreeMap<usize, u64>,
    imported: u32,
    /// Waybills that the post may have, and the order they are for.
    taken: BTreeMap<String, String>,
}

impl Life {
    fn world(&self) -> &World {
        self.world.as_ref().expect("a life has a world")
    }

    fn now(&self) -> Timestamp {
        at(self.hours * 3600)
    }

    async fn lead(&mut self, step: Step) {
        self.hours += 3;
        let now = self.now();
        match step {
            Step::Order => {
                self.dossiers += 1;
                self.events.insert(self.dossiers, 1);
                self.world().admit_at(now, [event(self.dossiers, 1, 9)]).await;
            }
            Step::Turn(dossier) => self.turn(dossier).await,
            Step::Send(end) => self.send(end).await,
            Step::Die => {
                for call in self.claim().await {
                    self.may_be_taken(&call);
                }
                let world =
                    self.world.take().expect("a life has a world").die_with(pooled(self.number_unique));
                world.journal.recover(now, 0.5).await.unwrap();
                self.world = Some(world);
            }
            Step::Replay => self.act("dead", |operator, id| operator.replay(id, true, None, now).map(drop)),
            Step::Dismiss => self.act("dead", |operator, id| operator.dismiss(id, "thử", now).map(drop)),
            Step::Reopen => self.act("dismissed", |operator, id| operator.reopen(id, None, now).map(drop)),
            Step::Import(count) => {
                import(self.world(), self.imported + 1, count, now);
                self.imported += count;
            }
            Step::Reimport if self.imported > 0 => {
                assert_eq!(import(self.world(), 1, self.imported, now).new, 0);
            }
            Step::Reimport => {}
            Step::RetireFree => {
                let sql = "SELECT max(code) FROM waybill WHERE number IS NULL AND retired_at IS NULL";
                let free: Option<String> = self.world().file().query_row(sql, [], |row| row.get(0)).unwrap();
                if let Some(free) = free {
                    operator(self.world()).retire_waybill(&free, "thử", now).unwrap();
                }
            }
            Step::Resume => drop(operator(self.world()).resume(POST, None, now).unwrap()),
        }
    }

    async fn turn(&mut self, dossier: usize) {
        let now = self.now();
        let Some(n) = self.events.get_mut(&dossier) else { return };
        *n += 1;
        let mut turned = event(dossier, *n, 9);
        if n.is_multiple_of(2) {
            turned.kind = EventKind::ReturnWithdrawn;
            turned.snapshot.dossier.return_by_post = false;
        } else {
            turned.kind = EventKind::ReturnRegistered;
        }
        self.world().admit_at(now, [turned]).await;
    }

    fn act(
        &self,
        state: &str,
        act: impl Fn(&mut CommandJournal, &HandoffId) -> Result<(), crate::journal::Error>,
    ) {
        let sql =
            "SELECT handoff_id FROM handoff WHERE kind = 'post.order' AND state = ?1 ORDER BY id LIMIT 1";
        let file = self.world().file();
        let id: Option<String> = file.query_row(sql, [state], |row| row.get(0)).ok();
        if let Some(id) = id {
            act(&mut operator(self.world()), &HandoffId::new(id)).unwrap();
        }
    }

    /// Claims everything; what is no order is accepted at once.
    async fn claim(&self) -> Vec<Call> {
        let now = self.now();
        let mut orders = Vec::new();
        for call in self.world().calls(now).await {
            if call.handoffs[0].kind().name() == "post.order" {
                orders.push(call);
            } else {
                self.world().settle(call, Outcome::Accepted(reason("TEST-OK")), now).await;
            }
        }
        orders
    }

    async fn send(&mut self, end: End) {
        for call in self.claim().await {
            self.is_not_anothers(&call);
            if end.may_be_taken() {
                self.may_be_taken(&call);
            }
            self.world().settle(call, end.outcome(), self.now()).await;
        }
    }

    fn may_be_taken(&mut self, call: &Call) {
        self.is_not_anothers(call);
        self.taken.insert(waybill(call), number(call));
    }

    /// The promise.
    fn is_not_anothers(&self, call: &Call) {
        let taken = self.taken.get(&waybill(call));
        assert!(taken.is_none_or(|taken| *taken == number(call)), "{} was used for {taken:?}", waybill(call));
    }
}

fn number(call: &Call) -> String {
    let Content::Order(order) = &call.handoffs[0].content else { panic!("an order") };
    order.number.as_str().to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_waybill_is_ever_used_by_two_orders(
        steps in prop::collection::vec(step(), 20..60),
        number_unique in prop_oneof![3 => Just(Uniqueness::Yes), 1 => Just(Uniqueness::No)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut life = Life {
                world: Some(World::with(pooled(number_unique))), number_unique, hours: 0, dossiers: 0,
                events: BTreeMap::new(), imported: 0, taken: BTreeMap::new(),
            };
            for step in &steps {
                life.lead(*step).await;
            }
            // Every waybill that the post may have stands with its order, or is retired.
            for (waybill, number) in &life.taken {
                let sql = "SELECT ifnull(number, '') = ?2 OR retired_at IS NOT NULL FROM waybill WHERE code = ?1";
                let kept: bool = life.world().file().query_row(sql, [waybill, number], |row| row.get(0)).unwrap();
                assert!(kept, "{waybill} of {number} went back");
            }
        });
    }
}
