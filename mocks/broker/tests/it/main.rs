//! A real RabbitMQ, started, used, killed and ended, and a management API that is played.
#![cfg(test)]

mod broker;
mod external;
mod install;
mod processes;
mod proxy;
