//! The containers of a lab that stands: a person's, while no scenario has the lab.

use std::{collections::BTreeMap, sync};

use futures_util::future::{join_all, try_join_all};

use crate::{
    MacAddress,
    container::{Ipv6, on_node, set_up_on},
    lab::{ContainersSeen, LabError},
    machine::{CommandError, Machine, Script, chain},
    topology::{Container, Node, Topology},
};

/// The topology's containers, and whether they are up.
pub(super) struct StandingContainers {
    homes: Vec<Home>,
    seen: sync::Mutex<ContainersSeen>,
}

/// A node with its containers.
struct Home {
    machine: Machine,
    node: Node,
    containers: Vec<Container>,
}

impl StandingContainers {
    /// Nobody has asked for them yet. `nodes` are the topology's, in its order.
    pub(super) fn of(topology: &Topology, nodes: &[Machine]) -> Self {
        let home = |(machine, node): (&Machine, &Node)| Home {
            machine: machine.clone(),
            node: node.clone(),
            containers: on_node(&topology.containers, node).cloned().collect(),
        };
        let homes = nodes.iter().zip(&topology.nodes).map(home).collect();
        Self { homes, seen: sync::Mutex::new(ContainersSeen::Unwanted) }
    }

    /// How they were at the last look.
    pub(super) fn seen(&self) -> ContainersSeen {
        self.seen.lock().map(|seen| seen.clone()).unwrap_or(ContainersSeen::Unwanted)
    }

    /// Whether somebody wants them up.
    pub(super) fn are_wanted(&self) -> bool {
        self.seen() != ContainersSeen::Unwanted
    }

    /// Whether they were taken away for a scenario.
    pub(super) fn are_away(&self) -> bool {
        self.seen() == ContainersSeen::Away
    }

    /// Notes that they are taken away for a scenario, if they were there.
    pub(super) fn make_way(&self) {
        if self.are_wanted() {
            self.note(ContainersSeen::Away);
        }
    }

    /// Notes that they are taken away, and that nobody wants them back.
    pub(super) fn forget(&self) {
        self.note(ContainersSeen::Unwanted);
    }

    /// Sets up those that are not there. What a person has made of the others stays as it is.
    pub(super) async fn set_up_missing(&self) {
        // Each node's to its end: containers that are set up by half would be taken for whole ones next time.
        let macs = join_all(self.homes.iter().map(Home::set_up_missing)).await;
        let macs: Result<Vec<_>, LabError> = macs.into_iter().collect();
        self.note(match macs {
            Ok(macs) => ContainersSeen::Up(macs.into_iter().flatten().collect()),
            Err(error) => {
                let why = chain(&error);
                tracing::error!(why, "the containers did not come up");
                ContainersSeen::Failed(why)
            }
        });
    }

    /// Looks which of them are there. A machine that does not tell is no news of them.
    pub(super) async fn look(&self) {
        if let ContainersSeen::Up(_) = self.seen()
            && let Ok(macs) = try_join_all(self.homes.iter().map(Home::addresses)).await
        {
            self.note(ContainersSeen::Up(macs.into_iter().flatten().collect()));
        }
    }

    fn note(&self, now: ContainersSeen) {
        if let Ok(mut seen) = self.seen.lock() {
            *seen = now;
        }
    }
}

impl Home {
    /// The MAC addresses of those that are there.
    async fn addresses(&self) -> Result<BTreeMap<String, MacAddress>, CommandError> {
        let told = self.machine.run(&addresses(&self.containers)).await?.stdout;
        Ok(told.lines().filter_map(named_address).collect())
    }

    async fn set_up_missing(&self) -> Result<BTreeMap<String, MacAddress>, LabError> {
        let Self { machine, node, containers } = self;
        let mut macs = self.addresses().await?;
        let missing: Vec<&Container> =
            containers.iter().filter(|container| !macs.contains_key(&container.name)).collect();
        if missing.is_empty() {
            return Ok(macs);
        }
        machine.run(&without_namespaces(&missing)).await?;
        let set_up = set_up_on(machine, node, &missing, Ipv6::Off).await?;
        macs.extend(set_up.into_iter().filter_map(|(name, interface)| Some((name, interface.address?))));
        Ok(macs)
    }
}

/// Prints each container's name and, where it is there, its interface's MAC address.
fn addresses(containers: &[Container]) -> Script {
    containers.iter().fold(Script::new(), |script, Container { name, interface, .. }| {
        let file = format!("/sys/class/net/{interface}/address");
        script.step(format!("echo {name} $(ip netns exec {name} cat {file} 2>/dev/null)"))
    })
}

fn named_address(line: &str) -> Option<(String, MacAddress)> {
    let (name, mac) = line.split_once(' ')?;
    Some((name.to_owned(), mac.parse().ok()?))
}

/// A namespace whose interface is gone is of no use, and in the way.
fn without_namespaces(containers: &[&Container]) -> Script {
    containers.iter().fold(Script::new(), |script, Container { name, .. }| {
        script.step(format!("[ ! -e /run/netns/{name} ] || ip netns del {name}"))
    })
}
