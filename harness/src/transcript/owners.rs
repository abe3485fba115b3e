//! Whose an address is.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::MacAddress;

/// The owners of a lab's addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owners {
    hardware: BTreeMap<MacAddress, Vec<String>>,
    protocol: BTreeMap<IpAddr, String>,
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

    /// The owner of a MAC address; two that share it are both named: `docker1=node-1`.
    pub fn of_mac(&self, mac: MacAddress) -> Option<String> {
        if mac == MacAddress::BROADCAST {
            return Some("broadcast".to_owned());
        }
        self.hardware.get(&mac).map(|names| names.join("="))
    }

    /// The owner of an IP address; an address that nobody was given is its own name.
    pub fn of_address(&self, address: impl Into<IpAddr>) -> String {
        let address = address.into();
        self.protocol.get(&address).cloned().unwrap_or_else(|| address.to_string())
    }
}
