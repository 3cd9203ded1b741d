//! Plays the National Public Service Portal's adapter from its contract.
