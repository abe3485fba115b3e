//! Whether machines that exist already can be used, found out before anything is changed there.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::findings::{Findings, Link};
use crate::{
    machine::{Machine, Script},
    provider::ProviderError,
    topology::{Container, Host, Node, Topology},
};

/// What the harness runs on a node.
const NODE_TOOLS: &str = "ip tc tcpdump ping arping flock timeout tac";
/// What it runs on the host.
const HOST_TOOLS: &str = "ip tc bridge tcpdump ping flock timeout tac";
/// Settings that pictures are drawn without; the kernel takes the larger of `all` and the interface's own
/// (Documentation/networking/ip-sysctl.rst).
const SETTINGS: &str = "rp_filter arp_ignore arp_announce arp_filter proxy_arp arp_notify arp_accept";

/// Where dnsmasq, libvirt's too, ISC's DHCP server and VMware's say which addresses they give away.
const DHCP_FILES: &str = "/etc/dnsmasq.conf /etc/dnsmasq.d/*.conf /var/lib/libvirt/dnsmasq/*.conf /etc/dhcp/dhcpd.conf \
     /etc/vmware/vmnet*/dhcpd/dhcpd.conf";
const DHCP_RANGE: &str = "^[[:space:]]*(dhcp-range=|range[[:space:]])";

/// Looks at the machines. What makes a result unreliable and is not ours to change is returned, a
/// sentence each.
///
/// # Errors
/// [`ProviderError::Unfit`] with all that stands in the way, on all machines.
pub(crate) async fn preflight(
    topology: &Topology,
    host: Option<&Machine>,
    nodes: &[Machine],
) -> Result<Vec<String>, ProviderError> {
    let looking = nodes
        .iter()
        .zip(&topology.nodes)
        .map(async |(machine, node)| machine.run(&look_at_node(node, topology)).await);
    let nodes: Vec<String> = try_join_all(looking).await?.into_iter().map(|output| output.stdout).collect();
    let host = match (host, &topology.host) {
        (Some(machine), Some(host)) => Some(machine.run(&look_at_host(host)).await?.stdout),
        _ => None,
    };
    let Fitness { problems, cautions, is_swept } = fitness(topology, &nodes, host.as_deref());
    if problems.is_empty() { Ok(cautions) } else { Err(ProviderError::Unfit { problems, is_swept }) }
}

/// Whether a lab can be made of machines that exist already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitness {
    /// What stands in the way, a sentence each.
    pub problems: Vec<String>,
    /// What makes a result unreliable and is not the harness's to change, a sentence each.
    pub cautions: Vec<String>,
    /// Whether no node has a record of what an earlier run changed there.
    pub is_swept: bool,
}

/// Judges what the topology's nodes, in its order, and its host say of themselves: lines of a word and what belongs to it. A
/// line that nobody knows is passed over.
pub fn fitness(topology: &Topology, nodes: &[impl AsRef<str>], host: Option<&str>) -> Fitness {
    let found: Vec<_> =
        topology.nodes.iter().zip(nodes.iter().map(|said| Findings::read(said.as_ref()))).collect();
    let mut verdict = Verdict::default();
    for (node, findings) in &found {
        verdict.of_node(node, findings);
        verdict.of_containers(node, topology, findings);
    }
    if topology.containers.iter().any(|container| container.mac.is_none()) {
        verdict.of_clones(&found);
    }
    if let (Some(said), Some(host)) = (host, &topology.host) {
        let findings = Findings::read(said);
        verdict.of_host(host, &topology.nodes, &findings);
        verdict.of_dhcp(&topology.containers, &findings);
    }
    let Verdict { problems, cautions } = verdict;
    Fitness { problems, cautions, is_swept: found.iter().all(|(_, findings)| !findings.has_leftovers) }
}

/// The only frames that this sends are questions whether the containers' addresses are free (RFC 5227).
pub(crate) fn look_at_node(node: &Node, topology: &Topology) -> Script {
    let Topology { containers, .. } = topology;
    let uplink = &node.uplink;
    let probes = containers.iter().map(|container| container.address.addr());
    let probes = probes.map(|address| {
        format!(
            "said=$(arping -D -c 2 -w 3 -I {uplink} {address} 2>&1) || echo \"arping {address} $said\" | tr '\\n' ' '; echo"
        )
    });
    let here = containers.iter().filter(|container| container.node == node.name);
    let names: Vec<&str> = here.map(|container| container.name.as_str()).collect();
    look(NODE_TOOLS, uplink)
        .step("[ ! -e /run/udev/control ] || echo machine-id $(cat /etc/machine-id)")
        .step(format!("for n in {}; do [ ! -e /run/netns/$n ] || echo namespace $n; done", names.join(" ")))
        .step(format!("[ ! -e /sys/class/net/{uplink}/phy80211 ] || echo wireless {uplink}"))
        .step(format!("[ ! -e /sys/class/net/{uplink}/device/physfn ] || echo virtual-function {uplink}"))
        .step(format!(
            "if command -v arping >/dev/null && [ \"$(cat /sys/class/net/{uplink}/operstate 2>/dev/null)\" = up ]; then {}; fi",
            probes.collect::<Vec<_>>().join("; ")
        ))
}

/// What is read on the host.
pub(crate) fn look_at_host(host: &Host) -> Script {
    look(HOST_TOOLS, &host.bridge)
        .step(format!("grep -hsE '{DHCP_RANGE}' {DHCP_FILES} | sed 's/^/dhcp /' || :"))
        .step(
            "if [ \"$(cat /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null)\" = 1 ] && \
             iptables -S FORWARD 2>/dev/null | grep -q -- '-P FORWARD DROP'; then echo forward-drop; fi",
        )
}

fn look(tools: &str, interface: &str) -> Script {
    Script::new()
        .step(format!("for t in {tools}; do command -v $t >/dev/null || echo lacks $t; done"))
        .step("for r in /run/macvlan-e2e/undo.*; do [ ! -s $r ] || echo leftovers; done")
        .step("ip -j -V >/dev/null 2>&1 || echo lacks iproute2\'s ip")
        .step("ping -V 2>&1 | grep -q iputils || echo lacks iputils\' ping")
        .step("printf 'links '; ip -j -d link show; echo")
        .step(format!("printf 'addresses '; ip -j -4 address show dev {interface} 2>/dev/null || :; echo"))
        .step(format!(
            "for s in {SETTINGS}; do echo setting $s $(cat /proc/sys/net/ipv4/conf/all/$s \
             /proc/sys/net/ipv4/conf/{interface}/$s 2>/dev/null); done"
        ))
}

#[derive(Default)]
struct Verdict {
    problems: Vec<String>,
    cautions: Vec<String>,
}

impl Verdict {
    fn of_node(&mut self, node: &Node, findings: &Findings) {
        let (name, uplink) = (&node.name, &node.uplink);
        self.of_tools(name, findings);
        self.of_settings(name, findings);
        let Some(link) = findings.link(uplink) else {
            return self
                .problems
                .push(format!("{name} has no interface {uplink:?}; it has {}", findings.names()));
        };
        self.of_link(name, link);
        self.of_children(name, link, findings);
        if !findings.addresses.contains(&node.address) {
            let has: Vec<String> = findings.addresses.iter().map(ToString::to_string).collect();
            let has = if has.is_empty() { "none".to_owned() } else { has.join(", ") };
            let address = node.address;
            self.problems.push(format!("{name}'s {uplink} has not the address {address} but {has}"));
        }
        if findings.is_wireless {
            self.problems.push(format!(
                "{name}'s {uplink} is wireless, and an access point takes one MAC address a station (IEEE 802.11)"
            ));
        }
        if findings.is_virtual_function {
            self.cautions.push(format!(
                "{name}'s {uplink} is an SR-IOV virtual function: without `trust on` and `spoofchk off` its card \
                 drops the frames of other MAC addresses"
            ));
        }
    }

    fn of_tools(&mut self, machine: &str, findings: &Findings) {
        if !findings.lacks.is_empty() {
            let lacks = findings.lacks.join(", ");
            self.problems.push(format!(
                "{machine} lacks {lacks} (Debian and Ubuntu: iproute2 tcpdump iputils-ping iputils-arping util-linux)"
            ));
        }
    }

    fn of_settings(&mut self, machine: &str, findings: &Findings) {
        for (setting, value) in findings.settings.iter().filter(|(_, value)| **value != 0) {
            self.cautions.push(format!(
                "{machine} has net.ipv4.conf.*.{setting} = {value}, which the harness leaves alone; pictures are \
                 drawn with 0"
            ));
        }
    }

    fn of_link(&mut self, machine: &str, link: &Link) {
        let Link { ifname, operstate, master, .. } = link;
        if !matches!(operstate.as_str(), "UP" | "UNKNOWN") {
            self.problems.push(format!("{machine}'s {ifname} is {operstate}, and would have to be up"));
        }
        if let Some(master) = master {
            self.problems.push(format!(
                "{machine}'s {ifname} belongs to {master} (a bond, a bridge or the like): take {master} as the uplink"
            ));
        }
    }

    /// The kernel lets one driver at a time take a parent's frames (netdev_rx_handler_register, net/core/dev.c).
    fn of_children(&mut self, machine: &str, link: &Link, findings: &Findings) {
        for child in findings.children_of(link) {
            let (name, kind) = (&child.ifname, child.linkinfo.info_kind.as_str());
            let what = format!("{machine}'s {} has the child {name} ({kind})", link.ifname);
            match (kind, child.linkinfo.info_data.mode.as_str()) {
                ("ipvlan" | "ipvtap", _) => self.problems.push(format!("{what}, and no macvlan beside it")),
                (_, "passthru") => self.problems.push(format!("{what} in mode passthru, which has it alone")),
                _ => self.cautions.push(format!("{what}: it belongs to somebody else")),
            }
        }
    }

    fn of_containers(&mut self, node: &Node, topology: &Topology, findings: &Findings) {
        let name = &node.name;
        for namespace in &findings.namespaces {
            self.problems.push(format!("{name} has a namespace {namespace:?} already, and not of a run"));
        }
        for container in topology.containers.iter().filter(|container| container.node == *name) {
            if findings.link(&container.interface).is_some() {
                let interface = &container.interface;
                self.problems
                    .push(format!("{name} has an interface {interface:?} already, and not of a run"));
            }
        }
        for said in &findings.arping {
            let what = if said.contains("reply from") {
                "somebody has a container's address"
            } else {
                "it can't be told whether a container's address is free"
            };
            self.problems.push(format!("asked from {name}, {what}: {said}"));
        }
    }

    /// udev's default policy makes a macvlan's MAC address from the machine-id and the name: clones get
    /// one between them (systemd.link(5), `MACAddressPolicy=persistent`).
    fn of_clones(&mut self, found: &[(&Node, Findings)]) {
        let mut seen = BTreeMap::new();
        for (node, findings) in found {
            let Some(id) = &findings.machine_id else { continue };
            if let Some(other) = seen.insert(id, &node.name) {
                self.problems.push(format!(
                    "{other} and {} have the same machine-id {id}, so that udev may give their containers one MAC \
                     address: empty /etc/machine-id on one of them and reboot it, or give each container a `mac`",
                    node.name
                ));
            }
        }
    }

    /// An address that is free now may be given to somebody in the middle of a scenario.
    fn of_dhcp(&mut self, containers: &[Container], findings: &Findings) {
        for (first, last) in &findings.dhcp_ranges {
            for container in containers.iter().filter(|it| (*first..=*last).contains(&it.address.addr())) {
                let (name, address) = (&container.name, container.address.addr());
                self.cautions.push(format!(
                    "{name}'s address {address} is one that the host's DHCP server gives away ({first} to {last})"
                ));
            }
        }
    }

    fn of_host(&mut self, host: &Host, nodes: &[Node], findings: &Findings) {
        self.of_tools("the host", findings);
        self.of_settings("the host", findings);
        if !findings.addresses.contains(&host.address) {
            let (bridge, address) = (&host.bridge, host.address);
            self.problems.push(format!("the host has no {bridge} with the address {address}"));
        }
        for port in nodes.iter().map(|node| &node.port).filter(|port| findings.link(port).is_none()) {
            self.problems.push(format!(
                "the host has no port {port:?}: give the node's `port`, or leave `[host]` out of the topology"
            ));
        }
        if findings.drops_forwarded {
            self.problems.push(
                "the host's firewall drops what its bridges forward (Docker's FORWARD DROP with bridge netfilter): \
                 `sysctl net.bridge.bridge-nf-call-iptables=0` lets it pass"
                    .to_owned(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TUTORIAL: &str = include_str!("../../../../fixtures/topologies/tutorial.toml");
    const HEALTHY: &str = concat!(
        "links [{\"ifindex\":1,\"ifname\":\"lo\",\"operstate\":\"UNKNOWN\"},",
        "{\"ifindex\":2,\"ifname\":\"ens33\",\"operstate\":\"UP\"}]\n",
        "addresses [{\"addr_info\":[{\"local\":\"192.168.245.168\",\"prefixlen\":24}]}]\n",
        "setting rp_filter 0 0\nmachine-id 0123\n"
    );

    fn verdict(output: &str) -> Verdict {
        let topology = Topology::parse("tutorial.toml", TUTORIAL).unwrap();
        let findings = Findings::read(output);
        let mut verdict = Verdict::default();
        verdict.of_node(&topology.nodes[0], &findings);
        verdict.of_containers(&topology.nodes[0], &topology, &findings);
        verdict
    }

    #[test]
    fn a_healthy_machine_is_fit() {
        let Verdict { problems, cautions } = verdict(HEALTHY);
        assert!(problems.is_empty() && cautions.is_empty(), "{problems:?} {cautions:?}");
    }

    #[rstest::rstest]
    #[case::tool("links", "lacks arping\nlinks", "lacks arping (Debian")]
    #[case::uplink("\"ens33\"", "\"enp1s0\"", "no interface \"ens33\"; it has lo, enp1s0")]
    #[case::down("\"UP\"", "\"DOWN\"", "ens33 is DOWN")]
    #[case::bonded("\"UP\"", "\"UP\",\"master\":\"bond0\"", "belongs to bond0")]
    #[case::address("192.168.245.168", "10.0.0.5", "has not the address 192.168.245.168/24 but 10.0.0.5/24")]
    #[case::wireless("machine-id", "wireless ens33\nmachine-id", "is wireless")]
    #[case::namespace("machine-id", "namespace docker1\nmachine-id", "a namespace \"docker1\" already")]
    #[case::interface("\"lo\"", "\"macvlan1\"", "an interface \"macvlan1\" already")]
    #[case::taken(
        "machine-id",
        "arping 192.168.245.181 Unicast reply from 192.168.245.181 [02:00:00:00:00:01]\nmachine-id",
        "somebody has a container's address: 192.168.245.181 Unicast reply"
    )]
    #[case::arping(
        "machine-id",
        "arping 192.168.245.181 arping: error while loading shared libraries\nmachine-id",
        "it can't be told whether a container's address is free"
    )]
    #[case::ipvlan(
        "\"UP\"}",
        "\"UP\"},{\"ifindex\":3,\"ifname\":\"ipvl0\",\"link\":\"ens33\",\"linkinfo\":{\"info_kind\":\"ipvlan\"}}",
        "the child ipvl0 (ipvlan), and no macvlan beside it"
    )]
    fn what_stands_in_the_way_is_told(#[case] from: &str, #[case] to: &str, #[case] told: &str) {
        assert!(HEALTHY.contains(from), "{from}");
        let problems = verdict(&HEALTHY.replacen(from, to, 1)).problems;
        assert!(matches!(&problems[..], [problem] if problem.contains(told)), "{problems:?}");
    }

    #[test]
    fn a_setting_that_is_not_ours_is_a_caution() {
        let Verdict { problems, cautions } = verdict(&HEALTHY.replace("rp_filter 0 0", "rp_filter 2 1"));
        assert!(problems.is_empty(), "{problems:?}");
        assert!(cautions[0].contains("rp_filter = 2"), "{cautions:?}");
    }

    #[rstest::rstest]
    #[case::dnsmasq("dhcp dhcp-range=192.168.245.128,192.168.245.254,255.255.255.0", true)]
    #[case::vmware("dhcp     range 192.168.245.128 192.168.245.254;", true)]
    #[case::elsewhere("dhcp dhcp-range=192.168.245.2,192.168.245.99", false)]
    fn an_address_that_dhcp_may_give_away_is_a_caution(#[case] line: &str, #[case] is_told: bool) {
        let topology = Topology::parse("tutorial.toml", TUTORIAL).unwrap();
        let mut verdict = Verdict::default();
        verdict.of_dhcp(&topology.containers, &Findings::read(line));
        let told =
            verdict.cautions.iter().any(|caution| caution.contains("docker1's address 192.168.245.180"));
        assert_eq!(told, is_told, "{:?}", verdict.cautions);
    }

    #[test]
    fn clones_are_refused() {
        let topology = Topology::parse("tutorial.toml", TUTORIAL).unwrap();
        let found: Vec<_> = topology.nodes.iter().map(|node| (node, Findings::read(HEALTHY))).collect();
        let mut verdict = Verdict::default();
        verdict.of_clones(&found);
        assert!(verdict.problems[0].contains("the same machine-id 0123"), "{:?}", verdict.problems);
    }
}
