//! The rules: one cause each. A rule that is not sure says what would decide; one that does not fit is silent.

mod address;
mod bridge_netfilter;
mod card_filter;
mod duplicate_mac;
mod forged_transmits;
mod ingress;
mod isolation;
mod link;
mod mode;
mod mtu;
mod neighbour;
mod nic;
mod other_answers;
mod own_address;
mod port;
mod promiscuous;
mod route_back;
mod vlan;

use super::{Cause, Code, ControlKind, scene::Scene};

type Rule = fn(&Scene<'_>) -> Option<Cause>;

const RULES: [Rule; 29] = [
    isolation::isolation,
    mode::of_siblings,
    mode::of_a_passthru_child,
    mode::source_list,
    link::child_down,
    link::link_down,
    link::no_carrier,
    own_address::own_address,
    address::no_address,
    address::wrong_subnet,
    address::no_such_address,
    route_back::no_route_back,
    neighbour::stale_neighbour,
    neighbour::mac_mismatch,
    duplicate_mac::duplicate_mac,
    other_answers::duplicate_ip,
    other_answers::arp_flux,
    other_answers::proxied_arp,
    forged_transmits::forged_transmits_rejected,
    promiscuous::promiscuous_rejected,
    port::not_forwarding,
    bridge_netfilter::bridge_netfilter,
    mtu::mtu_black_hole,
    vlan::vlan_mismatch,
    ingress::ingress_dropped,
    ingress::dropped_by_xdp,
    ingress::egress_dropped,
    card_filter::filtered_by_card,
    nic::dropped,
];

/// All causes that are certain; without one, all that fit; without those, that nothing is known.
pub(super) fn causes(scene: &Scene<'_>) -> Vec<Cause> {
    let (certain, possible): (Vec<Cause>, Vec<Cause>) =
        RULES.iter().filter_map(|rule| rule(scene)).partition(|cause| cause.is_certain);
    let named = if certain.is_empty() { possible } else { certain };
    if named.is_empty() { vec![unknown(scene)] } else { named }
}

/// Nothing fits: which further probes would tell most.
fn unknown(scene: &Scene<'_>) -> Cause {
    let cause = Cause::certain(
        Code::Unknown,
        "no rule fits what was seen",
        "look at the place: the state of the two points' interfaces, and the filters between them",
    );
    let cause = cause.certain_if(false);
    let cause = match scene.state(scene.asked()).or_else(|| scene.state(scene.asker())) {
        Some(_) => cause,
        None => cause.decided_by_fact(
            "the machines' links, addresses, routes and neighbours (ip -d address, ip route, ip neigh, bridge -d link)",
        ),
    };
    [
        ControlKind::NodeToNode,
        ControlKind::NodeToOtherChild,
        ControlKind::ChildToOtherNode,
        ControlKind::HostToChild,
    ]
    .into_iter()
    .filter(|kind| scene.case.control(*kind).is_none())
    .fold(cause, Cause::decided_by_control)
}
