//! What went by post, from the order to what the portal shows and the commune's system heard: the pilot's table on one
//! side, three ledgers on the other.

use crate::judge::cash;
use crate::stage::Stage;
use mock_commune::Heard;
use mock_post::{Parcel, Step as Station};
use pilot::{CashEnd, Expected, ExpectedOrder, Move, OrderEnd, Pilot, expect};
use std::collections::BTreeSet;

/// Orders that went one way, by their numbers.
pub(crate) struct Story {
    pub(crate) about: &'static str,
    pub(crate) expected: BTreeSet<String>,
    pub(crate) found: BTreeSet<String>,
    /// What the found ones come to, in đồng.
    pub(crate) cash: u64,
}

/// A parcel at the post.
struct Held {
    number: String,
    end: Option<Station>,
    steps: Vec<Station>,
    cash: u64,
}

/// What the portal shows and the commune's system heard, one line each.
struct Ledgers {
    returned: BTreeSet<String>,
    heard: BTreeSet<String>,
}

/// All stories.
pub(crate) fn stories(stage: &Stage, pilot: &Pilot) -> [Story; 5] {
    let table: Vec<Expected> = pilot.scripts.iter().map(expect).collect();
    let ledgers = Ledgers::read(stage);
    let orders = stage.post.partner().orders().into_iter();
    let parcels = orders
        .flat_map(|(number, order)| order.parcels.into_iter().map(move |parcel| (number.clone(), parcel)));
    let held: Vec<Held> = parcels.map(|(number, parcel)| Held::new(number, &parcel)).collect();
    let story =
        |about, expected: fn(&Expected, &str, &ExpectedOrder) -> bool, found: fn(&Held, &Ledgers) -> bool| {
            let wanted = table.iter().flat_map(|dossier| {
                let orders = dossier.orders.iter();
                orders
                    .filter(move |(number, order)| expected(dossier, number, order))
                    .map(|(number, _)| number.clone())
            });
            let there: Vec<&Held> = held.iter().filter(|one| found(one, &ledgers)).collect();
            Story {
                about,
                expected: wanted.collect(),
                found: there.iter().map(|one| one.number.clone()).collect(),
                cash: there.iter().map(|one| one.cash).sum(),
            }
        };
    [
        story("delivered, portal 10, told", is_result_delivered, Held::is_result_delivered),
        story("came back, ordered again, delivered", is_second_after_return, Held::is_second_after_return),
        story("cancelled before collection, told", is_cancelled, Held::is_cancelled),
        story("cash collected at the door, told", is_collected, Held::is_collected),
        story("cash paid out by the post, told", is_settled, Held::is_settled),
    ]
}

/// Differences, as (order, what differs).
pub(crate) fn judge(stories: &[Story]) -> Vec<(String, String)> {
    let of = |story: &Story| {
        let missing = story.expected.difference(&story.found);
        let missing = missing.map(|number| (number.clone(), format!("not {}", story.about)));
        let surplus = story.found.difference(&story.expected);
        let surplus = surplus.map(|number| (number.clone(), format!("{}, not expected", story.about)));
        missing.chain(surplus).collect::<Vec<_>>()
    };
    stories.iter().flat_map(of).collect()
}

const DELIVERED: OrderEnd = OrderEnd::Moved(Move::Delivered);
const CAME_BACK: OrderEnd = OrderEnd::Moved(Move::Returned);

fn is_result_delivered(dossier: &Expected, number: &str, order: &ExpectedOrder) -> bool {
    let status = dossier.record.get("TrangThaiHoSo").map(String::as_str);
    number.contains("-TRA-") && order.end == DELIVERED && status == Some("10")
}

fn is_second_after_return(dossier: &Expected, number: &str, order: &ExpectedOrder) -> bool {
    let first = before(number).and_then(|first| dossier.orders.get(&first));
    order.end == DELIVERED && first.is_some_and(|first| first.end == CAME_BACK)
}

fn is_cancelled(_: &Expected, _: &str, order: &ExpectedOrder) -> bool {
    order.end == OrderEnd::Cancelled
}

fn is_collected(_: &Expected, _: &str, order: &ExpectedOrder) -> bool {
    order.cash > 0 && order.cash_end >= CashEnd::Collected
}

fn is_settled(_: &Expected, _: &str, order: &ExpectedOrder) -> bool {
    order.cash > 0 && order.cash_end == CashEnd::Settled
}

/// The number before this one on the same leg.
fn before(number: &str) -> Option<String> {
    let (leg, last) = number.rsplit_once('-')?;
    let last: u32 = last.parse().ok()?;
    Some(format!("{leg}-{}", last.checked_sub(1)?))
}

impl Held {
    fn new(number: String, parcel: &Parcel) -> Self {
        let cash = cash(&parcel.order());
        Self { number, end: parcel.step(), steps: parcel.steps.clone(), cash }
    }

    fn is_delivered(&self, ledgers: &Ledgers) -> bool {
        self.end == Some(Station::Delivered) && ledgers.told(&self.number, "delivered")
    }

    fn is_result_delivered(&self, ledgers: &Ledgers) -> bool {
        let dossier = self.number.split_once("-TRA-").map(|(dossier, _)| dossier);
        let told =
            |dossier: &str| ledgers.returned.contains(dossier) && ledgers.told(dossier, "record 10 accepted");
        self.is_delivered(ledgers) && dossier.is_some_and(told)
    }

    fn is_second_after_return(&self, ledgers: &Ledgers) -> bool {
        let came_back = before(&self.number).is_some_and(|first| ledgers.told(&first, "returned"));
        came_back && ledgers.told(&self.number, "order accepted") && self.is_delivered(ledgers)
    }

    fn is_cancelled(&self, ledgers: &Ledgers) -> bool {
        self.end == Some(Station::Cancelled) && ledgers.told(&self.number, "cancel accepted")
    }

    fn is_collected(&self, ledgers: &Ledgers) -> bool {
        self.has_cash(Station::CashCollected) && ledgers.told(&self.number, "cash collected")
    }

    fn is_settled(&self, ledgers: &Ledgers) -> bool {
        self.has_cash(Station::CashSettled) && ledgers.told(&self.number, "cash settled")
    }

    fn has_cash(&self, step: Station) -> bool {
        self.cash > 0 && self.steps.contains(&step)
    }
}

impl Ledgers {
    fn read(stage: &Stage) -> Self {
        let shows_10 = |dossier: &mock_portal::Dossier| {
            dossier.versions.last().is_some_and(|version| version.status == "10")
        };
        let returned = stage.portal.partner().dossiers().into_iter();
        let returned = returned.filter(|(_, dossier)| shows_10(dossier)).map(|(code, _)| code).collect();
        let heard = stage.commune.once().iter().filter_map(line).collect();
        Self { returned, heard }
    }

    fn told(&self, about: &str, what: &str) -> bool {
        self.heard.contains(&format!("{about} {what}"))
    }
}

/// An outcome in one line: `<order> delivered`, `<order> cancel accepted`, `<order> cash settled`,
/// `<dossier> record 10 accepted`.
fn line(heard: &Heard) -> Option<String> {
    let (subject, data) = (heard.subject(), heard.body.get("data")?);
    let text = |part: &str, field: &str| data.get(part)?.get(field)?.as_str();
    if let Some(number) = text("parcel", "number") {
        return Some(format!("{number} {}", text("parcel", "state")?));
    }
    if let Some((number, state)) = heard.cash() {
        return Some(format!("{number} cash {state}"));
    }
    if let Some(number) = text("order", "number") {
        return Some(format!("{number} {} {}", text("order", "request")?, text("order", "state")?));
    }
    let status = data.pointer("/portal/status")?.as_u64()?;
    Some(format!("{subject} {} {status} {}", text("portal", "update")?, text("portal", "state")?))
}
