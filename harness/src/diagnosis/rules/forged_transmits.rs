//! Switches that take a machine's own MAC address alone.

use super::super::{
    Cause, Code, ControlKind,
    scene::{Passage, Scene},
};

/// VMware's "forged transmits: reject", a cloud's port security, a bridge's locked port: what a container sends has
/// another source than the machine's own, and is dropped where it comes in.
pub(super) fn forged_transmits_rejected(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.lost()?;
    let from = journey.from().filter(|from| scene.is_container(from))?;
    let port = scene.ports(Some(from));
    let told = port.as_ref().and_then(|port| scene.port(port));
    let is_known = port.as_ref().is_some_and(|port| scene.forwards(port, journey.frame().source));
    let locked = told.map(|port| port.locked && !is_known);
    if !scene.is_lost_in_the_switch() || locked == Some(false) {
        return None;
    }
    let passages = scene.passages();
    let by = |is_sender: &dyn Fn(&Passage<'_>) -> bool| {
        let sent = passages.iter().filter(|passage| is_sender(passage));
        sent.map(|passage| passage.has_passed).reduce(|one, other| one || other)
    };
    // A unicast frame that is lost looks like one that is not delivered: only another for the same receiver tells.
    let is_like = |passage: &Passage<'_>| journey.is_broadcast() || journey.to() == Some(passage.to);
    let nodes_own = by(&|passage| !scene.is_container(passage.from) && is_like(passage));
    if !journey.is_broadcast() && locked != Some(true) && nodes_own != Some(true) {
        return None;
    }
    // What else the container sends passes, or what the node sends does not: it is not about the source.
    if locked.is_none() && (by(&|passage| passage.from == from) == Some(true) || nodes_own == Some(false)) {
        return None;
    }
    let nodes_own_passes = nodes_own == Some(true);
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
        .decided_by_fact("the port's security (bridge -d link: locked; vSphere: forged transmits)");
    let cause =
        cause.saw(format!("{} left {} and never came to {}", journey.name(), last.point(), missing.point()));
    let cause = if locked == Some(true) { cause.saw("the port is locked") } else { cause };
    Some(if nodes_own_passes { cause.saw("what the node sends as itself passes") } else { cause })
}
