//! What the adapters can be asked for, in the mocks' words.

/// Everything that the two adapters can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Login,
    Create,
    Update,
    /// One progress row.
    Row,
    /// Several progress rows of one dossier in one call.
    Rows,
    LookUp,
    /// What the portal has under a dossier's code, for the comparison of both sides.
    Inspect,
    Token,
    Order,
    Cancel,
    Feed,
}

impl Operation {
    /// In the order of the table's columns.
    pub(super) const ALL: [Self; 11] = [
        Self::Login,
        Self::Create,
        Self::Update,
        Self::Row,
        Self::Rows,
        Self::LookUp,
        Self::Inspect,
        Self::Token,
        Self::Order,
        Self::Cancel,
        Self::Feed,
    ];

    /// The mock's name for it, by which faults are selected.
    pub(super) fn wire(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Create | Self::Update => "DongBoHoSoMC",
            Self::Row | Self::Rows => "CapNhatTienDoHoSoMC",
            Self::LookUp | Self::Inspect => "TraCuuHoSo",
            Self::Token => "token",
            Self::Order => "order",
            Self::Cancel => "cancel",
            Self::Feed => "tracking",
        }
    }

    /// The mock's name for where it is sent: all that is known before a body is read.
    pub(super) fn endpoint(self) -> &'static str {
        match self {
            Self::Create | Self::Update | Self::Row | Self::Rows => "integration",
            Self::LookUp | Self::Inspect => "share",
            Self::Login | Self::Token | Self::Order | Self::Cancel | Self::Feed => self.wire(),
        }
    }

    /// How the ledger is told here.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Row | Self::Rows => "rows",
            // One call of the portal serves both questions.
            Self::LookUp | Self::Inspect => "look-up",
            Self::Login | Self::Token | Self::Order | Self::Cancel | Self::Feed => self.wire(),
        }
    }

    pub(super) fn is_portals(self) -> bool {
        match self {
            Self::Login
            | Self::Create
            | Self::Update
            | Self::Row
            | Self::Rows
            | Self::LookUp
            | Self::Inspect => true,
            Self::Token | Self::Order | Self::Cancel | Self::Feed => false,
        }
    }

    pub(super) fn prefix(self) -> &'static str {
        if self.is_portals() { "PORTAL" } else { "POST" }
    }

    /// What opens its account.
    pub(super) fn credential(self) -> &'static str {
        if self.is_portals() { "login" } else { "token" }
    }

    /// How an outcome with its reason is shown: a question that was not answered has the reason and nothing else.
    pub(super) fn shows(self, ends: &str) -> String {
        match (self, ends.split_once(' ')) {
            (Self::LookUp, Some((_, reason))) => {
                format!("could-not-ask {}", reason.split(' ').next().unwrap_or_default())
            }
            (_, _) => ends.to_owned(),
        }
    }
}
