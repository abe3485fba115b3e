//! What on this machine is in the way of a LAN whose bridge is here.

use super::Finding;
use crate::{
    provider::{
        is_root,
        vagrant::{self, Reach},
    },
    topology::Topology,
};

/// Addresses and names that are taken, and a firewall that would drop what the bridge forwards.
pub(super) async fn findings(topology: &Topology) -> Vec<Finding> {
    let Some(host) = &topology.host else { return Vec::new() };
    let clash = match vagrant::check_networks(host).await {
        _ if Reach::of_libvirt() != Reach::Answers => Finding::note(
            "addresses",
            "it can't be told whether they are free before libvirt answers",
            "see to libvirt first",
        ),
        Ok(()) => Finding::ok("addresses", format!("{} and the name {} are free", host.address, host.bridge)),
        Err(error) => Finding::missing(
            "addresses",
            error.to_string(),
            "give the topology other addresses or another bridge, or remove what has them",
        ),
    };
    vec![clash, firewall(vagrant::check_firewall(&host.bridge).await.map_err(|error| error.to_string()))]
}

fn firewall(checked: Result<(), String>) -> Finding {
    match checked {
        Ok(()) if is_root() => Finding::ok("firewall", "lets pass what the bridge forwards"),
        Ok(()) => Finding::note(
            "firewall",
            "only root may read its rules: it can't be told whether it drops what the bridge forwards, as Docker's does",
            "run `sudo lab doctor --lab vagrant`",
        ),
        Err(reason) => Finding::missing(
            "firewall",
            reason,
            "`sudo sysctl net.bridge.bridge-nf-call-iptables=0`, or accept what is bridged in the chain DOCKER-USER",
        ),
    }
}
