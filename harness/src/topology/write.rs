//! A topology as a file.

use std::fmt::Write as _;

use super::{Container, Node, Topology};

impl Topology {
    /// The name of the file in a run's folder.
    pub const FILE_NAME: &str = "topology.toml";

    /// The text that [`Topology::parse`] makes this topology of.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        if let Some(host) = &self.host {
            let ssh = host.ssh.as_ref().map(|alias| format!("ssh = {alias:?}\n")).unwrap_or_default();
            let _ = write!(text, "[host]\nbridge = {:?}\naddress = \"{}\"\n{ssh}", host.bridge, host.address);
        }
        self.nodes.iter().for_each(|node| text += &of_node(node));
        self.containers.iter().for_each(|container| text += &of_container(container));
        text
    }
}

fn of_node(node: &Node) -> String {
    let Node { name, ssh, uplink, address, port } = node;
    format!(
        "\n[[node]]\nname = {name:?}\nuplink = {uplink:?}\naddress = \"{address}\"\nport = {port:?}\nssh = {ssh:?}\n"
    )
}

fn of_container(container: &Container) -> String {
    let Container { name, node, interface, vlan, mode, address, mac, reaches } = container;
    let mac = mac.map(|mac| format!("mac = \"{mac}\"\n")).unwrap_or_default();
    let vlan = vlan.map(|vlan| format!("vlan = {vlan}\n")).unwrap_or_default();
    format!(
        "\n[[container]]\nname = {name:?}\nnode = {node:?}\ninterface = {interface:?}\n{vlan}mode = \"{mode}\"\n\
         address = \"{address}\"\n{mac}reaches = {reaches:?}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            include_str!("../../../fixtures/topologies/tutorial.toml"),
            include_str!("../../../fixtures/topologies/existing-machines-without-host.toml"),
        ] {
            let topology = Topology::parse("written.toml", text).unwrap();
            assert_eq!(Topology::parse("read.toml", &topology.to_toml()).unwrap(), topology);
        }
    }
}
