//! The MyVNPost mock over HTTP.
#![cfg(test)]

mod contract;
mod reading;
mod support;
mod webhook;
