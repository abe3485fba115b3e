//! Addresses that are missing or wrong.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::super::{Cause, Code, scene::Scene};
use crate::{container::InterfaceAddress, frame::Content, vantage_point::VantagePoint};

/// An endpoint without any address: it can't ask, and does not answer.
pub(super) fn no_address(scene: &Scene<'_>) -> Option<Cause> {
    let name = at_fault(scene)?;
    match addresses(scene, name) {
        Some(addresses) if addresses.is_empty() => {
            // With its interface's being down an endpoint loses its addresses of IPv6.
            let points = VantagePoint::towards_the_switch(&scene.case.topology, name)?;
            if scene.asked_address()?.is_ipv6() && !scene.interface(points.first()?)?.is_up() {
                return None;
            }
            let cause = Cause::certain(
                Code::NoAddress,
                format!("{name} has no address: it asks nobody, and answers nobody"),
                "give it its address; look at why whoever sets it up (an IPAM plugin, DHCP) did not",
            );
            let family = if scene.asked_address()?.is_ipv4() { "IPv4" } else { "IPv6" };
            Some(cause.saw(format!("{name} has no {family} address")))
        }
        None if scene.unanswered().is_some() => Some(possible(Code::NoAddress, scene, name)),
        _ => None,
    }
}

/// The endpoint has addresses, and not the one that is asked for.
pub(super) fn no_such_address(scene: &Scene<'_>) -> Option<Cause> {
    scene.failed()?;
    let name = at_fault(scene)?;
    let Some(addresses) = addresses(scene, name) else {
        return scene.unanswered().map(|_| possible(Code::NoSuchAddress, scene, name));
    };
    let asked = scene.asked_address()?;
    if addresses.is_empty()
        || addresses.iter().any(|held| held.local == asked)
        || is_apart(scene, name, &addresses)
    {
        return None;
    }
    let cause = Cause::certain(
        Code::NoSuchAddress,
        format!("nobody has the address {asked}"),
        format!("ask for the address that {name} has, or give it this one"),
    );
    Some(cause.saw(format!("{name} has {}", list(&addresses))).saw(format!("nobody answered for {asked}")))
}

/// The endpoint's addresses are all in another subnet than the topology's, or the asker's have prefixes too long for it.
pub(super) fn wrong_subnet(scene: &Scene<'_>) -> Option<Cause> {
    let name = at_fault(scene)?;
    let addresses = addresses(scene, name)?;
    let is_asker = scene.is_silent();
    let no_route = is_asker && scene.state(name)?.has_route_to(scene.asked_address()?) == Some(false);
    let lan = scene.case.topology.address(name)?.trunc();
    let is_apart = is_apart(scene, name, &addresses);
    let is_narrow = no_route && is_beyond(scene.asked_address()?, lan, &addresses);
    if addresses.is_empty() || !(is_apart || is_narrow) || (is_asker && !no_route) {
        return None;
    }
    let lacks = if is_apart { "in it" } else { "with its prefix length" };
    let cause = Cause::certain(
        Code::WrongSubnet,
        format!("{name} is on the LAN {lan} and has no address {lacks}"),
        format!("give {name} an address in {lan}, with that prefix length"),
    );
    let cause = cause.saw(format!("{name} has {}", list(&addresses)));
    Some(if no_route {
        cause.saw(format!("{name} has no route to {}", scene.asked_address()?))
    } else {
        cause
    })
}

/// Whose address would explain the place: the asker's where nothing was sent, the asked one's where a question for
/// its hardware address was not answered, or not heard: IPv6 asks a group that only those are in who have the address.
fn at_fault<'a>(scene: &Scene<'a>) -> Option<&'a str> {
    if scene.is_silent() {
        return Some(scene.asker());
    }
    let is_unheard = || {
        let (_, missing) = scene.segment()?;
        let is_of_group = matches!(scene.lost()?.frame().content, Content::Neighbour(_));
        (is_of_group && missing.point().machine == scene.asked()).then(|| scene.lost())?
    };
    let question = scene.unanswered().or_else(is_unheard)?;
    question.to().filter(|to| question.is_about_an_address() && *to == scene.asked())
}

/// An endpoint's addresses of the family that is asked for, without those of its loopback interface.
fn addresses<'a>(scene: &Scene<'a>, name: &str) -> Option<Vec<&'a InterfaceAddress>> {
    let all = scene.state(name)?.addresses()?;
    let is_ipv4 = scene.asked_address()?.is_ipv4();
    let own = all
        .into_iter()
        .filter(|(_, address)| address.local.is_ipv4() == is_ipv4 && !address.local.is_loopback());
    Some(own.map(|(_, address)| address).collect())
}

/// Whether none of these is in the subnet that the topology gives the endpoint.
fn is_apart(scene: &Scene<'_>, name: &str, addresses: &[&InterfaceAddress]) -> bool {
    // The topology gives no subnet of IPv6.
    let asks_ipv4 = scene.asked_address().is_some_and(|asked| asked.is_ipv4());
    let Some(lan) = scene.case.topology.address(name).filter(|_| asks_ipv4) else { return false };
    !addresses.iter().any(|held| matches!(held.local, IpAddr::V4(address) if lan.contains(&address)))
}

/// Whether one of a LAN's addresses is in the subnet of none of these.
fn is_beyond(asked: IpAddr, lan: Ipv4Net, addresses: &[&InterfaceAddress]) -> bool {
    let mut subnets = addresses.iter().filter_map(|held| IpNet::new(held.local, held.prefixlen).ok());
    IpNet::from(lan).contains(&asked) && !subnets.any(|subnet| subnet.contains(&asked))
}

fn list(addresses: &[&InterfaceAddress]) -> String {
    addresses.iter().map(|held| format!("{}/{}", held.local, held.prefixlen)).collect::<Vec<_>>().join(", ")
}

/// What nobody answered, where it is not known which addresses there are.
fn possible(code: Code, scene: &Scene<'_>, name: &str) -> Cause {
    let means = match code {
        Code::NoAddress => format!("{name} may have no address at all"),
        _ => format!("{name} may have another address than was asked for"),
    };
    let cause = Cause::certain(code, means, format!("look at {name}'s addresses"));
    let cause = cause.certain_if(false).decided_by_fact(&format!("ip address, in {name}"));
    let question = scene.unanswered().map(|question| question.name()).unwrap_or_default();
    cause.saw(format!("{question} arrived, and nobody answered"))
}
