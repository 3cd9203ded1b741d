//! What a step did to the handoffs, by class, for the tally.

use super::store::Stands;
use super::tally::Tally;
use lienthong_core::handoff::HandoffKind;

/// The least that ten thousand lives must meet of each class.
pub(super) const LEAST: [(&str, u64); 44] = [
    ("blocked", 60),
    ("clock back", 300),
    ("commits refused", 1_000),
    ("conflicts", 600),
    ("crashes", 4_000),
    ("crashes at a commit", 1_500),
    ("crashes before a send", 2_000),
    ("crashes before a settlement", 1_500),
    ("crashes in recovery", 800),
    ("dead letters due again", 250),
    ("dead: born so", 300),
    ("dead: nobody can say", 300),
    ("dead: refused", 1_200),
    ("dismissals", 40),
    ("duplicates", 2_500),
    ("events behind a gap", 300),
    ("feed rows", 600),
    ("gaps given up", 80),
    ("handed back", 3_000),
    ("handoffs uncertain", 900),
    ("late answers", 600),
    ("late events", 700),
    ("lanes paused", 200),
    ("look-up: absent", 2_000),
    ("look-up: ask the feed", 1_500),
    ("look-up: could not ask", 60),
    ("look-up: found", 150),
    ("orders annihilated or closed", 800),
    ("orders repeated: absent is believed", 250),
    ("orders repeated: number is unique", 250),
    ("pauses", 800),
    ("probes", 120),
    ("records held", 250),
    ("records superseded", 7_000),
    ("replays", 150),
    ("rows maybe doubled", 300),
    ("rows split", 15),
    ("rows that may stand twice", 400),
    ("rows that travelled together", 1_800),
    ("skips", 120),
    ("storms", 10),
    ("uncertain orders adopted", 200),
    ("uncertain, not taken", 350),
    ("unreadable", 500),
];

/// Counts what changed between two looks.
pub(super) fn note(before: &Stands, after: &Stands, tally: &mut Tally) {
    for new in &after.handoffs {
        let old = before.handoff(&new.id);
        let changed = old.is_none_or(|old| old.state != new.state);
        if changed {
            match new.state.as_str() {
                "uncertain" => tally.count("handoffs uncertain"),
                "superseded" if new.kind == HandoffKind::PortalRecord => tally.count("records superseded"),
                "superseded" if new.kind == HandoffKind::PortalStatus => tally.count("statuses superseded"),
                "accepted" if new.kind == HandoffKind::PortalStatus => tally.count("statuses set"),
                "superseded" => tally.count("orders annihilated or closed"),
                "held" => tally.count("records held"),
                "accepted" => tally.count("handoffs accepted"),
                "dead" => match new.code.as_deref() {
                    Some("GATEWAY-UNCERTAIN") => tally.count("dead: nobody can say"),
                    Some("GATEWAY-BUDGET-SPENT") => tally.count("dead: budget spent"),
                    Some(code) if code.starts_with("GATEWAY-") => tally.count("dead: born so"),
                    _ => tally.count("dead: refused"),
                },
                _ => {}
            }
        }
        let Some(old) = old else {
            if new.kind == HandoffKind::PostOrder {
                tally.count("orders planned");
            }
            continue;
        };
        if old.is("dead") && new.is("waiting") {
            tally.count("dead letters due again");
        }
        if old.is("uncertain") && new.is("accepted") {
            tally.count("uncertain orders adopted");
        }
        if !old.maybe_doubled && new.maybe_doubled {
            tally.count("rows maybe doubled");
        }
        if !old.alone && new.alone {
            tally.count("rows split");
        }
    }
    for (code, name) in [("DESK-LATE-EVENT", "late events"), ("DESK-SEQUENCE-GAP", "gaps given up")] {
        let count = |stands: &Stands| stands.flags.iter().filter(|(_, flag)| flag == code).count();
        tally.add(name, u64::try_from(count(after).saturating_sub(count(before))).unwrap_or_default());
    }
    let waiting = |stands: &Stands| stands.inbox.iter().filter(|one| one.state == "waiting").count();
    tally.add(
        "events behind a gap",
        u64::try_from(waiting(after).saturating_sub(waiting(before))).unwrap_or_default(),
    );
    for (name, account) in &after.accounts {
        let was = before.accounts.get(name).and_then(|old| old.blocked.as_deref());
        if account.blocked.as_deref() == Some("GATEWAY-STORM") && was.is_none() {
            tally.count("storms");
        }
    }
    if after.dossiers.len() < before.dossiers.len() {
        tally.count("slips joined late");
    }
}
