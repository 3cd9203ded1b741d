//! Trouble on the way: what partners do to those who call them. All of it is drawn from the mocks' list of faults.
//!
//! Some strikes chosen dossiers and is set beforehand ([`arm`]), the rest comes with the calendar ([`make`]). Answers are
//! lost only for calls whose loss has one right consequence: orders, which the feed shows; records, which are written
//! again; rows of dossiers without a supplement, which are sent again and counted as possibly doubled. A lost row with
//! status 5 is a matter for a person, and has its test elsewhere.

use crate::progress::Progress;
use crate::stage::Stage;
use anyhow::{Context as _, Result};
use jiff::civil::date;
use mock_kit::{Deed, Fault, Partner, Running, Wait};
use pilot::{At, Pilot, Script, expect};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

const RECORD: &str = "DongBoHoSoMC";
const ROWS: &str = "CapNhatTienDoHoSoMC";

/// How long an outage waits for the gateway to call; on a busy machine it may have much else to do.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a partner cannot be reached.
const OUTAGE: Duration = Duration::from_millis(2500);
/// How long it answers 503 before it goes.
const CLOSING: Duration = Duration::from_millis(200);

/// Trouble that was made.
#[derive(Debug)]
pub(crate) struct Struck {
    pub(crate) about: &'static str,
    /// Whose it is: the portal, else the post.
    pub(crate) portal: bool,
    hits: Hits,
}

/// How often it struck.
#[derive(Clone, Copy, Debug)]
enum Hits {
    /// As often as the mock says of this fault.
    OfFault(u64),
    /// So often.
    Counted(u32),
}

impl Struck {
    /// How often it struck.
    pub(crate) fn hits(&self, stage: &Stage) -> u32 {
        match self.hits {
            Hits::OfFault(fault) if self.portal => stage.portal.hits(fault).unwrap_or_default(),
            Hits::OfFault(fault) => stage.post.hits(fault).unwrap_or_default(),
            Hits::Counted(times) => times,
        }
    }
}

/// Sets the traps for chosen dossiers.
pub(crate) fn arm(stage: &Stage, pilot: &Pilot) -> Vec<Struck> {
    let mut struck = Vec::new();
    let mut parcels = pilot.scripts.iter().filter(|script| script.about == "returned by post");
    let order_traps: [(&'static str, Fault); 5] = [
        ("time-out after the post took an order", Fault::taken_in_silence("order")),
        ("time-out after the post took another", Fault::taken_in_silence("order")),
        ("connection lost after the post took an order", Fault::lost_answer("order")),
        ("502 page after the post took an order", once(Deed::HtmlPage { taken: true }, "order")),
        ("torn answer after the post took an order", once(Deed::Unreadable, "order")),
    ];
    for (about, fault) in order_traps {
        if let Some(script) = parcels.next() {
            let fault = fault.key(&format!("{}-TRA-1", script.code));
            struck.push(Struck { about, portal: false, hits: Hits::OfFault(stage.post.fault(fault)) });
        }
    }
    let mut plain = pilot.scripts.iter().filter(|script| is_plain(script));
    let refusal = Deed::Refuse { code: "57".to_owned(), message: "Dữ liệu chưa hợp lệ".to_owned() };
    let portal_traps: [(&'static str, Fault); 6] = [
        ("the portal refuses a record once", once(refusal, RECORD)),
        ("connection lost after the portal wrote a record", Fault::lost_answer(RECORD)),
        ("time-out after the portal wrote a record", Fault::taken_in_silence(RECORD)),
        ("connection lost after the portal took rows", Fault::lost_answer(ROWS)),
        ("502 page after the portal took rows", once(Deed::HtmlPage { taken: true }, ROWS)),
        ("torn answer after the portal took rows", once(Deed::Unreadable, ROWS)),
    ];
    for (about, fault) in portal_traps {
        if let Some(script) = plain.next() {
            let fault = fault.key(&script.code);
            struck.push(Struck { about, portal: true, hits: Hits::OfFault(stage.portal.fault(fault)) });
        }
    }
    struck
}

/// Makes trouble when its day comes.
pub(crate) async fn make(
    stage: &Stage,
    mut clock: watch::Receiver<At>,
    progress: &Progress,
) -> Result<Vec<Struck>> {
    let mut struck = Vec::new();
    for (month, day, about, trouble) in CALENDAR {
        let at = At(date(2022, *month, *day).at(9, 0, 0, 0));
        clock.wait_for(|now| *now >= at).await.context("the replay's clock stopped")?;
        progress.trouble(about);
        let (portal, hits) = strike(stage, *trouble).await?;
        struck.push(Struck { about, portal, hits });
    }
    Ok(struck)
}

#[derive(Clone, Copy)]
enum Trouble {
    PortalTooMany,
    PortalOutage,
    Sessions,
    PostOutage,
    Tokens,
    PostTooMany,
    Pages,
    Slow,
    DeadSession,
}

const CALENDAR: &[(i8, i8, &str, Trouble)] = &[
    (2, 10, "the portal answers 429 with Retry-After", Trouble::PortalTooMany),
    (3, 8, "portal outage: 503, then nobody listens", Trouble::PortalOutage),
    (4, 19, "the portal forgets its sessions", Trouble::Sessions),
    (5, 10, "post outage: 503, then nobody listens", Trouble::PostOutage),
    (6, 15, "the post forgets its tokens", Trouble::Tokens),
    (6, 27, "the post answers 429 with Retry-After", Trouble::PostTooMany),
    (7, 12, "502 pages instead of the portal's answers", Trouble::Pages),
    (8, 2, "the portal answers slowly", Trouble::Slow),
    (8, 22, "a session dies between two calls", Trouble::DeadSession),
];

/// Strikes; gives whose it is, and how often it struck.
async fn strike(stage: &Stage, trouble: Trouble) -> Result<(bool, Hits)> {
    let wait = Wait::Seconds(1);
    let portal = |fault| (true, Hits::OfFault(stage.portal.fault(fault)));
    Ok(match trouble {
        Trouble::PortalTooMany => portal(Fault::new(Deed::TooMany { wait }).on("integration").times(4)),
        Trouble::PortalOutage => (true, Hits::Counted(outage(&stage.portal).await?)),
        Trouble::PostOutage => (false, Hits::Counted(outage(&stage.post).await?)),
        Trouble::Sessions => {
            stage.portal.partner().expire_sessions(None);
            (true, Hits::Counted(1))
        }
        Trouble::Tokens => {
            stage.post.partner().expire_tokens(None);
            (false, Hits::Counted(1))
        }
        Trouble::PostTooMany => {
            let fault = Fault::new(Deed::TooMany { wait }).on("order").times(3);
            (false, Hits::OfFault(stage.post.fault(fault)))
        }
        Trouble::Pages => portal(Fault::new(Deed::HtmlPage { taken: false }).on(RECORD).times(4)),
        Trouble::Slow => {
            let slow = Fault::new(Deed::Delay { ms: 400, taken: false }).on("integration");
            portal(slow.lasting(Duration::from_millis(1500)))
        }
        Trouble::DeadSession => portal(once(Deed::SessionExpired, ROWS)),
    })
}

/// Nobody listens for a while; gives how many calls heard 503. One at least does: an outage that nobody meets would show
/// nothing. None is cut off half-way: whether such an order was taken is for a person to say, and has its test elsewhere.
async fn outage<P: Partner>(partner: &Running<P>) -> Result<u32> {
    let fault = partner.fault(Fault::new(Deed::Unavailable { wait: Wait::None }));
    let hits = |partner: &Running<P>| partner.hits(fault).unwrap_or_default();
    partner.until(PATIENCE, |partner| hits(partner) > 0).await;
    sleep(CLOSING).await;
    partner.refuse_connections().await;
    sleep(OUTAGE).await;
    let met = hits(partner);
    partner.clear_fault(fault);
    partner.come_back().await.context("a mock could not listen again")?;
    Ok(met)
}

fn once(deed: Deed, operation: &str) -> Fault {
    Fault::new(deed).on(operation).times(1)
}

/// A life without parcels and supplements, and with a record after the first.
fn is_plain(script: &Script) -> bool {
    let expected = expect(script);
    script.about == "usual"
        && expected.orders.is_empty()
        && expected.rows.len() >= 3
        && expected.rows.iter().all(|row| row.status != "5")
}
