//! Roles, and what each may do: one table, which `docs/operating.md` shows and a test compares.

use serde::Serialize;
use utoipa::ToSchema;

/// What a user is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Looks at how everything stands: a manager of the province or the commune.
    Viewer,
    /// Works at the one-stop desk.
    Clerk,
    /// Keeps the gateway going.
    Operator,
    /// Keeps the gateway and its users.
    Admin,
}

impl Role {
    /// All roles, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Clerk, Self::Operator, Self::Admin];

    /// As the configuration writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Clerk => "clerk",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// In Vietnamese.
    pub fn vi(self) -> &'static str {
        match self {
            Self::Viewer => "người xem",
            Self::Clerk => "cán bộ một cửa",
            Self::Operator => "người vận hành",
            Self::Admin => "quản trị",
        }
    }

    /// Whether this role may.
    pub fn may(self, right: Right) -> bool {
        let roles: &[Self] = match right {
            Right::See => &[Self::Viewer, Self::Clerk, Self::Operator, Self::Admin],
            Right::SeePersons | Right::Tasks | Right::Correct => &[Self::Clerk, Self::Operator, Self::Admin],
            Right::Settle | Right::Pause | Right::Compare | Right::Waybills | Right::Figures => {
                &[Self::Operator, Self::Admin]
            }
            Right::Users => &[Self::Admin],
        };
        roles.contains(&self)
    }
}

/// Something that not everybody may do. Whatever it is done to must be of an agency that the user sees, beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Look at dossiers, figures, partners and acts; names and phones masked.
    See,
    /// See them unmasked. Each time is in the audit.
    SeePersons,
    /// Close what the desk is asked to do.
    Tasks,
    /// Correct the field that a dead letter names, and send it again.
    Correct,
    /// Send again, edit, resolve, dismiss, reopen and skip what stopped; pause and release a dossier's lanes.
    Settle,
    /// Pause and resume partners and accounts.
    Pause,
    /// Compare both sides, and have what differs repaired.
    Compare,
    /// Bring waybills in, and retire them.
    Waybills,
    /// Bring in figures to compare with, such as the national report's.
    Figures,
    /// See who the users are, and who is logged in.
    Users,
}

impl Right {
    /// All rights.
    pub const ALL: [Self; 10] = [
        Self::See,
        Self::SeePersons,
        Self::Tasks,
        Self::Correct,
        Self::Settle,
        Self::Pause,
        Self::Compare,
        Self::Waybills,
        Self::Figures,
        Self::Users,
    ];

    /// As the document calls it, and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::SeePersons => "see-persons",
            Self::Tasks => "tasks",
            Self::Correct => "correct",
            Self::Settle => "settle",
            Self::Pause => "pause",
            Self::Compare => "compare",
            Self::Waybills => "waybills",
            Self::Figures => "figures",
            Self::Users => "users",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Right by right, the answer to viewer, clerk, operator and admin.
    fn row(right: Right) -> [bool; 4] {
        Role::ALL.map(|role| role.may(right))
    }

    #[test]
    fn each_role_may_what_the_table_says() {
        let check = |right, expected: [u8; 4]| {
            assert_eq!(row(right), expected.map(|may| may == 1), "{right:?}");
        };
        check(Right::See, [1, 1, 1, 1]);
        check(Right::SeePersons, [0, 1, 1, 1]);
        check(Right::Tasks, [0, 1, 1, 1]);
        check(Right::Correct, [0, 1, 1, 1]);
        check(Right::Settle, [0, 0, 1, 1]);
        check(Right::Pause, [0, 0, 1, 1]);
        check(Right::Compare, [0, 0, 1, 1]);
        check(Right::Waybills, [0, 0, 1, 1]);
        check(Right::Figures, [0, 0, 1, 1]);
        check(Right::Users, [0, 0, 0, 1]);
    }

    #[test]
    fn the_document_has_the_table_cell_by_cell() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operating.md");
        let document = std::fs::read_to_string(path).unwrap();
        let head = "| right | what | viewer | clerk | operator | admin |";
        let table = document.split_once(head).expect("the table of rights stands in the document").1;
        let rows: Vec<&str> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
        assert_eq!(rows.len(), Right::ALL.len());
        for (line, right) in rows.into_iter().zip(Right::ALL) {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            assert_eq!(cells[0], format!("`{}`", right.name()));
            assert_eq!(cells[2..], row(right).map(|may| if may { "yes" } else { "–" }), "{right:?}");
        }
    }
}
