//! The table of expected calls: what a dossier's life must have caused at the portal and at the post in the end.
//!
//! Written from the transitions of the domain (event on the queue → DVCQG, VNPost) and the rulings on them, event by
//! event, without time, retries or outcomes: they change when something arrives, not what. In short:
//!
//! | happened | portal | post |
//! |---|---|---|
//! | status changed | record, row with that status | 9 with return: order `TRA`; 1–8: cancels an uncollected `TRA`; 10 at the desk: the same; 3, 7, 8: `HOAN` if a pickup brought the papers |
//! | pickup asked for, called off | – | order `GOM`; cancel if uncollected |
//! | return registered, withdrawn | record (`HinhThuc`) | at 9: order `TRA`; cancel if uncollected |
//! | papers forwarded | row at 4 | order `CHUYEN` |
//! | fees changed | record | an uncollected `TRA` that would collect another sum: cancelled, and ordered under the next number |
//! | parcel that came back to be sent again | – | order `TRA`, next number |
//! | `TRA` collected, attempt failed, returned | row under the present status | |
//! | `TRA` delivered | record and row with 10, `NgayTra` its time; the desk's own 10 afterwards adds no row | |
//! | cash collected, paid out | – | – (the commune's own system is told) |

mod order;
mod portal;

use crate::calendar::At;
use crate::event::{Data, Event, Kind};
use crate::script::{Move, Publication, Script, What};
use order::Post;
use std::collections::{BTreeMap, BTreeSet};

/// Texts of the rows that the post's movements cause, as the gateway is configured.
#[derive(Debug, Clone, Copy)]
pub struct Texts {
    /// Parcel collected.
    pub collected: &'static str,
    /// Delivery attempt failed.
    pub failed_attempt: &'static str,
    /// Parcel came back.
    pub returned: &'static str,
    /// Parcel delivered.
    pub delivered: &'static str,
}

/// The texts of the demo's configuration.
pub const TEXTS: Texts = Texts {
    collected: "Bưu điện đã nhận bưu gửi",
    failed_attempt: "Bưu điện phát chưa thành công",
    returned: "Bưu gửi đã chuyển hoàn về Bộ phận Một cửa",
    delivered: "Bưu điện đã phát kết quả cho công dân",
};

/// What a life must have caused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Progress rows at the portal, in order.
    pub rows: Vec<ExpectedRow>,
    /// Fields of the last record: a text's value, or a list's length. Empty when the portal has no record.
    pub record: BTreeMap<&'static str, String>,
    /// Orders at the post by number.
    pub orders: BTreeMap<String, ExpectedOrder>,
    /// Dead letters that remain: their codes.
    pub dead: BTreeSet<&'static str>,
}

/// A progress row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpectedRow {
    /// `ThoiDiemXuLy`.
    pub time: String,
    /// `TrangThai`.
    pub status: String,
    /// `NoiDungXuLy`.
    pub text: String,
}

/// An order at the post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedOrder {
    /// Name and phone of the sender.
    pub from: (String, String),
    /// Name and phone of the receiver.
    pub to: (String, String),
    /// What the postman is to collect, in đồng.
    pub cash: u64,
    /// Where it stands in the end.
    pub end: OrderEnd,
    /// How far its cash got.
    pub cash_end: CashEnd,
}

/// How far the cash of an order got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CashEnd {
    /// There is none, or nobody paid.
    Open,
    /// The postman has it.
    Collected,
    /// The post has paid it out.
    Settled,
}

/// Where an order stands in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderEnd {
    /// Taken, and nothing since.
    Taken,
    /// The parcel's last movement.
    Moved(Move),
    /// Called off.
    Cancelled,
}

/// What a script must have caused.
#[must_use]
pub fn expect(script: &Script) -> Expected {
    let mut table = Table::default();
    let mut events: Vec<(usize, &Event)> = Vec::new();
    for (place, step) in script.steps.iter().enumerate() {
        match &step.what {
            What::Publish { event, publication: Publication::First, .. } => events.push((place, event)),
            What::Publish { .. } | What::Wait(_) => {}
            What::Move { order, to } => {
                table.hear_all(&mut events);
                table.moved(order, *to, step.at);
            }
        }
    }
    table.hear_all(&mut events);
    table.close()
}

/// The table while a life goes by.
#[derive(Default)]
struct Table {
    data: Option<Data>,
    status: u8,
    returned_at: Option<At>,
    delivered_at: Option<At>,
    wants_pickup: bool,
    rows: Vec<ExpectedRow>,
    post: Post,
    dead: BTreeSet<&'static str>,
}

impl Table {
    /// Events that changed places on their way count in the desk's order.
    fn hear_all(&mut self, events: &mut Vec<(usize, &Event)>) {
        let mut heard: Vec<&Event> = events.drain(..).map(|(_, event)| event).collect();
        heard.sort_by_key(|event| event.time);
        heard.into_iter().for_each(|event| self.hear(event));
    }

    fn hear(&mut self, event: &Event) {
        if event.kind == Kind::StatusChanged && self.refuses(event) {
            self.dead.insert("GATEWAY-STATUS-JUMP");
            return;
        }
        match event.kind {
            Kind::StatusChanged => self.take_status(event),
            Kind::PapersForwarded => self.add_row(event.time, 4, &event.data.step.text),
            Kind::PickupRequested => self.wants_pickup = true,
            Kind::PickupCancelled => self.wants_pickup = false,
            Kind::ReturnRegistered | Kind::ReturnWithdrawn | Kind::FeesChanged | Kind::ReorderRequested => {}
        }
        self.ask_the_post(event);
        if event.data.dossier.code.is_some() {
            self.data = Some(event.data.clone());
        }
    }

    /// What no process can mean: a dossier that had its result was never newly lodged.
    fn refuses(&self, event: &Event) -> bool {
        matches!((self.status, event.data.dossier.status), (9 | 10, Some(1 | 3)) | (3, Some(9 | 10)))
    }

    fn take_status(&mut self, event: &Event) {
        let Some(status) = event.data.dossier.status else { return };
        let told = status == 10 && self.delivered_at.is_some();
        if !told {
            self.add_row(event.time, status, &event.data.step.text);
        }
        if status < 9 {
            self.delivered_at = None;
        }
        self.status = status;
        self.returned_at = event.data.dossier.returned_at;
    }

    fn ask_the_post(&mut self, event: &Event) {
        let (data, slip) = (&event.data, event.subject.strip_prefix("phieu:"));
        let base = slip.unwrap_or(&event.subject);
        if self.wants_pickup {
            self.post.want("GOM", base, data);
        } else {
            self.post.drop("GOM");
        }
        if slip.is_some() {
            return;
        }
        if matches!(self.status, 3 | 7 | 8) && self.post.has_come("GOM") {
            self.post.want("HOAN", base, data);
        }
        if self.status == 9 && data.dossier.return_by_post {
            self.post.want("TRA", base, data);
        } else if self.delivered_at.is_none() {
            self.post.drop("TRA");
        }
        if event.kind == Kind::FeesChanged && self.status == 9 {
            self.post.charge("TRA", base, data);
        }
        match event.kind {
            Kind::PapersForwarded => self.post.order("CHUYEN", base, data),
            Kind::ReorderRequested => self.post.order("TRA", base, data),
            Kind::StatusChanged
            | Kind::PickupRequested
            | Kind::PickupCancelled
            | Kind::ReturnRegistered
            | Kind::ReturnWithdrawn
            | Kind::FeesChanged => {}
        }
    }

    fn moved(&mut self, order: &str, to: Move, at: At) {
        self.post.moved(order, to);
        if !order.contains("-TRA-") {
            return;
        }
        match to {
            Move::Collected => self.add_row(at, self.status, TEXTS.collected),
            Move::FailedAttempt => self.add_row(at, self.status, TEXTS.failed_attempt),
            Move::Returned => self.add_row(at, self.status, TEXTS.returned),
            Move::Delivered => {
                self.delivered_at = Some(at);
                self.add_row(at, 10, TEXTS.delivered);
            }
            Move::Accepted
            | Move::LeftOffice
            | Move::ArrivedOffice
            | Move::OutForDelivery
            | Move::Returning
            | Move::CashCollected
            | Move::CashSettled => {}
        }
    }

    fn add_row(&mut self, at: At, status: u8, text: &str) {
        let row = ExpectedRow { time: at.compact(), status: status.to_string(), text: text.to_owned() };
        self.rows.push(row);
    }

    fn close(self) -> Expected {
        let Self { data, status, returned_at, delivered_at, rows, post, mut dead, .. } = self;
        let (orders, refused) = post.close();
        if refused {
            dead.insert("GATEWAY-NO-PHONE");
        }
        let Some(data) = data.filter(|_| status > 0) else {
            return Expected { orders, dead, ..Expected::default() };
        };
        let Some(procedure) = portal::national(&data.dossier.procedure_code) else {
            dead.insert("GATEWAY-UNKNOWN-PROCEDURE");
            return Expected { orders, dead, ..Expected::default() };
        };
        let status = if delivered_at.is_some() { 10 } else { status };
        let record = portal::record(&data, procedure, status, delivered_at.or(returned_at));
        Expected { rows, record, orders, dead }
    }
}
