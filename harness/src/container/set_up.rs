//! The tutorial's steps 1 to 6.

use std::collections::BTreeMap;

use super::{Interface, interface::Listing};
use crate::{
    lab::{Lab, LabError},
    machine::{Script, quoted},
    provider::pinned_settings,
    topology::{Container, Node},
    transcript::Owners,
};

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
        let mut owners = self.node_owners();
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
        Ok(Containers { all: containers.to_vec(), interfaces, parents, owners })
    }

    fn node_owners(&self) -> Owners {
        let mut owners = Owners::new();
        for (name, mac) in &self.facts().macs {
            owners.owns_mac(name, *mac);
        }
        for name in self.topology().nodes.iter().map(|node| node.name.as_str()).chain(["host"]) {
            if let Some(address) = self.topology().address(name) {
                owners.owns_address(name, address.addr());
            }
        }
        owners
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
    let script =
        here.iter().fold(Script::new(), |script, container| script.then(steps(container, node, ipv6)));
    let script = script.step(format!("ip -j -d address show dev {}", node.uplink));
    let listings = lab.machine(&node.name)?.run_json::<Listing>(&script).await?;
    let interfaces = listings.into_iter().flatten().filter(|interface| !interface.ifname.is_empty());
    let names = here.iter().map(|container| &container.name).chain([&node.name]);
    Ok(names.cloned().zip(interfaces).collect())
}

/// What a person would type, with the settings that a picture depends on pinned in between. On an
/// emulated machine each process costs some 20 ms, so that one `ip` does what one can.
fn steps(container: &Container, node: &Node, ipv6: Ipv6) -> Script {
    let Container { name, interface, mode, address, .. } = container;
    let uplink = &node.uplink;
    let mac = container.mac.map(|mac| format!("address {mac} ")).unwrap_or_default();
    let settings = quoted(&pinned_settings(interface, ipv6 == Ipv6::On).lines());
    Script::new()
        .change(
            format!("ip netns add {name}"),
            format!("left=$(ip netns pids {name}); [ -z \"$left\" ] || kill -KILL $left; ip netns del {name}"),
        )
        .change(
            format!("ip link add {interface} link {uplink} {mac}type macvlan mode {mode}"),
            format!("ip -n {name} link del {interface} || ip link del {interface}"),
        )
        .step(format!("ip link set {interface} netns {name}"))
        .step(format!("ip netns exec {name} sh -c {settings}"))
        .step(format!(
            "ip -n {name} -b - <<'END'\nlink set lo up\naddress add {address} brd + dev {interface}\n\
             link set {interface} up\nEND"
        ))
        // The kernel tells of a carrier in its own time (linkwatch); the script's deadline bounds this.
        .step(format!(
            "until facts=$(ip -n {name} -j -d address show dev {interface}) && \
             case $facts in *'\"operstate\":\"UP\"'*) true;; *) false;; esac; do :; done\nprintf '%s\\n' \"$facts\""
        ))
}
