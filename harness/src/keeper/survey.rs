//! Facts about a lab's machines, read from the machines themselves.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{KeeperError, at_once::at_once, connect::Connected};
use crate::{
    MacAddress,
    lab::Facts,
    machine::{Answers, Machine, Patience, Script},
    provider::{Provided, Provider},
    topology::{Node, Topology},
};

/// How often the round trip is measured; the shortest counts.
const ROUND_TRIPS: usize = 3;

/// Some network cards take seconds from being set up to a carrier.
const CARRIER_DEADLINE: Duration = Duration::from_secs(30);

/// Reads the facts; the machines' patience is set from their measured speed.
pub(super) async fn survey(
    provider: Provider,
    provided: &Provided,
    topology: &Topology,
    connected: &mut Connected,
) -> Result<Facts, KeeperError> {
    let Connected { host, nodes, round_trip, .. } = connected;
    let mut facts = Facts {
        provider,
        machines: provided.machines.clone(),
        came_up: None,
        kernels: BTreeMap::new(),
        macs: BTreeMap::new(),
        ssh_connections: Vec::new(),
        cautions: Vec::new(),
        patience: Patience { round_trip: round_trip.unwrap_or_default() },
    };
    let ask = async |(machine, node): (&Machine, &Node)| {
        let (kernel, mac) = kernel_and_mac(machine, &node.uplink, &provided.saved.answers).await?;
        let round_trip = if round_trip.is_none() { measured(machine).await? } else { Duration::ZERO };
        Ok::<_, KeeperError>((kernel, mac, round_trip))
    };
    let told = at_once(nodes.iter().zip(&topology.nodes).map(ask)).await?;
    for (node, (kernel, mac, round_trip)) in topology.nodes.iter().zip(told) {
        facts.kernels.insert(node.name.clone(), kernel);
        facts.macs.insert(node.name.clone(), mac);
        facts.patience.round_trip = facts.patience.round_trip.max(round_trip);
    }
    if let (Some(host), Some(described)) = (&*host, &topology.host) {
        let (_, mac) = kernel_and_mac(host, &described.bridge, &provided.saved.answers).await?;
        facts.macs.insert("host".to_owned(), mac);
    }
    for machine in nodes.iter_mut().chain(host) {
        machine.set_patience(facts.patience);
    }
    Ok(facts)
}

/// What tells a machine's kernel release, its interface's MAC address and whether that is up.
pub(super) fn kernel_and_link(interface: &str) -> Script {
    Script::new().step("uname -r").step(format!("cd /sys/class/net/{interface}; cat address operstate"))
}

/// A machine's kernel release and the MAC address of its interface on the LAN, once that has a carrier.
async fn kernel_and_mac(
    machine: &Machine,
    interface: &str,
    answers: &Answers,
) -> Result<(String, MacAddress), KeeperError> {
    let script = kernel_and_link(interface);
    let start = Instant::now();
    loop {
        let output = answers.ask(machine, &script).await?;
        let mut lines = output.lines();
        let kernel = lines.next().unwrap_or_default().to_owned();
        let mac = lines.next().and_then(|line| line.parse().ok());
        let lacks = |what: &str| KeeperError::Lacks {
            machine: machine.name().to_owned(),
            what: format!("{what} on {interface}"),
        };
        match (mac, lines.next()) {
            (Some(mac), Some("up")) => {
                answers.note(machine.name(), &script, &output);
                return Ok((kernel, mac));
            }
            (None, _) => return Err(lacks("MAC address")),
            _ if start.elapsed() > CARRIER_DEADLINE => return Err(lacks("carrier")),
            _ => {}
        }
    }
}

/// The time of the shortest command.
pub(super) async fn measured(machine: &Machine) -> Result<Duration, KeeperError> {
    // What scenarios use is read from a disk once, and not in the first of them.
    machine.run(&Script::new().step("for p in tcpdump ping tc; do $p -V; done >/dev/null 2>&1 || :")).await?;
    let mut shortest = Duration::MAX;
    for _ in 0..ROUND_TRIPS {
        let start = Instant::now();
        machine.run(&Script::new().step("true")).await?;
        shortest = shortest.min(start.elapsed());
    }
    Ok(shortest)
}
