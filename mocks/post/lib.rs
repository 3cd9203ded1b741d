//! Plays Vietnam Post's NGSP order API from its contract.
