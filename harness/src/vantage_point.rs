//! Where frames are watched.

use std::fmt;

use crate::topology::{Container, Node, Topology};

/// An interface seen from one namespace: `docker1/macvlan1`, `node-1/ens33`, `host/bridge102`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VantagePoint {
    /// The container, the node, or `host`.
    pub machine: String,
    /// The interface's name there.
    pub interface: String,
    /// Whose picture it belongs to.
    pub side: Side,
}

/// The two halves of a picture. A lab may have no host that can be watched; then the machines'
/// half stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The nodes and their containers.
    Machines,
    /// The host's bridge and its ports.
    Switch,
}

impl VantagePoint {
    /// All vantage points of a topology of two nodes, in the order of the path from the first
    /// node's containers to the second's; those of the switch where there is a host.
    pub fn along_the_path(topology: &Topology) -> Vec<Self> {
        let node_points = |index: usize| {
            let node = &topology.nodes[index];
            let containers = topology.containers.iter().filter(|container| container.node == node.name);
            let mut parents: Vec<Self> =
                containers.clone().filter_map(|container| Self::of_vlan(container, node)).collect();
            parents.sort();
            parents.dedup();
            let containers = containers.map(Self::of_container);
            containers.chain(parents).chain(Self::of_node(node, topology)).collect::<Vec<_>>()
        };
        let count = topology.nodes.len();
        let near = (0..count.div_ceil(2)).flat_map(node_points);
        let far = (count.div_ceil(2)..count).flat_map(|index| node_points(index).into_iter().rev());
        near.chain(Self::of_host(topology)).chain(far).collect()
    }

    /// The point that a person means: `node-2/ens33`, or a machine's name alone, which is its own interface on the path.
    /// Interfaces that are not on the path can be named too.
    ///
    /// # Errors
    /// Where the topology has no such machine, or no interface can have that name.
    pub fn named(topology: &Topology, text: &str) -> Result<Self, UnknownVantagePoint> {
        let path = Self::along_the_path(topology);
        let (machine, interface) =
            text.split_once('/').map_or((text, None), |(name, interface)| (name, Some(interface)));
        let own = |point: &&Self| match topology.host.as_ref().filter(|_| machine == "host") {
            Some(host) => point.interface == host.bridge,
            None => point.machine == machine,
        };
        let named = match interface {
            None => path.iter().find(own).cloned(),
            Some(interface) if topology.has_endpoint(machine) && is_interface_name(interface) => {
                let side = if machine == "host" { Side::Switch } else { Side::Machines };
                Some(Self::new(machine, interface, side))
            }
            Some(_) => None,
        };
        named.ok_or_else(|| UnknownVantagePoint {
            text: text.to_owned(),
            known: path.iter().map(ToString::to_string).collect(),
        })
    }

    /// The points from an endpoint's own interface to the switch; `None` for a name that the topology
    /// has not.
    pub(crate) fn towards_the_switch(topology: &Topology, endpoint: &str) -> Option<Vec<Self>> {
        if endpoint == "host" {
            return Self::of_host(topology).map(|bridge| vec![bridge]);
        }
        if let Some(node) = topology.node(endpoint) {
            return Some(Self::of_node(node, topology));
        }
        let container = topology.container(endpoint)?;
        let node = topology.node(&container.node)?;
        let own = [Self::of_container(container)].into_iter().chain(Self::of_vlan(container, node));
        Some(own.chain(Self::of_node(node, topology)).collect())
    }

    fn of_container(container: &Container) -> Self {
        Self::new(&container.name, &container.interface, Side::Machines)
    }

    /// The VLAN's interface on the uplink, where that is the container's parent.
    fn of_vlan(container: &Container, node: &Node) -> Option<Self> {
        container.vlan.map(|_| Self::new(&node.name, &container.parent(node), Side::Machines))
    }

    /// A node's uplink and, where the switch can be watched, its port.
    fn of_node(node: &Node, topology: &Topology) -> Vec<Self> {
        let port = topology.host.as_ref().map(|_| Self::new("host", &node.port, Side::Switch));
        [Self::new(&node.name, &node.uplink, Side::Machines)].into_iter().chain(port).collect()
    }

    fn of_host(topology: &Topology) -> Option<Self> {
        topology.host.as_ref().map(|host| Self::new("host", &host.bridge, Side::Switch))
    }

    /// The place in the path where the frames of an owner begin, if it is one of the path's. The
    /// host's begin at its bridge, which stands between the ports; a node's at its uplink, whose name is shorter than its
    /// VLANs'; those of two that share an address (`docker2=node-2`) at the first that is named.
    pub(crate) fn origin(path: &[Self], owner: &str) -> Option<usize> {
        let owner = owner.split('=').next()?;
        let own: Vec<usize> = (0..path.len()).filter(|&place| path[place].machine == owner).collect();
        match path[*own.first()?].side {
            Side::Switch => own.get(own.len() / 2).copied(),
            Side::Machines => own.into_iter().min_by_key(|&place| path[place].interface.len()),
        }
    }

    /// The heading of the point's column in a picture.
    pub fn heading(&self, topology: &Topology) -> String {
        match self.side {
            Side::Machines => format!("{}{}", self.machine, self.vlan(topology)),
            Side::Switch => {
                let port = topology.nodes.iter().find(|node| node.port == self.interface);
                port.map_or_else(|| "bridge".to_owned(), |node| format!("port-{}", node.name))
            }
        }
    }

    /// What the name of a VLAN's interface has behind the uplink's: `.100`.
    fn vlan(&self, topology: &Topology) -> &str {
        let uplink = topology.node(&self.machine).map(|node| node.uplink.as_str());
        uplink.and_then(|uplink| self.interface.strip_prefix(uplink)).unwrap_or_default()
    }

    /// The name of the point's capture file.
    pub fn file_name(&self) -> String {
        format!("{}.{}.pcap", self.machine, self.interface)
    }

    fn new(machine: &str, interface: &str, side: Side) -> Self {
        Self { machine: machine.to_owned(), interface: interface.to_owned(), side }
    }
}

/// Linux's own limits, and no character that a shell would read.
fn is_interface_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    (1..=15).contains(&text.len()) && text.chars().all(is_plain) && !text.starts_with(['-', '.'])
}

/// A vantage point that a topology does not have.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("there is no vantage point {text:?}")]
#[diagnostic(help("it is MACHINE/INTERFACE or MACHINE alone; on the path are {}", known.join(", ")))]
pub struct UnknownVantagePoint {
    text: String,
    known: Vec<String>,
}

impl fmt::Display for VantagePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.machine, self.interface)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_points_follow_the_path() {
        let text = include_str!("../../fixtures/topologies/tutorial.toml");
        let topology = Topology::parse("tutorial.toml", text).unwrap();
        let points = VantagePoint::along_the_path(&topology);
        let names: Vec<String> = points.iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            [
                "docker1/macvlan1",
                "node-1/ens33",
                "host/port-node-1",
                "host/bridge102",
                "host/port-node-2",
                "node-2/ens33",
                "docker2/macvlan1"
            ]
        );
    }

    #[test]
    fn a_point_is_named_by_its_machine_or_by_any_interface_there() {
        let text = include_str!("../../fixtures/topologies/tutorial.toml");
        let topology = Topology::parse("tutorial.toml", text).unwrap();
        let named = |text: &str| VantagePoint::named(&topology, text).map(|point| point.to_string());
        for (text, point) in [
            ("node-2", "node-2/ens33"),
            ("docker1", "docker1/macvlan1"),
            ("host", "host/bridge102"),
            ("host/port-node-1", "host/port-node-1"),
            ("docker1/lo", "docker1/lo"),
        ] {
            assert_eq!(named(text).unwrap(), point);
        }
        for text in ["docker9", "docker9/lo", "node-2/$(reboot)", "node-2/", "node-2/-i", ""] {
            assert!(named(text).is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn a_vlans_interface_lies_between_its_container_and_the_uplink() {
        let text =
            include_str!("../../fixtures/topologies/tutorial.toml").replace("mode =", "vlan = 100\nmode =");
        let topology = Topology::parse("vlan.toml", &text).unwrap();
        let points = VantagePoint::along_the_path(&topology);
        let headings: Vec<String> = points.iter().map(|point| point.heading(&topology)).collect();
        let near = ["docker1", "node-1.100", "node-1", "port-node-1"];
        let far = ["bridge", "port-node-2", "node-2", "node-2.100", "docker2"];
        assert_eq!(headings, [near.as_slice(), &far].concat());
        // What a node itself sends begins at its uplink.
        let origins = ["node-1", "node-2"].map(|node| VantagePoint::origin(&points, node));
        assert_eq!(origins, [Some(2), Some(6)]);
    }
}
