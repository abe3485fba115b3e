//! What a run would do to the machines of a topology, in the words that it would use there.

use std::fmt::{self, Write as _};

use crate::{
    capture, container, keeper,
    lab::Settings,
    machine::Script,
    provider,
    stimulus::Ping,
    topology::{Container, Host, Node, Topology},
    transcript::Marker,
};

/// A run's commands, MAC and IP addresses. To make it changes nothing, and reaches nobody.
#[derive(Clone, Debug)]
pub struct Plan(String);

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Plan {
    /// The plan of a run on these machines.
    pub fn of(settings: &Settings) -> Self {
        let Settings { provider, topology, .. } = settings;
        let mut text = format!(
            "A run on the {provider} lab of {} does the following on its machines, as root, and undoes it after each \
             scenario.\n",
            settings.topology_path
        );
        let is_shared = !provider.is_hermetic();
        for node in &topology.nodes {
            text += &of_node(node, topology, is_shared, !provider.owns_nodes());
        }
        if let Some(host) = &topology.host {
            text += &of_host(host, topology, is_shared, !provider.owns_nodes());
        }
        text += "\nBesides it reads the interfaces' facts.\nScenarios add commands in the containers' own namespaces, and neighbour entries of the containers' addresses \
                 on\nthe nodes. Those that would do more on machines that exist already are refused, unless LAB_ARM names \
                 them.\n";
        Self(text)
    }
}

fn of_node(node: &Node, topology: &Topology, is_shared: bool, is_looked_at: bool) -> String {
    let Node { name, ssh, uplink, address, .. } = node;
    let mut text = format!("\n{name}, ssh alias {ssh}: {uplink} has {address}\n");
    if is_shared {
        section(&mut text, "keeps other runs off, and undoes what a run leaves", &keeper::guard_script());
    }
    if is_looked_at {
        section(
            &mut text,
            "looks, and asks whether addresses are free",
            &provider::look_at_node(node, topology),
        );
    }
    for container in topology.containers.iter().filter(|container| container.node == *name) {
        let title = format!("makes {}", in_words(container));
        section(&mut text, &title, &container::script_of(container, node));
    }
    text += &captures(node, topology, is_looked_at);
    if is_shared {
        let title = "between scenarios, puts back and looks";
        section(&mut text, title, &keeper::between_scenarios(uplink, &topology.containers));
    }
    text
}

fn of_host(host: &Host, topology: &Topology, is_shared: bool, is_looked_at: bool) -> String {
    let place = host.ssh.as_ref().map_or("this machine".to_owned(), |alias| format!("ssh alias {alias}"));
    let mut text = format!("\nhost, {place}: {} has {}\n", host.bridge, host.address);
    if is_shared {
        section(&mut text, "keeps other runs off, and undoes what a run leaves", &keeper::guard_script());
    }
    if is_looked_at {
        section(&mut text, "looks", &provider::look_at_host(host));
    }
    let ports = topology.nodes.iter().map(|node| node.port.as_str()).chain([host.bridge.as_str()]);
    let captures = ports.fold(Script::new(), |script, interface| {
        script.step(capture::command(interface, topology, is_looked_at))
    });
    section(&mut text, "captures", &captures);
    section(&mut text, "pings", &pings("", "host", topology));
    if is_shared {
        let title = "between scenarios, puts back and looks";
        section(&mut text, title, &keeper::between_scenarios(&host.bridge, &topology.containers));
    }
    text
}

/// The captures and pings of a node and its containers.
fn captures(node: &Node, topology: &Topology, is_looked_at: bool) -> String {
    let mut text = String::new();
    let mut captures = Script::new().step(capture::command(&node.uplink, topology, is_looked_at));
    let mut sent = pings("", &node.name, topology);
    for container in topology.containers.iter().filter(|container| container.node == node.name) {
        let inside = format!("ip netns exec {} ", container.name);
        captures = captures
            .step(format!("{inside}{}", capture::command(&container.interface, topology, is_looked_at)));
        sent = sent.then(pings(&inside, &container.name, topology));
        sent = sent.step(format!("{inside}{}", capture::marker_command(container, Marker::new(0, 0))));
    }
    section(&mut text, "captures", &captures);
    section(&mut text, "pings, and closes captures with a broadcast", &sent);
    text
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

fn section(text: &mut String, title: &str, script: &Script) {
    let _ = writeln!(text, "  {title}:");
    for line in script.told() {
        let _ = writeln!(text, "    {line}");
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;
    use crate::provider::Provider;

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
