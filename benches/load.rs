//! The load: dossiers, their events, and what these must cause at both partners.
//!
//! Two lives, as a desk has them: a result handed over at the desk, and, one in five, a result that goes home by post.
//! Dossiers and people are invented. The order of the events is the same in every run: what is measured must not differ
//! between the two sides of a pair.

use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// UBND xã Tiến Thành, of the tables that `config/` ships.
pub(crate) const AGENCY: &str = "H11.01.07";
/// Source of its events.
pub(crate) const SOURCE: &str = "urn:lienthong:commune:H11.01.07";
/// Where its events are published: `<agency>.<type>`.
pub(crate) const ROUTING_KEY: &str = "H11.01.07.vn.dossier.status-changed";

/// Statuses of a whole life: a result handed over at the desk, and one that goes home by post. Seven events each.
const AT_DESK: [u8; 7] = [1, 2, 4, 6, 4, 9, 10];
const BY_POST: [u8; 7] = [1, 2, 4, 6, 4, 4, 9];
/// A dossier that is heard of once: taken in at the desk; or done, and its result goes home by post.
const ONCE_AT_DESK: [u8; 1] = [2];
const ONCE_BY_POST: [u8; 1] = [9];
/// One dossier in so many goes home by post: about what the pilot of 2022 had.
const POSTAL: usize = 5;

/// Stands for the dossier's code in a template; as long as a code.
const PLACE: &str = "@@@@@@@@@-@@@@@@-@@@@@@";

/// Events to publish, in order.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    each: usize,
    dossiers: usize,
    /// Whose turn it is; empty where every dossier has one event, in order.
    turns: Vec<u32>,
}

/// One event of a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Number of its dossier.
    pub(crate) dossier: usize,
    /// Number within its dossier, from 0.
    pub(crate) step: usize,
    each: usize,
}

impl Load {
    /// So many dossiers with one event each: nothing to coalesce.
    pub(crate) fn once(dossiers: usize) -> Self {
        Self { each: 1, dossiers, turns: Vec::new() }
    }

    /// So many dossiers with seven events each, shuffled among each other: the events of one stand far apart, in order.
    pub(crate) fn lives(dossiers: usize) -> Self {
        let each = AT_DESK.len();
        let number =
            |dossier| u32::try_from(dossier).expect("a load has fewer dossiers than 32 bits can count");
        let mut turns: Vec<u32> =
            (0..dossiers).flat_map(|dossier| [number(dossier); AT_DESK.len()]).collect();
        turns.shuffle(&mut SmallRng::seed_from_u64(0x766e_2022));
        Self { each, dossiers, turns }
    }

    /// How many events there are.
    pub(crate) fn events(&self) -> usize {
        self.dossiers * self.each
    }

    /// How many dossiers there are.
    pub(crate) fn dossiers(&self) -> usize {
        self.dossiers
    }

    /// Handoffs that are planned, superseded ones included: a record and a row an event, and the orders.
    pub(crate) fn handoffs(&self) -> usize {
        2 * self.events() + self.orders()
    }

    /// Postal orders that must be placed.
    pub(crate) fn orders(&self) -> usize {
        self.dossiers.div_ceil(POSTAL)
    }

    /// The events in the order in which they are published.
    pub(crate) fn told(&self) -> Vec<Told> {
        let each = self.each;
        if self.turns.is_empty() {
            return (0..self.dossiers).map(|dossier| Told { dossier, step: 0, each }).collect();
        }
        let mut steps = vec![0; self.dossiers];
        let told = self.turns.iter().map(|turn| {
            let dossier = usize::try_from(*turn).expect("a 32-bit number fits");
            let step = steps[dossier];
            steps[dossier] += 1;
            Told { dossier, step, each }
        });
        told.collect()
    }

    /// Statuses of a dossier's events, in order.
    pub(crate) fn statuses(&self, dossier: usize) -> &'static [u8] {
        statuses(dossier, self.each)
    }
}

impl Told {
    /// The message's body: CloudEvents JSON.
    pub(crate) fn body(self) -> Vec<u8> {
        template(self.each, is_postal(self.dossier), self.step)
            .replace(PLACE, &code(self.dossier))
            .into_bytes()
    }
}

/// Whether the result goes home by post: then the last event brings an order.
pub(crate) fn is_postal(dossier: usize) -> bool {
    dossier.is_multiple_of(POSTAL)
}

/// The dossier's code.
pub(crate) fn code(dossier: usize) -> String {
    format!("{AGENCY}-220915-{dossier:06}")
}

/// The dossier of a code.
pub(crate) fn dossier_of(code: &str) -> Option<usize> {
    code.strip_prefix(AGENCY)?.strip_prefix("-220915-")?.parse().ok()
}

/// Number of the postal order.
pub(crate) fn order_number(dossier: usize) -> String {
    format!("{}-TRA-1", code(dossier))
}

/// When a step was done, as `yyyyMMddHHmmss` at +07:00: tells the rows of a dossier apart.
pub(crate) fn moment(step: usize) -> u64 {
    20_220_915_080_000 + 100 * u64::try_from(step + 1).expect("a life has few steps")
}

fn statuses(dossier: usize, each: usize) -> &'static [u8] {
    match (each, is_postal(dossier)) {
        (1, false) => &ONCE_AT_DESK,
        (1, true) => &ONCE_BY_POST,
        (_, false) => &AT_DESK,
        (_, true) => &BY_POST,
    }
}

/// Bodies differ in the code alone, so they are written once each.
fn template(each: usize, postal: bool, step: usize) -> &'static str {
    static TEMPLATES: OnceLock<Vec<String>> = OnceLock::new();
    let templates = TEMPLATES.get_or_init(|| {
        let ways = [(1, false), (1, true), (7, false), (7, true)];
        let all = ways.into_iter().flat_map(|(each, postal)| (0..7).map(move |step| (each, postal, step)));
        all.map(|(each, postal, step)| event(each, postal, step).to_string()).collect()
    });
    let way = usize::from(each != 1) * 2 + usize::from(postal);
    &templates[way * 7 + step]
}

fn event(each: usize, postal: bool, step: usize) -> Value {
    let sample = if postal { 0 } else { 1 };
    let Some(status) = statuses(sample, each).get(step) else { return Value::Null };
    let done = *status >= 9;
    let address = json!({
        "name": "Lò Thị Bưởi", "phone": "0510000111", "address": "12 Lạc Long Quân", "province_code": "60",
        "district_code": "593", "commune_code": "22966", "note": null,
    });
    let result = json!([{ "code": "KQ.G15.000051", "name": "Giấy xác nhận tình trạng hôn nhân",
                          "url": "https://hoso.example/f/90213" }]);
    json!({
        "specversion": "1.0", "id": format!("{PLACE}/{}", step + 1), "source": SOURCE,
        "type": "vn.dossier.status-changed", "subject": PLACE,
        "time": format!("2022-09-15T08:{:02}:00+07:00", step + 1), "sequence": (step + 1).to_string(),
        "datacontenttype": "application/json", "dataschema": "urn:lienthong:schema:dossier-event:1",
        "data": {
            "agency": { "code": AGENCY, "name": "UBND xã Tiến Thành" },
            "dossier": {
                "code": PLACE, "slip": null, "procedure_code": "1.004873",
                "procedure_name": "Cấp giấy xác nhận tình trạng hôn nhân", "field_code": "G15-TP03",
                "field_name": "Hộ tịch", "subject": "Xác nhận tình trạng hôn nhân", "status": status,
                "channel": "direct", "return_by_post": postal, "submitted_at": "2022-09-15T07:45:00+07:00",
                "received_at": "2022-09-15T08:00:00+07:00", "due_at": "2030-01-10T17:00:00+07:00",
                "finished_at": done.then_some("2022-09-15T08:05:00+07:00"),
                "returned_at": (*status == 10).then_some("2022-09-15T08:07:00+07:00"), "documents": null,
                "results": done.then_some(result), "supplements": [],
            },
            "applicant": { "kind": "citizen", "name": "Lò Thị Bưởi", "id_number": "999199000124",
                           "phone": "0510000111", "email": null },
            "step": { "officer": "Hà Văn Mẫu", "position": "Công chức Văn phòng - Thống kê",
                      "department": "Bộ phận Một cửa", "text": format!("Bước {}: trạng thái {status}", step + 1),
                      "started_at": null, "due_at": null },
            "postal": { "pickup": null, "forward": null, "return": postal.then_some(address) },
            "fees": [{ "code": "LP01", "name": "Lệ phí", "amount": 8000, "paid": true }],
        },
    })
}

/// A number nobody guesses, for names of folders and sessions.
pub(crate) fn random_name() -> String {
    format!("{:016x}", rand::rng().random::<u64>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lienthong_commune::{Limits, decode};

    #[test]
    fn every_event_of_a_load_can_be_read_and_names_its_dossier() {
        for load in [Load::once(10), Load::lives(10)] {
            for told in load.told() {
                let event = decode(Some("application/json"), &told.body(), &Limits::default()).unwrap();
                let dossier = &event.snapshot.dossier;
                assert_eq!(
                    dossier.code.as_ref().map(|code| dossier_of(code.as_str())),
                    Some(Some(told.dossier))
                );
                assert_eq!(
                    dossier.status.map(|status| status.code()),
                    load.statuses(told.dossier).get(told.step).copied()
                );
            }
        }
    }

    #[test]
    fn the_events_of_a_dossier_stand_in_their_order() {
        let load = Load::lives(20);
        let told = load.told();
        assert_eq!((told.len(), load.orders()), (140, 4));
        for dossier in 0..20 {
            let steps: Vec<usize> =
                told.iter().filter(|told| told.dossier == dossier).map(|told| told.step).collect();
            assert_eq!(steps, [0, 1, 2, 3, 4, 5, 6]);
        }
    }
}
