//! What operators are shown: one module a subject, each a value and the function that makes it from the journal's report,
//! settings and the time. No HTTP and no layout: the page, the API and the commands show the same.

pub mod acts;
pub(crate) mod times;
pub(crate) mod words;
