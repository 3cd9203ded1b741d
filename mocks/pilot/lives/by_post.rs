//! Lives with parcels: results by post, papers collected at home, papers that go on to another agency.

use super::usual::{finish, hand_over, lodge, receive, work};
use crate::desk::Desk;
use crate::event::Kind;
use crate::people::{home, relative};
use crate::script::Move::{
    self, Accepted, ArrivedOffice, Collected, Delivered, FailedAttempt, LeftOffice, OutForDelivery, Returned,
    Returning,
};

pub(super) const WAY: [Move; 6] = [Accepted, Collected, LeftOffice, ArrivedOffice, OutForDelivery, Delivered];
const WAY_BACK: [Move; 7] =
    [Accepted, Collected, ArrivedOffice, OutForDelivery, FailedAttempt, Returning, Returned];

/// Asked for at the desk, delivered by the postman; the portal learns 10 from the post.
pub(super) fn returned(desk: &mut Desk) {
    finished_for_post(desk);
    let order = desk.order("TRA", 1);
    desk.moves(&order, &WAY, true);
}

pub(super) fn failed_attempt(desk: &mut Desk) {
    finished_for_post(desk);
    let order = desk.order("TRA", 1);
    let way = [Accepted, Collected, OutForDelivery, FailedAttempt, OutForDelivery, FailedAttempt, Delivered];
    desk.moves(&order, &way, true);
}

/// Came back; the desk asks for one more order, with another number.
pub(super) fn reordered(desk: &mut Desk) {
    finished_for_post(desk);
    sent_again(desk);
}

fn sent_again(desk: &mut Desk) -> String {
    came_back(desk);
    desk.publish(Kind::ReorderRequested, "Công dân đề nghị gửi lại kết quả");
    let order = desk.order("TRA", 2);
    desk.moves(&order, &WAY, true);
    order
}

/// The postman brings the result and takes the fee; the desk books it when the post has paid it out.
pub(super) fn cash_collected(desk: &mut Desk) {
    owing(desk);
    let order = desk.order("TRA", 1);
    desk.moves(&order, &WAY, true);
    booked(desk, &order);
}

fn booked(desk: &mut Desk, order: &str) {
    desk.paid_out(order);
    desk.days(1, 2);
    desk.pay("Bưu điện đã thu hộ và nộp lại lệ phí");
}

/// Paid online while the parcel waits for the postman: he must not ask for it, so there is another order without cash.
pub(super) fn cash_paid_online(desk: &mut Desk) {
    owing(desk);
    let first = noted(desk, 1);
    desk.pay("Công dân đã nộp lệ phí trực tuyến");
    desk.wait_cancelled(&first);
    let second = desk.order("TRA", 2);
    desk.moves(&second, &WAY, true);
}

/// Nobody was at home: the money comes neither way, and is asked for again with the next order.
pub(super) fn cash_reordered(desk: &mut Desk) {
    owing(desk);
    let order = sent_again(desk);
    booked(desk, &order);
}

pub(super) fn fetched_after_return(desk: &mut Desk) {
    finished_for_post(desk);
    came_back(desk);
    hand_over(desk);
}

/// The citizen comes before the postman does: the order is called off.
pub(super) fn fetched_though_ordered(desk: &mut Desk) {
    finished_for_post(desk);
    let order = noted(desk, 1);
    hand_over(desk);
    desk.wait_cancelled(&order);
}

pub(super) fn registered_early(desk: &mut Desk) {
    receive(desk);
    work(desk);
    desk.later(30, 200);
    register(desk);
    desk.days(1, 2);
    finish(desk);
    let order = desk.order("TRA", 1);
    desk.moves(&order, &WAY, true);
}

pub(super) fn registered_late(desk: &mut Desk) {
    receive(desk);
    work(desk);
    desk.days(1, 2);
    finish(desk);
    desk.days(0, 2);
    register(desk);
    let order = desk.order("TRA", 1);
    desk.moves(&order, &WAY, true);
}

pub(super) fn withdrawn_before(desk: &mut Desk) {
    received_for_post(desk);
    desk.later(30, 200);
    desk.withdraw_return();
    desk.days(1, 2);
    finish(desk);
    desk.days(0, 2);
    hand_over(desk);
}

pub(super) fn withdrawn_after(desk: &mut Desk) {
    finished_for_post(desk);
    let order = noted(desk, 1);
    desk.withdraw_return();
    desk.wait_cancelled(&order);
    desk.days(0, 2);
    hand_over(desk);
}

/// Withdrawn and, minutes later, registered again for somebody else: a new number, once the first order is cancelled.
pub(super) fn registered_again(desk: &mut Desk) {
    finished_for_post(desk);
    let first = noted(desk, 1);
    desk.withdraw_return();
    desk.later(3, 20);
    let receiver = relative(desk.number, &mut desk.chance);
    desk.register_return(receiver);
    desk.wait_cancelled(&first);
    let second = desk.order("TRA", 2);
    desk.moves(&second, &WAY, true);
}

/// The result had a mistake while its parcel waited for the postman: 9, 4, 9, and an order with the next number.
pub(super) fn reopened(desk: &mut Desk) {
    finished_for_post(desk);
    let first = noted(desk, 1);
    desk.status(4, "Kết quả có sai sót, xử lý lại");
    desk.wait_cancelled(&first);
    desk.days(0, 2);
    finish(desk);
    let second = desk.order("TRA", 2);
    desk.moves(&second, &WAY, true);
}

/// The post delivered, and the desk writes 10 as well when the slip comes back: one row, the post's.
pub(super) fn said_again(desk: &mut Desk) {
    returned(desk);
    desk.days(1, 2);
    hand_over(desk);
}

/// The delivered result had a mistake; the corrected one is sent with a new order.
pub(super) fn reopened_after_delivery(desk: &mut Desk) {
    returned(desk);
    desk.days(1, 2);
    desk.status(4, "Kết quả có sai sót, xử lý lại");
    desk.days(0, 1);
    finish(desk);
    desk.later(10, 30);
    desk.publish(Kind::ReorderRequested, "Gửi kết quả đã chỉnh sửa");
    let second = desk.order("TRA", 2);
    desk.moves(&second, &WAY, true);
}

pub(super) fn phone_of_the_applicant(desk: &mut Desk) {
    let mut receiver = relative(desk.number, &mut desk.chance);
    receiver.phone = Some("không có".to_owned());
    desk.data.postal.back = Some(receiver);
    desk.data.dossier.return_by_post = true;
    receive(desk);
    work(desk);
    desk.days(1, 2);
    finish(desk);
    let order = desk.order("TRA", 1);
    desk.moves(&order, &WAY, true);
}

/// The postman fetches the papers before there is a code; the desk joins the slip to the dossier.
pub(super) fn collected_at_home(desk: &mut Desk) {
    collect(desk);
    if desk.chance.percent(50) {
        let receiver = home(&desk.data.applicant, &mut desk.chance);
        desk.data.postal.back = Some(receiver);
        desk.data.dossier.return_by_post = true;
    }
    receive(desk);
    work(desk);
    desk.days(1, 3);
    finish(desk);
    if desk.data.dossier.return_by_post {
        let order = desk.order("TRA", 1);
        desk.moves(&order, &WAY, true);
    } else {
        desk.days(0, 3);
        hand_over(desk);
    }
}

pub(super) fn collected_under_the_code(desk: &mut Desk) {
    ask_pickup(desk);
    let order = desk.pickup_order();
    desk.moves(&order, &WAY, false);
    desk.days(0, 1);
    receive(desk);
    work(desk);
    desk.days(1, 3);
    finish(desk);
    desk.days(0, 2);
    hand_over(desk);
}

/// The code exists while the postman is on his way, and the desk asks again under it: nothing more is ordered.
pub(super) fn asked_again(desk: &mut Desk) {
    let from = home(&desk.data.applicant, &mut desk.chance);
    desk.begin_with_slip(from);
    let order = desk.pickup_order();
    desk.moves(&order, &[Accepted], false);
    desk.days(0, 1);
    ask_pickup_again(desk);
    desk.moves(&order, &[Collected, LeftOffice, ArrivedOffice, OutForDelivery, Delivered], false);
    desk.days(0, 1);
    receive(desk);
    desk.days(1, 2);
    finish(desk);
    desk.days(0, 2);
    hand_over(desk);
}

/// Papers that the post brought go back by post.
pub(super) fn collected_and_refused(desk: &mut Desk) {
    collect(desk);
    desk.status(3, "Không tiếp nhận: hồ sơ không thuộc thẩm quyền giải quyết của xã");
    papers_back(desk);
}

pub(super) fn collected_and_withdrawn(desk: &mut Desk) {
    collect(desk);
    receive(desk);
    work(desk);
    desk.days(0, 2);
    desk.status(7, "Công dân đề nghị rút hồ sơ");
    papers_back(desk);
}

pub(super) fn collected_and_stopped(desk: &mut Desk) {
    collect(desk);
    receive(desk);
    work(desk);
    desk.days(1, 3);
    desk.status(8, "Dừng xử lý: hồ sơ trùng với hồ sơ đã giải quyết");
    papers_back(desk);
}

/// The citizen came to the desk after all.
pub(super) fn pickup_cancelled(desk: &mut Desk) {
    let from = home(&desk.data.applicant, &mut desk.chance);
    desk.begin_with_slip(from);
    let order = desk.pickup_order();
    desk.moves(&order, &[Accepted], false);
    desk.days(0, 1);
    desk.publish_slip(Kind::PickupCancelled, "Công dân tự mang hồ sơ đến");
    desk.wait_cancelled(&order);
    desk.later(30, 200);
    receive(desk);
    work(desk);
    desk.days(1, 2);
    finish(desk);
    desk.days(0, 2);
    hand_over(desk);
}

pub(super) fn forwarded(desk: &mut Desk) {
    receive(desk);
    work(desk);
    desk.later(30, 120);
    desk.forward("Chuyển hồ sơ giấy đến Phòng Tư pháp qua bưu chính");
    let order = desk.order("CHUYEN", 1);
    desk.moves(&order, &WAY, false);
    desk.days(1, 3);
    finish(desk);
    desk.days(0, 2);
    hand_over(desk);
}

pub(super) fn forwarded_twice(desk: &mut Desk) {
    receive(desk);
    work(desk);
    desk.later(30, 120);
    desk.forward("Chuyển hồ sơ giấy đến Phòng Tư pháp qua bưu chính");
    let order = desk.order("CHUYEN", 1);
    desk.moves(&order, &WAY, false);
    desk.days(1, 2);
    desk.forward("Chuyển giấy tờ bổ sung đến Phòng Tư pháp qua bưu chính");
    let order = desk.order("CHUYEN", 2);
    desk.moves(&order, &WAY, false);
    desk.days(1, 3);
    finish(desk);
    desk.days(0, 2);
    hand_over(desk);
}

fn came_back(desk: &mut Desk) {
    let order = desk.order("TRA", 1);
    desk.moves(&order, &WAY_BACK, true);
    desk.days(0, 2);
}

/// The order of that number is known at the post, and not collected.
fn noted(desk: &mut Desk, n: u32) -> String {
    let order = desk.order("TRA", n);
    desk.moves(&order, &[Accepted], false);
    desk.days(0, 1);
    order
}

fn collect(desk: &mut Desk) {
    let from = home(&desk.data.applicant, &mut desk.chance);
    desk.begin_with_slip(from);
    let order = desk.pickup_order();
    desk.moves(&order, &WAY, false);
    desk.days(0, 1);
}

fn ask_pickup(desk: &mut Desk) {
    desk.data.postal.pickup = Some(home(&desk.data.applicant, &mut desk.chance));
    ask_pickup_again(desk);
}

fn ask_pickup_again(desk: &mut Desk) {
    desk.data.dossier.status = Some(1);
    desk.publish(Kind::PickupRequested, "Công dân gửi hồ sơ qua bưu điện từ nhà");
}

fn papers_back(desk: &mut Desk) {
    let order = desk.order("HOAN", 1);
    desk.moves(&order, &WAY, false);
}

fn register(desk: &mut Desk) {
    let to = home(&desk.data.applicant, &mut desk.chance);
    desk.register_return(to);
}

fn received_for_post(desk: &mut Desk) {
    desk.data.postal.back = Some(home(&desk.data.applicant, &mut desk.chance));
    desk.data.dossier.return_by_post = true;
    lodge(desk);
    desk.status(2, "Tiếp nhận hồ sơ");
    desk.later(5, 60);
    work(desk);
}

/// The result goes home by post with a fee that is not paid.
fn owing(desk: &mut Desk) {
    received_for_post(desk);
    desk.days(1, 3);
    desk.owe();
    finish(desk);
}

fn finished_for_post(desk: &mut Desk) {
    received_for_post(desk);
    desk.days(1, 3);
    finish(desk);
}
