//! Whose MAC address is which.

use harness::{MacAddress, container::Containers, lab::Lab};

/// The MAC address of a container's interface, a node's uplink or the host's bridge.
pub fn mac(lab: &Lab, containers: &Containers, name: &str) -> MacAddress {
    let own = containers.interface(name).ok().and_then(|interface| interface.address);
    own.unwrap_or_else(|| lab.facts().macs[name])
}
