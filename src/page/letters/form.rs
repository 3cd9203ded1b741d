//! What was filled in: names and values as the browser sent them.

/// A filled form.
pub(super) type Filled = Vec<(String, String)>;

/// What stands before the name of a field of the event.
pub(super) const FIELD: &str = "field:";

/// The value of a name; empty where there is none.
pub(super) fn value<'a>(filled: &'a Filled, name: &str) -> &'a str {
    filled.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
}

/// Whether a box was ticked.
pub(super) fn ticked(filled: &Filled, name: &str) -> bool {
    value(filled, name) == "1"
}

/// Fields of the event with what was typed.
pub(super) fn fields(filled: &Filled) -> Vec<(String, String)> {
    let fields = filled.iter().filter_map(|(name, value)| Some((name.strip_prefix(FIELD)?, value)));
    fields.map(|(field, value)| (field.to_owned(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_by_its_names() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let filled = vec![
            pair("reason", "sửa"),
            pair("field:postal.return.phone", "0510000222"),
            pair("not_there", "1"),
        ];
        assert_eq!((value(&filled, "reason"), value(&filled, "seen")), ("sửa", ""));
        assert!(ticked(&filled, "not_there") && !ticked(&filled, "anew"));
        assert_eq!(fields(&filled), [pair("postal.return.phone", "0510000222")]);
    }
}
