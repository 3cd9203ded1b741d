//! A real RabbitMQ in real trouble: whatever becomes of connections, node, queue and network, every event that the broker
//! confirmed is stored once and handed on once, `/ready` tells the truth, and the log has a line per change.
//!
//! `flow` keeps 20,000 events coming while one trouble follows the other; `alone` has what a gateway meets that cannot
//! begin, or must not declare; `publishing` has `lienthong publish` under the same troubles. The network is a proxy.

mod alone;
mod desk;
mod flow;
mod publishing;
