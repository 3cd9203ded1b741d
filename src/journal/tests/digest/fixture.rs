//! The journal of three days, as it happened.

use crate::journal::command::{Acted, CommandJournal, Resolution};
use crate::journal::tests::figures::fixture::{A, B, arrange};
use crate::journal::tests::world::{PORTAL, World, arrival, code, event, partners, reason, saying};
use jiff::Timestamp;
use jiff::civil::DateTime;
use lienthong_core::event::Event;
use lienthong_core::ids::{AgencyCode, DossierCode, HandoffId};
use lienthong_core::outcome::Outcome;
use lienthong_core::tables::VIETNAM;

/// A time of September 2022 in Việt Nam: `15T10:00`.
pub(crate) fn t(time: &str) -> Timestamp {
    let time: DateTime = format!("2022-09-{time}").parse().unwrap();
    VIETNAM.to_timestamp(time).unwrap()
}

pub(crate) fn now() -> Timestamp {
    t("16T09:00")
}

/// Code of the dossier of agency B.
pub(crate) fn code_of_b() -> String {
    format!("{B}-220915-0021")
}

fn of_b(mut event: Event) -> Event {
    let code = DossierCode::new(code_of_b());
    event.subject = lienthong_core::event::Subject::Dossier(code.clone());
    event.snapshot.agency.code = AgencyCode::new(B);
    event.snapshot.dossier.code = Some(code);
    event
}

fn with_phone(mut event: Event, phone: Option<&str>) -> Event {
    let phone = phone.map(str::to_owned);
    event.snapshot.applicant.phone.clone_from(&phone);
    event.snapshot.postal.return_to.as_mut().unwrap().phone = phone;
    event
}

fn away() -> Outcome {
    Outcome::Unavailable { reason: reason("TEST-503"), wait: None, unsent: true }
}

fn refused_for_its_phone() -> Outcome {
    Outcome::Rejected(reason("TEST-105").at("postal.return.phone"))
}

fn refused_for_its_subject() -> Outcome {
    Outcome::Rejected(reason("TEST-57").at("dossier.subject"))
}

async fn comes(world: &World, time: Timestamp, events: impl IntoIterator<Item = Event>) {
    let arrivals = events.into_iter().map(|event| {
        let agency = event.snapshot.agency.code.clone();
        let mut arrival = arrival(event, time);
        arrival.routing_key = format!("{agency}.vn.dossier.status-changed");
        arrival
    });
    world.journal.admit_batch(arrivals.collect()).await.unwrap();
}

/// The partners take everything but what is named here by its kind and its dossier's code.
async fn goes(world: &World, time: Timestamp, answers: &[(&str, &str, Outcome)]) {
    loop {
        let calls = world.calls(time).await;
        if calls.is_empty() {
            break;
        }
        for call in calls {
            let handoff = &call.handoffs[0];
            let named = answers.iter().find(|(kind, dossier, _)| {
                handoff.kind().name() == *kind && handoff.dossier.as_str() == *dossier
            });
            let outcome =
                named.map_or_else(|| Outcome::Accepted(reason("TEST-OK")), |(.., outcome)| outcome.clone());
            world.settle(call, outcome, time).await;
        }
    }
    // Else five of them would be a storm.
    world.file().execute("UPDATE account SET storm = '{}'", []).unwrap();
}

pub(crate) fn handoff(world: &World, kind: &str, dossier: &str) -> HandoffId {
    let sql =
        "SELECT handoff_id FROM handoff h JOIN dossier d ON d.id = h.dossier WHERE h.kind = ?1 AND d.key = ?2
               ORDER BY h.id LIMIT 1";
    HandoffId::new(world.file().query_row(sql, [kind, dossier], |row| row.get::<_, String>(0)).unwrap())
}

pub(crate) fn operator(world: &World) -> CommandJournal {
    CommandJournal::open(&world.settings, partners(), "minh (web)").unwrap()
}

/// Sends what is dead again and has it accepted a minute later.
pub(crate) async fn is_replayed(world: &World, id: &HandoffId, time: Timestamp) {
    let acted = operator(world).replay(id, false, Some("đã sửa"), time).unwrap();
    assert_eq!(acted, Acted::Done);
    goes(world, time + jiff::SignedDuration::from_mins(1), &[]).await;
}

/// The three days, each line of the table in the module above at its time.
pub(crate) async fn fixed() -> World {
    let world = World::changed(partners(), arrange);
    let [c1, c2, c12] = [1, 2, 12].map(code);
    comes(&world, t("14T23:59:59.999"), [event(1, 1, 4)]).await;
    goes(&world, t("14T23:59:59.999"), &[("portal.record", &c1, away())]).await;
    comes(&world, t("15T00:00"), [event(2, 1, 4)]).await;
    goes(&world, t("15T00:00"), &[("portal.record", &c2, away())]).await;
    goes(&world, t("15T00:10"), &[]).await;
    morning(&world).await;
    afternoon(&world).await;
    comes(&world, t("15T23:59:59.999"), [of_b(event(21, 1, 4))]).await;
    goes(&world, t("15T23:59:59.999"), &[("portal.record", &code_of_b(), away())]).await;
    comes(&world, t("16T00:00"), [event(12, 1, 4)]).await;
    goes(&world, t("16T00:00"), &[("portal.record", &c12, away())]).await;
    set_aside(&world);
    world
}

/// What is refused, and what comes of it.
async fn morning(world: &World) {
    let [c3, c4, c5, c6, c10] = [3, 4, 5, 6, 10].map(code);
    let ten = t("15T10:00");
    comes(world, ten, [event(3, 1, 4), event(4, 1, 9)]).await;
    let refused =
        [("portal.record", &*c3, refused_for_its_subject()), ("post.order", &*c4, refused_for_its_phone())];
    goes(world, ten, &refused).await;
    comes(world, ten, [event(5, 1, 9), event(6, 1, 4)]).await;
    let refused =
        [("post.order", &*c5, refused_for_its_phone()), ("portal.record", &*c6, refused_for_its_subject())];
    goes(world, ten, &refused).await;
    comes(world, ten, [event(10, 1, 4)]).await;
    goes(world, ten, &[("portal.record", &c10, refused_for_its_subject())]).await;
    is_replayed(world, &handoff(world, "portal.record", &c3), t("15T10:30")).await;
    let corrected = with_phone(event(4, 2, 9), Some("0510000222"));
    comes(world, t("15T11:00"), [corrected, saying(event(10, 2, 4), "Đã sửa trích yếu")]).await;
    goes(world, t("15T11:00"), &[]).await;
    operator(world).dismiss(&handoff(world, "post.order", &c5), "trả tại quầy", t("15T12:00")).unwrap();
}

/// What nobody knows, what is not allowed, and what is held.
async fn afternoon(world: &World) {
    let [c7, c11, c14] = [7, 11, 14].map(code);
    comes(world, t("15T13:00"), [event(7, 1, 9), event(11, 1, 9)]).await;
    let lost = |code: &'static str| Outcome::Uncertain(reason(code));
    goes(
        world,
        t("15T13:00"),
        &[("post.order", &c7, lost("TEST-504")), ("post.order", &c11, lost("TEST-504"))],
    )
    .await;
    let told =
        Resolution { partner_number: "CH100", reason: Some("bưu cục xác nhận"), unchecked: false };
    let order = handoff(world, "post.order", &c11);
    assert_eq!(operator(world).resolve(&order, told, None, t("15T13:30")).unwrap(), Acted::Done);
    comes(world, t("15T14:00"), [with_phone(event(13, 1, 9), None), event(8, 1, 9)]).await;
    goes(world, t("15T14:00"), &[]).await;
    let mut emptied = event(8, 2, 9);
    emptied.snapshot.dossier.results = Some(Vec::new());
    comes(world, t("15T14:30"), [with_phone(event(13, 2, 9), Some("0510000111")), emptied]).await;
    goes(world, t("15T14:30"), &[]).await;
    comes(world, t("15T15:00"), [event(14, 1, 4)]).await;
    goes(world, t("15T15:00"), &[("portal.record", &c14, Outcome::Blocked(reason("TEST-401")))]).await;
    let mut operator = operator(world);
    assert!(operator.resume(PORTAL, Some("đã đổi mật khẩu"), t("15T15:30")).unwrap());
    goes(world, t("15T15:31"), &[]).await;
    operator.pause("post", "bảo trì", None, t("15T16:00")).unwrap();
    assert!(operator.resume("post", None, t("15T16:05")).unwrap());
}

/// Messages at the edges of the day, and one of each agency in it.
fn set_aside(world: &World) {
    let file = world.file();
    for (n, (time, agency)) in
        [("14T23:59:59.999", A), ("15T00:00", A), ("15T23:59:59.999", B), ("16T00:00", A)]
            .into_iter()
            .enumerate()
    {
        file.execute(
            "INSERT INTO quarantine (arrived_at, code, detail, sha256, size, routing_key, headers)
             VALUES (?1, 'COMMUNE-NOT-JSON', 'not JSON', ?2, 1, ?3 || '.vn.dossier.status-changed', '[]')",
            rusqlite::params![t(time).as_millisecond(), [u8::try_from(n).unwrap()], agency],
        )
        .unwrap();
    }
}
