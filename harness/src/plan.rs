//! What a run would do to the machines of a topology, in the words that it would use there.

use std::{collections::BTreeSet, fmt};

use camino::Utf8PathBuf;
use serde::Serialize;

use crate::{
    capture,
    container::{self, Ipv6},
    keeper,
    lab::Settings,
    machine::Script,
    provider::{self, Provider},
    stimulus::Ping,
    topology::{Container, Host, Node, Topology},
    transcript::Marker,
};

/// A run's commands, MAC and IP addresses. To make it changes nothing, and reaches nobody.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    lab: Provider,
    topology: Utf8PathBuf,
    machines: Vec<OnMachine>,
}

/// What is done on one machine.
#[derive(Clone, Debug, Serialize)]
struct OnMachine {
    name: String,
    /// Where it is, and its address on the LAN, in words.
    place: String,
    sections: Vec<Section>,
}

/// Commands with one purpose.
#[derive(Clone, Debug, Serialize)]
struct Section {
    purpose: String,
    /// Lines for a shell; a change is followed by a remark with the line that undoes it.
    lines: Vec<String>,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lab, topology, machines } = self;
        writeln!(
            f,
            "A run on the {lab} lab of {topology} does the following on its machines, as root, and undoes it after each \
             scenario."
        )?;
        for OnMachine { name, place, sections } in machines {
            writeln!(f, "\n{name}, {place}")?;
            for Section { purpose, lines } in sections {
                writeln!(f, "  {purpose}:")?;
                lines.iter().try_for_each(|line| writeln!(f, "    {line}"))?;
            }
        }
        writeln!(
            f,
            "\nBesides it reads the interfaces' facts.\nScenarios add commands in the containers' own namespaces, and \
             neighbour entries of the containers' addresses on\nthe nodes. Those that would do more on machines that \
             exist already are refused, unless LAB_ARM names them."
        )
    }
}

impl Plan {
    /// The plan of a run on these machines.
    pub fn of(settings: &Settings) -> Self {
        let Settings { provider, topology, .. } = settings;
        let nodes = topology.nodes.iter().map(|node| of_node(node, topology, *provider));
        let host = topology.host.iter().map(|host| of_host(host, topology, *provider));
        Self {
            lab: *provider,
            topology: settings.topology_path.clone(),
            machines: nodes.chain(host).collect(),
        }
    }
}

fn of_node(node: &Node, topology: &Topology, provider: Provider) -> OnMachine {
    let Node { name, ssh, uplink, address, .. } = node;
    let mut sections = Vec::from_iter(guarded(provider));
    let is_looked_at = !provider.owns_nodes();
    if is_looked_at {
        let look = provider::look_at_node(node, topology);
        sections.push(section("looks, and asks whether addresses are free", &look));
    }
    for container in topology.containers.iter().filter(|container| container.node == *name) {
        let title = format!("makes {}", in_words(container));
        sections.push(section(&title, &container::script_of(&[container], node, Ipv6::Off)));
    }
    sections.extend(captures(node, topology, is_looked_at));
    sections.extend(put_back(uplink, topology, provider));
    let place = format!("ssh alias {ssh}: {uplink} has {address}");
    OnMachine { name: name.clone(), place, sections }
}

fn of_host(host: &Host, topology: &Topology, provider: Provider) -> OnMachine {
    let mut sections = Vec::from_iter(guarded(provider));
    let is_looked_at = !provider.owns_nodes();
    if is_looked_at {
        sections.push(section("looks", &provider::look_at_host(host)));
    }
    let ports = topology.nodes.iter().map(|node| node.port.as_str()).chain([host.bridge.as_str()]);
    let captures = ports.fold(Script::new(), |script, interface| {
        script.step(capture::command(interface, topology, is_looked_at))
    });
    sections.push(section("captures", &captures));
    sections.push(section("pings", &pings("", "host", topology)));
    sections.extend(put_back(&host.bridge, topology, provider));
    let place = host.ssh.as_ref().map_or("this machine".to_owned(), |alias| format!("ssh alias {alias}"));
    let place = format!("{place}: {} has {}", host.bridge, host.address);
    OnMachine { name: "host".to_owned(), place, sections }
}

fn guarded(provider: Provider) -> Option<Section> {
    let title = "keeps other runs off, and undoes what a run leaves";
    (!provider.is_hermetic()).then(|| section(title, &keeper::guard_script()))
}

fn put_back(interface: &str, topology: &Topology, provider: Provider) -> Option<Section> {
    let title = "between scenarios, puts back and looks";
    (!provider.is_hermetic())
        .then(|| section(title, &keeper::between_scenarios(interface, topology, provider)))
}

/// The captures and pings of a node and its containers.
fn captures(node: &Node, topology: &Topology, is_looked_at: bool) -> [Section; 2] {
    let interfaces: BTreeSet<String> = (topology.containers.iter())
        .filter(|container| container.node == node.name)
        .map(|container| container.parent(node))
        .chain([node.uplink.clone()])
        .collect();
    let mut captures = interfaces.iter().fold(Script::new(), |captures, interface| {
        captures.step(capture::command(interface, topology, is_looked_at))
    });
    let mut sent = pings("", &node.name, topology);
    for container in topology.containers.iter().filter(|container| container.node == node.name) {
        let inside = format!("ip netns exec {} ", container.name);
        captures = captures
            .step(format!("{inside}{}", capture::command(&container.interface, topology, is_looked_at)));
        sent = sent.then(pings(&inside, &container.name, topology));
        sent = sent.step(format!("{inside}{}", capture::marker_command(container, Marker::new(0, 0))));
    }
    [section("captures", &captures), section("pings, and closes captures with a broadcast", &sent)]
}

/// Some of them are sent, one at a time.
fn pings(inside: &str, from: &str, topology: &Topology) -> Script {
    let nodes = topology.nodes.iter().map(|node| (&node.name, node.address));
    let containers = topology.containers.iter().map(|container| (&container.name, container.address));
    let others = nodes.chain(containers).filter(|(name, _)| *name != from);
    others.fold(Script::new(), |script, (_, address)| {
        script.step(format!("{inside}{}", Ping::once(address.addr())))
    })
}

fn in_words(container: &Container) -> String {
    let mac =
        container.mac.map_or("a MAC address that the machine chooses".to_owned(), |mac| mac.to_string());
    let Container { name, interface, mode, address, .. } = container;
    format!("{name}: {interface}, macvlan in mode {mode}, with {address} and {mac}")
}

fn section(purpose: &str, script: &Script) -> Section {
    Section { purpose: purpose.to_owned(), lines: script.told() }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;

    #[test]
    fn each_address_and_each_change_with_its_undoing_is_told() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/topologies/existing-machines.toml");
        let nowhere = Utf8Path::new("/nonexistent");
        let settings = Settings::new(Provider::Ssh, Utf8Path::new(path), nowhere, nowhere).unwrap();
        let plan = Plan::of(&settings).to_string();
        for told in [
            "node-1, ssh alias node-1: enp1s0 has 192.168.245.168/24",
            "docker2: macvlan1, macvlan in mode bridge, with 192.168.245.191/24 and a MAC address",
            "ip netns add docker1\n      # undone by: ip netns del docker1",
            "arping -D -c 2 -w 3 -I enp1s0 192.168.245.190",
            "ip netns exec docker1 tcpdump -i macvlan1 -p",
            "tcpdump -i port-node-2 -p",
            "neigh flush to 192.168.245.191 dev enp1s0",
            "ip netns exec docker2 ping -n -c 1",
        ] {
            assert!(plan.contains(told), "no {told:?} in\n{plan}");
        }
    }
}
