//! The port of a partner: what the daemon asks of an adapter.
//!
//! An adapter translates (pure), makes one attempt, and can be asked whether the partner has something. It knows neither
//! the journal, nor the broker, nor another adapter, and it never repeats an attempt on its own; a protocol's own second
//! step (create, then update; one renewed login) belongs to the attempt and is recorded in it.

use crate::handoff::{Content, Handoff, HandoffKind};
use crate::ids::OrderNumber;
use crate::inspect::{Inspected, Inspection};
use crate::outcome::{Outcome, Problem, Reason, ReasonText};
use crate::receipt::Receipt;
use crate::tracking::TrackingEvent;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A future that an adapter returns.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One account at one interface of a partner.
pub trait Port: Send + Sync {
    /// What the interface can do.
    fn abilities(&self) -> Abilities;

    /// Translates handoffs that travel in one call into the wire's JSON, without sending. Used by `explain`. Never
    /// contains credentials.
    ///
    /// # Errors
    /// Every problem found, each with the event's field to correct.
    fn translate(&self, contents: &[&Content]) -> Result<serde_json::Value, Vec<Problem>>;

    /// Whether they can be translated: what planning asks for each handoff, so that an interface answers it without making
    /// the wire's JSON where that costs much.
    ///
    /// # Errors
    /// Those of [`Port::translate`].
    fn check(&self, contents: &[&Content]) -> Result<(), Vec<Problem>> {
        self.translate(contents).map(drop)
    }

    /// Makes one attempt with handoffs that travel in one call: one handoff, or several progress rows of one dossier.
    ///
    /// # Cancel safety
    /// Not cancel safe: a dropped future leaves an attempt whose outcome is not known.
    fn send<'a>(&'a self, handoffs: &'a [Handoff], trace: Option<&'a str>) -> Pending<'a, Sent>;

    /// Asks whether the partner has it.
    fn look_up<'a>(&'a self, handoff: &'a Handoff) -> Pending<'a, LookUp>;

    /// Asks what the partner has, for the comparison of both sides: one call of a reader, which changes nothing there.
    fn inspect<'a>(&'a self, inspection: &'a Inspection) -> Pending<'a, Inspected>;

    /// A safe call that shows whether the account works: a login or a token.
    fn probe(&self) -> Pending<'_, Outcome>;

    /// Reads the page of the tracking feed after the cursor; `None` starts at the beginning. Interfaces without a feed
    /// answer [`FeedPage::NoFeed`].
    fn read_feed<'a>(&'a self, after: Option<&'a str>) -> Pending<'a, FeedPage>;

    /// The reasons that this adapter gives, with their sentences.
    fn reasons(&self) -> &'static [ReasonText];
}

/// What an interface can do; declared per adapter, some of it by configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Whether the partner can be asked about an order.
    pub look_up: LookUpAbility,
    /// Whether the partner refuses a second order with our number.
    pub number_unique: Uniqueness,
    /// How many progress rows travel in one call.
    pub rows_per_call: usize,
    /// How long an order may take to become visible to a look-up.
    pub visibility_delay: Duration,
    /// How often an authoritative look-up must say *absent* before it is believed.
    pub absent_looks: u32,
    /// Age at which an uncertain order that could not be found goes to a person.
    pub uncertain_limit: Duration,
    /// Who says which waybill an order has.
    pub waybills: Waybills,
}

/// Who says which waybill an order has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waybills {
    /// The partner, if anybody.
    Partner,
    /// We: each order is told one from the account's pool.
    Pool(PoolRules),
}

/// What the partner's refusals say about a waybill that it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolRules {
    /// Code of the refusal that means that the waybill, not the order, cannot be used.
    pub unusable: &'static str,
    /// Codes of refusals that say that nothing was taken, that one included.
    pub not_taken: &'static [&'static str],
}

impl Abilities {
    /// Whether a second send of the same thing has no second effect.
    pub fn is_idempotent(&self, kind: HandoffKind) -> bool {
        match kind {
            HandoffKind::PortalRecord
            | HandoffKind::PortalStatus
            | HandoffKind::PostCancel
            | HandoffKind::CommuneEvent => true,
            HandoffKind::PortalProgress => false,
            HandoffKind::PostOrder => self.number_unique == Uniqueness::Yes,
        }
    }
}

/// What a look-up proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookUpAbility {
    /// *Absent* means absent.
    Authoritative,
    /// Only *found* proves something.
    PositiveOnly,
    /// There is none.
    None,
}

/// Whether our order numbers are unique at the partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// A second order with the same number is refused.
    Yes,
    /// It makes a second parcel.
    No,
    /// Nobody could say; treated as [`Uniqueness::No`].
    Unknown,
}

/// What an attempt left behind.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What is known after it.
    pub outcome: Outcome,
    /// HTTP status of the last answer.
    pub http_status: Option<u16>,
    /// Steps of the protocol that this attempt made, in order, such as `create`, `update`, `login`.
    pub steps: Vec<&'static str>,
    /// What the partner gave for an order; empty where its answer carries nothing.
    pub receipt: Receipt,
}

/// What a look-up found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// They have it; whether it says the same as ours, when that can be told.
    Found {
        /// The content agrees with ours as far as the answer shows it.
        same: bool,
        /// What the answer tells of the order beside that.
        receipt: Receipt,
    },
    /// They say they do not have it.
    Absent,
    /// The question could not be asked.
    CouldNotAsk(Reason),
    /// The interface has no question; the tracking feed is the only witness.
    AskTheFeed,
}

impl LookUp {
    /// They have it, and tell nothing of it beside.
    pub fn found(same: bool) -> Self {
        Self::Found { same, receipt: Receipt::default() }
    }
}

/// A page of a tracking feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedPage {
    /// Rows after the cursor, oldest first.
    Rows {
        /// The rows, translated; rows that cannot be read are left out and counted in `unreadable`.
        rows: Vec<TrackingEvent>,
        /// Where the next page begins, whether the rows could be translated or not. The interface's own words: they are
        /// kept, compared and given back, and nothing is read out of them. But for the first page of a round, a full page
        /// whose cursor was asked before in its round is a feed that does not move on.
        cursor: Option<String>,
        /// Rows that could not be read.
        unreadable: usize,
        /// Whether more rows may follow at once: the page was full, wherever the cursor stands.
        more: bool,
    },
    /// The feed could not be read.
    Failed(Outcome),
    /// The interface has no feed.
    NoFeed,
}

/// Says whether contents could be sent as they are: what planning asks of the adapters.
pub trait Translate {
    /// Every problem that the adapter of this account finds.
    ///
    /// # Errors
    /// The problems, each with the event's field to correct.
    fn check(&self, account: &crate::ids::AccountName, content: &Content) -> Result<(), Vec<Problem>>;
}

/// The number that stands for a postal order at the partner: ours, or cut with a hash where the partner's limit is
/// shorter.
pub fn partner_number(number: &OrderNumber, limit: usize) -> String {
    let text = number.as_str();
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let hash = crate::identity::short_hash(&[text]);
    let kept = limit.saturating_sub(hash.chars().count() + 1);
    format!("{}-{hash}", crate::text::cut(text, kept))
}
