//! Parents, and children of theirs, that the harness would make otherwise.

use harness::{
    container::Containers,
    lab::{Lab, LabError},
    machine::{CommandError, Script},
    topology::Container,
};

/// Makes `parent` on node-1, which a scenario may shrink, unplug and remove: one end of a cable that leads nowhere; `cable` is the other.
pub async fn make_parent(lab: &Lab) -> Result<(), CommandError> {
    let node = lab.endpoint("node-1").expect("the topology has node-1");
    node.change("ip link add parent type veth peer name cable", "ip link del parent").await.map(drop)
}

/// Sets up the lab's containers on a parent, or on their nodes' uplinks, with interfaces of a kind that the topology knows no word for.
pub async fn set_up_on(lab: &Lab, parent: Option<&str>, kind: &str) -> Result<Containers, LabError> {
    set_up_behind(lab, parent, kind, "true").await
}

/// The same, where a command runs on the node before the interface is moved to its container.
pub async fn set_up_behind(
    lab: &Lab,
    parent: Option<&str>,
    kind: &str,
    command: &str,
) -> Result<Containers, LabError> {
    let containers = &lab.topology().containers;
    lab.make_namespaces(containers).await?;
    for Container { name, node, interface, address, .. } in containers {
        let parent = parent.map_or_else(|| lab.interface(node), Ok)?;
        let make = format!(
            "ip link add {interface} link {parent} type macvlan {kind} && {command} && ip link set {interface} netns {name}"
        );
        let undo = format!("ip -n {name} link del {interface} || ip link del {interface}");
        let up = format!(
            "ip -n {name} -b - <<'END'\nlink set lo up\naddress add {address} brd + dev {interface}\nlink set {interface} up\nEND"
        );
        lab.machine(node)?.run(&Script::new().change(make, undo).step(up)).await?;
    }
    lab.take_stock(containers).await
}
