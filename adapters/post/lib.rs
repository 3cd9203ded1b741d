//! Vietnam Post: the NGSP order API.
