//! Containers as the tutorial makes them: a network namespace on a node, with a macvlan
//! sub-interface of the node's uplink moved into it.

mod find;
mod interface;
mod set_up;

pub use interface::{
    Counters, Interface, InterfaceAddress, LinkData, LinkInfo, LoadedProgram, PortData, Statistics,
    XdpProgram,
};
pub use set_up::{Containers, Ipv6};

pub(crate) use interface::Listing;
pub(crate) use set_up::{on_node, script_of, set_up_on};
