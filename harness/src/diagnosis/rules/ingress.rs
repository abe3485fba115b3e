//! Filters on the way into a machine, and out of it.

use super::super::{Cause, Code, scene::Scene};
use crate::{state::Drop, vantage_point::VantagePoint};

/// The hooks that a frame for an endpoint passes there, behind the tap that captures it.
const OWN_HOOKS: [&str; 2] = ["prerouting", "input"];

/// A capture sees what comes in before tc's and nft's ingress hooks do: a frame that they drop was seen, and is
/// gone all the same.
pub(super) fn ingress_dropped(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.failed()?;
    let tap = journey.last_seen()?.point();
    // Behind a tap of the sender's own machine the frame is on its way out.
    let next = journey.rest().next().map(|station| station.point().machine.as_str());
    let comes_in = next.is_none_or(|next| {
        scene.node_of(next).map(|node| &node.name) == scene.node_of(&tap.machine).map(|node| &node.name)
    }) && journey.from() != Some(&tap.machine);
    if !comes_in {
        return None;
    }
    let drop =
        at_interface(scene, tap).or_else(|| scene.unanswered().and_then(|_| at_endpoint(scene, tap)))?;
    let cause = Cause::certain(
        Code::IngressDropped,
        format!("a filter of {}'s dropped it behind the tap that captured it", tap.machine),
        format!("nft list ruleset and tc filter show, on {}: let the frame pass", tap.machine),
    );
    let cause = cause.certain_if(drop.is_total).decided_by_fact(&format!(
        "which rule counts when the probe is sent again (nft with counters, tc -s), on {}",
        tap.machine
    ));
    Some(cause.saw(format!("{} came to {tap}", journey.name())).saw(drop.text))
}

fn at_interface(scene: &Scene<'_>, tap: &VantagePoint) -> Option<Drop> {
    let state = scene.state(&tap.machine)?;
    let drops = [state.ingress_drop(&tap.interface), state.filter_drop(&tap.interface, "ingress")];
    let drops: Vec<Drop> = drops.into_iter().flatten().collect();
    drops.iter().find(|drop| drop.is_total).or(drops.first()).cloned()
}

/// An XDP program sees what comes in before the tap does (`__netif_receive_skb_core`, net/core/dev.c, or the driver).
/// What it does only the program knows.
pub(super) fn dropped_by_xdp(scene: &Scene<'_>) -> Option<Cause> {
    let (_, missing) = scene.segment()?;
    let point = missing.point();
    if scene.lost()?.from() == Some(&point.machine) {
        return None;
    }
    let program = &scene.interface(point)?.xdp.as_ref()?.prog;
    let cause = Cause::certain(
        Code::IngressDropped,
        format!("an XDP program sees what comes to {point} before anybody else, and may drop it"),
        format!("ip link set dev {} xdp off, on {}, and try again", point.interface, point.machine),
    );
    let cause = cause.certain_if(false).decided_by_fact(&format!(
        "what the program does (bpftool prog dump xlated id {}), on {}",
        program.id, point.machine
    ));
    Some(cause.saw(format!("{point} has the XDP program {} {}", program.id, program.name)))
}

/// What tc filters on its way out of an interface, the tap there never sees (`__dev_queue_xmit`, net/core/dev.c).
pub(super) fn egress_dropped(scene: &Scene<'_>) -> Option<Cause> {
    let (last, missing) = scene.segment()?;
    let point = missing.point();
    let machines = [&last.point().machine, &point.machine].map(|machine| scene.node_of(machine));
    if machines[0].is_none() || machines[0] != machines[1] {
        return None;
    }
    let drop = scene.state(&point.machine)?.filter_drop(&point.interface, "egress")?;
    let cause = Cause::certain(
        Code::EgressDropped,
        format!("a filter of {}'s dropped it on its way out of {}", point.machine, point.interface),
        format!("tc filter show dev {} egress, on {}: let the frame pass", point.interface, point.machine),
    );
    let cause = cause.certain_if(drop.is_total).decided_by_fact(&format!(
        "which filter counts when the probe is sent again (tc -s), on {}",
        point.machine
    ));
    let journey = scene.lost()?.name();
    Some(cause.saw(format!("{journey} came to {} and not to {point}", last.point())).saw(drop.text))
}

fn at_endpoint(scene: &Scene<'_>, tap: &VantagePoint) -> Option<Drop> {
    let ruleset = scene.state(&tap.machine)?.ruleset.as_ref()?;
    OWN_HOOKS.iter().find_map(|hook| ruleset.drops(hook, None))
}
