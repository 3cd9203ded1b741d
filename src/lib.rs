//! The daemon `lienthong`.
