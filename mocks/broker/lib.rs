//! Starts a private RabbitMQ beside any other on the machine.
//!
//! The tests, the demo and the benchmark need a real broker that is theirs alone: one that may be killed, and that no
//! dossier of a real gateway can ever meet. [`Broker`] runs the node of the installed package with a name, ports, cookie
//! and data folder of its own, on loopback only, and needs no rights for it.
//!
//! ```text
//! this process ──pipe──▶ guard (sh, leads a process group)
//!      │                   ├── epmd
//!      │                   ├── rabbitmq-server (sh) ── beam.smp ── its helpers
//!      └── spawns into ──▶ └── rabbitmqctl, for as long as a call takes
//! ```
//!
//! What is started ends with this process, however it ends: the guard reads from a pipe that only this process holds;
//! when the pipe breaks, it kills the whole group and removes the data (`the_broker_ends_with_a_process_that_is_killed`).
//!
//! Where a broker is given instead (`AMQP_URL`), [`ExternalVhost`] creates a virtual host that did not exist before.
//! [`Proxy`] is a bad network between a client and a broker. This crate knows nothing of the gateway, and reads no
//! environment: its callers do.

mod broker;
mod external;
mod guard;
mod management;
mod node;
mod proxy;
mod trouble;

pub use broker::{Broker, Vhost};
pub use external::ExternalVhost;
pub use proxy::{Door, Flow, Network, Proxy};
