//! Frames that a macvlan mode keeps away.

use super::super::{Cause, Code, Happening, scene::Scene};
use crate::vantage_point::VantagePoint;

/// Containers of one node that are not both of mode bridge meet at the switch alone, and private ones not
/// even there (ip-link(8)).
pub(super) fn of_siblings(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.lost()?;
    let (from, to) = (journey.from()?, journey.to()?);
    if scene.node_of(from)?.name != scene.node_of(to)?.name {
        return None;
    }
    let (one, other) = (mode_of(scene, from)?, mode_of(scene, to)?);
    let reflects = scene.ports(Some(from)).and_then(|port| scene.port(&port)).map(|port| port.hairpin);
    let is_private = one == "private" || other == "private";
    if (one == "bridge" && other == "bridge") || (!is_private && reflects == Some(true)) {
        return None;
    }
    let cause = Cause::certain(
        Code::Mode,
        if is_private {
            "a private container never hears its siblings, even by a switch that reflects"
        } else {
            "these modes send siblings' frames to the switch, which does not send them back"
        },
        "use mode bridge for both, or (except for private) let the switch reflect: hairpin on the node's port",
    );
    Some(
        cause.saw(format!(
            "{from} is of mode {one}, {to} of mode {other}, both on {}",
            scene.node_of(from)?.name
        )),
    )
}

/// A passthru child takes all that comes to its parent: the parent's own answers too.
pub(super) fn of_a_passthru_child(scene: &Scene<'_>) -> Option<Cause> {
    let mut thieves = scene.case.topology.containers.iter().filter(|container| {
        [scene.asker(), scene.asked()].contains(&container.node.as_str())
            && mode_of(scene, &container.name).as_deref() == Some("passthru")
    });
    let thief = thieves.next()?;
    let frame = scene.place.journey.as_ref()?;
    let arrived_at_parent = frame.to() == Some(&thief.node) && !frame.is_lost();
    let is_stuck = matches!(scene.place.happening, Happening::NeverSent | Happening::Unanswered);
    if !arrived_at_parent || !is_stuck || frame.is_broadcast() {
        return None;
    }
    let cause = Cause::certain(
        Code::Mode,
        format!(
            "{} is of mode passthru: all that comes to {}'s MAC address is its, and {} gets none of it",
            thief.name, thief.node, thief.node
        ),
        "use mode bridge, or give the node an interface of its own beside the parent",
    );
    Some(cause.saw(format!(
        "{} came to {}'s interface, and the node did not go on",
        frame.name(),
        thief.node
    )))
}

/// A child of mode source takes frames from the MAC addresses on its list alone.
pub(super) fn source_list(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.lost()?;
    let to = journey.to()?;
    let (last, missing) = scene.segment()?;
    if mode_of(scene, to).as_deref() != Some("source") || missing.point().machine != to {
        return None;
    }
    let cause = Cause::certain(
        Code::Mode,
        format!("{to} is of mode source: it takes what comes from the MAC addresses on its list alone"),
        format!(
            "put the sender on the list: ip link set {} type macvlan macaddr add {}",
            missing.point().interface,
            journey.frame().source
        ),
    );
    Some(cause.saw(format!(
        "{} came to {} and not to {to}, whose interface is of mode source",
        journey.name(),
        last.point()
    )))
}

/// A container's mode: the interface's own, else the topology's.
fn mode_of(scene: &Scene<'_>, name: &str) -> Option<String> {
    let container = scene.case.topology.container(name)?;
    let own = VantagePoint::towards_the_switch(&scene.case.topology, name)?;
    let told = scene.interface(own.first()?).map(|interface| interface.linkinfo.info_data.mode.clone());
    Some(told.filter(|mode| !mode.is_empty()).unwrap_or_else(|| container.mode.to_string()))
}
