//! From the file's text to a topology that a lab can be made of.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use toml::Spanned;

use super::{
    Container, Host, Node, Topology, TopologyError,
    error::Source,
    file::{ContainerTable, File, HostTable, NodeTable},
};
use crate::MacAddress;

/// The longest name of a network interface, in bytes: IFNAMSIZ less the closing zero (linux/if.h).
const INTERFACE_NAME_MAX: usize = 15;

/// Every machine has the first, and a virtual machine of ours the second, its way to the host; the
/// others are no interface's in /proc/sys/net.
const RESERVED_INTERFACES: [&str; 4] = ["lo", "mgmt", "all", "default"];

/// What a topology is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A lab is to be made of it.
    Making,
    /// It tells what there was: machines that nobody made for a test may be one alone, or name a
    /// container's interface like the uplink.
    Reading,
}

pub(super) fn validate(file: File, source: &Source<'_>, purpose: Purpose) -> Result<Topology, TopologyError> {
    let check = Check { source };
    check.names(&file)?;
    if purpose == Purpose::Making || file.node.is_empty() {
        check.two_nodes(&file)?;
    }
    let host = file.host.as_ref().map(|table| check.host(table)).transpose()?;
    let nodes: Vec<Node> = (file.node.iter()).map(|table| check.node(table)).collect::<Result<_, _>>()?;
    let containers: Vec<Container> =
        (file.container.iter()).map(|table| check.container(table, &nodes)).collect::<Result<_, _>>()?;
    let topology = Topology { host, nodes, containers };
    check.distinct_addresses(&file, &topology)?;
    if purpose == Purpose::Making {
        check.one_lan(&file, &topology)?;
        check.distinct_ports(&file, &topology)?;
        check.distinct_macs(&file)?;
        check.distinct_interfaces(&file, &topology)?;
        check.reachability(&file, &topology)?;
    }
    Ok(topology)
}

struct Check<'a> {
    source: &'a Source<'a>,
}

impl Check<'_> {
    fn refuse<T>(&self, at: &Spanned<T>, message: String, label: &str, help: Option<&str>) -> TopologyError {
        self.source.invalid(at.span(), message, label, help)
    }

    fn host(&self, table: &HostTable) -> Result<Host, TopologyError> {
        Ok(Host {
            bridge: self.interface_name(&table.bridge)?,
            address: self.address(&table.address)?,
            ssh: table.ssh.as_ref().map(|alias| self.ssh_alias(alias)).transpose()?,
        })
    }

    fn node(&self, table: &NodeTable) -> Result<Node, TopologyError> {
        let name = self.machine_name(&table.name)?;
        Ok(Node {
            uplink: self.interface_name(&table.uplink)?,
            address: self.address(&table.address)?,
            port: table
                .port
                .as_ref()
                .map_or_else(|| self.port_of(&table.name), |port| self.interface_name(port))?,
            ssh: table.ssh.as_ref().map_or_else(|| Ok(name.clone()), |alias| self.ssh_alias(alias))?,
            name,
        })
    }

    /// The bridge port of a node whose file names none.
    fn port_of(&self, node: &Spanned<String>) -> Result<String, TopologyError> {
        let port = format!("port-{}", node.get_ref());
        if port.len() <= INTERFACE_NAME_MAX {
            return Ok(port);
        }
        let message = format!(
            "the node's name is too long: its bridge port {port:?} would have {} bytes, and Linux takes {INTERFACE_NAME_MAX}",
            port.len()
        );
        Err(self.refuse(node, message, "this name", Some("shorten it, or name the `port`")))
    }

    /// An alias is an argument of ssh's, and a pattern character would match more than one host.
    fn ssh_alias(&self, alias: &Spanned<String>) -> Result<String, TopologyError> {
        let text = alias.get_ref();
        let plain = |c: char| is_plain(c) || matches!(c, '@' | ':');
        if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
            return Ok(text.clone());
        }
        let help = "use letters, digits, '.', '_', '-', '@' and ':', and no '-' first";
        Err(self.refuse(
            alias,
            format!("{text:?} is no alias that ssh can be given"),
            "this alias",
            Some(help),
        ))
    }

    fn container(&self, table: &ContainerTable, nodes: &[Node]) -> Result<Container, TopologyError> {
        let node = table.node.get_ref();
        if !nodes.iter().any(|known| &known.name == node) {
            let known: Vec<&str> = nodes.iter().map(|known| known.name.as_str()).collect();
            let help = format!("the nodes are {}", known.join(", "));
            let message = format!("there is no node {node:?}");
            return Err(self.refuse(&table.node, message, "this node", Some(&help)));
        }
        Ok(Container {
            name: self.machine_name(&table.name)?,
            node: node.clone(),
            interface: self.interface_name(&table.interface)?,
            vlan: table.vlan.as_ref().map(|vlan| self.vlan(vlan)).transpose()?,
            mode: table.mode,
            address: self.address(&table.address)?,
            mac: table.mac.as_ref().map(|mac| self.mac(mac)).transpose()?,
            reaches: table.reaches.iter().map(|name| name.get_ref().clone()).collect(),
        })
    }

    /// The last of the twelve bits' values is reserved (IEEE 802.1Q, table 9-2).
    fn vlan(&self, vlan: &Spanned<u16>) -> Result<u16, TopologyError> {
        match *vlan.get_ref() {
            known @ 0..=4094 => Ok(known),
            other => {
                let message = format!("there is no VLAN {other}; the last is 4094");
                Err(self.refuse(vlan, message, "this number", None))
            }
        }
    }

    /// The rule of the kernel's `dev_valid_name` (net/core/dev.c), and no character that a shell would read.
    fn interface_name(&self, name: &Spanned<String>) -> Result<String, TopologyError> {
        let text = name.get_ref();
        let problem = if text.is_empty() || text == "." || text == ".." {
            "Linux takes no such interface name".to_owned()
        } else if text.len() > INTERFACE_NAME_MAX {
            format!(
                "an interface name has at most {INTERFACE_NAME_MAX} bytes, and this one has {}",
                text.len()
            )
        } else if let Some(bad) = text.chars().find(|&c| c.is_whitespace() || c == '/' || c == ':') {
            format!("Linux takes no {bad:?} in an interface name")
        } else if let Some(bad) = text.chars().find(|&c| !is_plain(c)) {
            format!("{bad:?} in an interface name would be read by a shell")
        } else if text.starts_with('-') {
            "an interface name that begins with '-' would be read as an option".to_owned()
        } else {
            return Ok(text.clone());
        };
        Err(self.refuse(name, problem, "this name", None))
    }

    /// A machine's name is a host name, a namespace's name, a file's name and a column's heading.
    fn machine_name(&self, name: &Spanned<String>) -> Result<String, TopologyError> {
        let text = name.get_ref();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let first = text.chars().next().is_some_and(|c| c.is_ascii_lowercase());
        if first && text.chars().all(plain) && text.len() <= 63 {
            return Ok(text.clone());
        }
        let help = "use lower-case letters, digits and '-', a letter first, at most 63 bytes (RFC 1123)";
        Err(self.refuse(name, format!("{text:?} is no host name"), "this name", Some(help)))
    }

    fn address(&self, address: &Spanned<String>) -> Result<Ipv4Net, TopologyError> {
        let text = address.get_ref();
        let refuse = |message: String| {
            let help = "write the address and its prefix length: 192.168.245.180/24";
            self.refuse(address, message, "this address", Some(help))
        };
        let net: Ipv4Net = (text.parse())
            .map_err(|_| refuse(format!("{text:?} is no IPv4 address with a prefix length")))?;
        let whole = net.prefix_len() < 31 && (net.addr() == net.network() || net.addr() == net.broadcast());
        let address = net.addr();
        let nobodys = address.is_multicast()
            || address.is_unspecified()
            || address.is_broadcast()
            || address.is_loopback();
        if whole || nobodys {
            return Err(refuse(format!("{text} is no address that a machine can have")));
        }
        Ok(net)
    }

    fn mac(&self, mac: &Spanned<String>) -> Result<MacAddress, TopologyError> {
        let parsed: MacAddress = (mac.get_ref().parse())
            .map_err(|error| self.refuse(mac, format!("{error}"), "this address", None))?;
        if parsed.is_group() || parsed.0 == [0; 6] {
            let message = format!("{parsed} is no address that an interface can have");
            return Err(self.refuse(mac, message, "this address", None));
        }
        Ok(parsed)
    }

    fn two_nodes(&self, file: &File) -> Result<(), TopologyError> {
        let at = match &file.node[..] {
            [_, _] => return Ok(()),
            [] => {
                return Err(self.source.invalid(
                    0..0,
                    "a lab has two nodes, and this file has none".to_owned(),
                    "here",
                    None,
                ));
            }
            [only] => &only.name,
            [_, _, more, ..] => &more.name,
        };
        let message = format!("a lab has two nodes, and this file has {}", file.node.len());
        Err(self.refuse(at, message, "here", None))
    }

    fn names(&self, file: &File) -> Result<(), TopologyError> {
        let mut seen = BTreeMap::from([("host", "the host"), ("broadcast", "everybody")]);
        let nodes = file.node.iter().map(|node| (&node.name, "a node"));
        let containers = file.container.iter().map(|container| (&container.name, "a container"));
        for (name, kind) in nodes.chain(containers) {
            if let Some(owner) = seen.insert(name.get_ref(), kind) {
                let message = format!("the name {:?} is already that of {owner}", name.get_ref());
                return Err(self.refuse(name, message, "this name", None));
            }
        }
        Ok(())
    }

    fn distinct_addresses(&self, file: &File, topology: &Topology) -> Result<(), TopologyError> {
        let mut seen = BTreeMap::new();
        let nodes = file.node.iter().map(|node| (&node.name, &node.address));
        let containers = file.container.iter().map(|container| (&container.name, &container.address));
        if let Some(host) = &topology.host {
            seen.insert(host.address.addr(), "host");
        }
        for (name, address) in nodes.chain(containers) {
            let name = name.get_ref().as_str();
            let Some(net) = topology.address(name) else { continue };
            if let Some(owner) = seen.insert(net.addr(), name) {
                let message = format!("{owner} has the address {} already", net.addr());
                return Err(self.refuse(address, message, "this address", None));
            }
        }
        Ok(())
    }

    /// A container's interface is made beside its node's uplink before it is moved.
    fn distinct_interfaces(&self, file: &File, topology: &Topology) -> Result<(), TopologyError> {
        let ports: Vec<String> = topology.nodes.iter().map(|node| node.port.clone()).collect();
        let taken = |name: &Spanned<String>, others: &[String]| {
            others.contains(name.get_ref()).then(|| {
                let message = format!("the machine has another interface {:?}", name.get_ref());
                self.refuse(name, message, "this name", None)
            })
        };
        let reserved = || RESERVED_INTERFACES.map(str::to_owned).to_vec();
        let host = file.host.as_ref();
        let bridge = host.and_then(|host| taken(&host.bridge, &[ports, reserved()].concat()));
        let uplinks = file.node.iter().filter_map(|node| taken(&node.uplink, &reserved()));
        let containers = file.container.iter().zip(&topology.containers).filter_map(|(table, container)| {
            let uplink = topology.node(&container.node).map(|node| node.uplink.clone());
            taken(&table.interface, &[reserved(), uplink.into_iter().collect()].concat())
        });
        bridge.into_iter().chain(uplinks).chain(containers).next().map_or(Ok(()), Err)
    }

    /// macvlan is one LAN: without this, no frame would get from one uplink to the other.
    fn one_lan(&self, file: &File, topology: &Topology) -> Result<(), TopologyError> {
        let first = &topology.nodes[0];
        let lan = first.address.trunc();
        for (table, node) in file.node.iter().zip(&topology.nodes) {
            if node.address.trunc() != lan {
                let message = format!(
                    "the uplinks share no subnet: {} is in {lan}, and {} in {}",
                    first.name,
                    node.name,
                    node.address.trunc()
                );
                return Err(self.refuse(&table.address, message, "this address", None));
            }
        }
        Ok(())
    }

    fn distinct_ports(&self, file: &File, topology: &Topology) -> Result<(), TopologyError> {
        let [first, second] = &topology.nodes[..] else { return Ok(()) };
        match file.node.iter().find_map(|table| table.port.as_ref()) {
            Some(port) if first.port == second.port => {
                let message = format!("{} and {} have the same bridge port", first.name, second.name);
                Err(self.refuse(port, message, "this port", None))
            }
            _ => Ok(()),
        }
    }

    fn distinct_macs(&self, file: &File) -> Result<(), TopologyError> {
        let mut seen = BTreeMap::new();
        for container in &file.container {
            let Some(mac) = &container.mac else { continue };
            if let Some(owner) = seen.insert(mac.get_ref().to_lowercase(), container.name.get_ref()) {
                let message = format!("{owner} has the MAC address {} already", mac.get_ref());
                return Err(self.refuse(mac, message, "this address", None));
            }
        }
        Ok(())
    }

    fn reachability(&self, file: &File, topology: &Topology) -> Result<(), TopologyError> {
        for (table, container) in file.container.iter().zip(&topology.containers) {
            for peer_name in &table.reaches {
                let Some(peer) = topology.container(peer_name.get_ref()) else {
                    let message = format!("there is no container {:?}", peer_name.get_ref());
                    return Err(self.refuse(peer_name, message, "this container", None));
                };
                if container.address.contains(&peer.address.addr())
                    && peer.address.contains(&container.address.addr())
                {
                    continue;
                }
                let message = format!(
                    "{} is to reach {}, but {} and {} share no subnet",
                    container.name, peer.name, container.address, peer.address
                );
                let help = "macvlan is one LAN: give both an address of the same subnet, or take the name out of `reaches`";
                return Err(self.refuse(&table.address, message, "this address", Some(help)));
            }
        }
        Ok(())
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use miette::Diagnostic;
    use rstest::rstest;

    use super::*;

    const TUTORIAL: &str = include_str!("../../../fixtures/topologies/tutorial.toml");

    /// The tutorial with one text put in place of another.
    fn altered(from: &str, to: &str) -> Result<Topology, TopologyError> {
        assert!(TUTORIAL.contains(from), "the tutorial has no {from:?}");
        Topology::parse("lab.toml", &TUTORIAL.replacen(from, to, 1))
    }

    #[test]
    fn the_tutorial_is_read_as_it_is_printed() {
        let topology = Topology::parse("tutorial.toml", TUTORIAL).unwrap();
        assert_eq!(topology.host.as_ref().map(|host| host.bridge.as_str()), Some("bridge102"));
        assert_eq!(topology.address("host").unwrap().to_string(), "192.168.245.1/24");
        assert_eq!(topology.address("node-2").unwrap().to_string(), "192.168.245.172/24");
        let docker1 = topology.container("docker1").unwrap();
        assert_eq!((docker1.node.as_str(), docker1.interface.as_str()), ("node-1", "macvlan1"));
        assert_eq!((docker1.mode, docker1.mac), (Mode::Bridge, None));
    }

    use super::super::Mode;

    #[rstest]
    #[case::unknown_key("uplink = \"ens33\"", "uplinc = \"ens33\"", "uplinc", "unknown field `uplinc`")]
    #[case::unknown_mode(
        "mode = \"bridge\"",
        "mode = \"bridged\"",
        "\"bridged\"",
        "unknown variant `bridged`"
    )]
    #[case::another_subnet(
        "192.168.245.181/24",
        "10.0.0.181/24",
        "\"192.168.245.180/24\"",
        "share no subnet"
    )]
    #[case::same_address(
        "192.168.245.172",
        "192.168.245.168",
        "\"192.168.245.168/24\"",
        "node-1 has the address"
    )]
    #[case::same_name("\"docker2\"\nnode", "\"docker1\"\nnode", "\"docker1\"", "already that of a container")]
    #[case::the_hosts_name("\"node-2\"\nuplink", "\"host\"\nuplink", "\"host\"", "already that of the host")]
    #[case::no_such_node("node = \"node-2\"", "node = \"node-3\"", "\"node-3\"", "no node \"node-3\"")]
    #[case::no_such_peer("[\"docker2\"]", "[\"docker3\"]", "\"docker3\"", "no container \"docker3\"")]
    #[case::long_interface(
        "\"macvlan1\"",
        "\"macvlan123456789\"",
        "\"macvlan123456789\"",
        "at most 15 bytes"
    )]
    #[case::spaced_interface("\"macvlan1\"", "\"mac vlan\"", "\"mac vlan\"", "no ' '")]
    #[case::slashed_interface("\"macvlan1\"", "\"mac/vlan\"", "\"mac/vlan\"", "no '/'")]
    #[case::shell_interface("\"macvlan1\"", "\"a;reboot\"", "\"a;reboot\"", "read by a shell")]
    #[case::option_interface("\"macvlan1\"", "\"-all\"", "\"-all\"", "read as an option")]
    #[case::long_node("\"node-1\"\nuplink", "\"a-long-node\"\nuplink", "\"a-long-node\"", "port-a-long-node")]
    #[case::upper_case_node("\"node-1\"\nuplink", "\"Node 1\"\nuplink", "\"Node 1\"", "no host name")]
    #[case::the_loopback("192.168.245.1/24", "127.0.0.1/8", "\"127.0.0.1/8\"", "no address that a machine")]
    #[case::the_uplinks_name("\"macvlan1\"", "\"ens33\"", "\"ens33\"", "another interface \"ens33\"")]
    #[case::a_ports_name("\"bridge102\"", "\"port-node-1\"", "\"port-node-1\"", "another interface")]
    #[case::the_loopbacks_name("\"ens33\"", "\"lo\"", "\"lo\"", "another interface")]
    #[case::uplinks_apart(
        "192.168.245.172/24",
        "192.168.246.172/24",
        "\"192.168.246.172/24\"",
        "the uplinks share no subnet"
    )]
    #[case::an_option_as_alias(
        "bridge = \"bridge102\"",
        "ssh = \"-oProxyCommand=x\"\nbridge = \"bridge102\"",
        "\"-oProxyCommand=x\"",
        "no alias that ssh"
    )]
    #[case::one_port_twice(
        "uplink = \"ens33\"",
        "port = \"port-node-2\"\nuplink = \"ens33\"",
        "\"port-node-2\"",
        "the same bridge port"
    )]
    #[case::no_prefix("192.168.245.1/24", "192.168.245.1", "\"192.168.245.1\"", "prefix length")]
    #[case::network_address(
        "192.168.245.1/24",
        "192.168.245.0/24",
        "\"192.168.245.0/24\"",
        "no address that a machine"
    )]
    #[case::group_mac(
        "reaches = [\"docker2\"]",
        "mac = \"01:00:5e:00:00:01\"",
        "\"01:00:5e:00:00:01\"",
        "no address that an interface"
    )]
    fn a_mistake_is_underlined(
        #[case] from: &str,
        #[case] to: &str,
        #[case] marked: &str,
        #[case] message: &str,
    ) {
        let error = altered(from, to).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        let TopologyError::Invalid { text, span, line, .. } = &error else { panic!("{error:?}") };
        let start = span.offset();
        assert_eq!(&text.inner()[start..start + span.len()], marked);
        let named = text.inner().lines().nth(line - 1);
        assert!(named.is_some_and(|line| line.contains(marked)), "line {line} has no {marked}");
        assert!(error.labels().is_some_and(|labels| labels.count() == 1));
    }

    #[test]
    fn a_third_node_is_underlined() {
        let third = "[[node]]\nname = \"node-3\"\nuplink = \"ens33\"\naddress = \"192.168.245.9/24\"\n";
        let error = Topology::parse("lab.toml", &format!("{TUTORIAL}\n{third}")).unwrap_err();
        assert!(error.to_string().contains("two nodes, and this file has 3"), "{error}");
    }

    #[test]
    fn one_mac_is_not_given_twice() {
        let text = TUTORIAL.replace("reaches = ", "mac = \"02:00:00:00:00:01\"\nreaches = ");
        let error = Topology::parse("lab.toml", &text).unwrap_err();
        assert!(error.to_string().contains("docker1 has the MAC address"), "{error}");
    }
}
