//! The host's side of a lab that lives in namespaces: the bridge.

use super::ProviderError;
use crate::{
    machine::{Machine, Patience, Script},
    topology::Topology,
};

/// The host of a hermetic lab is this process's own namespaces.
pub(super) fn machine() -> Result<Machine, ProviderError> {
    Machine::in_namespaces("host", std::process::id(), Patience::UNMEASURED)
        .map_err(ProviderError::io("open the host's namespaces"))
}

/// Makes the bridge. Its own protocols are silent: no spanning tree, no multicast queries.
pub(super) async fn make_bridge(topology: &Topology) -> Result<(), ProviderError> {
    let (bridge, address) = (&topology.host.bridge, topology.host.address);
    let script = Script::new()
        .step("ip link set lo up")
        .step(format!("ip link add {bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0"))
        .then(super::pinned_settings(bridge, false))
        .step(format!("ip addr add {address} brd + dev {bridge}"))
        .step(format!("ip link set {bridge} up"));
    machine()?.run(&script).await?;
    Ok(())
}
