//! The post mock over HTTP.
#![cfg(test)]

mod contract;
mod feed;
mod support;
