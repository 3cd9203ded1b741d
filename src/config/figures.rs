//! `[figures]`: from when on the figures call a dossier at risk, and an order not collected.

use super::reader::Section;
use super::rules::age;
use super::settings::FiguresSettings;

pub(super) fn settings(section: &Section<'_>) -> FiguresSettings {
    let default = FiguresSettings::default();
    FiguresSettings {
        at_risk: section.or("at_risk", age().such_as("8h"), default.at_risk),
        not_collected: section.or("not_collected", age().such_as("16h"), default.not_collected),
    }
}
