//! A green ping that proves nothing.

use super::super::{Cause, Code, scene::Scene};
use crate::journey::Journey;

/// Whoever has an address talks to it by its loopback interface: no frame leaves.
pub(super) fn own_address(scene: &Scene<'_>) -> Option<Cause> {
    let is_asked = |journey: &Journey| journey.is_echo_request() && journey.to() == Some(scene.asked());
    if !scene.is_silent() || scene.journeys.iter().any(is_asked) {
        return None;
    }
    let address = scene.asked_address()?;
    let holder = scene.state(scene.asker()).and_then(|state| state.holder_of(address));
    let answered = scene.case.stimulus.as_ref().is_some_and(|stimulus| stimulus.is_answered());
    if holder.is_none() && !answered {
        return None;
    }
    let cause = Cause::certain(
        Code::OwnAddress,
        "the asker answers itself: its ping tells nothing about the network",
        format!("find out why {} has {}'s address, and take it away", scene.asker(), scene.asked()),
    );
    // Otherwise ping itself may not tell the truth.
    let cause = cause
        .certain_if(holder.is_some())
        .decided_by_fact(&format!("ip address, in {}: whether it has {address}", scene.asker()));
    let cause = match holder {
        Some(holder) => {
            cause.saw(format!("{} has the address {address} itself, on {}", scene.asker(), holder.ifname))
        }
        None => cause,
    };
    Some(if answered { cause.saw("ping was answered, and no frame of it was seen anywhere") } else { cause })
}
