//! Two machines with one MAC address.

use std::collections::BTreeMap;

use super::super::{Cause, Code, scene::Scene};

/// A macvlan parent takes a broadcast from a MAC address that one of its own children has for that child's, and hands
/// it to nobody; a switch finds the address now here, now there.
pub(super) fn duplicate_mac(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.failed()?;
    let ends = [journey.from()?, journey.to()?];
    let mut owners: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    let names = scene.case.topology.containers.iter().map(|container| container.name.as_str());
    let names = names.chain(scene.case.topology.nodes.iter().map(|node| node.name.as_str()));
    for name in names {
        scene.macs_of(name).into_iter().for_each(|mac| owners.entry(mac).or_default().push(name));
    }
    let shared = owners.into_iter().find(|(_, names)| {
        let nodes: Vec<_> =
            names.iter().filter_map(|name| scene.node_of(name)).map(|node| &node.name).collect();
        nodes.iter().any(|node| *node != nodes[0]) && names.iter().any(|name| ends.contains(name))
    });
    let (mac, names) = shared?;
    let cause = Cause::certain(
        Code::DuplicateMac,
        "a MAC address must be one machine's: the parent of one of the two takes the other's frames for its own child's, and the switch sends theirs to either",
        "give each its own address; images that are cloned with their machine-id make the same one (systemd.link, MACAddressPolicy=persistent)",
    );
    Some(cause.saw(format!("{} have the MAC address {mac}", names.join(" and "))))
}
