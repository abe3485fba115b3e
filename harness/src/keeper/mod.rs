//! The process that holds a lab: it makes it, lends it to one scenario at a time, cleans up after
//! each, and takes everything with it when it ends.
//!
//! It runs as the first process of a PID namespace, so that its death, however it comes, is the
//! death of every process of the lab; and the lab's links, mounts and files are in namespaces that
//! only those processes hold.

mod at_once;
mod connect;
mod error;
mod guard;
mod held;
mod keep;
mod leases;
mod look;
mod main;
mod masters;
mod pristine;
mod queue;
mod reached;
mod refused;
mod rights;
mod standing_containers;
mod surroundings;
mod survey;
mod sweep;

pub use error::KeeperError;
pub use keep::{KeepOptions, keep};
pub use main::{log_to_stdout, main};
pub use sweep::{Swept, sweep};

pub(crate) use guard::guard_script;
pub(crate) use look::look;
pub(crate) use pristine::between_scenarios;
pub(crate) use reached::Reached;
