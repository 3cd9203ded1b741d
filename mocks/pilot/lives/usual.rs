//! Lives without a parcel: received, worked on, finished, fetched at the desk; refused, withdrawn, stopped, re-opened.

use crate::desk::Desk;
use crate::script::Group;

/// As life usually goes.
pub(super) fn usual(desk: &mut Desk) {
    receive(desk);
    if desk.chance.percent(25) {
        // Ready while the citizen waits.
        desk.later(20, 90);
        finish(desk);
        desk.later(5, 40);
        return hand_over(desk);
    }
    work(desk);
    if desk.chance.percent(15) {
        desk.later(60, 300);
        desk.supplement();
    }
    if desk.chance.percent(8) {
        desk.later(30, 200);
        desk.fee();
    }
    desk.days(0, 3);
    finish(desk);
    if desk.chance.percent(92) {
        desk.days(0, 4);
        hand_over(desk);
    }
}

/// Not accepted (form 03).
pub(super) fn refused(desk: &mut Desk) {
    lodge(desk);
    desk.later(10, 120);
    desk.status(3, "Không tiếp nhận: hồ sơ không thuộc thẩm quyền giải quyết của xã");
}

/// The citizen takes the dossier back.
pub(super) fn withdrawn(desk: &mut Desk) {
    receive(desk);
    work(desk);
    desk.days(0, 2);
    desk.status(7, "Công dân đề nghị rút hồ sơ");
}

/// Stopped (form 05).
pub(super) fn stopped(desk: &mut Desk) {
    receive(desk);
    work(desk);
    desk.later(60, 200);
    desk.supplement();
    desk.days(1, 5);
    desk.status(8, "Dừng xử lý: quá thời hạn bổ sung hồ sơ");
}

/// A second supplement counts against the commune, and happens.
pub(super) fn two_supplements(desk: &mut Desk) {
    receive(desk);
    work(desk);
    desk.later(60, 200);
    desk.supplement();
    desk.days(0, 1);
    desk.supplement();
    desk.days(1, 2);
    finish(desk);
    desk.days(0, 3);
    hand_over(desk);
}

/// The result had a mistake: 9, 4 and 9 again.
pub(super) fn reopened(desk: &mut Desk) {
    receive(desk);
    work(desk);
    desk.days(1, 2);
    finish(desk);
    desk.days(0, 1);
    desk.status(4, "Kết quả có sai sót, xử lý lại");
    desk.days(0, 2);
    finish(desk);
    desk.days(0, 2);
    hand_over(desk);
}

/// Lodged online (1), where that is how it came.
pub(super) fn lodge(desk: &mut Desk) {
    if desk.group() == Group::Online {
        desk.status(1, "Công dân nộp hồ sơ trực tuyến");
        desk.later(10, 400);
    }
}

pub(super) fn receive(desk: &mut Desk) {
    lodge(desk);
    desk.status(2, "Tiếp nhận hồ sơ");
    desk.later(5, 60);
}

pub(super) fn work(desk: &mut Desk) {
    desk.status(4, "Chuyển công chức chuyên môn xử lý");
}

pub(super) fn finish(desk: &mut Desk) {
    desk.status(9, "Đã có kết quả tại Bộ phận Một cửa");
}

pub(super) fn hand_over(desk: &mut Desk) {
    desk.status(10, "Đã trả kết quả cho công dân");
}
