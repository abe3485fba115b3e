//! A topology as the rest of the harness sees it: complete and checked.

use std::fmt;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::MacAddress;

/// A lab's description. Made by [`Topology::load`], so that every name in it is safe to put into a
/// shell command and every address is there once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// The machine that owns the LAN's bridge. Machines that exist already may have none that can be watched.
    pub host: Option<Host>,
    /// The machines reached over SSH, in the file's order.
    pub nodes: Vec<Node>,
    /// The network namespaces on the nodes, in the file's order.
    pub containers: Vec<Container>,
}

/// The machine that owns the bridge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The bridge's interface name.
    pub bridge: String,
    /// The bridge's own address, with its prefix length.
    pub address: Ipv4Net,
    /// The host's alias in the `ssh_config`; without one it is the machine that the harness runs on. Labs of the
    /// harness's own have a host of their own.
    pub ssh: Option<String>,
}

/// A machine reached over SSH.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The node's name.
    pub name: String,
    /// The node's alias in the `ssh_config`: its name, where the file says nothing else.
    pub ssh: String,
    /// The interface on the LAN, parent of the macvlan interfaces.
    pub uplink: String,
    /// The uplink's own address, with its prefix length.
    pub address: Ipv4Net,
    /// The bridge port that leads to this node.
    pub port: String,
}

/// A network namespace on a node that holds a macvlan interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// The namespace's name.
    pub name: String,
    /// The node that it lives on.
    pub node: String,
    /// The macvlan interface's name inside the namespace.
    pub interface: String,
    /// The VLAN that the macvlan's parent is in: the parent is then not the uplink but a VLAN interface on it. 0 tags
    /// frames with a priority and no VLAN.
    pub vlan: Option<u16>,
    /// The macvlan mode.
    pub mode: Mode,
    /// The interface's address, with its prefix length.
    pub address: Ipv4Net,
    /// The interface's MAC address; the kernel chooses one where the file gives none.
    pub mac: Option<MacAddress>,
    /// The containers that this one must be able to reach.
    pub reaches: Vec<String>,
}

/// A macvlan mode (ip-link(8)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Siblings talk to each other directly.
    Bridge,
    /// Siblings never talk to each other.
    Private,
    /// Siblings talk through a switch that reflects.
    Vepa,
    /// One child that takes over the parent's address.
    Passthru,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bridge => "bridge",
            Self::Private => "private",
            Self::Vepa => "vepa",
            Self::Passthru => "passthru",
        })
    }
}

impl Container {
    /// The macvlan's parent: the node's uplink, or its VLAN's interface there.
    pub fn parent(&self, node: &Node) -> String {
        match self.vlan {
            Some(vlan) => format!("{}.{vlan}", node.uplink),
            None => node.uplink.clone(),
        }
    }
}

impl Topology {
    /// The same, with a host that can't be watched.
    pub(crate) fn without_host(self) -> Self {
        Self { host: None, ..self }
    }

    /// The node of that name.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The container of that name.
    pub fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|container| container.name == name)
    }

    /// Whether the host, a node or a container has that name.
    pub fn has_endpoint(&self, name: &str) -> bool {
        self.address(name).is_some()
    }

    /// The interface that the host, a node or a container has on the LAN.
    pub fn interface(&self, name: &str) -> Option<&str> {
        match name {
            "host" => self.host.as_ref().map(|host| host.bridge.as_str()),
            _ => (self.node(name).map(|node| node.uplink.as_str()))
                .or_else(|| self.container(name).map(|container| container.interface.as_str())),
        }
    }

    /// The address of the host, a node or a container.
    pub fn address(&self, name: &str) -> Option<Ipv4Net> {
        match name {
            "host" => self.host.as_ref().map(|host| host.address),
            _ => (self.node(name).map(|node| node.address))
                .or_else(|| self.container(name).map(|container| container.address)),
        }
    }
}
