//! Switches that deliver a machine's own MAC address alone.

use super::super::{Cause, Code, ControlKind, scene::Scene};

/// VMware's and VirtualBox's "promiscuous mode: reject": broadcasts reach the containers, and what is for
/// their own MAC addresses does not.
pub(super) fn promiscuous_rejected(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.lost().filter(|journey| !journey.is_broadcast())?;
    let to = journey.to.as_deref().filter(|to| scene.is_container(to))?;
    if !scene.is_lost_in_the_switch() {
        return None;
    }
    let port = scene.ports(Some(to));
    let delivers = port.as_ref().and_then(|port| {
        let told = scene.port(port)?;
        scene.state(&port.machine)?.forwarding.as_ref()?;
        Some(told.flood || scene.forwards(port, journey.frame.destination))
    });
    let own_is_delivered = scene.case.control(ControlKind::NodeToOtherChild) == Some(true)
        || scene.case.control(ControlKind::WithParentsMac) == Some(true);
    if delivers == Some(true) {
        return None;
    }
    let (last, missing) = scene.segment()?;
    let cause = Cause::certain(
        Code::PromiscuousRejected,
        format!("the switch does not deliver what is for {to}'s MAC address to {}", scene.node_of(to)?.name),
        "accept promiscuous mode or MAC learning on the port (vSphere, VirtualBox), or let the bridge's port learn or flood",
    );
    let cause = cause
        .certain_if(delivers == Some(false) || own_is_delivered)
        .decided_by_control(ControlKind::NodeToOtherChild)
        .decided_by_control(ControlKind::WithParentsMac)
        .decided_by_fact("the port's flags and the forwarding table (bridge -d link, bridge fdb)");
    let cause = cause.saw(format!("{} came to {} and not to {}", journey.name(), last.point, missing.point));
    Some(match delivers {
        Some(false) => cause.saw("the port floods no unknown addresses, and this one is unknown there"),
        _ => cause,
    })
}
