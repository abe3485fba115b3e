//! What a lab is like before any scenario, and whether it is like that again.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use crate::{
    machine::{CommandError, Machine, sweep},
    provider::printed_settings,
    topology::Topology,
};

/// The state of every machine, as lines of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pristine(BTreeMap<String, BTreeSet<String>>);

/// A machine and its interface on the LAN.
pub(super) type OnLan = (Machine, String);

/// The lab's machines with their interfaces.
pub(super) fn on_lan(topology: &Topology, host: &Machine, nodes: &[Machine]) -> Vec<OnLan> {
    let uplinks = nodes.iter().cloned().zip(topology.nodes.iter().map(|node| node.uplink.clone()));
    uplinks.chain([(host.clone(), topology.host.bridge.clone())]).collect()
}

impl Pristine {
    /// Undoes what is recorded on each machine and reads the state that this leaves.
    pub(super) async fn sweep_and_read(machines: &[OnLan]) -> Result<Self, CommandError> {
        let reading = machines.iter().map(|(machine, interface)| read(machine, interface));
        let states = try_join_all(reading).await?;
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

/// One `ip` for all that `ip` knows: on an emulated machine each process costs. Learned neighbours
/// and forwarding entries are forgotten first: they are not state but memory.
async fn read(machine: &Machine, interface: &str) -> Result<(String, BTreeSet<String>), CommandError> {
    let script = sweep()
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
        .step(printed_settings(interface));
    let output = machine.run(&script).await?;
    let lines = output.stdout.lines().map(str::trim_end).filter(|line| !line.is_empty());
    Ok((machine.name().to_owned(), lines.map(str::to_owned).collect()))
}
