//! What a dead letter would say differently, before it is confirmed.

use super::mask;
use crate::journal::command::Rewritten;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

/// What a dead letter would say differently.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Rewriting {
    /// The handoff.
    pub handoff: String,
    /// What would change; empty when nothing would.
    pub changes: Vec<Difference>,
    /// All that it would say; masked unless persons were asked for.
    #[schema(value_type = Object)]
    pub after: Value,
    /// Stands for exactly this before and after: what is confirmed must still be what was shown.
    pub seen: String,
}

/// A field that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    /// Where the content has it, as a JSON pointer.
    pub field: String,
    /// What it says; masked unless persons were asked for.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// What it would say.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
}

impl Rewriting {
    /// Of a handoff; `personal`: with persons.
    pub fn of(handoff: &str, rewritten: &Rewritten, personal: bool) -> Self {
        let shown = |value: &Value| if personal { value.clone() } else { mask::strict(value) };
        Self {
            handoff: handoff.to_owned(),
            changes: differences(rewritten, &shown),
            after: shown(&rewritten.after),
            seen: seen(rewritten),
        }
    }
}

/// A hash of both contents: an object's members are in the order of its type, so that equal contents have one hash.
pub(crate) fn seen(rewritten: &Rewritten) -> String {
    let mut hash = Sha256::new();
    for content in [&rewritten.before, &rewritten.after] {
        let text = content.to_string();
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn differences(rewritten: &Rewritten, shown: &impl Fn(&Value) -> Value) -> Vec<Difference> {
    json_patch::diff(&rewritten.before, &rewritten.after)
        .iter()
        .map(|operation| {
            let field = operation.path().to_string();
            let before = rewritten.before.pointer(&field).map(shown);
            let after = rewritten.after.pointer(&field).map(shown);
            Difference { field, before, after }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rewritten(phone: &str) -> Rewritten {
        Rewritten {
            before: json!({ "order": { "to": { "name": "Lò Thị Bưởi", "phone": "0510000111" }, "cash": 0 } }),
            after: json!({ "order": { "to": { "name": "Lò Thị Bưởi", "phone": phone }, "cash": 8000 } }),
        }
    }

    #[test]
    fn fields_that_change_are_shown_masked() {
        let mut masked = Rewriting::of("h-1", &rewritten("0510000222"), false);
        masked.changes.sort_by(|one, other| one.field.cmp(&other.field));
        let expected =
            [("/order/cash", json!(0), json!(8000)), ("/order/to/phone", json!("05x…111"), json!("05x…222"))];
        let expected = expected.map(|(field, before, after)| Difference {
            field: field.to_owned(),
            before: Some(before),
            after: Some(after),
        });
        assert_eq!(masked.changes, expected);
        assert!(!serde_json::to_string(&masked).unwrap().contains("Bưởi"));
        assert_eq!(Rewriting::of("h-1", &rewritten("0510000222"), true).changes.len(), 2);
    }

    #[test]
    fn what_was_seen_is_one_content_and_no_other() {
        assert_eq!(seen(&rewritten("0510000222")), seen(&rewritten("0510000222")));
        assert_ne!(seen(&rewritten("0510000222")), seen(&rewritten("0510000223")));
    }
}
