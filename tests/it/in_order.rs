//! Promise 4: per dossier and partner, in the order of the plan, through everything that a partner does.

use crate::support::{Dossier, Event, Options, Row, World};
use mock_kit::{Deed, Fault, Stage, Wait};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

const DOSSIERS: usize = 40;
const LIFE: [u8; 6] = [2, 4, 6, 4, 9, 10];

/// Misfortunes of calls, some after the call took effect.
fn misfortunes() -> Vec<Deed> {
    let status = |taken| Deed::Status { status: 500, body: String::new(), taken };
    vec![
        status(false),
        status(true),
        Deed::TooMany { wait: Wait::None },
        Deed::TooMany { wait: Wait::Seconds(1) },
        Deed::Unavailable { wait: Wait::None },
        Deed::Silence { taken: false },
        Deed::Silence { taken: true },
        Deed::Reset { stage: Stage::BeforeTaking },
        Deed::Reset { stage: Stage::AfterTaking },
        Deed::Unreadable,
        Deed::SessionExpired,
        Deed::Delay { ms: 80, taken: true },
    ]
}

/// What took effect for one dossier, in the order in which it did: records by status, rows by themselves.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Record(String),
    Row(Row),
}

fn told(world: &World, dossier: &Dossier) -> Vec<Told> {
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    let mut told = Vec::new();
    for entry in
        world.portal.ledger().iter().filter(|entry| entry.took_effect() && entry.keys.contains(&dossier.code))
    {
        for item in entry.json()["data"].as_array().into_iter().flatten() {
            told.push(match entry.operation.as_str() {
                "DongBoHoSoMC" => Told::Record(text(item, "TrangThaiHoSo")),
                "CapNhatTienDoHoSoMC" => Told::Row((
                    text(item, "ThoiDiemXuLy"),
                    text(item, "TrangThai"),
                    text(item, "NoiDungXuLy"),
                )),
                other => panic!("{other} is not expected"),
            });
        }
    }
    told
}

fn check(world: &World, dossier: &Dossier, planned: &[Row]) {
    let told = told(world, dossier);
    assert!(matches!(told.first(), Some(Told::Record(_))), "a record goes before its rows: {told:?}");
    let rows: Vec<&Row> =
        told.iter().filter_map(|told| if let Told::Row(row) = told { Some(row) } else { None }).collect();
    let mut once: Vec<&Row> = Vec::new();
    for row in &rows {
        if !once.contains(row) {
            once.push(row);
        }
    }
    assert_eq!(once, planned.iter().collect::<Vec<_>>(), "{}", dossier.code);
    let doubled: BTreeSet<_> =
        planned.iter().filter(|row| rows.iter().filter(|told| told == &row).count() > 1).collect();
    let doubtful =
        world.journal().of(&dossier.code, "portal.progress").iter().filter(|row| row.maybe_doubled).count();
    assert!(
        doubled.len() <= doubtful,
        "{} rows of {} are doubled, {doubtful} marked",
        doubled.len(),
        dossier.code
    );
    assert_eq!(world.record_status(dossier).as_deref(), Some("10"));
}

#[tokio::test]
async fn rows_arrive_in_the_order_of_the_plan_through_errors_limits_and_silence() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let world = World::with(Options { deadline: "400ms", ..Options::default() }).await;
    for deed in misfortunes() {
        for operation in ["DongBoHoSoMC", "CapNhatTienDoHoSoMC"] {
            for _ in 0..3 {
                let fault = Fault::new(deed.clone()).on(operation).after(chance.random_range(0..60));
                world.portal.fault(fault.times(chance.random_range(1..4)));
            }
        }
    }
    let gateway = world.gateway().await;
    let mut dossiers: Vec<Dossier> = (0..DOSSIERS).map(Dossier::new).collect();
    let mut planned: Vec<Vec<Row>> = vec![Vec::new(); DOSSIERS];
    for status in LIFE {
        let events: Vec<Event> = dossiers.iter_mut().map(|dossier| dossier.status(status)).collect();
        for (rows, event) in planned.iter_mut().zip(&events) {
            rows.push(event.row());
        }
        world.publish(&events).await;
        tokio::time::sleep(Duration::from_millis(chance.random_range(0..150))).await;
    }
    world.settled(DOSSIERS * LIFE.len(), Duration::from_secs(60)).await;
    let dead: Vec<_> = world.journal().handoffs().into_iter().filter(|handoff| handoff.is_listed()).collect();
    assert_eq!(dead, []);
    for (dossier, rows) in dossiers.iter().zip(&planned) {
        check(&world, dossier, rows);
    }
    gateway.stop().await;
}
