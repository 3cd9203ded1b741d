//! `schema`: the event's JSON Schema or XSD, as they are tested against the types.

use super::Exit;
use super::output::say;

pub(super) fn show(xsd: bool) -> anyhow::Result<Exit> {
    if xsd {
        say(lienthong_commune::XSD)?;
    } else {
        say(&serde_json::to_string_pretty(&lienthong_commune::json_schema())?)?;
    }
    Ok(Exit::Done)
}
