//! What a lab is like before any scenario, and whether it is like that again.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};

use futures_util::future::try_join_all;

use crate::{
    MacAddress,
    machine::{Answers, CommandError, Machine, Record, Script},
    provider::{Provider, printed_settings},
    topology::{Container, Topology},
};

/// The state of every machine, as lines of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pristine(BTreeMap<String, BTreeSet<String>>);

/// A machine, its interface on the LAN, and what of it is looked at.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub machine: Machine,
    pub interface: String,
    pub extent: Extent,
}

/// What of a machine is looked at and put back.
#[derive(Clone, Debug)]
pub(super) enum Extent {
    /// All of it: nobody but the lab changes anything there.
    Machine,
    /// The interface on the LAN, and what has the names and addresses of the lab's own. The
    /// machine has other users, whose neighbours and settings are none of ours.
    OwnThings(OwnThings),
}

/// What is the lab's own on a machine that has other users.
#[derive(Clone, Debug)]
pub(super) struct OwnThings {
    containers: Vec<Container>,
    /// Whom the machine forgets between scenarios.
    neighbours: Vec<Ipv4Addr>,
}

impl OwnThings {
    /// Nodes that were made for a lab have nobody to talk to on its LAN but each other and the host: those are its own as well.
    fn of(topology: &Topology, provider: Provider) -> Self {
        let Topology { host, nodes, containers, .. } = topology;
        let machines = nodes.iter().map(|node| node.address).chain(host.iter().map(|host| host.address));
        let machines = machines.filter(|_| provider.owns_nodes());
        let neighbours = containers.iter().map(|container| container.address).chain(machines);
        Self {
            containers: containers.clone(),
            neighbours: neighbours.map(|address| address.addr()).collect(),
        }
    }
}

/// The lab's machines with their interfaces.
pub(super) fn watched(
    topology: &Topology,
    host: Option<&Machine>,
    nodes: &[Machine],
    provider: Provider,
) -> Vec<Watched> {
    let extent = || match provider.is_hermetic() {
        true => Extent::Machine,
        false => Extent::OwnThings(OwnThings::of(topology, provider)),
    };
    let uplinks = nodes.iter().zip(topology.nodes.iter().map(|node| &node.uplink));
    let bridge = host.zip(topology.host.as_ref().map(|host| &host.bridge));
    (uplinks.chain(bridge))
        .map(|(machine, interface)| Watched {
            machine: machine.clone(),
            interface: interface.clone(),
            extent: extent(),
        })
        .collect()
}

impl Pristine {
    /// Undoes what is recorded on each machine and reads the state that this leaves.
    pub(super) async fn put_back_and_read(machines: &[Watched]) -> Result<Self, CommandError> {
        Self::known_or_read(machines, &Answers::default()).await
    }

    /// The same, of machines that are as they came up; those that have been saved like this, and are known, are left alone.
    pub(super) async fn known_or_read(machines: &[Watched], answers: &Answers) -> Result<Self, CommandError> {
        let states = try_join_all(machines.iter().map(|watched| read(watched, answers))).await?;
        Ok(Self(states.into_iter().collect()))
    }

    /// What is there now and was not, and what was there and is gone: a line each.
    pub(super) fn differences(&self, now: &Self) -> Vec<String> {
        let none = BTreeSet::new();
        let of = |states: &'_ BTreeMap<String, BTreeSet<String>>, name: &str| {
            states.get(name).cloned().unwrap_or(none.clone())
        };
        (self.0.keys())
            .flat_map(|name| {
                let (before, after) = (of(&self.0, name), of(&now.0, name));
                let left = after
                    .difference(&before)
                    .map(|line| format!("{name}: left behind: {line}"))
                    .collect::<Vec<_>>();
                let gone =
                    before.difference(&after).map(|line| format!("{name}: gone: {line}")).collect::<Vec<_>>();
                left.into_iter().chain(gone)
            })
            .collect()
    }
}

async fn read(watched: &Watched, answers: &Answers) -> Result<(String, BTreeSet<String>), CommandError> {
    let Watched { machine, interface, extent } = watched;
    let script = match extent {
        Extent::Machine => whole_machine(machine.record(), interface),
        Extent::OwnThings(own) => machine.record().sweep().then(own_things(interface, own)),
    };
    let output = answers.ask(machine, &script).await?;
    answers.note(machine.name(), &script, &output);
    let lines = output.lines().map(str::trim_end);
    let lines = lines.filter(|line| !line.is_empty() && !is_membership(line) && !is_learned(line));
    Ok((machine.name().to_owned(), lines.map(str::to_owned).collect()))
}

/// Whether a bridge's entry is of an IPv6 group that it is in itself: the kernel's doing, which comes and goes with IPv6.
fn is_membership(line: &str) -> bool {
    line.starts_with("33:33:") && line.ends_with("self permanent")
}

/// Whether it is what a bridge has learned, once more by then: other machines are put back meanwhile, and what their containers said
/// last comes by.
fn is_learned(line: &str) -> bool {
    let mac = line.split(' ').next().unwrap_or_default();
    mac.parse::<MacAddress>().is_ok()
        && line.contains(" master ")
        && !line.ends_with("permanent")
        && !line.ends_with("static")
}

/// Undoes what is recorded, and reads all. One `ip` for all that `ip` knows: on an emulated machine each process costs. Learned neighbours
/// and forwarding entries are forgotten first: they are not state but memory.
pub(super) fn whole_machine(record: &Record, interface: &str) -> Script {
    (record.sweep().then(Record::has_room()))
        .step(format!(
            "ip -o -b - <<'END'\nneigh flush dev {interface}\nlink show\naddress show\nroute show table all\n\
             rule show\nneigh show nud permanent dev {interface}\nEND"
        ))
        .step("for name in /run/netns/*; do echo $name; done; tc qdisc show")
        .step(format!(
            "if [ -e /sys/class/net/{interface}/bridge ]; then ip link set {interface} type bridge fdb_flush; \
             bridge -d link; bridge fdb show br {interface}; fi"
        ))
        .step("if command -v nft >/dev/null; then nft list ruleset; fi")
        .step(printed_settings(interface))
}

/// What is put back and looked at between scenarios, for a person to read.
pub(crate) fn between_scenarios(interface: &str, topology: &Topology, provider: Provider) -> Script {
    Record::of_run("RUN").sweep().then(own_things(interface, &OwnThings::of(topology, provider)))
}

/// An address that was leased is shown with the time that is left of it, which is no state of it.
fn own_things(interface: &str, OwnThings { containers, neighbours }: &OwnThings) -> Script {
    let flushes: String =
        neighbours.iter().map(|address| format!("neigh flush to {address} dev {interface}\n")).collect();
    let named = containers.iter().map(|container| format!("/run/netns/{}", container.name));
    let interfaces = containers.iter().map(|container| format!("/sys/class/net/{}", container.interface));
    let places: Vec<String> = named.chain(interfaces).collect();
    Script::new()
        .step(format!(
            "ip -o -b - <<'END' | sed 's/ *valid_lft.*//'\n{flushes}link show dev {interface}\n\
             address show dev {interface}\nroute show dev {interface}\nEND"
        ))
        .step(format!("tc qdisc show dev {interface}"))
        .step(format!("for place in {}; do [ ! -e $place ] || echo $place; done", places.join(" ")))
        .step(format!("if [ -e /sys/class/net/{interface}/bridge ]; then bridge -d link; fi"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::is_learned;

    #[rstest]
    #[case::learned("4e:fc:be:0c:a1:72 dev port-node-1 master bridge102", true)]
    #[case::in_a_vlan("4e:fc:be:0c:a1:72 dev port-node-1 vlan 1 master bridge102", true)]
    #[case::of_the_port("4e:fc:be:0c:a1:72 dev port-node-1 master bridge102 permanent", false)]
    #[case::given("4e:fc:be:0c:a1:72 dev port-node-1 master bridge102 static", false)]
    #[case::of_the_card("33:33:00:00:00:01 dev ens33 self permanent", false)]
    #[case::a_link("4: port-node-1@if3: <BROADCAST> mtu 1500 master bridge102 state UP", false)]
    fn what_a_bridge_has_learned_is_no_state(#[case] line: &str, #[case] is: bool) {
        assert_eq!(is_learned(line), is);
    }
}
