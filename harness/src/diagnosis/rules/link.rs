//! Links that are down, and links without a carrier.

use super::super::{Cause, Code, Happening, scene::Scene};
use crate::{
    container::Interface,
    journey::Station,
    vantage_point::{Side, VantagePoint},
};

/// A macvlan interface that nobody set up: the parent frees what is for it without a word.
pub(super) fn child_down(scene: &Scene<'_>) -> Option<Cause> {
    let (point, _) = concerned(scene)
        .into_iter()
        .find(|(point, interface)| !interface.is_up() && scene.is_container(&point.machine))?;
    let cause = Cause::certain(
        Code::ChildDown,
        "a macvlan interface that is down gets nothing, and its parent tells nobody",
        format!("ip link set {} up, in {}", point.interface, point.machine),
    );
    Some(cause.saw(format!("{point} is not UP")))
}

/// An interface of a machine, or a bridge's port, that somebody set down.
pub(super) fn link_down(scene: &Scene<'_>) -> Option<Cause> {
    let (point, _) = concerned(scene)
        .into_iter()
        .find(|(point, interface)| !interface.is_up() && !scene.is_container(&point.machine))?;
    let cause = Cause::certain(
        Code::LinkDown,
        "nothing passes an interface that is down; children of it send nothing either",
        format!("ip link set {} up, on {}", point.interface, point.machine),
    );
    Some(cause.saw(format!("{point} is not UP")))
}

/// An interface that is up, with nothing at its other end, where no interface that is known is down.
pub(super) fn no_carrier(scene: &Scene<'_>) -> Option<Cause> {
    let concerned = concerned(scene);
    if concerned.iter().any(|(_, interface)| !interface.is_up()) {
        return None;
    }
    let without = concerned.iter().filter(|(_, interface)| interface.lacks_carrier());
    // The parent's says it better than the children's, which only follow it.
    let (point, interface) = without.min_by_key(|(point, _)| scene.is_container(&point.machine))?;
    let cause = Cause::certain(
        Code::NoCarrier,
        "the interface is up and has nothing at its other end: a cable, a switch's port, a virtual machine's other side",
        format!("see to the other end of {point}; children get their carrier from their parent"),
    );
    Some(cause.saw(format!("{point} is <{}>, state {}", interface.flags.join(","), interface.operstate)))
}

/// The interfaces whose being down would explain the place: those between the last point that saw the frame and
/// the first that did not, and the one at the other end of the latter's cable.
fn concerned<'a>(scene: &Scene<'a>) -> Vec<(VantagePoint, &'a Interface)> {
    let points: Vec<VantagePoint> = match scene.place.happening {
        Happening::NeverSent if scene.place.journey.is_none() => {
            VantagePoint::towards_the_switch(&scene.case.topology, scene.asker()).unwrap_or_default()
        }
        Happening::Lost | Happening::Unanswered => {
            let Some(journey) = &scene.place.journey else { return Vec::new() };
            let rest = journey.rest();
            let missing = rest.clone().position(Station::missed).unwrap_or(rest.len());
            let is_port =
                rest.clone().nth(missing).is_some_and(|station| station.point().side == Side::Switch);
            let end = missing + if is_port { 2 } else { 1 };
            journey
                .last_seen()
                .into_iter()
                .chain(rest.take(end))
                .map(|station| station.point().clone())
                .collect()
        }
        _ => Vec::new(),
    };
    let known = |point: VantagePoint| scene.interface(&point).map(|interface| (point, interface));
    points.into_iter().filter_map(known).collect()
}
