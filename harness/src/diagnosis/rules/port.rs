//! Bridge ports that are closed.

use super::super::{Cause, Code, scene::Scene};

/// A port that spanning tree, or somebody, keeps from forwarding. Its interface is up all the same.
pub(super) fn not_forwarding(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.lost()?;
    if !scene.is_lost_in_the_switch() {
        return None;
    }
    let ends = [journey.from(), journey.to()].map(|end| scene.ports(end));
    let closed = ends.into_iter().flatten().find_map(|point| {
        let port = scene.port(&point).filter(|port| port.state != "forwarding")?;
        // A port that is down is disabled too, and another rule's.
        scene
            .interface(&point)
            .is_none_or(|interface| interface.is_up() && !interface.lacks_carrier())
            .then_some((point, port))
    });
    let (point, port) = closed?;
    let cause = match port.state.as_str() {
        "listening" | "learning" | "blocking" => Cause::certain(
            Code::StpListening,
            "spanning tree opens a port only after twice its forward delay (30 s), and every time it comes up",
            "wait, or switch spanning tree off where there are no loops (stp_state 0), or shorten forward_delay",
        ),
        _ => Cause::certain(
            Code::PortNotForwarding,
            "the bridge takes nothing from this port and gives it nothing",
            format!("bridge link set dev {} state 3", point.interface),
        ),
    };
    Some(cause.saw(format!("{point} is {}", port.state)))
}
