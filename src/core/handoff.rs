//! Handoffs: one thing one partner is to be told or asked, with one remote effect.

use crate::event::Snapshot;
use crate::ids::{
    AccountName, AgencyCode, DossierCode, DossierKey, HandoffId, OrderNumber, PortalAccountId, PortalCode,
    ProcedureCode, UnitCode,
};
use crate::news::News;
use crate::receipt::Receipt;
use crate::status::Status;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The roles that the gateway hands things to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Partner {
    /// Carries parcels.
    Post,
    /// Publishes the state of dossiers.
    Portal,
    /// The commune's own system, which is told what became of its dossiers.
    Commune,
}

impl Partner {
    /// All partners, in the order in which people are shown them.
    pub const ALL: [Self; 3] = [Self::Portal, Self::Post, Self::Commune];

    /// Name in configuration, logs and the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Portal => "portal",
            Self::Commune => "commune",
        }
    }
}

/// The kinds of handoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HandoffKind {
    /// The whole dossier, for the portal. Idempotent.
    PortalRecord,
    /// One progress row, for the portal. Appended: not idempotent.
    PortalProgress,
    /// What a dossier that was lodged at the portal has come to. Idempotent: it sets a state.
    PortalStatus,
    /// A postal order. Idempotent only where the interface says so.
    PostOrder,
    /// A cancel of a postal order. Idempotent.
    PostCancel,
    /// News for the commune's system. Idempotent by its message id.
    CommuneEvent,
}

impl HandoffKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::PortalRecord,
        Self::PortalProgress,
        Self::PortalStatus,
        Self::PostOrder,
        Self::PostCancel,
        Self::CommuneEvent,
    ];

    /// Name in logs and the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::PortalRecord => "portal.record",
            Self::PortalProgress => "portal.progress",
            Self::PortalStatus => "portal.status",
            Self::PostOrder => "post.order",
            Self::PostCancel => "post.cancel",
            Self::CommuneEvent => "commune.event",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whom it goes to.
    pub fn partner(self) -> Partner {
        match self {
            Self::PortalRecord | Self::PortalProgress | Self::PortalStatus => Partner::Portal,
            Self::PostOrder | Self::PostCancel => Partner::Post,
            Self::CommuneEvent => Partner::Commune,
        }
    }
}

/// What is to be told or asked, in our words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// The whole dossier.
    Record(Box<Record>),
    /// One progress row.
    Row(Row),
    /// What a dossier that was lodged at the portal has come to.
    Status(Standing),
    /// A postal order.
    Order(Box<Order>),
    /// A cancel.
    Cancel(Cancel),
    /// News for the commune's system.
    News(News),
}

impl Content {
    /// The kind of handoff that carries it.
    pub fn kind(&self) -> HandoffKind {
        match self {
            Self::Record(_) => HandoffKind::PortalRecord,
            Self::Row(_) => HandoffKind::PortalProgress,
            Self::Status(_) => HandoffKind::PortalStatus,
            Self::Order(_) => HandoffKind::PostOrder,
            Self::Cancel(_) => HandoffKind::PostCancel,
            Self::News(_) => HandoffKind::CommuneEvent,
        }
    }

    /// The part of its key that another content would change: an edit may not, or it would be another handoff. Statuses
    /// belong to it, because only the desk says them.
    pub fn changed_key(&self, other: &Self) -> Option<&'static str> {
        let first = |changes: &[(bool, &'static str)]| {
            changes.iter().find(|(changed, _)| *changed).map(|(_, field)| *field)
        };
        match (self, other) {
            (Self::Record(one), Self::Record(other)) => first(&[
                (one.snapshot.dossier.code != other.snapshot.dossier.code, "snapshot.dossier.code"),
                (one.snapshot.agency.code != other.snapshot.agency.code, "snapshot.agency.code"),
                (one.status != other.status, "status"),
            ]),
            (Self::Row(one), Self::Row(other)) => {
                first(&[(one.dossier != other.dossier, "dossier"), (one.status != other.status, "status")])
            }
            (Self::Status(one), Self::Status(other)) => first(&[
                (one.portal_code != other.portal_code, "portal_code"),
                (one.dossier != other.dossier, "dossier"),
                (one.status != other.status, "status"),
            ]),
            (Self::Order(one), Self::Order(other)) => first(&[
                (one.number != other.number, "number"),
                (one.leg != other.leg, "leg"),
                (one.label != other.label, "label"),
            ]),
            (Self::Cancel(one), Self::Cancel(other)) => {
                first(&[(one.number != other.number, "number"), (one.leg != other.leg, "leg")])
            }
            // News is what came about: nobody writes it anew.
            (Self::News(one), Self::News(other)) => first(&[(one != other, "news")]),
            (
                Self::Record(_)
                | Self::Row(_)
                | Self::Status(_)
                | Self::Order(_)
                | Self::Cancel(_)
                | Self::News(_),
                _,
            ) => Some("kind"),
        }
    }
}

/// The newest desk event with the gateway's own lasting facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The dossier as it stands; lists that the event left open are filled with what was last known.
    pub snapshot: Snapshot,
    /// National code of the procedure.
    pub procedure: ProcedureCode,
    /// Status to report: the desk's, or 10 after the post delivered.
    pub status: Status,
    /// When the citizen got the result.
    pub returned_at: Option<Timestamp>,
    /// The post delivered it.
    pub delivered_by_post: bool,
}

/// One progress row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The dossier.
    pub dossier: DossierCode,
    /// Status of the step.
    pub status: Status,
    /// When the step was done.
    pub at: Timestamp,
    /// Who did it.
    pub officer: String,
    /// Position.
    pub position: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// What was done.
    pub text: String,
    /// Step began.
    pub started_at: Option<Timestamp>,
    /// Step must end.
    pub due_at: Option<Timestamp>,
}

/// What a dossier that was lodged at the portal has come to, for the portal's own copy of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The portal's number.
    pub portal_code: PortalCode,
    /// Ours.
    pub dossier: DossierCode,
    /// The applicant's account at the portal, when known.
    pub applicant: Option<PortalAccountId>,
    /// Status that it has.
    pub status: Status,
    /// Since when.
    pub at: Timestamp,
    /// What was done.
    pub text: String,
}

/// Legs of a dossier's papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Leg {
    /// Citizen to desk (thu gom).
    #[serde(rename = "GOM")]
    Pickup,
    /// Desk to citizen (trả kết quả).
    #[serde(rename = "TRA")]
    Return,
    /// Papers back after a refusal (hoàn hồ sơ).
    #[serde(rename = "HOAN")]
    PapersBack,
    /// Desk to another agency (chuyển).
    #[serde(rename = "CHUYEN")]
    Forward,
}

impl Leg {
    /// All legs.
    pub const ALL: [Self; 4] = [Self::Pickup, Self::Return, Self::PapersBack, Self::Forward];

    /// Its short name in order numbers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pickup => "GOM",
            Self::Return => "TRA",
            Self::PapersBack => "HOAN",
            Self::Forward => "CHUYEN",
        }
    }
}

/// A postal order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Our number.
    pub number: OrderNumber,
    /// Which leg it serves.
    pub leg: Leg,
    /// Code of the dossier, or the slip's number, for the label.
    pub label: String,
    /// Where it is collected.
    pub from: Party,
    /// Where it goes.
    pub to: Party,
    /// Cash that the postman collects; whole đồng.
    pub cash: u64,
    /// Note to the postman, neutral.
    pub note: Option<String>,
    /// When the event happened: area codes are read as of then.
    pub as_of: Timestamp,
}

/// One end of a postal order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Name on the label.
    pub name: String,
    /// Phone in national form; empty only in an order that is born a dead letter.
    pub phone: String,
    /// Street address.
    pub address: String,
    /// E-mail, of desks only.
    pub email: Option<String>,
    /// Province.
    pub province_code: UnitCode,
    /// District, of old addresses.
    pub district_code: Option<UnitCode>,
    /// Commune.
    pub commune_code: UnitCode,
    /// Commune's name, for the address text: the order has no field for the commune.
    pub commune_name: Option<String>,
}

/// A cancel of a postal order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancel {
    /// The order.
    pub number: OrderNumber,
    /// Its leg.
    pub leg: Leg,
}

/// A handoff as an adapter sees it. Its lane is (partner, dossier): handoffs of one lane go out in the order in which
/// they were planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handoff {
    /// Its identity.
    pub id: HandoffId,
    /// Dossier it belongs to.
    pub dossier: DossierKey,
    /// Agency it speaks for.
    pub agency: AgencyCode,
    /// Account that sends it.
    pub account: AccountName,
    /// What it says.
    pub content: Content,
    /// What the partner gave so far for the order that it makes or cancels; empty for everything else.
    pub receipt: Receipt,
}

impl Handoff {
    /// Its kind.
    pub fn kind(&self) -> HandoffKind {
        self.content.kind()
    }
}
