//! Another content under the same key.

use super::super::commands::{operator, refused};
use super::super::id_of;
use super::super::world::{World, at, event, take};
use super::{acts, rejected, report, row_of};
use crate::journal::command::{Acted, Refusal, Rewrite};
use lienthong_core::handoff::Content;
use serde_json::{Value, json};

/// Phone on the order that goes out.
async fn told_phone(world: &World, seconds: i64) -> String {
    let call = take(&mut world.calls(at(seconds)).await, "post.order");
    let Content::Order(order) = &call.handoffs[0].content else { panic!("an order") };
    order.to.phone.clone()
}

#[tokio::test]
async fn an_edit_goes_out_under_the_same_key_and_the_original_is_kept_beside_it() {
    let world = refused(rejected("TEST-105")).await;
    let order = id_of(&world, "post.order");
    let mut operator = operator(&world);
    let patch = json!({ "order": { "to": { "phone": "0510000222" } } });
    let shown = operator.preview(&order, Rewrite::Patched(&patch), false).unwrap().unwrap();
    assert_eq!(world.count("SELECT count(*) FROM edit"), 0, "a preview writes nothing");
    let word = (false, Some("số mới"));
    let acted = operator.rewrite(&order, Rewrite::Patched(&patch), &shown, word, at(2)).unwrap();
    assert_eq!(acted, Acted::Done);
    assert_eq!(told_phone(&world, 2).await, "0510000222");
    assert_eq!(world.count("SELECT count(*) FROM handoff WHERE kind = 'post.order'"), 1);
    let edits = report(&world).edits(order.as_str()).unwrap();
    assert_eq!(edits[0].original.as_ref().unwrap()["order"]["to"]["phone"], "0510000111");
    assert_eq!(edits[0].patch.as_ref(), Some(&patch));
    assert_eq!((acts(&world), edits[0].reason.as_deref()), (vec!["edit".to_owned()], Some("số mới")));
}

#[tokio::test]
async fn an_edit_that_makes_another_handoff_or_does_not_fit_is_refused() {
    let world = refused(rejected("TEST-105")).await;
    let order = id_of(&world, "post.order");
    let operator = operator(&world);
    let check = |patch: Value, expected: Refusal| {
        let refused = operator.preview(&order, Rewrite::Patched(&patch), false).unwrap();
        assert_eq!(refused.unwrap_err(), expected, "{patch}");
    };
    check(json!({ "order": { "number": "H11.01.07-220915-0001-TRA-2" } }), Refusal::KeyChanged("number"));
    check(json!({ "order": { "label": "H11.01.07-220915-0002" } }), Refusal::KeyChanged("label"));
    check(json!({ "order": { "leg": "GOM" } }), Refusal::KeyChanged("leg"));
    check(json!({ "order": { "to": { "fax": "1" } } }), Refusal::UnknownField("/order/to/fax".to_owned()));
    check(json!({ "order": null }), Refusal::PatchDoesNotFit);
    let row = row_of(&world, 9);
    let refused = operator.preview(&row, Rewrite::Anew, false).unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::NotDead);
}

#[tokio::test]
async fn planned_anew_it_says_what_the_newest_snapshot_says() {
    let world = refused(rejected("TEST-105")).await;
    let order = id_of(&world, "post.order");
    // The refusal names no field, so the desk's next event does not cure it by itself.
    let mut next = event(1, 2, 9);
    next.snapshot.postal.return_to.as_mut().unwrap().phone = Some("0510000222".to_owned());
    world.admit([next]).await;
    assert_eq!(world.state("post.order"), "dead");
    let mut operator = operator(&world);
    let shown = operator.preview(&order, Rewrite::Anew, false).unwrap().unwrap();
    assert_eq!(shown.after["order"]["to"]["phone"], "0510000222");
    let mut stale = shown.clone();
    stale.after["order"]["to"]["phone"] = json!("0510000333");
    let other = operator.rewrite(&order, Rewrite::Anew, &stale, (false, None), at(2)).unwrap();
    assert_eq!(other, Acted::Refused(Refusal::ChangedMeanwhile));
    assert_eq!(operator.rewrite(&order, Rewrite::Anew, &shown, (false, None), at(2)).unwrap(), Acted::Done);
    assert_eq!(told_phone(&world, 2).await, "0510000222");
    assert_eq!(report(&world).edits(order.as_str()).unwrap()[0].how, "replanned");
}

#[tokio::test]
async fn edits_are_erased_with_their_handoff() {
    let world = refused(rejected("TEST-105")).await;
    let order = id_of(&world, "post.order");
    let patch = json!({ "order": { "to": { "phone": "0510000222" } } });
    let mut operator = operator(&world);
    let shown = operator.preview(&order, Rewrite::Patched(&patch), false).unwrap().unwrap();
    operator.rewrite(&order, Rewrite::Patched(&patch), &shown, (false, None), at(2)).unwrap();
    world.journal.erase(at(60 * 24 * 3600)).await.unwrap();
    let kept = "SELECT count(*) FROM edit WHERE original IS NOT NULL AND patch IS NOT NULL";
    assert_eq!(world.count(kept), 1, "its handoff has not ended");
    world.accept_all(at(3)).await;
    world.journal.erase(at(60 * 24 * 3600)).await.unwrap();
    assert_eq!(world.count(kept), 0);
    let owned = "SELECT count(*) FROM payload WHERE id NOT IN (SELECT payload FROM inbox WHERE payload IS NOT NULL
         UNION SELECT content FROM handoff WHERE content IS NOT NULL UNION SELECT basis FROM dossier WHERE basis IS NOT NULL)";
    assert_eq!(world.count(owned), 0, "nothing is left without an owner");
}
