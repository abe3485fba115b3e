//! The tutorial's steps 1 to 6.

use std::{collections::BTreeMap, time::Duration};

use super::{Interface, interface::Listing};
use crate::{
    lab::{Lab, LabError},
    machine::{Machine, Script, quoted},
    provider::{pinned_interfaces, pinned_settings},
    topology::{Container, Node},
    transcript::Owners,
};

/// How long a fast machine's kernel may take to say that an interface is up.
const UP_DEADLINE: Duration = Duration::from_secs(5);

/// Whether a container speaks IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ipv6 {
    /// Its reports of multicast groups (RFC 3810) are bystanders. It solicits no router, and does not detect duplicate
    /// addresses unless a scenario switches that on: both are chatter at times of their own.
    On,
    /// It is silent.
    Off,
}

/// Containers that are up, and who owns which address in the lab.
#[derive(Clone, Debug)]
pub struct Containers {
    all: Vec<Container>,
    interfaces: BTreeMap<String, Interface>,
    ipv6: Ipv6,
    with_machines: bool,
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

    /// The facts of a node's uplink.
    ///
    /// # Errors
    /// Where there is no such node, or it does not tell.
    pub async fn uplink(&self, node: &str) -> Result<Interface, LabError> {
        let unknown = || LabError::Unknown { kind: "node with an uplink", name: node.to_owned() };
        let uplink = &self.topology().node(node).ok_or_else(unknown)?.uplink;
        let script = Script::new().step(format!("ip -j -d address show dev {uplink}"));
        let listings = self.machine(node)?.run_json::<Listing>(&script).await?;
        listings.into_iter().flatten().find(Interface::is_named).ok_or_else(unknown)
    }

    /// Sets up containers that may differ from the topology's.
    ///
    /// # Errors
    /// The step that failed, and on which node.
    pub async fn set_up_these(&self, containers: &[Container], ipv6: Ipv6) -> Result<Containers, LabError> {
        self.read_after(containers, ipv6, |here, node| script_of(here, node, ipv6)).await
    }

    /// Makes the containers' network namespaces, silent in IPv6, for a runtime to set up what is in them.
    ///
    /// # Errors
    /// The step that failed, and on which node.
    pub async fn make_namespaces(&self, containers: &[Container]) -> Result<(), LabError> {
        for container in containers {
            let name = &container.name;
            let settings = quoted(&pinned_settings("lo", false).lines());
            let script = namespace(name).step(format!("ip netns exec {name} sh -c {settings}"));
            self.machine(&container.node)?.run(&script).await?;
        }
        Ok(())
    }

    /// Pins the settings that a picture depends on, for an interface of an endpoint's that was not made by [`Self::set_up`].
    ///
    /// # Errors
    /// Where it is not there.
    pub async fn pin(&self, endpoint: &str, interface: &str) -> Result<(), LabError> {
        let settings = quoted(&pinned_interfaces(&[interface]).lines());
        self.endpoint(endpoint)?.run(&format!("sh -c {settings}")).await?;
        Ok(())
    }

    /// The facts of containers that a runtime has set up. From now on they have the settings that a picture depends on.
    ///
    /// # Errors
    /// Where one is not there, or does not come up.
    pub async fn take_stock(&self, containers: &[Container]) -> Result<Containers, LabError> {
        let pin = |container: &Container| {
            let settings = quoted(&pinned_settings(&container.interface, false).lines());
            format!("ip netns exec {} sh -c {settings}", container.name)
        };
        self.read_after(containers, Ipv6::Off, |here, _| {
            here.iter().fold(Script::new(), |script, container| script.step(pin(container)))
        })
        .await
    }

    /// Runs a script on each node, and reads the facts of its containers' interfaces.
    async fn read_after(
        &self,
        containers: &[Container],
        ipv6: Ipv6,
        script: impl Fn(&[&Container], &Node) -> Script,
    ) -> Result<Containers, LabError> {
        let nodes = self.topology().nodes.iter();
        let read = nodes.map(async |node| {
            let here: Vec<&Container> = on_node(containers, node).collect();
            read_on(self.machine(&node.name)?, node, &here, script(&here, node)).await
        });
        let read = futures_util::future::try_join_all(read).await?;
        Ok(self.containers_with(containers, read.into_iter().flatten(), ipv6))
    }

    /// Containers with what was read of their interfaces.
    pub(super) fn containers_with(
        &self,
        containers: &[Container],
        read: impl IntoIterator<Item = (String, Interface)>,
        ipv6: Ipv6,
    ) -> Containers {
        // Named by the topology's address: one that the scenario chose otherwise is shown as it is, and one that is not there
        // has its name all the same.
        let mut owners = Owners::new();
        for container in &self.topology().containers {
            owners.owns_address(&container.name, container.address.addr());
        }
        let mut interfaces = BTreeMap::new();
        for (name, interface) in read {
            let Some(container) = containers.iter().find(|container| container.name == name) else {
                continue;
            };
            if self.topology().container(&name).is_none() {
                owners.owns_address(&name, container.address.addr());
            }
            if let Some(mac) = interface.address {
                owners.owns_mac(&name, mac);
                owners.owns_address(&name, mac.link_local());
            }
            interfaces.insert(name, interface);
        }
        self.add_node_owners(&mut owners);
        Containers { all: containers.to_vec(), interfaces, ipv6, with_machines: false, owners }
    }

    fn add_node_owners(&self, owners: &mut Owners) {
        for (name, mac) in &self.facts().macs {
            owners.owns_mac(name, *mac);
            owners.owns_address(name, mac.link_local());
        }
        for name in self.topology().nodes.iter().map(|node| node.name.as_str()).chain(["host"]) {
            if let Some(address) = self.topology().address(name) {
                owners.owns_address(name, address.addr());
            }
        }
    }
}

impl Containers {
    /// Containers that were there already, with their owners of addresses.
    pub(crate) fn found(all: Vec<Container>, owners: Owners) -> Self {
        Self { all, interfaces: BTreeMap::new(), ipv6: Ipv6::Off, with_machines: false, owners }
    }

    /// The same, where what the nodes and the host say to each other is the scenario's too. On a LAN that is not the lab's alone
    /// it is left out otherwise.
    pub fn with_machines(self) -> Self {
        Self { with_machines: true, ..self }
    }

    pub(crate) fn are_with_machines(&self) -> bool {
        self.with_machines
    }

    /// Whether one of them has the name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all.iter().any(|container| container.name == name)
    }

    /// The containers as they were set up.
    pub fn all(&self) -> &[Container] {
        &self.all
    }

    /// Whether they speak IPv6.
    pub fn ipv6(&self) -> Ipv6 {
        self.ipv6
    }

    /// The facts that step 6 prints of a container's interface.
    ///
    /// # Errors
    /// Where no such container was set up.
    pub fn interface(&self, container: &str) -> Result<&Interface, LabError> {
        let unknown = || LabError::Unknown { kind: "container", name: container.to_owned() };
        self.interfaces.get(container).ok_or_else(unknown)
    }
}

/// The containers of one node.
pub(crate) fn on_node<'a>(
    containers: &'a [Container],
    node: &'a Node,
) -> impl Iterator<Item = &'a Container> + use<'a> {
    containers.iter().filter(|container| container.node == node.name)
}

/// Sets up containers of one node, and reads the facts of their interfaces.
pub(crate) async fn set_up_on(
    machine: &Machine,
    node: &Node,
    containers: &[&Container],
    ipv6: Ipv6,
) -> Result<Vec<(String, Interface)>, LabError> {
    read_on(machine, node, containers, script_of(containers, node, ipv6)).await
}

/// Runs a script on a node and reads the facts of its containers' interfaces, in one round trip.
async fn read_on(
    machine: &Machine,
    node: &Node,
    containers: &[&Container],
    script: Script,
) -> Result<Vec<(String, Interface)>, LabError> {
    let waited = machine.patience().deadline(UP_DEADLINE);
    let listings = machine.run_json::<Listing>(&script.then(facts(containers, waited))).await?;
    let interfaces: Vec<Interface> = listings.into_iter().flatten().filter(Interface::is_named).collect();
    match interfaces.iter().find(|interface| interface.operstate != "UP") {
        None => named(containers, interfaces),
        Some(down) => {
            let awaited = format!("{} on {} to be UP", down.ifname, node.name);
            Err(LabError::Deadline { awaited, seen: down.operstate.clone(), waited })
        }
    }
}

/// Interfaces by their owners' names, in the order of [`facts`].
fn named(
    containers: &[&Container],
    interfaces: Vec<Interface>,
) -> Result<Vec<(String, Interface)>, LabError> {
    let owners: Vec<_> = containers.iter().map(|container| (&container.name, &container.interface)).collect();
    for (index, (name, interface)) in owners.iter().enumerate() {
        if interfaces.get(index).is_none_or(|read| read.ifname != **interface) {
            return Err(LabError::Unknown { kind: "interface that `ip` lists for", name: (*name).clone() });
        }
    }
    Ok(owners.into_iter().map(|(name, _)| name.clone()).zip(interfaces).collect())
}

/// The facts of interfaces once they are up, or as they are at the deadline. The kernel tells of a carrier in its own time
/// (`net/core/link_watch.c`): it is there already as a rule, or with the next turn of a kernel's thread.
fn facts(containers: &[&Container], deadline: Duration) -> Script {
    containers.iter().fold(Script::new(), |script, Container { name, interface, .. }| {
        let is = format!("read -r is </sys/class/net/{interface}/operstate");
        let wait = quoted(&format!("while {is} && [ $is != up ]; do :; done"));
        let inside = format!(
            "{{ {is} && [ $is = up ] || timeout {} sh -c {wait}; }} 2>/dev/null\nexec ip -j -d address show dev {interface}",
            deadline.as_secs_f64()
        );
        script.step(format!("ip netns exec {name} sh -c {}", quoted(&inside)))
    })
}

/// What makes a node's containers, and before them their parents that are not there.
pub(crate) fn script_of(containers: &[&Container], node: &Node, ipv6: Ipv6) -> Script {
    let parents = parents_of(containers, node);
    containers.iter().fold(parents, |script, container| script.then(steps(container, node, ipv6)))
}

/// What a person would type, with the settings that a picture depends on pinned in between. On an
/// emulated machine each process costs some 20 ms, so that one `ip` does what one can.
fn steps(container: &Container, node: &Node, ipv6: Ipv6) -> Script {
    let Container { name, interface, mode, address, .. } = container;
    let parent = container.parent(node);
    let mac = container.mac.map(|mac| format!("address {mac} ")).unwrap_or_default();
    let settings = quoted(&pinned_settings(interface, ipv6 == Ipv6::On).lines());
    namespace(name)
        .create(
            &format!("[ -e /sys/class/net/{interface} ]"),
            format!(
                "ip -b - <<'END'\nlink add {interface} link {parent} {mac}type macvlan mode {mode}\n\
                 link set {interface} netns {name}\nEND"
            ),
            format!("ip -n {name} link del {interface} || ip link del {interface}"),
        )
        .step(format!("ip netns exec {name} sh -c {settings}"))
        .step(format!(
            "ip -n {name} -b - <<'END'\nlink set lo up\naddress add {address} brd + dev {interface}\n\
             link set {interface} up\nEND"
        ))
}

/// What makes a container's network namespace.
fn namespace(name: &str) -> Script {
    Script::new().create(
        &format!("[ -e /run/netns/{name} ]"),
        format!("ip netns add {name}"),
        format!("ip netns del {name}"),
    )
}

/// The VLANs' interfaces on the uplink. They have no addresses of their own.
fn parents_of(containers: &[&Container], node: &Node) -> Script {
    let parents: BTreeMap<String, u16> =
        containers.iter().filter_map(|container| Some((container.parent(node), container.vlan?))).collect();
    parents.into_iter().fold(Script::new(), |script, (name, vlan)| {
        script
            .create(
                &format!("[ -e /sys/class/net/{name} ]"),
                format!("ip link add link {} name {name} type vlan id {vlan}", node.uplink),
                format!("ip link del {name}"),
            )
            .step(format!("f=/proc/sys/net/ipv6/conf/{name}/disable_ipv6; [ ! -e $f ] || echo 1 >$f"))
            .step(format!("ip link set {name} up"))
    })
}
