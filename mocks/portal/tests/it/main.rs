//! The portal mock over HTTP.
#![cfg(test)]

mod born;
mod contract;
mod planted;
mod support;
mod wrapper;
