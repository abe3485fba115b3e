//! Ends in different VLANs.

use super::super::{Cause, Code, scene::Scene};
use crate::journey::Journey;

/// A tag that the receiver has no VLAN interface for, or that the switch does not let through.
pub(super) fn vlan_mismatch(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.failed().or_else(|| scene.altered())?;
    let to = journey.to.as_deref()?;
    let tags = tags(journey)?;
    let came = journey.last_seen()?;
    let others = scene.journeys.iter().filter(|other| other.from.as_deref() == Some(to));
    let speaks_otherwise =
        others.clone().next().is_some() && others.clone().all(|other| self::tags(other) != Some(tags));
    // It came to the receiver's own interface with the tag still on: nothing there takes it off.
    let arrived_tagged = came.point.machine == to && scene.lost().is_none();
    let cause = Cause::certain(
        Code::VlanMismatch,
        format!("the frame is in VLAN {tags:?}, and {to} is not"),
        format!(
            "put the parent of {to} on the VLAN's own interface (ens33.N), or let the switch carry it on the port"
        ),
    );
    let cause = cause.certain_if(arrived_tagged || speaks_otherwise).decided_by_fact(
        "the VLANs of the switch's ports, and the parents of both macvlan interfaces (ip -d link)",
    );
    Some(cause.saw(format!("{} has the tags {tags:?} at {}", journey.name(), came.point)))
}

/// The tags that a frame has where it was last seen; VLAN 0 is none (IEEE 802.1Q).
fn tags(journey: &Journey) -> Option<&[u16]> {
    let tags = journey.last_seen()?.first.as_ref()?.vlans.as_slice();
    tags.iter().any(|tag| *tag != 0).then_some(tags)
}
