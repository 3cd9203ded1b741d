//! Identifiers and codes, one type each.
//!
//! All codes of the administration are opaque strings with leading zeros; nothing here parses them. A type exists for
//! each so that a commune's code can never stand where a procedure's is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! string_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it stands: the caller has trimmed and normalised it.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

string_id! {
    /// Number of a citizen's dossier (mã hồ sơ), such as `H11.01.07-220915-0041`. At most 50 characters at the partners.
    DossierCode
}
string_id! {
    /// Number of a sending slip (số phiếu gửi), under which papers travel before there is a dossier code.
    SlipNumber
}
string_id! {
    /// The portal's own number of a dossier that was lodged there, such as `G22.99.1-261030-0142`.
    PortalCode
}
string_id! {
    /// An applicant's account at the portal (mã đối tượng).
    PortalAccountId
}
string_id! {
    /// What the gateway files a dossier under: its code, or `phieu:<slip>` until the first event that names both.
    DossierKey
}
string_id! {
    /// Identifier of an administrative agency (mã định danh), such as `H11.01.07` or `000.00.25.H56`.
    AgencyCode
}
string_id! {
    /// Where an event comes from: CloudEvents `source`.
    Source
}
string_id! {
    /// CloudEvents `id`, unique within its [`Source`].
    EventId
}
string_id! {
    /// Code of an administrative procedure (mã TTHC), local or national.
    ProcedureCode
}
string_id! {
    /// Code of an administrative unit (province two digits, commune five), as the statistics office gives it.
    UnitCode
}
string_id! {
    /// Name of an account in the configuration: one credential at one interface of a partner.
    AccountName
}
string_id! {
    /// Our number of a postal order: `<dossier>-<leg>-<n>`, unique for ever.
    OrderNumber
}
string_id! {
    /// Identity of a handoff, derived from event, partner and kind: the same event always gives the same ids.
    HandoffId
}
string_id! {
    /// Version of the tables that a handoff was planned with: a short hash of their content.
    TablesVersion
}

impl DossierKey {
    const SLIP: &'static str = "phieu:";

    /// The key of a dossier that has its code.
    pub fn of_code(code: &DossierCode) -> Self {
        Self(code.as_str().to_owned())
    }

    /// The key of a home pickup that has only its slip so far.
    pub fn of_slip(slip: &SlipNumber) -> Self {
        Self(format!("{}{slip}", Self::SLIP))
    }

    /// The slip's number, when this is the key of a slip.
    pub fn slip(&self) -> Option<SlipNumber> {
        self.0.strip_prefix(Self::SLIP).map(SlipNumber::new)
    }
}
