//! Whose an address is.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::{MacAddress, topology::Topology, visible};

/// The MAC address of the IPv6 group of all nodes, ff02::1 (RFC 2464, section 7).
const ALL_NODES: MacAddress = MacAddress([0x33, 0x33, 0, 0, 0, 1]);
/// Where 224.0.0.1's frames are sent (RFC 1112, sections 4 and 6.4).
const ALL_SYSTEMS: MacAddress = MacAddress([0x01, 0x00, 0x5e, 0x00, 0x00, 0x01]);

/// The owners of a lab's addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Recorded")]
pub struct Owners {
    hardware: BTreeMap<MacAddress, Vec<String>>,
    protocol: BTreeMap<IpAddr, String>,
}

/// What somebody's recording says, who may have called an owner anything.
#[derive(Deserialize)]
struct Recorded {
    hardware: BTreeMap<MacAddress, Vec<String>>,
    protocol: BTreeMap<IpAddr, String>,
}

impl From<Recorded> for Owners {
    fn from(Recorded { hardware, protocol }: Recorded) -> Self {
        let all_visible = |names: Vec<String>| names.iter().map(|name| visible(name)).collect();
        Self {
            hardware: hardware.into_iter().map(|(mac, names)| (mac, all_visible(names))).collect(),
            protocol: protocol.into_iter().map(|(address, name)| (address, visible(&name))).collect(),
        }
    }
}

impl Owners {
    /// Nobody owns anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records that `name` has this MAC address. Two may share one.
    pub fn owns_mac(&mut self, name: &str, mac: MacAddress) {
        self.hardware.entry(mac).or_default().push(name.to_owned());
    }

    /// Records that `name` has this IP address.
    pub fn owns_address(&mut self, name: &str, address: impl Into<IpAddr>) {
        self.protocol.insert(address.into(), name.to_owned());
    }

    /// The MAC addresses of an owner.
    pub fn macs_of(&self, name: &str) -> impl Iterator<Item = MacAddress> {
        self.hardware
            .iter()
            .filter(move |(_, owners)| owners.iter().any(|owner| owner == name))
            .map(|(mac, _)| *mac)
    }

    /// The IP addresses of an owner.
    pub fn addresses_of(&self, name: &str) -> impl Iterator<Item = IpAddr> {
        self.protocol.iter().filter(move |(_, owner)| *owner == name).map(|(address, _)| *address)
    }

    /// The owner of a MAC address; two that share it are both named: `docker1=node-1`. A group is named after whoever
    /// must be in it: `docker2's group` is that of the solicited-node multicast address (RFC 4291, section 2.7.1).
    pub fn of_mac(&self, mac: MacAddress) -> Option<String> {
        match mac {
            MacAddress::BROADCAST => Some("broadcast".to_owned()),
            ALL_NODES => Some("all nodes".to_owned()),
            ALL_SYSTEMS => Some("all systems".to_owned()),
            MacAddress([0x33, 0x33, 0xff, last @ ..]) => self.solicited_node(last),
            _ => self.hardware.get(&mac).map(|names| names.join("=")),
        }
    }

    /// Whose solicited-node group it is whose last three octets these are.
    fn solicited_node(&self, last: [u8; 3]) -> Option<String> {
        let is_asked =
            |address: &IpAddr| matches!(address, IpAddr::V6(address) if address.octets().ends_with(&last));
        let mut owners: Vec<&str> = self
            .protocol
            .iter()
            .filter(|(address, _)| is_asked(address))
            .map(|(_, owner)| owner.as_str())
            .collect();
        owners.dedup();
        (!owners.is_empty()).then(|| format!("{}'s group", owners.join("=")))
    }

    /// The owner of an IP address; an address that nobody was given is its own name. Groups are named as in [`Self::of_mac`].
    pub fn of_address(&self, address: impl Into<IpAddr>) -> String {
        let address = address.into();
        let owner = self.protocol.get(&address).cloned();
        owner.or_else(|| self.of_group(address)).unwrap_or_else(|| address.to_string())
    }

    fn of_group(&self, address: IpAddr) -> Option<String> {
        match address {
            // ff02::1:ff00:0/104
            IpAddr::V6(address) if address.to_bits() >> 24 == 0xff02 << 88 | 0x1ff => {
                let [.., a, b, c] = address.octets();
                self.solicited_node([a, b, c])
            }
            _ => None,
        }
    }

    /// Whoever was given an IP address.
    pub(crate) fn name_of_address(&self, address: IpAddr) -> Option<&str> {
        self.protocol.get(&address).map(String::as_str)
    }

    /// All who have a MAC address.
    pub(crate) fn names_of_mac(&self, mac: MacAddress) -> impl Iterator<Item = &str> {
        self.hardware.get(&mac).into_iter().flatten().map(String::as_str)
    }

    /// Takes over all of `other`'s; where both know an IP address, `other` is right.
    pub fn extend(&mut self, other: Self) {
        self.hardware.extend(other.hardware);
        self.protocol.extend(other.protocol);
    }

    pub(crate) fn knows(&self, address: IpAddr) -> bool {
        self.protocol.contains_key(&address)
    }

    pub(super) fn has_mac(&self, name: &str) -> bool {
        self.hardware.values().flatten().any(|owner| owner == name)
    }
}

impl From<&Topology> for Owners {
    /// The addresses that the topology gives; MAC addresses only where it gives them too.
    fn from(topology: &Topology) -> Self {
        let mut owners = Self::new();
        if let Some(host) = &topology.host {
            owners.owns_address("host", host.address.addr());
        }
        for node in &topology.nodes {
            owners.owns_address(&node.name, node.address.addr());
        }
        for container in &topology.containers {
            owners.owns_address(&container.name, container.address.addr());
            if let Some(mac) = container.mac {
                owners.owns_mac(&container.name, mac);
            }
        }
        owners
    }
}
