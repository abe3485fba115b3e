//! Ends in different VLANs.

use super::super::{Cause, Code, scene::Scene};
use crate::{
    journey::Journey,
    vantage_point::{Side, VantagePoint},
};

/// A tag that the receiver has no VLAN interface for, or that the switch does not let through; or none, where the
/// receiver's parent is a VLAN interface.
pub(super) fn vlan_mismatch(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.failed().or_else(|| scene.altered())?;
    let to = journey.to()?;
    let tags = tags(journey)?;
    let came = journey.last_seen()?;
    let listens = listens(scene, to);
    // A switch may tag and untag on its ports: what counts is what the receiver's own port and uplink saw.
    let is_for_others = is_at_the_door(scene, to, came.point())
        && listens.as_ref().is_some_and(|vlan| vlan.as_slice() != tags);
    if tags.is_empty() && !is_for_others {
        return None;
    }
    let others = scene.journeys.iter().filter(|other| other.from() == Some(to));
    let speaks_otherwise =
        others.clone().next().is_some() && others.clone().all(|other| self::tags(other) != Some(tags));
    // It came to the receiver's own interface with the tag still on: nothing there takes it off.
    let arrived_tagged = came.point().machine == to && scene.lost().is_none();
    let is_in = match tags {
        [] => "in no VLAN".to_owned(),
        tags => format!("in VLAN {tags:?}"),
    };
    let cause = Cause::certain(
        Code::VlanMismatch,
        format!("the frame is {is_in}, and {to} is not"),
        format!(
            "put the parent of {to} on the VLAN's own interface (ens33.N), or let the switch carry it on the port"
        ),
    );
    let cause = cause
        .certain_if(is_for_others || arrived_tagged || speaks_otherwise)
        .decided_by_fact(
            "the VLANs of the switch's ports, and the parents of both macvlan interfaces (ip -d link)",
        )
        .saw(format!("{} has the tags {tags:?} at {}", journey.name(), came.point()));
    Some(match listens.filter(|_| is_for_others).as_deref() {
        Some([]) => cause.saw(format!("the parent of {to} is no VLAN interface")),
        Some(vlan) => cause.saw(format!("the parent of {to} is the interface of VLAN {vlan:?}")),
        None => cause,
    })
}

/// The tags that a frame has where it was last seen; VLAN 0 is none (IEEE 802.1Q).
fn tags(journey: &Journey) -> Option<&[u16]> {
    let tags = journey.last_seen()?.first?.vlans;
    Some(if tags.iter().all(|tag| *tag == 0) { &[] } else { tags })
}

/// The VLAN of a container's parent, as its machines tell; none, where the parent is no VLAN interface.
fn listens(scene: &Scene<'_>, container: &str) -> Option<Vec<u16>> {
    let own = VantagePoint::towards_the_switch(&scene.case.topology, container)?.into_iter().next()?;
    let parent = scene.interface(&own)?.link_index?;
    let node = scene.node_of(container).filter(|node| node.name != container)?;
    let mut interfaces = scene.state(&node.name)?.interfaces.as_ref()?.iter();
    let parent = interfaces.find(|interface| interface.ifindex == parent)?;
    Some(parent.linkinfo.vlan().into_iter().collect())
}

/// Whether a point is an endpoint's port, or its node's uplink: what comes by there is as it was on the cable.
fn is_at_the_door(scene: &Scene<'_>, endpoint: &str, point: &VantagePoint) -> bool {
    scene.node_of(endpoint).is_some_and(|node| match point.side {
        Side::Switch => point.interface == node.port,
        Side::Machines => point.machine == node.name && point.interface == node.uplink,
    })
}
