//! A parent and its own child.

use super::super::{Cause, Code, scene::Scene};

/// macvlan has no way between a parent and its child, in either direction: what the parent sends goes to
/// the wire, and what comes from the wire alone is handed to children (`macvlan_handle_frame`,
/// drivers/net/macvlan.c).
pub(super) fn isolation(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.failed()?;
    let (from, to) = (journey.from.as_deref()?, journey.to.as_deref()?);
    let topology = &scene.case.topology;
    let (parent, child) = match (topology.container(from), topology.container(to)) {
        (None, Some(child)) if child.node == from => (from, to),
        (Some(child), None) if child.node == to => (to, from),
        _ => return None,
    };
    let saw = match journey.way.iter().find(|station| station.missed()) {
        Some(missing) => {
            format!("{} was sent by {from}, and never seen at {}", journey.name(), missing.point)
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
