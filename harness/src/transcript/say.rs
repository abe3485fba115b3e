//! From a frame's content to what it says.

use std::net::IpAddr;

use super::{any_echo::AnyEcho, ends::Ends, flags::Flags, names::Names, saying::Saying};
use crate::{
    MacAddress,
    frame::{Arp, ArpOperation, Content, Datagram, Neighbour, NeighbourMessage},
};

/// What Linux sends (net.ipv4.ip_default_ttl, net.ipv6.conf.all.hop_limit); any other value tells
/// of a router on the way.
const DEFAULT_HOPS: u8 = 64;
/// What neighbour discovery must be sent with, so that no router can have passed it on (RFC 4861).
const NEIGHBOUR_HOPS: u8 = 255;

/// What a frame says. What is usual is not said.
pub(super) fn say<'a, N: Names<'a>>(
    content: &'a Content,
    ends: Ends,
    names: &mut N,
) -> Saying<N::Name, N::Ping> {
    match content {
        Content::Arp(message) => arp(message, ends, names),
        Content::Echo(message) => echo(&message.into(), ends, names),
        Content::Echo6(message) => echo(&message.into(), ends, names),
        Content::Neighbour(message) => neighbour(message, ends, names),
        Content::Datagram(message) => datagram(message, ends, names),
        Content::Other(kind) => Saying::Other(*kind),
    }
}

fn arp<'a, N: Names<'a>>(arp: &Arp, ends: Ends, names: &mut N) -> Saying<N::Name, N::Ping> {
    let sender = names.address(arp.sender_protocol.into());
    if arp.operation == ArpOperation::Reply {
        return Saying::ArpReply { sender, at: names.mac(arp.sender_hardware) };
    }
    let is_known = arp.target_hardware != MacAddress([0; 6]);
    let is_another = Some(arp.sender_hardware) != ends.source;
    Saying::ArpRequest {
        target: names.address(arp.target_protocol.into()),
        target_at: is_known.then(|| names.mac(arp.target_hardware)),
        sender,
        sender_at: is_another.then(|| names.mac(arp.sender_hardware)),
    }
}

fn echo<'a, N: Names<'a>>(echo: &AnyEcho<'a>, ends: Ends, names: &mut N) -> Saying<N::Name, N::Ping> {
    let (ping, is_altered) = names.hear(echo);
    Saying::Echo {
        is_ipv4: echo.source.is_ipv4(),
        ends: other_ends([echo.source, echo.destination], ends, names),
        direction: echo.direction,
        ping,
        sequence: echo.sequence,
        hops: unusual(echo.hops_left, DEFAULT_HOPS),
        checksum_holds: echo.checksum_holds,
        is_altered,
    }
}

/// What a datagram says; its ports where nobody here understands it, as tcpdump prints them.
fn datagram<'a, N: Names<'a>>(datagram: &Datagram, ends: Ends, names: &mut N) -> Saying<N::Name, N::Ping> {
    let addresses = [datagram.source, datagram.destination].map(IpAddr::from);
    let hops = unusual(datagram.ttl, DEFAULT_HOPS);
    let Some(dhcp) = datagram.dhcp else {
        let ports = [datagram.source_port, datagram.destination_port];
        let ends = addresses.map(|address| names.address(address));
        return Saying::Udp { ends, ports, length: datagram.length, hops };
    };
    let about = if dhcp.is_of_server() { Some(dhcp.yours) } else { dhcp.requested };
    Saying::Dhcp {
        ends: other_ends(addresses, ends, names),
        message: dhcp.name(),
        about: about.map(|address| names.address(address.into())),
        hops,
    }
}

fn neighbour<'a, N: Names<'a>>(neighbour: &Neighbour, ends: Ends, names: &mut N) -> Saying<N::Name, N::Ping> {
    let another = neighbour.link_layer.filter(|mac| Some(*mac) != ends.source);
    Saying::Neighbour {
        ends: other_ends([neighbour.source, neighbour.destination].map(IpAddr::from), ends, names),
        is_solicitation: neighbour.message == NeighbourMessage::Solicitation,
        target: names.address(neighbour.target.into()),
        at: another.map(|mac| names.mac(mac)),
        flags: Flags::unusual(neighbour),
        hops: unusual(neighbour.hop_limit, NEIGHBOUR_HOPS),
        checksum_holds: neighbour.checksum_holds,
    }
}

fn unusual(hops: u8, usual: u8) -> Option<u8> {
    (hops != usual).then_some(hops)
}

/// The IP ends, where they are not those that the link layer's header names.
fn other_ends<'a, N: Names<'a>>(addresses: [IpAddr; 2], ends: Ends, names: &mut N) -> Option<[N::Name; 2]> {
    let [source, destination] = addresses;
    if is_of(source, ends.source, names) && is_of(destination, ends.destination, names) {
        return None;
    }
    Some(addresses.map(|address| names.address(address)))
}

/// Whether a MAC address is that of the owner of an IP address, or of the group that it stands for.
fn is_of<'a>(address: IpAddr, mac: Option<MacAddress>, names: &mut impl Names<'a>) -> bool {
    mac.is_some_and(|mac| names.is_of(address, mac) || group_mac(address) == Some(mac))
}

/// Where an IPv6 group's frames are sent (RFC 2464, section 7).
fn group_mac(address: IpAddr) -> Option<MacAddress> {
    match address {
        IpAddr::V6(address) if address.is_multicast() => {
            let [.., a, b, c, d] = address.octets();
            Some(MacAddress([0x33, 0x33, a, b, c, d]))
        }
        _ => None,
    }
}
