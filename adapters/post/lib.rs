//! Vietnam Post: one module for each interface that its contracts name.
//!
//! Interfaces share what is the post's own whichever one is spoken: its numbers of provinces and districts
//! ([`areas`]). Everything else (words, codes, verdicts) stands in the interface's module: the same code means *delivered* at
//! one of them and *collecting* at another.

pub mod areas;
pub mod ngsp;
