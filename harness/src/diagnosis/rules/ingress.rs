//! Filters on the way into a machine.

use super::super::{Cause, Code, scene::Scene};
use crate::{state::Drop, vantage_point::VantagePoint};

/// The hooks that a frame for an endpoint passes there, behind the tap that captures it.
const OWN_HOOKS: [&str; 2] = ["prerouting", "input"];

/// A capture sees what comes in before tc's and nft's ingress hooks do: a frame that they drop was seen, and is
/// gone all the same.
pub(super) fn ingress_dropped(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.failed()?;
    let tap = &journey.last_seen()?.point;
    // Behind a tap of the sender's own machine the frame is on its way out.
    let next = journey.rest().first().map(|station| station.point.machine.as_str());
    let comes_in = next.is_none_or(|next| {
        scene.node_of(next).map(|node| &node.name) == scene.node_of(&tap.machine).map(|node| &node.name)
    }) && journey.from.as_deref() != Some(&tap.machine);
    if !comes_in {
        return None;
    }
    let drop =
        at_interface(scene, tap).or_else(|| scene.unanswered().and_then(|_| at_endpoint(scene, tap)))?;
    let cause = Cause::certain(
        Code::IngressDropped,
        format!("a filter of {}'s dropped it behind the tap that captured it", tap.machine),
        format!("nft list ruleset, on {}: let the frame pass", tap.machine),
    );
    let cause = cause.certain_if(drop.is_total).decided_by_fact(&format!(
        "which rule counts when the probe is sent again (nft, with counters), on {}",
        tap.machine
    ));
    Some(cause.saw(format!("{} came to {tap}", journey.name())).saw(drop.text))
}

fn at_interface(scene: &Scene<'_>, tap: &VantagePoint) -> Option<Drop> {
    scene.state(&tap.machine)?.ingress_drop(&tap.interface)
}

fn at_endpoint(scene: &Scene<'_>, tap: &VantagePoint) -> Option<Drop> {
    let ruleset = scene.state(&tap.machine)?.ruleset.as_ref()?;
    OWN_HOOKS.iter().find_map(|hook| ruleset.drops(hook, None))
}
