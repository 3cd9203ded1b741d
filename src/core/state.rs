//! What plans leave behind for later plans of the same dossier. No personal data.

use serde::{Deserialize, Serialize};

/// State of a dossier between plans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DossierState {}
