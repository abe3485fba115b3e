//! Frames that are too long.

use super::super::{Cause, Code, scene::Scene};
use crate::{frame::Content, journey::Journey};

/// An IPv4 header without options, and ICMP's.
const HEADERS: usize = 20 + 8;
/// What a common Ethernet link takes.
const COMMON_MTU: usize = 1500;

/// A link layer sends no error: a frame that the next link does not take is gone.
pub(super) fn mtu_black_hole(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.lost()?;
    let length = length(journey)?;
    let (last, missing) = scene.segment()?;
    let narrow = journey.way().skip_while(|station| station.point() != last.point()).find_map(|station| {
        let mtu = scene.interface(station.point())?.mtu;
        (length > mtu as usize).then_some((station.point(), mtu))
    });
    let known = scene.interface(missing.point()).is_some();
    if (narrow.is_none() && known) || length <= COMMON_MTU && narrow.is_none() {
        return None;
    }
    let cause = Cause::certain(
        Code::MtuBlackHole,
        "a link on the way takes shorter frames only, and a switch tells nobody what it drops",
        "give all links of the LAN one MTU: both nodes' uplinks, their children, and the switch's ports",
    );
    let cause =
        cause.certain_if(narrow.is_some()).decided_by_fact("the MTU of all interfaces on the way (ip link)");
    let cause =
        cause.saw(format!("{} is {length} bytes long and was lost behind {}", journey.name(), last.point()));
    Some(match narrow {
        Some((point, mtu)) => cause.saw(format!("{point} has an MTU of {mtu}")),
        None => cause,
    })
}

/// An echo's length as a link's MTU counts it, in bytes.
fn length(journey: &Journey) -> Option<usize> {
    match &journey.frame().content {
        Content::Echo(echo) => Some(HEADERS + echo.payload.len()),
        _ => None,
    }
}
