//! The pilot's words in the mocks': where a parcel goes, and whether something has come about.

use crate::stage::Stage;
use mock_post::Step as Station;
use pilot::{Condition, Move};

/// Where a movement brings a parcel.
pub(crate) fn station(to: Move) -> Station {
    match to {
        Move::Accepted => Station::Accepted,
        Move::Collected => Station::Collected,
        Move::LeftOffice => Station::LeftOffice,
        Move::ArrivedOffice => Station::ArrivedOffice,
        Move::OutForDelivery => Station::OutForDelivery,
        Move::FailedAttempt => Station::FailedAttempt,
        Move::Returning => Station::Returning,
        Move::Returned => Station::Returned,
        Move::Delivered => Station::Delivered,
        Move::CashCollected => Station::CashCollected,
        Move::CashSettled => Station::CashSettled,
    }
}

/// Whether it has come about at a partner, or in the commune's own system.
pub(crate) fn holds(stage: &Stage, condition: &Condition) -> bool {
    match condition {
        Condition::Taken(order) => !stage.post.partner().parcels(order).is_empty(),
        Condition::Cancelled(order) => {
            stage.post.partner().parcels(order).iter().any(mock_post::Parcel::is_cancelled)
        }
        Condition::Row(code, at) => {
            let time = at.compact();
            let dossier = stage.portal.partner().dossier(code);
            dossier.is_some_and(|dossier| dossier.rows.iter().any(|row| row.time == time))
        }
        Condition::CashTold(order) => stage.commune.any(|heard| heard.cash() == Some((order, "settled"))),
    }
}
