//! Vietnam Post: one module for each interface that its contracts name.
//!
//! Interfaces share what is the same whichever one is spoken: the post's numbers of provinces and districts ([`areas`]),
//! what stands on a parcel (`label`), and what a status says (`rows`). Everything else (words, codes, verdicts) stands in the interface's module: the
//! same code means *delivered* at one of them and *collecting* at another.

pub mod areas;
pub mod myvnpost;
pub mod ngsp;

mod label;
mod rows;
