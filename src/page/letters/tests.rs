//! This part of the desk as a person sees it: led by visible text alone.

use crate::acts::tests::{GROUP, PERSON, asides, dead, order_of, path, posts, two_communes};
use crate::admin::tests::{Answer, Browser, Stage};
use crate::clock;
use crate::journal::tests::world::{at, code, reason, take};
use lienthong_core::handoff::Content;
use lienthong_core::outcome::Outcome;
use serde_json::json;

/// Somebody at a browser, who clicks what can be read.
struct Person {
    browser: Browser,
    shown: Answer,
    clicks: usize,
}

impl Person {
    async fn at(stage: &Stage, name: &str, path: &str) -> Self {
        let mut browser = stage.logged_in(name).await;
        let shown = browser.gets(path).await;
        assert_eq!(shown.status, 200, "{path}");
        Self { browser, shown, clicks: 0 }
    }

    fn reads(&self, text: &str) -> bool {
        self.shown.body.contains(text)
    }

    /// Follows the first link that begins with this text.
    async fn follows(&mut self, text: &str) {
        let body = &self.shown.body;
        let (before, _) =
            body.split_once(&format!(">{text}")).unwrap_or_else(|| panic!("no link {text} in {body}"));
        let (_, link) = before.rsplit_once("<a ").unwrap();
        let path = attribute(link, "href");
        self.clicks += 1;
        self.shown = self.browser.gets(&path).await;
        self.goes_on().await;
        assert_eq!(self.shown.status, 200, "{path}");
    }

    /// Fills in the form of the button with this text, each field by its label, and presses it.
    async fn presses(&mut self, button: &str, typed: &[(&str, &str)]) {
        let form = self.form_of(button);
        let mut fields: Vec<(String, String)> = form
            .split("<input ")
            .skip(1)
            .filter(|input| input.starts_with("type=\"hidden\""))
            .map(|input| (attribute(input, "name"), attribute(input, "value")))
            .collect();
        for (label, value) in typed {
            fields.push((named_by(&form, label), (*value).to_owned()));
        }
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let action = attribute(&form, "action");
        self.clicks += 1;
        self.shown = self.browser.posts(&action, &fields).await;
        self.goes_on().await;
    }

    /// To where it is sent on.
    async fn goes_on(&mut self) {
        if self.shown.status == 303 {
            let to = self.shown.header("location").unwrap().to_owned();
            self.shown = self.browser.gets(&to).await;
        }
    }

    fn form_of(&self, button: &str) -> String {
        let forms = self.shown.body.split("<form ").skip(1);
        let mut forms = forms.map(|form| form.split("</form>").next().unwrap());
        let pressed = format!(">{button}</button>");
        forms.find(|form| form.contains(&pressed)).unwrap_or_else(|| panic!("no button {button}")).to_owned()
    }
}

/// The name of the field that a label is for, or stands around.
fn named_by(form: &str, label: &str) -> String {
    let (before, behind) = form.split_once(label).unwrap_or_else(|| panic!("no label {label}"));
    let (_, tag) = before.rsplit_once("<label").unwrap();
    if let Some((_, inside)) = tag.split_once("<input ") {
        return attribute(inside, "name");
    }
    let id = format!("id=\"{}\"", attribute(tag, "for"));
    let (_, field) = behind.split_once(&id).unwrap();
    attribute(field, "name")
}

fn attribute(tag: &str, name: &str) -> String {
    let (_, behind) = tag.split_once(&format!("{name}=\"")).unwrap_or_else(|| panic!("no {name} in {tag}"));
    behind.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_clerk_is_led_from_the_groups_to_an_accepted_replay_in_a_few_clicks() {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 3).await;
    let mut lan = Person::at(&stage, "lan", "/acts").await;
    lan.follows("Bàn xử lý").await;
    assert!(lan.reads("Số điện thoại người nhận") && lan.reads("Nên làm"));
    lan.follows("Bưu điện: đơn: đối tác từ chối (3)").await;
    lan.follows("Xem và xử lý").await;
    assert!(lan.reads(&code(1)) && lan.reads("TEST-105") && lan.reads("05x…111"));
    lan.presses("Xem trước", &[("Số điện thoại người nhận", "0510 000 222")]).await;
    assert!(lan.reads("05x…222"), "{}", lan.shown.body);
    lan.presses("Gửi lại với nội dung này", &[("Lý do sửa", "người dân báo số mới")]).await;
    assert!(lan.reads("Đã thực hiện.") && lan.reads("đang chờ"), "{}", lan.shown.body);
    assert!(lan.clicks <= 7, "one is left for the first page: {}", lan.clicks);
    let call = take(&mut stage.world.calls(clock::now()).await, "post.order");
    let Content::Order(order) = &call.handoffs[0].content else { panic!("an order") };
    assert_eq!(order.to.phone, "0510000222");
    let here = format!("/letters/one/{}", call.handoffs[0].id);
    stage.world.settle(call, Outcome::Accepted(reason("TEST-OK")), clock::now()).await;
    lan.shown = lan.browser.gets(&here).await;
    assert!(lan.reads("<span class=\"good\">đã nhận</span>"), "{}", lan.shown.body);
    assert!(!lan.reads("Xem trước"), "nothing is left to do");
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_the_form() {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 1).await;
    let mut minh = Person::at(&stage, "minh", "/letters").await;
    minh.follows("xem một việc").await;
    minh.presses("Xem trước", &[("Số điện thoại người nhận", "không có")]).await;
    assert_eq!(minh.shown.status, 422);
    assert!(minh.reads("Số điện thoại người nhận: không phải số điện thoại."), "{}", minh.shown.body);
    minh.presses("Gửi lại nguyên nội dung", &[("Lý do gửi lại", " ")]).await;
    assert_eq!((minh.shown.status, minh.reads("Hãy ghi lý do")), (422, true));
    minh.presses("Gửi lại nguyên nội dung", &[("Lý do gửi lại", "bưu điện đã sửa")]).await;
    assert_eq!((minh.shown.status, minh.reads("đang chờ")), (200, true));
}

#[tokio::test]
async fn a_bulk_replay_without_a_reason_is_told_so_at_its_form() {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 3).await;
    let mut minh = Person::at(&stage, "minh", &format!("/letters/replay?group={GROUP}")).await;
    minh.presses("Gửi lại các việc này", &[("Lý do gửi lại", " ")]).await;
    assert_eq!((minh.shown.status, minh.reads("Hãy ghi lý do")), (422, true));
    assert!(minh.reads("Sẽ gửi: 3") && !minh.reads("data-refresh"), "{}", minh.shown.body);
    assert!(minh.reads("/language/en?back=%2Fletters%2Freplay%3Fgroup"), "{}", minh.shown.body);
    minh.presses("Gửi lại các việc này", &[("Lý do gửi lại", "bưu điện đã sửa")]).await;
    assert!(minh.reads("0/3"), "{}", minh.shown.body);
    minh.presses("Dừng đợt này", &[("Lý do dừng", "")]).await;
    assert_eq!((minh.shown.status, minh.reads("Hãy ghi lý do")), (422, true));
    assert!(minh.reads("0/3"), "{}", minh.shown.body);
}

#[tokio::test]
async fn a_group_is_previewed_replayed_followed_and_stopped() {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 7).await;
    let mut minh = Person::at(&stage, "minh", "/letters").await;
    minh.follows("Bưu điện: đơn: đối tác từ chối (7)").await;
    minh.follows("Gửi lại cả nhóm (xem trước)").await;
    assert!(minh.reads("Sẽ gửi: 7"));
    minh.presses("Gửi lại các việc này", &[("Lý do gửi lại", "bưu điện đã sửa")]).await;
    assert!(minh.reads("chưa đến lượt") && minh.reads("0/7"), "{}", minh.shown.body);
    stage.world.journal.advance_replays(at(100_000_000)).await.unwrap();
    stage.world.accept_all(at(100_000_000)).await;
    stage.world.journal.advance_replays(at(100_000_001)).await.unwrap();
    minh.shown = minh.browser.gets("/letters/replays/1").await;
    assert!(minh.reads("1/7, đang gửi 5"), "{}", minh.shown.body);
    minh.presses("Dừng đợt này", &[("Lý do dừng", "chờ đã")]).await;
    assert!(minh.reads("đã dừng theo lệnh") && !minh.reads("Dừng đợt này"), "{}", minh.shown.body);
    minh.follows("Các đợt gửi lại").await;
    assert!(minh.reads("đã dừng theo lệnh"));
}

#[tokio::test]
async fn a_letter_is_dismissed_reopened_and_settled_by_what_can_be_read() {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 1).await;
    let mut minh = Person::at(&stage, "minh", "/letters").await;
    minh.follows("xem một việc").await;
    minh.presses("Bỏ qua", &[("Lý do bỏ qua", "trả tại quầy")]).await;
    assert!(minh.reads("đã bỏ qua"));
    minh.presses("Mở lại", &[("Lý do mở lại", "nhầm")]).await;
    assert!(minh.reads("đã dừng"));
    let known = [("Số của đối tác", "CH10020030VN"), ("Ai cho biết", "bưu cục, 10:15")];
    minh.presses("Xác nhận đã nhận", &known).await;
    assert!(minh.reads("đã xử lý thủ công") && minh.reads("CH10020030VN"), "{}", minh.shown.body);
}

#[tokio::test]
async fn persons_are_shown_on_request_once_and_that_is_written_down() {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 1).await;
    let mut lan = Person::at(&stage, "lan", "/letters").await;
    lan.follows("xem một việc").await;
    assert!(!lan.reads("Bưởi") && !lan.reads("0510000111"));
    lan.presses("Xem không che", &[("Lý do cần xem", "gọi cho người dân")]).await;
    assert!(lan.reads("Lò Thị Bưởi") && lan.reads("0510000111"));
    assert!(!lan.reads("data-refresh"), "it is not fetched again by itself");
    let noted = "SELECT count(*) FROM audit WHERE act = 'unmasked' AND reason = 'gọi cho người dân' AND dossier IS NOT NULL";
    assert_eq!(stage.world.count(noted), 1);
}

#[tokio::test]
async fn whoever_may_not_is_shown_no_form() {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 1).await;
    let mut tam = Person::at(&stage, "tam", "/letters").await;
    tam.follows("xem một việc").await;
    for form in ["Xem trước", "Gửi lại nguyên nội dung", "Bỏ qua", "Xem không che"] {
        assert!(!tam.reads(&format!(">{form}</button>")), "{form}");
    }
    let mut binh = stage.logged_in("binh").await;
    let page = binh.gets("/letters").await;
    assert!(page.body.contains("Không có việc nào dừng lại.") && !page.body.contains(&code(1)));
}

#[tokio::test]
async fn tasks_quarantine_and_uncertain_orders_have_their_lists() {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 1).await;
    let planted = "UPDATE handoff SET code = 'GATEWAY-UNCERTAIN', field = NULL WHERE kind = 'post.order';
         INSERT INTO payload (id, body) VALUES (900, CAST('Lò Thị Bưởi' AS BLOB));
         INSERT INTO quarantine VALUES (1, 1, 'COMMUNE-NOT-JSON', NULL, 'not JSON', x'ab', 3,
             'H11.01.07.vn.dossier.status-changed', NULL, '{}', 900);
         INSERT INTO flag (id, dossier, code, task, at) VALUES (71, 1, 'DESK-OLD-PARCEL', 1, 1)";
    stage.world.file().execute_batch(planted).unwrap();
    let mut lan = Person::at(&stage, "lan", "/letters").await;
    lan.follows("chưa rõ đã nhận hay chưa: 1").await;
    assert!(lan.reads(&format!("{}-TRA-1", code(1))) && lan.reads("cần người hỏi đối tác"));
    lan.presses("Xem không che", &[("Lý do cần xem", "")]).await;
    assert_eq!((lan.shown.status, lan.reads("Hãy ghi lý do"), lan.reads("Bưởi")), (422, true, false));
    lan.presses("Xem không che", &[("Lý do cần xem", "gọi bưu cục")]).await;
    assert!(lan.reads("Lò Thị Bưởi, 0510000111"), "{}", lan.shown.body);
    lan.follows("Cách ly").await;
    lan.follows("1</a>").await;
    assert!(!lan.reads(">Xem nội dung</button>"), "nobody knows whom it speaks of");
    lan.follows("Việc một cửa").await;
    lan.presses("Đóng việc<span class=\"unseen\"> 71</span>", &[("Đã làm gì", "")]).await;
    assert_eq!((lan.shown.status, lan.reads("Hãy ghi lý do")), (422, true));
    lan.presses("Đóng việc<span class=\"unseen\"> 71</span>", &[("Đã làm gì", "đã gọi bưu tá")]).await;
    assert!(
        lan.reads("Đã đóng việc một cửa.") && lan.reads("Không có việc nào cần làm"),
        "{}",
        lan.shown.body
    );
}

#[tokio::test]
async fn every_page_speaks_english_when_it_is_asked_to() {
    let stage = Stage::new().await;
    dead(&stage.world, 1, 1).await;
    let mut minh = Person::at(&stage, "minh", "/letters").await;
    minh.follows("English").await;
    assert!(minh.reads("Dead letters") && minh.reads("What to do"));
    minh.follows("see one of them").await;
    minh.presses("Preview", &[("phone", "0510000222")]).await;
    assert!(minh.reads("Send it again with this content"), "{}", minh.shown.body);
}

#[tokio::test]
async fn no_page_names_anybody_unless_somebody_asks() {
    let stage = two_communes().await;
    asides(&stage.world);
    let (order, other) = (order_of(&stage, 1), order_of(&stage, 2));
    let patch = json!({ "patch": { "order": { "to": { "address": "12 Lạc Long Quân" } } }, "reason": "x" });
    assert_eq!(posts(&stage, "minh", &path(&order, "/edit"), patch).await.0, 200);
    let whole = json!({ "group": GROUP, "handoffs": [other], "reason": "x" });
    assert_eq!(posts(&stage, "minh", "/api/v1/replays", whole).await.0, 200);
    let mut minh = stage.logged_in("minh").await;
    for page in [
        "/letters".to_owned(),
        format!("/letters/group?group={GROUP}"),
        format!("/letters/one/{order}"),
        format!("/letters/one/{other}"),
        format!("/letters/replay?group={GROUP}"),
        "/letters/replays".to_owned(),
        "/letters/replays/1".to_owned(),
        "/letters/quarantine".to_owned(),
        "/letters/quarantine/1".to_owned(),
        "/letters/quarantine/2".to_owned(),
        "/letters/uncertain".to_owned(),
        "/letters/tasks".to_owned(),
    ] {
        let answer = minh.gets(&page).await;
        assert_eq!(answer.status, 200, "{page}");
        for name in PERSON {
            assert!(!answer.body.contains(name), "{page} names {name}");
        }
    }
    let preview = format!("/letters/one/{other}/preview");
    let csrf = minh.gets("/letters/tasks").await.csrf().to_owned();
    let answer = minh.posts(&preview, &[("csrf", &csrf), ("anew", "1")]).await;
    assert_eq!(answer.status, 200);
    assert!(PERSON.iter().all(|name| !answer.body.contains(name)), "{}", answer.body);
}
