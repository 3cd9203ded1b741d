//! The commune's own system, told over an exchange: the keys of an account.

use crate::config::gateway::connection;
use crate::config::reader::Section;
use crate::config::rules::{duration, flag, text};
use crate::config::settings::OutcomesSettings;
use std::time::Duration;

/// A quorum queue confirms within milliseconds; a broker that writes to a slow disk may need seconds.
const DEADLINE: Duration = Duration::from_secs(15);

pub(super) fn settings(section: &Section<'_>) -> OutcomesSettings {
    OutcomesSettings {
        connection: connection(section),
        exchange: section.or("exchange", text("dossier.outcomes"), "dossier.outcomes".to_owned()),
        declare: section.or("declare", flag(), true),
        connection_name: section.or(
            "connection_name",
            text("lienthong.outcomes"),
            "lienthong.outcomes".to_owned(),
        ),
        deadline: section.or("deadline", duration().such_as("15s"), DEADLINE),
    }
}
