//! Containers that are there already.

use super::{Containers, Interface, Ipv6, Listing};
use crate::{
    lab::{Lab, LabError},
    machine::{CommandError, Failure, Script},
    topology::{Container, Node},
};

impl Lab {
    /// Finds those of the topology's containers that are there, with their interfaces. Nothing is changed.
    ///
    /// # Errors
    /// Where a node does not tell.
    pub async fn find_containers(&self) -> Result<Containers, LabError> {
        let nodes = self.topology().nodes.iter().map(|node| find_on(self, node));
        let found: Vec<(String, Interface)> =
            futures_util::future::try_join_all(nodes).await?.into_iter().flatten().collect();
        let is_there = |container: &&Container| found.iter().any(|(name, _)| *name == container.name);
        let there: Vec<Container> = self.topology().containers.iter().filter(is_there).cloned().collect();
        let has_ipv6 = |(_, interface): &(String, Interface)| {
            interface.addr_info.iter().any(|address| address.local.is_ipv6())
        };
        let ipv6 = if found.iter().any(has_ipv6) { Ipv6::On } else { Ipv6::Off };
        Ok(self.containers_with(&there, found, ipv6))
    }
}

async fn find_on(lab: &Lab, node: &Node) -> Result<Vec<(String, Interface)>, CommandError> {
    let here = lab.topology().containers.iter().filter(|container| container.node == node.name);
    let script = here.fold(Script::new(), |script, Container { name, interface, .. }| {
        script.step(format!(
            "if [ -e /run/netns/{name} ]; then \
             echo {name} \"$(ip -n {name} -j -d address show dev {interface} 2>/dev/null)\"; fi"
        ))
    });
    let Ok(machine) = lab.machine(&node.name) else { return Ok(Vec::new()) };
    let told = machine.run(&script).await?.stdout;
    let read = |line: &str| -> Result<Option<(String, Interface)>, serde_json::Error> {
        let Some((name, listing)) = line.split_once(' ').filter(|(_, listing)| !listing.is_empty()) else {
            return Ok(None);
        };
        let listing: Listing = serde_json::from_str(listing)?;
        let interface = listing.into_iter().find(Interface::is_named);
        Ok(interface.map(|interface| (name.to_owned(), interface)))
    };
    let unread = |error: serde_json::Error| {
        machine.error("ip -j -d address show", Failure::Output { reason: error.to_string() })
    };
    told.lines().filter_map(|line| read(line).transpose()).collect::<Result<_, _>>().map_err(unread)
}
