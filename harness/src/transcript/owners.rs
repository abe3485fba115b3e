//! Whose an address is.

use std::{collections::BTreeMap, net::Ipv4Addr};

use serde::{Deserialize, Serialize};

use crate::MacAddress;

/// The owners of a lab's addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owners {
    hardware: BTreeMap<MacAddress, Vec<String>>,
    protocol: BTreeMap<Ipv4Addr, String>,
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

    /// Records that `name` has this IPv4 address.
    pub fn owns_address(&mut self, name: &str, address: Ipv4Addr) {
        self.protocol.insert(address, name.to_owned());
    }

    /// The MAC addresses of an owner.
    pub fn macs_of(&self, name: &str) -> impl Iterator<Item = MacAddress> {
        self.hardware
            .iter()
            .filter(move |(_, owners)| owners.iter().any(|owner| owner == name))
            .map(|(mac, _)| *mac)
    }

    /// The IPv4 addresses of an owner.
    pub fn addresses_of(&self, name: &str) -> impl Iterator<Item = Ipv4Addr> {
        self.protocol.iter().filter(move |(_, owner)| *owner == name).map(|(address, _)| *address)
    }

    /// The owner of a MAC address; two that share it are both named: `docker1=node-1`.
    pub fn of_mac(&self, mac: MacAddress) -> Option<String> {
        if mac == MacAddress::BROADCAST {
            return Some("broadcast".to_owned());
        }
        self.hardware.get(&mac).map(|names| names.join("="))
    }

    /// The owner of an IPv4 address; an address that nobody was given is its own name.
    pub fn of_address(&self, address: Ipv4Addr) -> String {
        self.protocol.get(&address).cloned().unwrap_or_else(|| address.to_string())
    }
}
