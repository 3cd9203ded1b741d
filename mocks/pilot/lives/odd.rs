//! Lives that the gateway must stop at, and say why: deliberate dead letters.

use super::by_post;
use super::usual::{finish, hand_over, receive, work};
use crate::desk::Desk;
use crate::people::home;
use crate::script::Move;

/// Nobody can be called at the door, until the desk has asked for the number.
pub(super) fn phone_cured(desk: &mut Desk) {
    let known = desk.data.applicant.phone.clone();
    phone_missing(desk);
    desk.days(1, 2);
    desk.data.applicant.phone = known;
    let to = home(&desk.data.applicant, &mut desk.chance);
    desk.register_return(to);
    let order = desk.order("TRA", 1);
    let way = [Move::Accepted, Move::Collected, Move::OutForDelivery, Move::Delivered];
    desk.moves(&order, &way, true);
}

/// Nobody can be called at the door: the post would refuse the order, and the gateway sees it first.
pub(super) fn phone_missing(desk: &mut Desk) {
    desk.data.applicant.phone = None;
    let to = home(&desk.data.applicant, &mut desk.chance);
    desk.data.postal.back = Some(to);
    desk.data.dossier.return_by_post = true;
    receive(desk);
    work(desk);
    desk.days(1, 2);
    finish(desk);
}

/// A local code that nobody mapped: nothing reaches the portal, the parcel goes all the same.
pub(super) fn unmapped_procedure(desk: &mut Desk) {
    "TS_HT01.H11".clone_into(&mut desk.data.dossier.procedure_code);
    let told = false;
    desk.data.postal.back = Some(home(&desk.data.applicant, &mut desk.chance));
    desk.data.dossier.return_by_post = true;
    receive(desk);
    desk.days(1, 2);
    finish(desk);
    let order = desk.order("TRA", 1);
    desk.moves(&order, &by_post::WAY, told);
}

/// The desk slips with the mouse: a finished dossier is said to be newly lodged.
pub(super) fn impossible_status(desk: &mut Desk) {
    receive(desk);
    desk.days(1, 2);
    finish(desk);
    desk.days(0, 1);
    hand_over(desk);
    desk.days(1, 2);
    desk.status(1, "Mới đăng ký");
}
