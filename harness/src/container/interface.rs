//! What `ip -json -details address` says of an interface.

use std::net::IpAddr;

use serde::{Deserialize, Deserializer};

use crate::MacAddress;

/// An interface's facts. Older releases of iproute2 leave some out, and print empty objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Interface {
    /// Its index in its namespace.
    pub ifindex: u32,
    /// Its name.
    pub ifname: String,
    /// Its parent's index, in the parent's namespace: the number of `macvlan1@if2`.
    pub link_index: Option<u32>,
    /// `BROADCAST`, `UP`, …
    pub flags: Vec<String>,
    /// The longest payload, in bytes.
    pub mtu: u32,
    /// The queueing discipline.
    pub qdisc: String,
    /// `UP`, `DOWN`, …
    pub operstate: String,
    /// The hardware address.
    pub address: Option<MacAddress>,
    /// The hardware address that all listen to.
    pub broadcast: Option<MacAddress>,
    /// How many have asked for all frames of the LAN (`IFF_PROMISC` may not show, where it is not 0).
    pub promiscuity: u32,
    /// What kind of interface it is.
    pub linkinfo: LinkInfo,
    /// The XDP program that sees its frames first, where there is one.
    pub xdp: Option<XdpProgram>,
    /// Its addresses.
    pub addr_info: Vec<InterfaceAddress>,
    /// What it counted, where `-statistics` was asked for.
    pub stats64: Statistics,
}

impl Interface {
    /// Whether somebody has set it up (`IFF_UP`).
    pub fn is_up(&self) -> bool {
        self.flags.iter().any(|flag| flag == "UP")
    }

    /// Whether it is up and has nothing at its other end.
    pub fn lacks_carrier(&self) -> bool {
        self.flags.iter().any(|flag| flag == "NO-CARRIER" || flag == "M-DOWN")
            || self.operstate == "LOWERLAYERDOWN"
    }

    /// Whether it is one at all, and not the empty object of an older iproute2.
    pub(super) fn is_named(&self) -> bool {
        !self.ifname.is_empty()
    }
}

/// The `xdp` of an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct XdpProgram {
    /// What it is in the kernel.
    pub prog: LoadedProgram,
}

/// A program that is loaded into the kernel (`bpftool prog show`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LoadedProgram {
    /// Its number.
    pub id: u32,
    /// Its name, where it has one.
    pub name: String,
}

/// The `linkinfo` of an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LinkInfo {
    /// `macvlan`, `veth`, …
    pub info_kind: String,
    /// What the kind adds.
    pub info_data: LinkData,
    /// What its bridge adds, where it is a port of one.
    pub info_slave_data: PortData,
}

/// The `info_slave_data` of a bridge's port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PortData {
    /// Whether frames may leave where they came in.
    pub hairpin: bool,
}

impl LinkInfo {
    /// The VLAN that it is the interface of.
    pub fn vlan(&self) -> Option<u16> {
        self.info_data.id.filter(|_| self.info_kind == "vlan")
    }
}

/// The `info_data` of a macvlan or a VLAN interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LinkData {
    /// The macvlan mode.
    pub mode: String,
    /// The VLAN; other kinds of interfaces have other identifiers, which may be longer.
    #[serde(deserialize_with = "vlan_id")]
    pub id: Option<u16>,
    /// How many broadcasts the parent may hold for its children (`port->bc_queue_len_used`).
    pub usedbcqueuelen: Option<u32>,
}

/// An identifier that can be a VLAN's.
fn vlan_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let id = serde_json::Value::deserialize(deserializer)?;
    Ok(id.as_u64().and_then(|id| u16::try_from(id).ok()))
}

/// The `stats64` of an interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Statistics {
    /// What it received.
    pub rx: Counters,
    /// What it sent.
    pub tx: Counters,
}

/// One direction's counters, in frames since the interface was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Counters {
    /// All.
    pub packets: u64,
    /// Those that it, or the kernel behind it, threw away.
    pub dropped: u64,
    /// Those that found no room in the device.
    pub over_errors: u64,
}

/// An address of an interface.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct InterfaceAddress {
    /// The address.
    pub local: IpAddr,
    /// Its prefix length.
    pub prefixlen: u8,
    /// `global`, `link`, …
    pub scope: String,
}

/// One document of `ip -json`: a list, with empty objects in it where an older release filtered.
pub(crate) type Listing = Vec<Interface>;
