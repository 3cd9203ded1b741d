//! Partners and overview as page and API ask for them, and the acts of both: pause and resume.

use super::reason;
use super::{Desk, Trouble};
use crate::users::{Actor, Right};
use crate::views::overview::{self, Around, Overview};
use crate::views::partners::{self, Partners};
use jiff::Timestamp;

/// What is to be paused, why and until when.
pub(crate) struct Pausing {
    pub(crate) scope: String,
    pub(crate) reason: String,
    pub(crate) until: Option<Timestamp>,
}

impl Desk {
    /// How everything stands, as far as the actor sees it.
    pub(crate) async fn overview(&self, actor: &Actor, now: Timestamp) -> Result<Overview, Trouble> {
        let (desk, agencies) = (self.clone(), actor.agencies.clone());
        self.report(move |report| {
            let readiness = desk.health().readiness();
            let around =
                Around { settings: desk.settings(), partners: desk.partners(), readiness: &readiness, now };
            overview::overview(report, &agencies, around)
        })
        .await
    }

    /// The accounts that the actor sees.
    pub(crate) async fn partners_seen(&self, actor: &Actor, now: Timestamp) -> Result<Partners, Trouble> {
        let (desk, actor) = (self.clone(), actor.clone());
        self.report(move |report| {
            let readiness = desk.health().readiness();
            let around =
                Around { settings: desk.settings(), partners: desk.partners(), readiness: &readiness, now };
            partners::partners(report, &actor, around)
        })
        .await
    }

    /// Pauses a partner or an account.
    pub(crate) async fn pause(&self, actor: &Actor, pausing: Pausing, now: Timestamp) -> Result<(), Trouble> {
        self.may_act_on(actor, &pausing.scope)?;
        let reason = reason(&pausing.reason)?;
        if pausing.until.is_some_and(|until| until <= now) {
            return Err(Trouble::input(
                "Thời điểm kết thúc phải ở sau lúc này.",
                "The end must lie after the present.",
            ));
        }
        let Pausing { scope, until, .. } = pausing;
        self.act(actor, Right::Pause, move |journal| journal.pause(&scope, &reason, until, now)).await
    }

    /// Ends a pause, a block, or a breaker's wait.
    pub(crate) async fn resume(
        &self,
        actor: &Actor,
        scope: String,
        why: &str,
        now: Timestamp,
    ) -> Result<(), Trouble> {
        self.may_act_on(actor, &scope)?;
        let reason = reason(why)?;
        let resumed =
            self.act(actor, Right::Pause, move |journal| journal.resume(&scope, Some(&reason), now)).await?;
        if resumed {
            return Ok(());
        }
        Err(Trouble::refused(
            "Đối tượng này không bị tạm dừng và không bị chặn; hãy mở lại trang để xem hiện trạng.",
            "It is neither paused nor blocked; open the page again to see how it stands.",
        ))
    }

    /// Whether the actor may pause and resume this partner or account; what she does not see is not there for her.
    fn may_act_on(&self, actor: &Actor, scope: &str) -> Result<(), Trouble> {
        actor.need(Right::Pause)?;
        let may = partners::may_pause(actor, self.settings()).iter().any(|known| known == scope);
        if may { Ok(()) } else { Err(Trouble::NotFound) }
    }
}
