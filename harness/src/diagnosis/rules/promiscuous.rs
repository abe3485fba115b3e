//! Switches that deliver a machine's own MAC address alone.

use super::super::{Cause, Code, ControlKind, scene::Scene};

/// VMware's and VirtualBox's "promiscuous mode: reject": broadcasts reach the containers, and what is for
/// their own MAC addresses does not.
pub(super) fn promiscuous_rejected(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.lost().filter(|journey| !journey.is_broadcast())?;
    let to = journey.to().filter(|to| scene.is_container(to))?;
    if !scene.is_lost_in_the_switch() {
        return None;
    }
    let port = scene.ports(Some(to));
    let delivers = port.as_ref().and_then(|port| {
        let told = scene.port(port)?;
        scene.state(&port.machine)?.forwarding.as_ref()?;
        Some(told.flood || scene.forwards(port, journey.frame().destination))
    });
    let passages = scene.passages();
    let unicast = |is_receiver: &dyn Fn(&str) -> bool| {
        let sent = passages.iter().filter(|passage| !passage.is_broadcast && is_receiver(passage.to));
        sent.map(|passage| passage.has_passed).reduce(|one, other| one || other)
    };
    let nodes_own = unicast(&|receiver| !scene.is_container(receiver));
    // What others send to the container is delivered, or what is for its node is not: it is not about the destination.
    let is_otherwise = unicast(&|receiver| receiver == to) == Some(true) || nodes_own == Some(false);
    if delivers == Some(true) || (delivers.is_none() && is_otherwise) {
        return None;
    }
    let own_is_delivered = nodes_own == Some(true);
    let (last, missing) = scene.segment()?;
    // What is lost on its way back is answered to the node's own address where the node asks.
    let decisive =
        if to == scene.asker() { ControlKind::NodeToOtherChild } else { ControlKind::ChildToOtherNode };
    let cause = Cause::certain(
        Code::PromiscuousRejected,
        format!("the switch does not deliver what is for {to}'s MAC address to {}", scene.node_of(to)?.name),
        "accept promiscuous mode or MAC learning on the port (vSphere, VirtualBox), or let the bridge's port learn or flood",
    );
    let cause = cause
        .certain_if(delivers == Some(false) || own_is_delivered)
        .decided_by_control(decisive)
        .decided_by_fact("the port's flags and the forwarding table (bridge -d link, bridge fdb)");
    let cause =
        cause.saw(format!("{} came to {} and not to {}", journey.name(), last.point(), missing.point()));
    let cause = if own_is_delivered { cause.saw("what is for the node itself is delivered") } else { cause };
    Some(match delivers {
        Some(false) => cause.saw("the port floods no unknown addresses, and this one is unknown there"),
        _ => cause,
    })
}
