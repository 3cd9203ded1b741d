//! Reads dossier events of the commune: CloudEvents JSON and the same event as XML.
