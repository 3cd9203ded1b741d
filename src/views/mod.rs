//! What operators are shown: one module a subject, each a value and the function that makes it from the journal's report,
//! settings and the time. No HTTP and no layout: the page, the API and the commands show the same.

pub mod acts;
pub mod advice;
pub mod certificates;
pub mod corrections;
pub(crate) mod csv;
pub mod desk_tasks;
pub mod digest;
pub mod dossier;
pub mod figures;
pub mod lamps;
pub mod letters;
pub(crate) mod mask;
pub mod overview;
pub mod partners;
pub mod post;
pub mod quarantine;
pub mod refusals;
pub mod replays;
pub mod rewriting;
mod sentence;
pub mod slip;
pub mod stops;
pub mod timeline;
pub(crate) mod times;
pub mod uncertain;
pub(crate) mod words;

pub use sentence::Sentence;
