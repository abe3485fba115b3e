//! Frames for a MAC address that is not the receiver's.

use super::super::{Cause, Code, scene::Scene, talk::said_hardware};
use crate::{
    MacAddress,
    journey::{Journey, Station},
};

/// The sender has an old entry for the receiver.
pub(super) fn stale_neighbour(scene: &Scene<'_>) -> Option<Cause> {
    let (journey, to, own) = misaddressed(scene)?;
    if speaks_as(scene, to, journey.frame().destination)
        || was_told(scene, journey)
        || is_by_a_router(scene, journey)
    {
        return None;
    }
    // What is a known machine's could be a router's, where the routes are not known.
    let sure = scene.case.owners.of_mac(journey.frame().destination).is_none()
        || journey.from().and_then(|from| scene.state(from)).is_some_and(|state| state.routes.is_some());
    let (used, own) = (journey.frame().destination, list(&own));
    let from = journey.from().unwrap_or("the sender");
    let cause = Cause::certain(
        Code::StaleNeighbour,
        format!("{from} believes {to} at {used}, and sends there until it asks again (30 s and more)"),
        format!(
            "let {to} announce itself when it comes up (arp_notify 1 before the address, or arping -U); at once: ip neigh flush to its address, on {from}"
        ),
    );
    let cause = cause.certain_if(sure).decided_by_fact(&format!("ip route and ip neigh, in {from}"));
    Some(cause.saw(format!("{} was sent to {used}; {to}'s interface has {own}", journey.name())))
}

/// Whoever is behind the receiver's macvlan interface uses another MAC address than that has.
pub(super) fn mac_mismatch(scene: &Scene<'_>) -> Option<Cause> {
    let (journey, to, own) = misaddressed(scene)?;
    let used = journey.frame().destination;
    if !leaves_as(scene, to, used) || !scene.is_container(to) {
        return None;
    }
    let cause = Cause::certain(
        Code::MacMismatch,
        format!(
            "a macvlan interface takes what is for its own MAC address alone; what is behind {to}'s uses {used}"
        ),
        "give both the same MAC address, or use mode passthru",
    );
    Some(
        cause
            .saw(format!("{to} speaks from {used}; its interface has {}", list(&own)))
            .saw(format!("{} for that address came to the parent, and not to {to}", journey.name())),
    )
}

/// A unicast frame for another MAC address than the receiver's interface has.
fn misaddressed<'a>(scene: &Scene<'a>) -> Option<(&'a Journey, &'a str, Vec<MacAddress>)> {
    let journey = scene.failed().filter(|journey| !journey.is_broadcast())?;
    let to = journey.to()?;
    let own = scene.macs_of(to);
    (!own.is_empty() && !own.contains(&journey.frame().destination)).then_some((journey, to, own))
}

/// Whether the sender has the address from an answer that is among the frames: then it is not old, but somebody's.
fn was_told(scene: &Scene<'_>, journey: &Journey) -> bool {
    let (Some(from), Some(to)) = (journey.from(), journey.to()) else { return false };
    scene
        .talk()
        .answers(from, to)
        .any(|answer| said_hardware(answer.frame()) == Some(journey.frame().destination))
}

/// Whether the sender has no way to the receiver but by a router, whose MAC address its frames then have.
fn is_by_a_router(scene: &Scene<'_>, journey: &Journey) -> bool {
    let needs = || {
        scene
            .state(journey.from()?)?
            .needs_router_to(scene.case.topology.address(journey.to()?)?.addr().into())
    };
    needs() == Some(true)
}

/// Whether an endpoint sent frames from a MAC address.
fn speaks_as(scene: &Scene<'_>, endpoint: &str, mac: MacAddress) -> bool {
    scene.journeys.iter().any(|journey| journey.from() == Some(endpoint) && journey.frame().source == mac)
}

/// Whether frames from a MAC address that say they are an endpoint's were seen at that endpoint's own machine.
fn leaves_as(scene: &Scene<'_>, endpoint: &str, mac: MacAddress) -> bool {
    let node = scene.node_of(endpoint).map(|node| node.name.as_str());
    scene.journeys.iter().any(|journey| {
        let is_at_home = |station: Station<'_>| {
            station.saw() && [Some(endpoint), node].contains(&Some(station.point().machine.as_str()))
        };
        journey.from() == Some(endpoint)
            && journey.frame().source == mac
            && journey.stations().any(is_at_home)
    })
}

fn list(macs: &[MacAddress]) -> String {
    macs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
