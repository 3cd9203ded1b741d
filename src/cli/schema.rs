//! `schema`: the event's JSON Schema or XSD, or the JSON Schema of outcomes, as they are tested against the types.

use super::Exit;
use super::output::say;

pub(super) fn show(xsd: bool, outcomes: bool) -> anyhow::Result<Exit> {
    if outcomes {
        say(&serde_json::to_string_pretty(&lienthong_commune::outcome_schema())?)?;
    } else if xsd {
        say(lienthong_commune::XSD)?;
    } else {
        say(&serde_json::to_string_pretty(&lienthong_commune::json_schema())?)?;
    }
    Ok(Exit::Done)
}
