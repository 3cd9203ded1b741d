//! The operator's desk in a real browser: Chromium, driven by what is visible, against the running gateway and both mocks.
//!
//! `LIENTHONG_SCREENS=docs/screens` has it take the pictures of the documents. Without Chromium, chromedriver or axe these
//! tests fall: what cannot be checked is no success.

mod chrome;
mod driver;
mod visitor;

pub(crate) use visitor::Visitor;

use crate::support::{AGENCY_2, DEADLINE, Dossier, Gateway, PASSWORD, World, until};
use mock_kit::{Deed, Fault};
use mock_post::Step;

/// A commune with a bit of everything, and its neighbour.
struct Commune {
    world: World,
    gateway: Gateway,
    /// Of Tiến Thành: its parcel waits at the desk.
    at_the_desk: Dossier,
    /// Of the neighbour.
    neighbours: Dossier,
}

impl Commune {
    async fn new() -> Self {
        let world = World::new().await;
        world.has_users();
        let gateway = world.gateway().await;
        let mut refused = Dossier::new(9).by_post();
        let refuse = Deed::Refuse { code: "150".to_owned(), message: "Không hợp lệ".to_owned() };
        let fault = world.post.fault(Fault::new(refuse).on("order"));
        world.publish(&refused.statuses(&[2, 9])).await;
        let dead = "SELECT count(*) FROM handoff WHERE kind = 'post.order' AND state = 'dead'";
        until("an order is refused", DEADLINE, || world.journal().count(dead) == 1).await;
        world.post.clear_fault(fault);
        let mut dossiers: Vec<Dossier> = (1..=4).map(|number| Dossier::new(number).by_post()).collect();
        let mut neighbours = Dossier::of(AGENCY_2, 5).by_post();
        for dossier in dossiers.iter_mut().chain([&mut neighbours]) {
            world.publish(&dossier.statuses(&[2, 4, 9])).await;
        }
        world.settled(17, DEADLINE).await;
        for (dossier, step) in dossiers.iter().zip([Step::Collected, Step::Delivered, Step::Returned]) {
            world.post.partner().advance_to(&dossier.order("TRA"), step);
        }
        let moved = "SELECT count(*) FROM tracking WHERE state IN ('collected', 'delivered', 'returned')";
        until("the feed was read", DEADLINE, || world.journal().count(moved) == 3).await;
        let at_the_desk = dossiers.pop().expect("there are four");
        Self { world, gateway, at_the_desk, neighbours }
    }

    async fn address(&mut self) -> String {
        format!("http://{}", self.gateway.address().await)
    }
}

/// Logs in as somebody, by what the page says.
pub(crate) async fn logs_in(visitor: &mut Visitor, name: &str) {
    visitor.goes_to("/").await;
    visitor.fills("Tên đăng nhập", name).await;
    visitor.fills("Mật khẩu", PASSWORD).await;
    visitor.presses("Đăng nhập").await;
    visitor.sees("Đăng xuất").await;
}

/// The parts of the desk, as the menu calls them, and a name for the picture of each.
const PARTS: [(&str, &str); 7] = [
    ("Tổng quan", "overview"),
    ("Đồng bộ (766)", "sync"),
    ("Hồ sơ", "dossiers"),
    ("Bàn xử lý", "letters"),
    ("Bưu điện", "post"),
    ("Đối tác", "partners"),
    ("Nhật ký thao tác", "acts"),
];

/// No part of the page shuts anybody out, and none is wider than the window.
async fn is_fit(visitor: &Visitor, what: &str) {
    let barriers = visitor.barriers().await;
    assert!(barriers.is_empty(), "{what}: {barriers:#?}");
    assert_eq!(visitor.too_wide().await, 0, "{what} scrolls sideways");
}

#[tokio::test]
async fn every_part_of_the_desk_is_there_for_everybody() {
    let mut commune = Commune::new().await;
    let address = commune.address().await;
    let mut visitor = Visitor::at_a_desk(&address).await;
    visitor.goes_to("/").await;
    visitor.sees("Mật khẩu").await;
    is_fit(&visitor, "login").await;
    visitor.shows("login").await;
    logs_in(&mut visitor, "minh").await;
    for (part, name) in PARTS {
        visitor.presses(part).await;
        visitor.sees(part).await;
        is_fit(&visitor, part).await;
        visitor.shows(name).await;
    }
    visitor.goes_to(&format!("/dossiers/{}", commune.at_the_desk.code)).await;
    visitor.sees("Diễn biến").await;
    is_fit(&visitor, "a dossier").await;
    visitor.shows("dossier").await;
    visitor.leaves().await;
    commune.gateway.stop().await;
}

#[tokio::test]
async fn on_a_phone_nothing_scrolls_sideways() {
    let mut commune = Commune::new().await;
    let address = commune.address().await;
    let mut visitor = Visitor::with_a_phone(&address).await;
    visitor.goes_to("/").await;
    is_fit(&visitor, "login on a phone").await;
    logs_in(&mut visitor, "minh").await;
    for (part, name) in PARTS {
        visitor.presses(part).await;
        visitor.sees(part).await;
        is_fit(&visitor, &format!("{part} on a phone")).await;
        visitor.shows(&format!("phone-{name}")).await;
    }
    visitor.goes_to(&format!("/dossiers/{}", commune.at_the_desk.code)).await;
    visitor.sees("Diễn biến").await;
    is_fit(&visitor, "a dossier on a phone").await;
    visitor.leaves().await;
    commune.gateway.stop().await;
}

#[tokio::test]
async fn the_language_is_switched_and_stays() {
    let mut commune = Commune::new().await;
    let address = commune.address().await;
    let mut visitor = Visitor::at_a_desk(&address).await;
    logs_in(&mut visitor, "tam").await;
    visitor.presses("Bưu điện").await;
    visitor.presses("English").await;
    visitor.sees("To take from the desk").await;
    assert!(visitor.place().await.starts_with("/post"), "{}", visitor.place().await);
    visitor.presses("Audit").await;
    visitor.sees("Log out").await;
    is_fit(&visitor, "in English").await;
    visitor.presses("Tiếng Việt").await;
    visitor.sees("Đăng xuất").await;
    visitor.leaves().await;
    commune.gateway.stop().await;
}

#[tokio::test]
async fn a_clerk_finds_her_parcel_hands_it_over_and_sees_no_other_commune() {
    let mut commune = Commune::new().await;
    let address = commune.address().await;
    let code = commune.at_the_desk.code.clone();
    let mut visitor = Visitor::at_a_desk(&address).await;
    logs_in(&mut visitor, "lan").await;
    visitor.presses("Hồ sơ").await;
    visitor.fills("Mã hồ sơ, phiếu gửi", &commune.at_the_desk.order("TRA")).await;
    visitor.presses("Tìm").await;
    visitor.sees("Diễn biến").await;
    visitor.sees(&code).await;
    visitor.goes_to(&format!("/dossiers?search={}", commune.neighbours.code)).await;
    visitor.sees("Không tìm thấy hồ sơ nào").await;

    visitor.presses("Bưu điện").await;
    visitor.sees(&code).await;
    assert!(!visitor.can_read(&commune.neighbours.code).await);
    assert!(visitor.can_read("05x…111").await && !visitor.can_read("0510000111").await);
    visitor.presses("Hiện thông tin cá nhân").await;
    visitor.sees("0510000111").await;
    visitor.presses("Che lại").await;
    visitor.sees("05x…111").await;
    visitor.chooses("Cơ quan", "UBND xã Tiến Thành").await;
    visitor.presses("Xem").await;
    visitor.presses("Lập phiếu bàn giao").await;
    visitor.sees("Bên nhận").await;
    visitor.sees("Tổng cộng: 1 bưu gửi").await;
    is_fit(&visitor, "a slip").await;
    visitor.shows("slip").await;
    let noted = "SELECT count(*) FROM audit WHERE act = 'unmasked' AND who LIKE 'lan%'";
    assert_eq!(commune.world.journal().count(noted), 2);
    visitor.leaves().await;
    commune.gateway.stop().await;
}

#[tokio::test]
async fn a_viewer_is_offered_nothing_that_only_others_may() {
    let mut commune = Commune::new().await;
    let address = commune.address().await;
    let mut visitor = Visitor::at_a_desk(&address).await;
    logs_in(&mut visitor, "tam").await;
    visitor.presses("Bưu điện").await;
    visitor.sees(&commune.at_the_desk.code).await;
    for act in ["Hiện thông tin cá nhân", "Lập phiếu bàn giao"] {
        assert!(!visitor.can_press(act).await, "{act}");
    }
    visitor.goes_to(&format!("/dossiers/{}", commune.at_the_desk.code)).await;
    visitor.sees("Diễn biến").await;
    assert!(!visitor.can_press("Hiện thông tin cá nhân").await);
    visitor.presses("Đăng xuất").await;
    visitor.sees("Mật khẩu").await;
    visitor.goes_to("/post").await;
    visitor.sees("Mật khẩu").await;
    visitor.leaves().await;
    commune.gateway.stop().await;
}

/// Issue 6: what is visible, in Vietnamese, leads from the first page to the reason, the correction and its acceptance.
#[tokio::test]
async fn a_clerk_corrects_a_dead_letter_and_sees_it_accepted_in_few_clicks() {
    let world = World::new().await;
    world.has_users();
    let mut gateway = world.gateway().await;
    let mut dossier = Dossier::new(1).by_post();
    let without_phone =
        dossier.status(9).set("/data/postal/return/phone", "chưa có").set("/data/applicant/phone", "chưa có");
    world.publish(&[without_phone]).await;
    let dead = "SELECT count(*) FROM handoff WHERE kind = 'post.order' AND state = 'dead'";
    until("the order cannot be planned", DEADLINE, || world.journal().count(dead) == 1).await;

    let mut visitor = Visitor::at_a_desk(&format!("http://{}", gateway.address().await)).await;
    logs_in(&mut visitor, "lan").await;
    visitor.clicks = 0;
    visitor.sees("Tổng quan").await;
    visitor.presses("Bàn xử lý").await;
    visitor.sees("Mỗi nhóm có chung một nguyên nhân").await;
    visitor.presses("xem một việc").await;
    visitor.sees("Lý do:").await;
    visitor.sees("Cần sửa: Số điện thoại người nhận").await;
    is_fit(&visitor, "a dead letter").await;
    visitor.shows("letter").await;
    visitor.fills("Số điện thoại người nhận", "0510000111").await;
    visitor.presses("Xem trước").await;
    visitor.sees("Sẽ thay đổi").await;
    assert!(!visitor.can_read("0510000111").await, "what will be sent is shown masked");
    assert_eq!(world.post.count("order"), 0, "nothing was sent yet");
    visitor.fills("Lý do sửa", "đã gọi điện hỏi công dân").await;
    visitor.presses("Gửi lại với nội dung này").await;
    let accepted = "SELECT count(*) FROM handoff WHERE kind = 'post.order' AND state = 'accepted'";
    until("the post has it", DEADLINE, || world.journal().count(accepted) == 1).await;
    visitor.presses(&dossier.code).await;
    visitor.sees("Diễn biến").await;
    visitor.sees("đơn trả kết quả: đã nhận").await;
    assert!(visitor.clicks <= 8, "{} clicks", visitor.clicks);
    assert_eq!(world.post.count("order"), 1);
    visitor.leaves().await;
    gateway.stop().await;
}
