//! The operator's desk shows no person unless somebody with the right asks for it, and a clerk nothing of another commune.
//!
//! Names, phones, addresses and numbers are in every event here. Everything that the desk serves is asked for, by everybody:
//! each page of the menu, each endpoint that the description lists, and what belongs to one dossier.

use crate::support::{DEADLINE, Dossier, Gateway, Member, World, until};
use mock_kit::{Deed, Fault};
use mock_post::Step;
use serde_json::{Value, json};

/// What the events say of persons.
const PERSONS: [&str; 5] = ["Lò Thị Bưởi", "0510000111", "12 Lạc Long Quân", "999199000124", "Hà Văn Mẫu"];

/// Whom the post names in a refusal.
const ANSWERED: &str = "Người nhận Lò Văn Trả không có số 0510000177";

/// A dossier of each commune, with its order delivered, and one of Tiến Thành's that the post refused.
struct Stage {
    world: World,
    gateway: Gateway,
    ours: Dossier,
    theirs: Dossier,
    refused: Dossier,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new().await;
        world.has_users();
        let gateway = world.gateway().await;
        let mut refused = Dossier::new(3).by_post();
        let deed = Deed::Refuse { code: "150".to_owned(), message: ANSWERED.to_owned() };
        let fault = world.post.fault(Fault::new(deed).on("order"));
        world.publish(&refused.statuses(&[2, 9])).await;
        let dead = "SELECT count(*) FROM handoff WHERE kind = 'post.order' AND state = 'dead'";
        until("the order is refused", DEADLINE, || world.journal().count(dead) == 1).await;
        world.post.clear_fault(fault);
        let mut ours = Dossier::new(1).by_post();
        let mut theirs = Dossier::of(crate::support::AGENCY_2, 2).by_post();
        world.publish(&[ours.statuses(&[2, 9]), theirs.statuses(&[2, 9])].concat()).await;
        world.settled(6, DEADLINE).await;
        for dossier in [&ours, &theirs] {
            world.post.partner().advance_to(&dossier.order("TRA"), Step::Collected);
        }
        let tracked = "SELECT count(*) FROM tracking WHERE state = 'collected'";
        until("the feed was read", DEADLINE, || world.journal().count(tracked) == 2).await;
        Self { world, gateway, ours, theirs, refused }
    }

    async fn member(&mut self, name: &str) -> Member {
        Member::of(&mut self.gateway, name).await
    }
}

/// Everything that can be asked for without changing anything.
async fn served(member: &Member, dossiers: [&Dossier; 3]) -> Vec<String> {
    let (status, page) = member.gets("/acts").await;
    assert_eq!(status, 200);
    let links = page.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut paths: Vec<String> = links.filter(|path| path.starts_with('/')).map(str::to_owned).collect();
    let (_, description) = member.gets("/api/v1/openapi.json").await;
    let description: Value = serde_json::from_str(&description).unwrap();
    let endpoints = description["paths"].as_object().unwrap().iter();
    let plain = endpoints.filter(|(path, item)| item.get("get").is_some() && !path.contains('{'));
    paths.extend(plain.map(|(path, _)| path.clone()));
    for dossier in dossiers {
        let code = &dossier.code;
        paths.push(format!("/dossiers/{code}"));
        paths.push(format!("/dossiers?search={}", code.chars().take(10).collect::<String>()));
        paths.push(format!("/api/v1/dossiers/{code}"));
        paths.push(format!("/api/v1/dossiers?search={}", dossier.order("TRA")));
    }
    for tab in ["unsent", "collect", "desk", "moving", "delivered", "returned"] {
        paths.push(format!("/post?tab={tab}"));
        paths.push(format!("/api/v1/orders?state={tab}"));
    }
    paths
}

#[tokio::test]
async fn no_page_and_no_endpoint_names_a_person_or_another_commune() {
    let mut stage = Stage::new().await;
    let [ours, theirs, refused] = [&stage.ours, &stage.theirs, &stage.refused].map(Clone::clone);
    for name in ["lan", "binh", "tam", "minh", "quan"] {
        let member = stage.member(name).await;
        let hidden: &[&Dossier] = match name {
            "lan" => &[&theirs],
            "binh" => &[&ours, &refused],
            _sees_all => &[],
        };
        let paths = served(&member, [&ours, &theirs, &refused]).await;
        assert!(paths.len() > 20, "{paths:?}");
        let mut seen = String::new();
        for path in &paths {
            let (status, text) = member.gets(path).await;
            assert!(status < 500, "{name} {path} {status}");
            for person in PERSONS.iter().chain(&["Lò Văn Trả", "0510000177"]) {
                assert!(!text.contains(person), "{name} reads {person} at {path}");
            }
            for dossier in hidden {
                // Who asks for it by name hears nothing but what was asked.
                let nothing = status == 404 || text.trim() == "[]";
                let said = text.contains(&dossier.code) && !(path.contains(&dossier.code) && nothing);
                assert!(!said, "{name} reads of another commune at {path}: {status} {text}");
            }
            seen.push_str(&text);
        }
        // What is not hidden is there: the checks above looked at something.
        let shown = if name == "binh" { &theirs } else { &ours };
        assert!(seen.contains(&shown.order("TRA")) && seen.contains("L** T** B**"), "{name} sees nothing");
    }
    stage.gateway.stop().await;
}

#[tokio::test]
async fn who_may_see_a_person_says_why_and_it_stands_in_the_audit() {
    let mut stage = Stage::new().await;
    let (code, key) = (stage.ours.code.clone(), format!("/dossiers/{}/persons", stage.ours.code));
    let api = format!("/api/v1{key}");
    let reason = json!({ "reason": "công dân hỏi tại quầy" });
    let (tam, binh, lan) = (stage.member("tam").await, stage.member("binh").await, stage.member("lan").await);
    assert_eq!(tam.sends(&api, &reason).await.0, 403, "a viewer may not");
    assert_eq!(tam.posts(&key, &[("reason", "tò mò")]).await.0, 403);
    assert_eq!(binh.sends(&api, &reason).await.0, 404, "another commune's clerk knows of nothing");
    assert_eq!(binh.posts(&key, &[("reason", "tò mò")]).await.0, 404);
    assert_eq!(lan.sends(&api, &json!({ "reason": " " })).await.0, 422, "a reason is needed");
    assert_eq!(stage.world.journal().count("SELECT count(*) FROM audit"), 0, "nothing was seen");

    let (status, seen) = lan.sends(&api, &reason).await;
    assert!(status == 200 && PERSONS.iter().all(|person| seen.contains(person)), "{status} {seen}");
    let (status, page) = lan.posts(&key, &[("reason", "công dân hỏi tại quầy")]).await;
    assert!(status == 200 && page.contains("Lò Thị Bưởi") && page.contains("0510000111"), "{status}");
    let refused = format!("/dossiers/{}/persons", stage.refused.code);
    let (_, page) = lan.posts(&refused, &[("reason", "bưu điện từ chối")]).await;
    assert!(page.contains("Lò Văn Trả"), "the answer is shown whole, too");
    let (_, masked) = lan.gets(&format!("/dossiers/{code}")).await;
    assert!(!masked.contains("Lò Thị Bưởi"), "it was shown once");
    assert!(masked.contains("xem thông tin cá nhân") && masked.contains("công dân hỏi tại quầy"));

    let acts = stage.world.json(&["audit"]).await;
    let acts: Vec<_> = acts.as_array().unwrap().iter().map(|act| (&act["act"], &act["dossier"])).collect();
    let unmasked = json!("unmasked");
    let (one, other) = (json!(code), json!(stage.refused.code));
    assert_eq!(acts, [(&unmasked, &one), (&unmasked, &one), (&unmasked, &other)]);
    stage.gateway.stop().await;
}

#[tokio::test]
async fn a_hand_over_slip_names_who_gets_what_and_each_dossier_tells_of_it() {
    let mut stage = Stage::new().await;
    let (tam, lan) = (stage.member("tam").await, stage.member("lan").await);
    let form = [("tab", "moving"), ("agency", crate::support::AGENCY), ("reason", "bàn giao sáng")];
    assert_eq!(tam.posts("/post/slip", &form).await.0, 403);
    let other = [("tab", "moving"), ("agency", crate::support::AGENCY_2), ("reason", "bàn giao sáng")];
    assert_eq!(lan.posts("/post/slip", &other).await.0, 409, "nothing of another commune to hand over");
    let none = [("tab", "moving"), ("reason", "bàn giao sáng")];
    assert_eq!(lan.posts("/post/slip", &none).await.0, 422, "of which agency?");
    let (status, slip) = lan.posts("/post/slip", &form).await;
    assert_eq!(status, 200);
    for text in
        ["Phiếu bàn giao", "Lò Thị Bưởi", "0510000111", "Bên giao", "Bên nhận", "Tổng cộng: 1 bưu gửi"]
    {
        assert!(slip.contains(text), "{text}: {slip}");
    }
    let asked =
        json!({ "orders": { "state": "moving", "agency": crate::support::AGENCY }, "reason": "bàn giao" });
    let (status, slip) = lan.sends("/api/v1/orders/slip", &asked).await;
    let slip: Value = serde_json::from_str(&slip).unwrap();
    assert_eq!((status, &slip["items"][0]["order"]), (200, &json!(stage.ours.order("TRA"))));
    assert_eq!((&slip["items"][0]["person"]["name"], &slip["cash"]), (&json!("Lò Thị Bưởi"), &json!(0)));
    let (status, list) = lan.sends("/api/v1/orders/persons", &asked).await;
    assert!(status == 200 && list.contains("0510000111"), "{status} {list}");
    let sql =
        format!("SELECT count(*) FROM audit WHERE act = 'unmasked' AND dossier = '{}'", stage.ours.code);
    assert_eq!(stage.world.journal().count(&sql), 3);
    stage.gateway.stop().await;
}

#[tokio::test]
async fn the_command_and_the_api_show_the_same() {
    let mut stage = Stage::new().await;
    let quan = stage.member("quan").await;
    let code = stage.ours.code.clone();
    let waybill = stage.world.json(&["orders", "--state", "moving"]).await;
    let command = stage.world.json(&["dossier", &stage.ours.order("TRA")]).await;
    let (_, api) = quan.gets(&format!("/api/v1/dossiers/{code}")).await;
    assert_eq!(command, serde_json::from_str::<Value>(&api).unwrap());
    let (_, api) = quan.gets("/api/v1/orders?state=moving").await;
    let api: Value = serde_json::from_str(&api).unwrap();
    for part in ["orders", "places", "agencies", "total"] {
        assert_eq!(waybill[part], api[part], "{part}");
    }
    assert_eq!(waybill["total"], 2);
    stage.gateway.stop().await;
}
