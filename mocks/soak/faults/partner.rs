//! Both partners: every deed of the mocks for every operation, outages short and long, flapping, sessions that die.
//!
//! Left out is what no gateway can survive, because it is a lie about what took effect: a refusal (4xx, *already
//! exists* of an order) of what was taken, or the other way round.

use super::Edge;
use anyhow::{Context as _, Result};
use mock_kit::{Deed, Fault, Partner, Running, Stage as Moment, Wait};
use rand::Rng as _;
use std::time::Duration;
use tokio::time::sleep;

const PORTAL: [&str; 3] = ["login", "DongBoHoSoMC", "CapNhatTienDoHoSoMC"];
const POST: [&str; 4] = ["token", "order", "cancel", "tracking"];

/// Operations that are called only when somebody has to log in again: they are forgotten first.
const RARE: [&str; 2] = ["login", "token"];

/// Longest wait of an answer, beyond the gateway's deadline of 3 s; the operator waits longer before calling an order lost.
const LONGEST: u64 = 5_000;

/// What a partner meets next.
#[derive(Clone)]
enum Trouble {
    Deed(&'static str, Box<Deed>),
    Outage { ms: u64 },
    Flapping,
    Forgetting,
}

/// Strikes the portal until it is over.
pub(super) async fn strike_portal(edge: Edge) -> Result<()> {
    let stage = std::sync::Arc::clone(&edge.stage);
    let forget = || stage.portal.partner().expire_sessions(None);
    strike(edge, "portal", &stage.portal, &PORTAL, &forget).await
}

/// Strikes the post until it is over.
pub(super) async fn strike_post(edge: Edge) -> Result<()> {
    let stage = std::sync::Arc::clone(&edge.stage);
    let forget = || stage.post.partner().expire_tokens(None);
    strike(edge, "post", &stage.post, &POST, &forget).await
}

async fn strike<P: Partner>(
    mut edge: Edge,
    name: &'static str,
    partner: &Running<P>,
    operations: &[&'static str],
    forget: &(dyn Fn() + Sync),
) -> Result<()> {
    let whole = troubles(operations);
    let mut deck = Vec::new();
    while edge.waits(200, 1_500).await {
        match edge.draw(&mut deck, &whole) {
            Trouble::Deed(operation, deed) => {
                let rare = RARE.contains(&operation);
                let number = arm(&mut edge, partner, operation, (*deed).clone(), rare);
                if rare {
                    forget();
                }
                edge.waits(500, 3_000).await;
                let hits = partner.hits(number).unwrap_or_default();
                partner.clear_fault(number);
                edge.stage.tally.add(name, &format!("{operation}: {}", deed.kind()), hits);
            }
            Trouble::Outage { ms } => {
                go_away(&mut edge, partner, ms / 2, ms).await?;
                edge.stage.tally.strike(name, "outage");
            }
            Trouble::Flapping => {
                for _ in 0..5 {
                    go_away(&mut edge, partner, 50, 600).await?;
                    edge.waits(50, 600).await;
                }
                edge.stage.tally.strike(name, "flapping");
            }
            Trouble::Forgetting => {
                forget();
                edge.stage.tally.strike(name, "sessions forgotten");
            }
        }
    }
    Ok(())
}

fn troubles(operations: &[&'static str]) -> Vec<Trouble> {
    let mut troubles: Vec<Trouble> = operations
        .iter()
        .flat_map(|operation| {
            deeds(operation).into_iter().map(|deed| Trouble::Deed(operation, Box::new(deed)))
        })
        .collect();
    troubles.extend([400, 1_500, 5_000, 12_000].map(|ms| Trouble::Outage { ms }));
    troubles.extend([Trouble::Flapping, Trouble::Flapping]);
    troubles.extend([Trouble::Forgetting, Trouble::Forgetting, Trouble::Forgetting]);
    troubles
}

fn deeds(operation: &str) -> Vec<Deed> {
    let status = |status, taken| Deed::Status { status, body: "khong phuc vu duoc".to_owned(), taken };
    let mut deeds = vec![
        Deed::Delay { ms: 400, taken: false },
        Deed::Delay { ms: LONGEST, taken: false },
        Deed::Delay { ms: LONGEST, taken: true },
        status(400, false),
        status(401, false),
        status(403, false),
        status(500, false),
        status(500, true),
        status(503, false),
        status(504, true),
        Deed::TooMany { wait: Wait::None },
        Deed::TooMany { wait: Wait::Seconds(1) },
        Deed::TooMany { wait: Wait::DateIn(2) },
        Deed::Unavailable { wait: Wait::None },
        Deed::Unavailable { wait: Wait::Seconds(1) },
        Deed::Reset { stage: Moment::BeforeReading },
        Deed::Reset { stage: Moment::BeforeTaking },
        Deed::Reset { stage: Moment::AfterTaking },
        Deed::Silence { taken: false },
        Deed::Silence { taken: true },
        Deed::HtmlPage { taken: false },
        Deed::HtmlPage { taken: true },
        Deed::Unreadable,
        Deed::Huge { bytes: 3 << 20, taken: false },
        Deed::Huge { bytes: 3 << 20, taken: true },
        Deed::SessionExpired,
        Deed::WrongCredentials,
        Deed::Refuse { code: "57".to_owned(), message: "Dữ liệu chưa hợp lệ".to_owned() },
        Deed::Redirect { location: "http://127.0.0.1:1/".to_owned() },
        Deed::NotFound,
        Deed::Slow { ms_per_byte: 5 },
        Deed::Slow { ms_per_byte: 100 },
    ];
    if operation == "DongBoHoSoMC" {
        deeds.push(Deed::AlreadyExists);
    }
    deeds
}

/// Sets a fault; gives its number.
fn arm<P: Partner>(edge: &mut Edge, partner: &Running<P>, operation: &str, deed: Deed, rare: bool) -> u64 {
    let skip = if rare { 0 } else { edge.chance.random_range(0..3) };
    partner.fault(Fault::new(deed).on(operation).after(skip).times(edge.chance.random_range(1..=6)))
}

async fn go_away<P: Partner>(edge: &mut Edge, partner: &Running<P>, least: u64, most: u64) -> Result<()> {
    partner.go_down().await;
    edge.waits(least, most).await;
    // The kernel may still hold the port for a moment.
    for _ in 0..50 {
        if partner.come_back().await.is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(100)).await;
    }
    partner.come_back().await.context("a mock could not listen again")
}
