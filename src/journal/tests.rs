//! The journal's own transitions, on a real file with planning and fake ports.
