//! The daemon `lienthong`.
fn main() {}
