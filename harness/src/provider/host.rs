//! The host's side of a lab that lives in namespaces: the bridge.

use super::ProviderError;
use crate::{
    machine::{Machine, Patience, Script},
    topology::{Host, Topology},
};

/// The host of a hermetic lab is this process's own namespaces.
pub(super) fn machine() -> Result<Machine, ProviderError> {
    Machine::in_namespaces("host", std::process::id(), Patience::UNMEASURED)
        .map_err(ProviderError::io("open the host's namespaces"))
}

/// The host that a lab of our own is to have.
pub(super) fn described(topology: &Topology) -> Result<&Host, ProviderError> {
    topology.host.as_ref().ok_or(ProviderError::NoHost)
}

/// Makes the bridge. Its own protocols are silent: no spanning tree, no multicast queries.
pub(super) async fn make_bridge(topology: &Topology) -> Result<(), ProviderError> {
    let Host { bridge, address, .. } = described(topology)?;
    let script = Script::new()
        .step("ip link set lo up")
        .step(format!("ip link add {bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0"))
        .then(super::pinned_settings(bridge, false))
        .step(format!("ip addr add {address} brd + dev {bridge}"))
        .step(format!("ip link set {bridge} up"));
    machine()?.run(&script).await?;
    Ok(())
}
