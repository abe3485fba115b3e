//! The state of a lab's machines, read in one script on each.

use futures_util::future::join_all;
use serde_json::{Deserializer, Map, Value};

use crate::{
    lab::Lab,
    machine::{CommandError, Machine, Output, Script, chain, quoted},
    provider::Provider,
    topology::{Container, Topology},
};

/// What a section begins with in a script's output; whose it is and what it holds follow.
const SECTION: char = '\u{1d}';

/// The name of why a machine told nothing, in place of its state.
pub(crate) const UNREADABLE: &str = "unreadable";

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Links, addresses, routes and queues: always, since it costs little.
    Little,
    /// Neighbours, the bridge, settings and filters too: where something is not as it should be.
    All,
}

/// Settings that decide who answers whom, below `/proc/sys/net/`.
const SETTINGS: &str = "ipv4/conf/*/rp_filter ipv4/conf/*/arp_ignore ipv4/conf/*/arp_announce ipv4/conf/*/arp_filter \
     ipv4/conf/*/arp_accept ipv4/conf/*/proxy_arp ipv4/conf/*/forwarding ipv4/icmp_echo_ignore_all \
     bridge/bridge-nf-call-iptables bridge/bridge-nf-call-arptables";

/// Reads all machines at once. One that does not tell is recorded with why: that is no reason to judge nothing.
pub(crate) async fn gather(lab: &Lab, extent: Extent) -> Map<String, Value> {
    let read = readings(lab, extent).into_iter().map(|(machine, script)| async move {
        let told = machine.run(&script).await;
        read(machine.name(), told)
    });
    join_all(read).await.into_iter().flatten().collect()
}

/// What reads each machine.
pub(crate) fn readings(lab: &Lab, extent: Extent) -> Vec<(&Machine, Script)> {
    let topology = lab.topology();
    let names =
        topology.host.iter().map(|_| "host").chain(topology.nodes.iter().map(|node| node.name.as_str()));
    let machines = names.filter_map(|name| lab.machine(name).ok());
    machines.map(|machine| (machine, script(lab, machine.name(), extent))).collect()
}

/// What a machine told when it was read, or why it did not.
pub(crate) fn read(machine: &str, told: Result<Output, CommandError>) -> Map<String, Value> {
    match told {
        Ok(output) => sections(&output.stdout),
        Err(error) => {
            let told = Value::from_iter([(UNREADABLE, chain(&error))]);
            Map::from_iter([(machine.to_owned(), told)])
        }
    }
}

/// One machine's script, with its containers.
fn script(lab: &Lab, machine: &str, extent: Extent) -> Script {
    let topology = lab.topology();
    let own = lab.facts().own_nodes();
    // Of a machine of somebody else's nothing is read that is not the lab's.
    let interface = own_interface(topology, machine).filter(|_| !own).map(|name| format!(" dev {name}"));
    let script = Script::new().step(network(machine, "ip", &interface.unwrap_or_default(), extent));
    let containers = topology.containers.iter().filter(|container| container.node == machine);
    let script =
        containers.fold(script, |script, container| script.step(of_container(lab, container, extent)));
    let script = if own { script.step(section(machine, "queues", "tc -j -s qdisc show")) } else { script };
    let script = if own && extent == Extent::All { script.step(inside(machine)) } else { script };
    let script = match extent {
        Extent::Little => script,
        Extent::All => script.step(filters(machine, &interfaces_of(topology, machine))),
    };
    let script = if has_own_kernel(lab, machine) { script.step(kernel(machine, extent)) } else { script };
    match (machine, extent) {
        ("host", Extent::All) => script
            .step(section(machine, "ports", "bridge -j -d link show"))
            .step(section(machine, "forwarding", "bridge -j fdb show")),
        // Which addresses its card takes.
        (_, Extent::All) => match own_interface(topology, machine) {
            Some(uplink) => {
                script.step(section(machine, "forwarding", &format!("bridge -j fdb show dev {uplink}")))
            }
            None => script,
        },
        _ => script,
    }
}

/// One process that enters a container's namespace, whatever is read there.
fn of_container(lab: &Lab, Container { name, interface, .. }: &Container, extent: Extent) -> String {
    let [ip, enter] = match lab.namespace(name) {
        Some(path) => {
            let enter = format!("nsenter --net={}", quoted(path.as_str()));
            [format!("{enter} ip"), enter]
        }
        None => [format!("ip -n {name}"), format!("ip netns exec {name}")],
    };
    match extent {
        Extent::Little => network(name, &ip, "", extent),
        Extent::All => {
            let read = [network(name, "ip", "", extent), inside(name), filters(name, &[interface])];
            // One that is gone has a state of which nothing is known, not that which it had.
            let nothing = section(name, "interfaces", ":");
            format!("{enter} sh -c {} 2>/dev/null || {{ {nothing}; }}", quoted(&read.join("\n")))
        }
    }
}

/// Whether what a machine's kernel says is the lab's own doing.
fn has_own_kernel(lab: &Lab, machine: &str) -> bool {
    machine != "host" && matches!(lab.facts().provider, Provider::Qemu | Provider::Vagrant)
}

/// The interfaces of a machine's that frames of the lab pass.
fn interfaces_of<'a>(topology: &'a Topology, machine: &str) -> Vec<&'a str> {
    let ports = topology.nodes.iter().map(|node| node.port.as_str()).filter(|_| machine == "host");
    own_interface(topology, machine).into_iter().chain(ports).collect()
}

fn own_interface<'a>(topology: &'a Topology, machine: &str) -> Option<&'a str> {
    match topology.node(machine) {
        Some(node) => Some(&node.uplink),
        None => topology.host.as_ref().map(|host| host.bridge.as_str()),
    }
}

/// One `ip` for all that it knows: on an emulated machine each process costs.
fn network(name: &str, ip: &str, interface: &str, extent: Extent) -> String {
    let (kinds, neighbours) = match extent {
        Extent::Little => ("interfaces,routes", String::new()),
        Extent::All => ("interfaces,routes,neighbours", format!("neigh show{interface}\n")),
    };
    let batch = format!("address show{interface}\nroute show table all{interface}\n{neighbours}END");
    section(name, kinds, &format!("{ip} -j -d -s -b - <<'END'\n{batch}"))
}

/// The settings and the rules of a network namespace.
fn inside(name: &str) -> String {
    let settings = section(name, "settings", &format!("(cd /proc/sys/net && grep -sH . {SETTINGS})"));
    // Its JSON lacks the interface of a netdev chain in some releases (nftables 1.0.6).
    let text = section(name, "ruleset_text", "printf %s \"$rules\"");
    let json = "if [ -n \"$rules\" ]; then nft -j list ruleset; else echo '{\"nftables\":[]}'; fi";
    let json = section(name, "ruleset", json);
    format!("{settings}\nif rules=$(nft list ruleset 2>/dev/null); then\n{text}\n{json}\nfi")
}

/// What tc filters at interfaces: of each a line with its hooks, and a line for each hook.
fn filters(name: &str, interfaces: &[&str]) -> String {
    let show = format!(
        "for dev in {}; do echo $dev ingress,$dev egress; \
         printf 'filter show dev %s ingress\\nfilter show dev %s egress\\n' $dev $dev | tc -j -b -; done",
        interfaces.join(" ")
    );
    section(name, "filters", &show)
}

/// When it is, by the kernel's clock; and afterwards what the kernel said last.
fn kernel(machine: &str, extent: Extent) -> String {
    let lines = if extent == Extent::All { 100 } else { 20 };
    let log = section(machine, "kernel_log", &format!("dmesg 2>/dev/null | tail -n {lines}"));
    format!("{}\n{log}", section(machine, "uptime", "cat /proc/uptime"))
}

/// A command whose output is a section; what it can't tell is left out.
fn section(name: &str, kinds: &str, command: &str) -> String {
    // The command may end with a here-document, whose end stands alone on its line.
    format!("printf '\\035%s %s\\n' {name} {kinds}\n{{\n{command}\n}} 2>/dev/null || :")
}

/// The sections of a script's output, by whose they are.
fn sections(output: &str) -> Map<String, Value> {
    let mut states = Map::new();
    for section in output.split(SECTION).skip(1) {
        let (head, body) = section.split_once('\n').unwrap_or((section, ""));
        let Some((name, kinds)) = head.split_once(' ') else { continue };
        let state = states.entry(name).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(state) = state {
            state.extend(values(kinds, body));
        }
    }
    states
}

fn values(kinds: &str, body: &str) -> Vec<(String, Value)> {
    match kinds {
        "settings" => {
            let settings = body.lines().filter_map(|line| line.split_once(':'));
            let settings = settings.map(|(path, value)| (path.to_owned(), Value::from(value))).collect();
            vec![(kinds.to_owned(), Value::Object(settings))]
        }
        "filters" => {
            vec![(kinds.to_owned(), Value::Object(filters_by_hook(body)))]
        }
        "kernel_log" | "ruleset_text" => vec![(kinds.to_owned(), Value::from(body))],
        _ => kinds.split(',').map(str::to_owned).zip(documents(body)).collect(),
    }
}

/// tc ends with the first hook that it can't tell of: what it told is of those before.
fn filters_by_hook(body: &str) -> Map<String, Value> {
    let mut filters = Map::new();
    let mut hooks = "".split(',');
    for line in body.lines() {
        if !line.starts_with('[') {
            hooks = line.split(',');
        } else if let (Some(hook), Ok(told)) = (hooks.next(), serde_json::from_str(line)) {
            filters.insert(hook.to_owned(), told);
        }
    }
    filters
}

fn documents(text: &str) -> impl Iterator<Item = Value> {
    Deserializer::from_str(text).into_iter().map_while(Result::ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_of_the_hooks_that_tc_told_of() {
        let told = sections(
            "\u{1d}node-1 filters\ngone ingress,gone egress\nens33 ingress,ens33 egress\n[]\n[{\"kind\":\"matchall\"}]\n",
        );
        let filters = &told["node-1"]["filters"];
        assert_eq!(filters["ens33 egress"][0]["kind"], "matchall");
        assert_eq!(filters.get("gone egress"), None);
    }

    #[test]
    fn sections_are_told_apart() {
        let output = "\u{1d}node-1 interfaces,routes\n[{\"ifname\":\"ens33\"}]\n[]\n\u{1d}docker1 settings\n\
                      ipv4/conf/all/proxy_arp:0\n\u{1d}node-1 uptime\n17.25 30.00\n\
                      \u{1d}node-1 kernel_log\n[    1.5] up\n[    2.5] down\n";
        let states = sections(output);
        assert_eq!(states["node-1"]["interfaces"][0]["ifname"], "ens33");
        assert_eq!(states["node-1"]["routes"], Value::Array(Vec::new()));
        assert_eq!(states["node-1"]["uptime"], 17.25);
        assert_eq!(states["node-1"]["kernel_log"], "[    1.5] up\n[    2.5] down\n");
        assert_eq!(states["docker1"]["settings"]["ipv4/conf/all/proxy_arp"], "0");
    }
}
