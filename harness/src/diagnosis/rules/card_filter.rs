//! Cards that take only what is for an address on their list.

use super::super::{Cause, Code, scene::Scene};

/// A child puts its address on its parent's list as it is set up (`macvlan_open`, drivers/net/macvlan.c), and looks after it no
/// more: a parent that is moved to another network namespace comes there with an empty one
/// (`__dev_change_net_namespace`, net/core/dev.c).
pub(super) fn filtered_by_card(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.lost().filter(|journey| !journey.is_broadcast())?;
    let child = scene.case.topology.container(journey.to()?)?;
    let node = scene.node_of(&child.name)?;
    let (last, missing) = scene.segment()?;
    let parent = missing.point();
    if parent.machine != node.name || parent.interface != node.uplink {
        return None;
    }
    let interface = scene.interface(parent)?;
    let listed = scene.state(&node.name)?.forwarding.as_ref()?;
    let mac = journey.frame().destination;
    let takes = interface.promiscuity > 0
        || interface.address == Some(mac)
        || listed.iter().any(|entry| entry.mac == mac && entry.ifname == parent.interface);
    // One that is down takes nothing, whatever is on its list.
    if takes || !interface.is_up() || !scene.macs_of(&child.name).contains(&mac) {
        return None;
    }
    let cause = Cause::certain(
        Code::FilteredByCard,
        format!("{parent} filters by address, and {}'s is not on its list", child.name),
        format!(
            "set {} of {} down and up, which puts it there again; ip link set {} promisc on, on {}, does without the list",
            child.interface, child.name, parent.interface, parent.machine
        ),
    );
    Some(
        cause
            .saw(format!("{} came to {} and not to {parent}", journey.name(), last.point()))
            .saw(format!("bridge fdb show dev {}, on {}, has no {mac}", parent.interface, parent.machine)),
    )
}
