//! One network namespace's state.

use std::{collections::BTreeMap, net::IpAddr};

use serde::Deserialize;

use super::{BridgePort, Drop, ForwardingEntry, Queue, Route, Ruleset, TrafficFilter, readable::readable};
use crate::container::{Interface, InterfaceAddress};

/// What is known about the host, a node's root namespace or a container. What is `None` was not asked
/// for, or not told.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct MachineState {
    /// `ip -j -d -s address show`
    #[serde(deserialize_with = "readable")]
    pub interfaces: Option<Vec<Interface>>,
    /// `ip -j -d route show`
    #[serde(deserialize_with = "readable")]
    pub routes: Option<Vec<Route>>,
    /// `bridge -j -d link show`
    #[serde(deserialize_with = "readable")]
    pub ports: Option<Vec<BridgePort>>,
    /// `bridge -j fdb show`; of a node that of its uplink, whose own entries are the addresses that its card takes.
    #[serde(deserialize_with = "readable")]
    pub forwarding: Option<Vec<ForwardingEntry>>,
    /// `tc -j -s qdisc show`
    #[serde(deserialize_with = "readable")]
    pub queues: Option<Vec<Queue>>,
    /// `tc -j filter show`, by the interface and its hook: `ens33 ingress`.
    pub filters: Option<BTreeMap<String, Vec<TrafficFilter>>>,
    /// Kernel settings by their path below `/proc/sys/net/`.
    pub settings: Option<BTreeMap<String, String>>,
    /// `nft -j list ruleset`
    pub ruleset: Option<Ruleset>,
    /// `nft list ruleset`
    pub ruleset_text: Option<String>,
    /// When it was read, in seconds since the kernel's start; where the kernel is the lab's own.
    pub uptime: Option<f64>,
    /// The end of `dmesg`, there.
    pub kernel_log: Option<String>,
}

impl MachineState {
    /// An interface by its name.
    pub fn interface(&self, name: &str) -> Option<&Interface> {
        self.interfaces.as_ref()?.iter().find(|interface| interface.ifname == name)
    }

    /// A bridge's port by its name.
    pub fn port(&self, name: &str) -> Option<&BridgePort> {
        self.ports.as_ref()?.iter().find(|port| port.ifname == name)
    }

    /// All IP addresses with the interfaces that have them; `None` where that is not known.
    pub fn addresses(&self) -> Option<Vec<(&Interface, &InterfaceAddress)>> {
        let interfaces = self.interfaces.as_ref()?.iter();
        Some(interfaces.flat_map(|one| one.addr_info.iter().map(move |address| (one, address))).collect())
    }

    /// The interface that has an address.
    pub fn holder_of(&self, address: IpAddr) -> Option<&Interface> {
        let has = |(_, held): &(&Interface, &InterfaceAddress)| held.local == address;
        self.addresses()?.into_iter().find(has).map(|(interface, _)| interface)
    }

    /// Whether some route leads to an address; `None` where the routes are not known, as those of IPv6.
    pub fn has_route_to(&self, address: IpAddr) -> Option<bool> {
        if address.is_ipv6() {
            return None;
        }
        Some(self.routes.as_ref()?.iter().any(|route| route.covers(address)))
    }

    /// Whether only a router leads to an address; `None` where the routes are not known.
    pub fn needs_router_to(&self, address: IpAddr) -> Option<bool> {
        let mut covering = self.routes.as_ref()?.iter().filter(|route| route.covers(address));
        Some(covering.all(|route| route.gateway.is_some()))
    }

    /// A kernel setting, for example `ipv4/conf/all/proxy_arp`.
    pub fn setting(&self, path: &str) -> Option<&str> {
        self.settings.as_ref()?.get(path).map(String::as_str)
    }

    /// A chain at an interface's own ingress hook that drops, in words.
    pub fn ingress_drop(&self, interface: &str) -> Option<Drop> {
        let text = self.ruleset_text.as_deref().unwrap_or_default();
        let named = format!("\"{interface}\"");
        let is_there = text.lines().any(|line| line.contains("hook ingress device") && line.contains(&named));
        self.ruleset
            .as_ref()?
            .drops("ingress", Some(interface))
            .or_else(|| self.ruleset.as_ref()?.drops("ingress", None).filter(|_| is_there))
    }

    /// A filter of tc's that drops at an interface's hook, `ingress` or `egress`, in words.
    pub fn filter_drop(&self, interface: &str, hook: &str) -> Option<Drop> {
        let filters = self.filters.as_ref()?.get(&format!("{interface} {hook}"))?;
        let drops: Vec<Drop> = filters.iter().filter_map(|filter| filter.drop(interface, hook)).collect();
        drops.iter().find(|drop| drop.is_total).or(drops.first()).cloned()
    }

    /// What the queues of an interface threw away. What a filter drops, the qdisc that it hangs on counts as its own.
    pub fn queue_drops(&self, interface: &str) -> Option<u64> {
        let of_interface =
            self.queues.as_ref()?.iter().filter(|queue| queue.dev == interface && queue.is_queue());
        Some(of_interface.map(|queue| queue.drops).sum())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// The chain's JSON does not name its interface, as nftables 1.0.6's does not: only the text does.
    #[rstest]
    #[case::its_own("ens33", true)]
    #[case::anothers("eth0", false)]
    fn a_chain_drops_at_the_interface_that_its_text_names(#[case] device: &str, #[case] drops: bool) {
        let chain =
            json!({"family": "netdev", "table": "t", "name": "c", "hook": "ingress", "policy": "drop"});
        let text = format!("type filter hook ingress device \"{device}\" priority filter; policy drop;");
        let state = json!({"ruleset": {"nftables": [{"chain": chain}]}, "ruleset_text": text});
        let state: MachineState = serde_json::from_value(state).unwrap();
        assert_eq!(state.ingress_drop("ens33").is_some(), drops);
    }
}
