//! The tutorial's steps 1 to 6.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{Interface, interface::Listing};
use crate::{
    lab::{Lab, LabError},
    machine::{Script, quoted},
    provider::pinned_settings,
    topology::{Container, Node},
    transcript::Owners,
};

/// How long a fast machine's kernel may take to say that an interface is up.
const UP_DEADLINE: Duration = Duration::from_secs(5);

/// Whether a container speaks IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ipv6 {
    /// Its chatter (multicast reports, duplicate address detection) joins the frames.
    On,
    /// It is silent.
    Off,
}

/// Containers that are up, and who owns which address in the lab.
#[derive(Clone, Debug)]
pub struct Containers {
    all: Vec<Container>,
    interfaces: BTreeMap<String, Interface>,
    parents: BTreeMap<String, Interface>,
    /// The lab's owners of addresses, the containers among them.
    pub owners: Owners,
}

impl Lab {
    /// Sets up all containers of the topology.
    ///
    /// # Errors
    /// The step that failed, and on which node.
    pub async fn set_up(&self) -> Result<Containers, LabError> {
        self.set_up_these(&self.topology().containers, Ipv6::Off).await
    }

    /// Sets up containers that may differ from the topology's.
    ///
    /// # Errors
    /// The step that failed, and on which node.
    pub async fn set_up_these(&self, containers: &[Container], ipv6: Ipv6) -> Result<Containers, LabError> {
        let nodes = self.topology().nodes.iter();
        let set_up = nodes.map(|node| set_up_on(self, node, containers, ipv6));
        let read = futures_util::future::try_join_all(set_up).await?;
        let mut owners = Owners::new();
        let (mut interfaces, mut parents) = (BTreeMap::new(), BTreeMap::new());
        for (name, interface) in read.into_iter().flatten() {
            let Some(container) = containers.iter().find(|container| container.name == name) else {
                parents.insert(name, interface);
                continue;
            };
            // Named by the topology's address: one that the scenario chose otherwise is shown as it is.
            let declared = self.topology().address(&name).unwrap_or(container.address);
            owners.owns_address(&name, declared.addr());
            if let Some(mac) = interface.address {
                owners.owns_mac(&name, mac);
            }
            interfaces.insert(name, interface);
        }
        self.add_node_owners(&mut owners);
        Ok(Containers { all: containers.to_vec(), interfaces, parents, owners })
    }

    fn add_node_owners(&self, owners: &mut Owners) {
        for (name, mac) in &self.facts().macs {
            owners.owns_mac(name, *mac);
        }
        for name in self.topology().nodes.iter().map(|node| node.name.as_str()).chain(["host"]) {
            if let Some(address) = self.topology().address(name) {
                owners.owns_address(name, address.addr());
            }
        }
    }
}

impl Containers {
    /// The containers as they were set up.
    pub fn all(&self) -> &[Container] {
        &self.all
    }

    /// The facts that step 6 prints of a container's interface.
    ///
    /// # Errors
    /// Where no such container was set up.
    pub fn interface(&self, container: &str) -> Result<&Interface, LabError> {
        find(&self.interfaces, "container", container)
    }

    /// The facts of a node's uplink.
    ///
    /// # Errors
    /// Where there is no such node.
    pub fn parent(&self, node: &str) -> Result<&Interface, LabError> {
        find(&self.parents, "node", node)
    }
}

fn find<'a>(
    all: &'a BTreeMap<String, Interface>,
    kind: &'static str,
    name: &str,
) -> Result<&'a Interface, LabError> {
    all.get(name).ok_or_else(|| LabError::Unknown { kind, name: name.to_owned() })
}

/// Sets up the containers of one node in one round trip, and reads the facts of the uplink and of
/// each container's interface.
async fn set_up_on(
    lab: &Lab,
    node: &Node,
    containers: &[Container],
    ipv6: Ipv6,
) -> Result<Vec<(String, Interface)>, LabError> {
    let here: Vec<&Container> = containers.iter().filter(|container| container.node == node.name).collect();
    let facts = facts(node, &here);
    let script =
        here.iter().fold(Script::new(), |script, container| script.then(steps(container, node, ipv6)));
    let machine = lab.machine(&node.name)?;
    let start = Instant::now();
    let deadline = machine.patience().deadline(UP_DEADLINE);
    let mut listings = machine.run_json::<Listing>(&script.then(facts.clone())).await?;
    // The kernel tells of a carrier in its own time (linkwatch). It is there already as a rule.
    loop {
        let interfaces: Vec<Interface> = listings.into_iter().flatten().filter(Interface::is_named).collect();
        let Some(down) = interfaces.iter().find(|interface| interface.operstate != "UP") else {
            return named(node, &here, interfaces);
        };
        if start.elapsed() > deadline {
            let awaited = format!("{} on {} to be UP", down.ifname, node.name);
            return Err(LabError::Deadline { awaited, seen: down.operstate.clone(), waited: deadline });
        }
        // No wait beside the round trip itself.
        listings = machine.run_json(&facts).await?;
    }
}

/// Interfaces by their owners' names, in the order of [`facts`].
fn named(
    node: &Node,
    containers: &[&Container],
    interfaces: Vec<Interface>,
) -> Result<Vec<(String, Interface)>, LabError> {
    let owners = containers.iter().map(|container| (&container.name, &container.interface));
    let owners: Vec<_> = owners.chain([(&node.name, &node.uplink)]).collect();
    for (index, (name, interface)) in owners.iter().enumerate() {
        if interfaces.get(index).is_none_or(|read| read.ifname != **interface) {
            return Err(LabError::Unknown { kind: "interface that `ip` lists for", name: (*name).clone() });
        }
    }
    Ok(owners.into_iter().map(|(name, _)| name.clone()).zip(interfaces).collect())
}

fn facts(node: &Node, containers: &[&Container]) -> Script {
    let containers = containers.iter().fold(Script::new(), |script, container| {
        script.step(format!("ip -n {} -j -d address show dev {}", container.name, container.interface))
    });
    containers.step(format!("ip -j -d address show dev {}", node.uplink))
}

/// What a person would type, with the settings that a picture depends on pinned in between. On an
/// emulated machine each process costs some 20 ms, so that one `ip` does what one can.
fn steps(container: &Container, node: &Node, ipv6: Ipv6) -> Script {
    let Container { name, interface, mode, address, .. } = container;
    let uplink = &node.uplink;
    let mac = container.mac.map(|mac| format!("address {mac} ")).unwrap_or_default();
    let settings = quoted(&pinned_settings(interface, ipv6 == Ipv6::On).lines());
    Script::new()
        .create(
            &format!("[ -e /run/netns/{name} ]"),
            format!("ip netns add {name}"),
            format!(
                "left=$(ip netns pids {name}); [ -z \"$left\" ] || kill -KILL $left; ip netns del {name}"
            ),
        )
        .create(
            &format!("[ -e /sys/class/net/{interface} ]"),
            format!("ip link add {interface} link {uplink} {mac}type macvlan mode {mode}"),
            format!("ip -n {name} link del {interface} || ip link del {interface}"),
        )
        .step(format!("ip link set {interface} netns {name}"))
        .step(format!("ip netns exec {name} sh -c {settings}"))
        .step(format!(
            "ip -n {name} -b - <<'END'\nlink set lo up\naddress add {address} brd + dev {interface}\n\
             link set {interface} up\nEND"
        ))
}
