//! The cells that show most plainly what one protection is for; `make sabotage` turns it off and expects them to fall.

use super::cell::{Answer, Cell, Place, Subject};
use super::{is_compiled_in, story};
use private_broker::Broker;

async fn live(place: Place, subject: Subject, answer: Answer) {
    is_compiled_in();
    let vhost = Broker::shared().await.unwrap().new_vhost().await.unwrap();
    println!("it died at {}", story::live(&Cell::of(place, subject, answer), vhost).await);
}

#[tokio::test]
async fn an_order_that_was_cut_off_in_flight_is_never_sent_twice() {
    live(Place::Held, Subject::Order, Answer::Accepted).await;
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_asked_about_before_it_is_sent_again() {
    live(Place::Outcome("settle.after_commit"), Subject::Order, Answer::UncertainTaken).await;
}

#[tokio::test]
async fn a_row_with_status_5_that_was_cut_off_in_flight_is_never_sent_twice() {
    live(Place::Held, Subject::Row5, Answer::Accepted).await;
}
