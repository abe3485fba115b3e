//! A parent and its own child.

use super::super::{Cause, Code, scene::Scene};

/// macvlan has no way between a parent and its child, in either direction: what the parent sends goes to
/// the wire, and what comes from the wire alone is handed to children (`macvlan_handle_frame`,
/// drivers/net/macvlan.c).
pub(super) fn isolation(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.failed()?;
    let (from, to) = (journey.from()?, journey.to()?);
    let topology = &scene.case.topology;
    let (parent, child) = match (topology.container(from), topology.container(to)) {
        (None, Some(child)) if child.node == from => (from, to),
        (Some(child), None) if child.node == to => (to, from),
        _ => return None,
    };
    // A second interface beside the child's, on the parent, is a sibling; and a switch that reflects is a way.
    let own = scene.macs_of(from);
    let is_anothers = !own.is_empty() && !own.contains(&journey.frame().source);
    let reflects =
        scene.ports(Some(parent)).and_then(|port| scene.port(&port)).is_some_and(|port| port.hairpin);
    if is_anothers || reflects {
        return None;
    }
    let saw = match journey.way().find(|station| station.missed()) {
        Some(missing) => {
            format!("{} was sent by {from}, and never seen at {}", journey.name(), missing.point())
        }
        None => format!(
            "{} passed the tap of {to}'s interface on its way out, and {to} did not answer",
            journey.name()
        ),
    };
    let cause = Cause::certain(
        Code::Isolation,
        format!("{child} is a macvlan child of {parent}: between the two there is no way, by design"),
        format!(
            "reach {child} from {parent} by a second macvlan interface on {parent} with a route to {child} by it, or let the \
             switch reflect (hairpin on {parent}'s port)"
        ),
    );
    Some(cause.saw(saw))
}
