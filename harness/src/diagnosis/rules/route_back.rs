//! Answers that find no way back.

use std::net::IpAddr;

use super::super::{Cause, Code, scene::Scene};

/// ARP is answered without a look at the routes (rp_filter 0); an echo is not.
pub(super) fn no_route_back(scene: &Scene<'_>) -> Option<Cause> {
    let request = scene.unanswered().filter(|journey| journey.is_echo_request())?;
    let (from, to) = (scene.sender_address(request)?, request.to()?);
    // Routes of IPv6 are not read, and the topology gives no subnet of it.
    if from.is_ipv6() {
        return None;
    }
    let known = scene.state(to).and_then(|state| state.has_route_to(from));
    let lan = scene.case.topology.address(to)?;
    let is_from_outside = !matches!(from, IpAddr::V4(from) if lan.contains(&from));
    if known == Some(true) || (known.is_none() && !is_from_outside) {
        return None;
    }
    let cause = Cause::certain(
        Code::NoRouteBack,
        format!("{to} hears {from} and has no route to it, so that it sends no reply"),
        format!("give {to} a route to {from}, or the asker an address in {}", lan.trunc()),
    );
    let cause = cause.certain_if(known.is_some()).decided_by_fact(&format!("ip route get {from}, in {to}"));
    let cause = cause.saw(format!("{} from {from} arrived at {to}, and no reply left it", request.name()));
    Some(if known.is_some() { cause.saw(format!("no route of {to}'s leads to {from}")) } else { cause })
}
