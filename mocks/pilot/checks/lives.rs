//! The table for lives written by hand.

use crate::calendar::At;
use crate::chance::Chance;
use crate::desk::{Arrival, Desk, Procedure};
use crate::event::Kind;
use crate::people::home;
use crate::script::{Group, Move, Script};
use crate::{CashEnd, Expected, OrderEnd, expect};
use jiff::civil::date;

const CODE: &str = "H11.01.07-220301-0001";

fn desk() -> Desk {
    let arrival = Arrival {
        number: 1,
        code: CODE.to_owned(),
        group: Group::Post,
        procedure: Procedure { code: "2.000635.H11", name: "Cấp bản sao", result: "Bản sao" },
        at: At(date(2022, 3, 1).at(8, 0, 0, 0)),
    };
    Desk::new(&arrival, Chance::new(1))
}

fn wants_post(desk: &mut Desk) {
    desk.data.postal.back = Some(home(&desk.data.applicant, &mut desk.chance));
    desk.data.dossier.return_by_post = true;
}

fn lived(life: impl FnOnce(&mut Desk)) -> (Script, Expected) {
    let mut desk = desk();
    life(&mut desk);
    let script = desk.close("by hand");
    let expected = expect(&script);
    (script, expected)
}

/// Statuses of the rows, and every order as `LEG-n end`.
fn told(expected: &Expected) -> (String, String) {
    let statuses: Vec<&str> = expected.rows.iter().map(|row| row.status.as_str()).collect();
    let orders = expected.orders.iter().map(|(number, order)| {
        let end = match order.end {
            OrderEnd::Taken => "taken".to_owned(),
            OrderEnd::Cancelled => "cancelled".to_owned(),
            OrderEnd::Moved(to) => format!("{to:?}").to_lowercase(),
        };
        format!("{} {end}", number.strip_prefix("H11.01.07-220301-0001-").unwrap_or(number))
    });
    (statuses.join(" "), orders.collect::<Vec<_>>().join(", "))
}

fn steps(desk: &mut Desk, statuses: &[u8]) {
    for status in statuses {
        desk.status(*status, "bước");
        desk.later(30, 60);
    }
}

/// The result's order of that number moves.
fn moves(desk: &mut Desk, n: u32, moves: &[Move], told: bool) {
    let order = desk.order("TRA", n);
    desk.moves(&order, moves, told);
}

fn check(statuses: &str, orders: &str, life: impl FnOnce(&mut Desk)) {
    let (_, expected) = lived(life);
    assert_eq!(told(&expected), (statuses.to_owned(), orders.to_owned()));
}

#[test]
fn the_table_for_lives_written_by_hand() {
    check("2 4 9 10", "", |desk| steps(desk, &[2, 4, 9, 10]));
    check("2 4 9 9 10", "TRA-1 delivered", |desk| {
        wants_post(desk);
        steps(desk, &[2, 4, 9]);
        desk.moves(&format!("{CODE}-TRA-1"), &[Move::Accepted, Move::Collected, Move::Delivered], true);
    });
    check("2 9 9 9 9", "TRA-1 returned, TRA-2 taken", |desk| {
        wants_post(desk);
        steps(desk, &[2, 9]);
        let way = [Move::Accepted, Move::Collected, Move::FailedAttempt, Move::Returned];
        desk.moves(&format!("{CODE}-TRA-1"), &way, true);
        desk.publish(Kind::ReorderRequested, "gửi lại");
    });
    check("2 9 10", "TRA-1 cancelled", |desk| {
        wants_post(desk);
        steps(desk, &[2, 9]);
        desk.moves(&format!("{CODE}-TRA-1"), &[Move::Accepted], false);
        steps(desk, &[10]);
    });
    check("2 9 4 9", "TRA-1 cancelled, TRA-2 taken", |desk| {
        wants_post(desk);
        steps(desk, &[2, 9, 4, 9]);
    });
    check("2 9 9 10", "TRA-1 delivered", |desk| {
        wants_post(desk);
        steps(desk, &[2, 9]);
        desk.moves(&format!("{CODE}-TRA-1"), &[Move::Collected, Move::Delivered], true);
        steps(desk, &[10]);
    });
    check("2 4 4 9", "CHUYEN-1 taken", |desk| {
        steps(desk, &[2, 4]);
        desk.forward("chuyển");
        desk.later(20, 30);
        steps(desk, &[9]);
    });
    check("3", "EZ041000001VN-GOM-1 delivered, HOAN-1 taken", |desk| {
        let from = home(&desk.data.applicant, &mut desk.chance);
        desk.begin_with_slip(from);
        let order = desk.pickup_order();
        desk.moves(&order, &[Move::Collected, Move::Delivered], false);
        steps(desk, &[3]);
    });
    check("2", "EZ041000001VN-GOM-1 cancelled", |desk| {
        let from = home(&desk.data.applicant, &mut desk.chance);
        desk.begin_with_slip(from);
        desk.later(10, 20);
        desk.publish_slip(Kind::PickupCancelled, "thôi");
        desk.later(10, 20);
        steps(desk, &[2]);
    });
}

#[test]
fn a_delivery_gives_the_record_its_time() {
    let (script, expected) = lived(|desk| {
        wants_post(desk);
        steps(desk, &[2, 9]);
        desk.moves(&format!("{CODE}-TRA-1"), &[Move::Collected, Move::Delivered], true);
        steps(desk, &[10]);
    });
    let delivered =
        script.steps.iter().rev().find(|step| matches!(step.what, crate::What::Move { .. })).unwrap().at;
    let fields = ["TrangThaiHoSo", "NgayTra", "HinhThuc", "KenhThucHien", "MaTTHC", "DanhSachGiayToKetQua"];
    let values: Vec<&str> = fields.iter().map(|field| expected.record[field].as_str()).collect();
    assert_eq!(values, ["10", &delivered.compact(), "1", "3", "2.000635", "1"]);
    let order = &expected.orders[&format!("{CODE}-TRA-1")];
    assert_eq!(order.from, ("Bộ phận Một cửa xã Tiến Thành".to_owned(), "0510000901".to_owned()));
    assert_eq!(order.to.1, "0510001001");
}

#[test]
fn unpaid_fees_go_with_the_result_and_another_sum_with_another_order() {
    let check = |orders: &[(&str, u64, OrderEnd, CashEnd)], life: fn(&mut Desk)| {
        let (_, expected) = lived(|desk| {
            wants_post(desk);
            desk.owe();
            steps(desk, &[2, 4, 9]);
            life(desk);
        });
        let of = |(number, order): (&String, &crate::ExpectedOrder)| {
            let number = number.strip_prefix("H11.01.07-220301-0001-").unwrap_or(number);
            (number.to_owned(), order.cash, order.end, order.cash_end)
        };
        let wanted =
            orders.iter().map(|(number, cash, end, paid)| ((*number).to_owned(), *cash, *end, *paid));
        assert_eq!(expected.orders.iter().map(of).collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
    };
    let delivered = OrderEnd::Moved(Move::Delivered);
    let (open, collected, settled) = (CashEnd::Open, CashEnd::Collected, CashEnd::Settled);
    check(&[("TRA-1", 16_000, delivered, settled)], |desk| {
        moves(desk, 1, &[Move::Collected, Move::Delivered], true);
        let order = desk.order("TRA", 1);
        desk.paid_out(&order);
        desk.pay("đã thu hộ");
    });
    check(&[("TRA-1", 16_000, delivered, collected)], |desk| {
        moves(desk, 1, &[Move::Collected, Move::Delivered, Move::CashCollected], true);
    });
    check(&[("TRA-1", 16_000, OrderEnd::Cancelled, open), ("TRA-2", 0, delivered, open)], |desk| {
        moves(desk, 1, &[Move::Accepted], false);
        desk.pay("đã nộp trực tuyến");
        moves(desk, 2, &[Move::Collected, Move::Delivered], true);
    });
    let returned = OrderEnd::Moved(Move::Returned);
    check(&[("TRA-1", 16_000, returned, open), ("TRA-2", 16_000, delivered, open)], |desk| {
        moves(desk, 1, &[Move::Collected, Move::Returned], true);
        desk.publish(Kind::ReorderRequested, "gửi lại");
        moves(desk, 2, &[Move::Collected, Move::Delivered], true);
    });
}

#[test]
fn what_cannot_be_sent_is_a_dead_letter() {
    let (_, expected) = lived(|desk| {
        desk.data.applicant.phone = None;
        wants_post(desk);
        steps(desk, &[2, 9]);
    });
    assert!(expected.orders.is_empty());
    assert!(expected.dead.contains("GATEWAY-NO-PHONE"));
    let (_, expected) = lived(|desk| {
        desk.data.dossier.procedure_code = "TS_HT01".to_owned();
        steps(desk, &[2, 9]);
    });
    assert!(expected.rows.is_empty() && expected.record.is_empty());
    assert!(expected.dead.contains("GATEWAY-UNKNOWN-PROCEDURE"));
    let (_, expected) = lived(|desk| steps(desk, &[2, 9, 10, 1]));
    assert_eq!(told(&expected).0, "2 9 10");
    assert!(expected.dead.contains("GATEWAY-STATUS-JUMP"));
}
