//! The TOML file that describes a lab: its host, nodes and containers.

mod error;
mod file;
mod load;
mod model;
mod validate;
mod write;

pub use error::TopologyError;
pub use model::{Container, Host, Mode, Node, Topology};
