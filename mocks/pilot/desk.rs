//! The desk at work on one dossier: keeps the dossier as it stands and writes down, step by step, what is published.
//!
//! A life ([`crate::lives`]) says what happens; here it gets times, sequence numbers, whole snapshots and parcels. What
//! would happen after the pilot's end is left out, so a life may stop anywhere.

use crate::calendar::{At, END};
use crate::chance::Chance;
use crate::dialect::Dialect;
use crate::event::{
    Address, Agency, Applicant, Data, Dossier, Event, Fee, Kind, Paper, Postal, ResultPaper, StepDone,
    Supplement,
};
use crate::people::{CLERK, OFFICER, SOLVER, citizen, superior};
use crate::script::{Condition, Group, Move, Publication, Script, Step, What};

/// Share of the events that are written as XML, in percent.
const XML_SHARE: i64 = 12;
/// Days after which a dossier is due.
const DUE_DAYS: i64 = 3;

/// An administrative procedure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Procedure {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) result: &'static str,
}

/// A dossier that comes in.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) number: usize,
    pub(crate) code: String,
    pub(crate) group: Group,
    pub(crate) procedure: Procedure,
    pub(crate) at: At,
}

/// The desk, with one dossier before it.
pub(crate) struct Desk {
    pub(crate) chance: Chance,
    pub(crate) number: usize,
    pub(crate) data: Data,
    code: String,
    slip: Option<String>,
    group: Group,
    procedure: Procedure,
    now: At,
    sequence: u64,
    slip_sequence: u64,
    steps: Vec<Step>,
}

impl Desk {
    pub(crate) fn new(arrival: &Arrival, mut chance: Chance) -> Self {
        let applicant = citizen(arrival.number, &mut chance);
        Self {
            number: arrival.number,
            data: data(arrival, applicant, &mut chance),
            code: arrival.code.clone(),
            slip: None,
            group: arrival.group,
            procedure: arrival.procedure,
            now: arrival.at,
            sequence: 0,
            slip_sequence: 0,
            steps: Vec::new(),
            chance,
        }
    }

    /// How the dossier came in.
    pub(crate) fn group(&self) -> Group {
        self.group
    }

    pub(crate) fn close(self, about: &'static str) -> Script {
        Script { code: self.code, slip: self.slip, group: self.group, about, steps: self.steps }
    }

    /// Some time later in office hours.
    pub(crate) fn later(&mut self, least: i64, most: i64) {
        let minutes = self.chance.between(least, most);
        self.now = self.now.later(minutes, &mut self.chance);
    }

    /// Some working days later.
    pub(crate) fn days(&mut self, least: i64, most: i64) {
        let days = self.chance.between(least, most);
        self.now = self.now.days_later(days, &mut self.chance);
    }

    /// The dossier takes a status, with what the desk notes along with it.
    pub(crate) fn status(&mut self, status: u8, text: &str) {
        let now = self.now;
        let dossier = &mut self.data.dossier;
        match status {
            1 => dossier.submitted_at = Some(now),
            2 => {
                dossier.received_at = Some(now);
                dossier.due_at = Some(now.due_after(DUE_DAYS));
            }
            4 => (dossier.finished_at, dossier.returned_at) = (None, None),
            9 => {
                dossier.finished_at = Some(now);
                self.add_result();
            }
            10 => dossier.returned_at = Some(now),
            _ => {}
        }
        self.data.dossier.status = Some(status);
        self.publish(Kind::StatusChanged, text);
    }

    /// A supplement is asked for and, days later, handed in.
    pub(crate) fn supplement(&mut self) {
        let (now, due) = (self.now, self.data.dossier.due_at);
        let rounds = self.data.dossier.supplements.get_or_insert_default();
        rounds.push(Supplement {
            id: format!("BS{}", rounds.len() + 1),
            asked_at: now,
            asked_by: SOLVER.0,
            text: "Bổ sung bản sao giấy tờ tùy thân",
            received_at: None,
            due_before: due,
            due_after: None,
        });
        self.status(5, "Yêu cầu bổ sung bản sao giấy tờ tùy thân");
        self.days(1, 4);
        let (now, due) = (self.now, self.now.due_after(DUE_DAYS));
        self.data.dossier.due_at = Some(due);
        if let Some(round) = self.data.dossier.supplements.iter_mut().flatten().last() {
            (round.received_at, round.due_after) = (Some(now), Some(due));
        }
        self.status(4, "Đã nhận giấy tờ bổ sung, tiếp tục xử lý");
    }

    /// A fee is asked for, and paid some hours later.
    pub(crate) fn fee(&mut self) {
        self.owe();
        self.status(6, "Yêu cầu nộp lệ phí cấp bản sao");
        self.later(60, 400);
        self.pay("Công dân đã nộp lệ phí");
        self.later(5, 60);
        self.status(4, "Đã thu lệ phí, tiếp tục xử lý");
    }

    /// A fee is due; the next event says so.
    pub(crate) fn owe(&mut self) {
        let fee = Fee { code: "LP02", name: "Lệ phí cấp bản sao", amount: 16_000, paid: false };
        self.data.fees.get_or_insert_default().push(fee);
    }

    /// The fee that was due last is paid.
    pub(crate) fn pay(&mut self, text: &str) {
        if let Some(fee) = self.data.fees.iter_mut().flatten().last() {
            fee.paid = true;
        }
        self.publish(Kind::FeesChanged, text);
    }

    pub(crate) fn register_return(&mut self, to: Address) {
        self.data.postal.back = Some(to);
        self.data.dossier.return_by_post = true;
        self.publish(Kind::ReturnRegistered, "Công dân đăng ký nhận kết quả qua bưu điện");
    }

    pub(crate) fn withdraw_return(&mut self) {
        self.data.dossier.return_by_post = false;
        self.publish(Kind::ReturnWithdrawn, "Công dân xin nhận kết quả tại Bộ phận Một cửa");
    }

    /// Papers go on to the superior agency.
    pub(crate) fn forward(&mut self, text: &str) {
        self.data.postal.forward = Some(superior());
        self.publish(Kind::PapersForwarded, text);
        self.data.postal.forward = None;
    }

    /// The desk publishes that something happened.
    pub(crate) fn publish(&mut self, kind: Kind, text: &str) {
        self.sequence += 1;
        let (subject, sequence) = (self.code.clone(), self.sequence);
        self.data.step = self.step(text);
        self.push_event(kind, subject, sequence, self.data.clone());
    }

    /// Begins with a sending slip instead of a code.
    pub(crate) fn begin_with_slip(&mut self, from: Address) {
        self.slip = Some(format!("EZ{:09}VN", 41_000_000 + self.number));
        self.data.postal.pickup = Some(from);
        self.publish_slip(Kind::PickupRequested, "Công dân gửi hồ sơ qua bưu điện từ nhà");
    }

    /// Publishes under the slip: there is neither code nor status yet.
    pub(crate) fn publish_slip(&mut self, kind: Kind, text: &str) {
        self.slip_sequence += 1;
        let slip = self.slip.clone().expect("a life that publishes under a slip began with it");
        let mut data = Data { step: self.step(text), fees: None, ..self.data.clone() };
        let dossier = &mut data.dossier;
        (dossier.code, dossier.slip, dossier.status) = (None, Some(slip.clone()), None);
        (dossier.documents, dossier.results, dossier.supplements) = (None, None, None);
        self.push_event(kind, format!("phieu:{slip}"), self.slip_sequence, data);
        self.data.dossier.slip = Some(slip);
    }

    /// Number of the order of a leg.
    pub(crate) fn order(&self, leg: &str, n: u32) -> String {
        format!("{}-{leg}-{n}", self.code)
    }

    /// Number of the pickup's order: it is the slip's, where there is one.
    pub(crate) fn pickup_order(&self) -> String {
        self.slip.as_ref().map_or_else(|| self.order("GOM", 1), |slip| format!("{slip}-GOM-1"))
    }

    /// The post takes the order and the parcel moves, some hours between two movements. With `told`, the life goes on
    /// when the portal knows of the last movement.
    pub(crate) fn moves(&mut self, order: &str, moves: &[Move], told: bool) {
        self.push(What::Wait(Condition::Taken(order.to_owned())));
        let mut known = None;
        for to in moves {
            let seconds = self.chance.between(2 * 3600, 12 * 3600);
            self.now = self.now.plus_seconds(seconds);
            self.push(What::Move { order: order.to_owned(), to: *to });
            if matches!(to, Move::Collected | Move::FailedAttempt | Move::Returned | Move::Delivered) {
                known = Some(self.now);
            }
        }
        if let Some(at) = known.filter(|_| told) {
            self.push(What::Wait(Condition::Row(self.code.clone(), at)));
        }
    }

    /// The postman has the cash of an order and the post pays it out; the desk learns of it from its own system.
    pub(crate) fn paid_out(&mut self, order: &str) {
        self.moves(order, &[Move::CashCollected, Move::CashSettled], false);
        self.push(What::Wait(Condition::CashTold(order.to_owned())));
    }

    /// Waits until the post has cancelled.
    pub(crate) fn wait_cancelled(&mut self, order: &str) {
        self.push(What::Wait(Condition::Cancelled(order.to_owned())));
    }

    fn add_result(&mut self) {
        let results = self.data.dossier.results.get_or_insert_default();
        let serial = results.len() + 1;
        results.push(ResultPaper {
            code: format!("KQ.G15.{:06}.{serial}", self.number),
            name: self.procedure.result,
            part_code: Some("KQ01".to_owned()),
            url: Some(format!("https://hoso.example/kq/{}/{serial}", self.number)),
        });
    }

    fn step(&self, text: &str) -> StepDone {
        let (officer, position, department) = match self.data.dossier.status {
            Some(4..=9) => SOLVER,
            _ if self.group == Group::Post => CLERK,
            _ => OFFICER,
        };
        let (started_at, due_at) = (None, None);
        StepDone { officer, position, department, text: text.to_owned(), started_at, due_at }
    }

    fn push_event(&mut self, kind: Kind, subject: String, sequence: u64, data: Data) {
        let (high, low) = (self.chance.next(), self.chance.next());
        let id = format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFF,
            low >> 52,
            low & 0xFFFF_FFFF_FFFF
        );
        let dialect = if self.chance.percent(XML_SHARE) { Dialect::Xml } else { Dialect::Json };
        let event = Box::new(Event { id, kind, subject, time: self.now, sequence, data });
        self.push(What::Publish { event, dialect, publication: Publication::First });
    }

    /// What would happen after the end does not happen, and nothing after it.
    fn push(&mut self, what: What) {
        if self.now <= END {
            self.steps.push(Step { at: self.now, what });
        }
    }
}

/// A dossier on which nothing was done yet.
fn data(arrival: &Arrival, applicant: Applicant, chance: &mut Chance) -> Data {
    let Arrival { number, code, group, procedure, .. } = arrival;
    let channel = match group {
        Group::Post => "post",
        Group::Online => "online",
        Group::Direct => "direct",
    };
    let subject = format!("{} cho {}", procedure.name, applicant.name);
    let fees = vec![Fee { code: "LP01", name: "Lệ phí", amount: 8000, paid: true }];
    Data {
        agency: Agency { code: crate::AGENCY, name: "UBND xã Tiến Thành" },
        dossier: Dossier {
            code: Some(code.clone()),
            slip: None,
            procedure_code: procedure.code.to_owned(),
            procedure_name: procedure.name,
            field_code: "G15-TP03",
            field_name: "Hộ tịch",
            subject,
            status: None,
            channel,
            return_by_post: false,
            submitted_at: None,
            received_at: None,
            due_at: None,
            finished_at: None,
            returned_at: None,
            documents: Some(papers(*number, chance)),
            results: Some(Vec::new()),
            supplements: Some(Vec::new()),
        },
        applicant,
        step: StepDone {
            officer: OFFICER.0,
            position: OFFICER.1,
            department: OFFICER.2,
            text: String::new(),
            started_at: None,
            due_at: None,
        },
        postal: Postal::default(),
        fees: Some(fees),
    }
}

fn papers(number: usize, chance: &mut Chance) -> Vec<Paper> {
    let digitised = chance.percent(70);
    let form = Paper {
        id: format!("TL-{number:04}-1"),
        name: "Tờ khai",
        part_code: Some("TP01".to_owned()),
        url: digitised.then(|| format!("https://hoso.example/tl/{number}/1")),
        digitised,
        reused: 0,
        from_store: false,
    };
    let identity = Paper {
        id: format!("TL-{number:04}-2"),
        name: "Bản sao căn cước",
        part_code: None,
        url: None,
        digitised: false,
        reused: 1,
        from_store: true,
    };
    if chance.percent(40) { vec![form, identity] } else { vec![form] }
}
