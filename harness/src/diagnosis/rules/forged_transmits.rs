//! Switches that take a machine's own MAC address alone.

use super::super::{Cause, Code, ControlKind, scene::Scene};

/// VMware's "forged transmits: reject", a cloud's port security, a bridge's locked port: what a container sends has
/// another source than the machine's own, and is dropped where it comes in.
pub(super) fn forged_transmits_rejected(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.lost()?;
    let from = journey.from.as_deref().filter(|from| scene.is_container(from))?;
    let port = scene.ports(Some(from));
    let told = port.as_ref().and_then(|port| scene.port(port));
    let is_known = port.as_ref().is_some_and(|port| scene.forwards(port, journey.frame.source));
    let locked = told.map(|port| port.locked && !is_known);
    if !scene.is_lost_in_the_switch() || locked == Some(false) {
        return None;
    }
    // A unicast frame that is lost looks like one that is not delivered: only the port itself tells.
    if !journey.is_broadcast() && locked != Some(true) {
        return None;
    }
    let nodes_own_passes = scene.case.control(ControlKind::NodeToOtherChild) == Some(true)
        || scene.case.control(ControlKind::WithParentsMac) == Some(true);
    let (last, missing) = scene.segment()?;
    let cause = Cause::certain(
        Code::ForgedTransmitsRejected,
        format!(
            "the switch drops what {from} sends, since its MAC address is not {}'s own",
            scene.node_of(from)?.name
        ),
        "allow forged transmits (vSphere), allowed address pairs or no port security (clouds), or unlock the bridge's port",
    );
    let cause = cause
        .certain_if(locked == Some(true) || nodes_own_passes)
        .decided_by_control(ControlKind::NodeToOtherChild)
        .decided_by_control(ControlKind::WithParentsMac)
        .decided_by_fact("the port's security (bridge -d link: locked; vSphere: forged transmits)");
    let cause =
        cause.saw(format!("{} left {} and never came to {}", journey.name(), last.point, missing.point));
    let cause = if locked == Some(true) { cause.saw("the port is locked") } else { cause };
    Some(if nodes_own_passes { cause.saw("what the node sends as itself passes") } else { cause })
}
