//! What a frame carries.

use etherparse::{
    EtherType, Icmpv6Slice, Icmpv6Type, LaxIpv4Slice, LaxIpv6Slice, LaxLinkExtSlice, LaxNetSlice,
    LaxSlicedPacket, TransportSlice, ether_type,
};

use super::{Arp, ArpOperation, Datagram, Echo, Echo6, Kind, Neighbour};
use crate::MacAddress;

const ETHERTYPE_LLDP: u16 = 0x88cc;
const ETHERTYPE_RARP: u16 = 0x8035;
/// Query, report, done (RFC 2710) and the second version's report (RFC 3810).
const MULTICAST_LISTENER_TYPES: [u8; 4] = [130, 131, 132, 143];
/// Below this an EtherType field holds a length (IEEE 802.3, clause 3.2.6), as spanning tree's does.
const ETHERTYPE_MIN: u16 = 0x0600;
/// The group address of IEEE 802.1D bridges.
const BRIDGE_GROUP: MacAddress = MacAddress([0x01, 0x80, 0xc2, 0x00, 0x00, 0x00]);

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// An ARP request or reply about IPv4 addresses.
    Arp(Arp),
    /// An ICMP echo request or reply.
    Echo(Echo),
    /// An ICMPv6 echo request or reply.
    Echo6(Echo6),
    /// An IPv6 neighbour solicitation or advertisement.
    Neighbour(Neighbour),
    /// A UDP datagram over IPv4.
    Datagram(Datagram),
    /// Anything else.
    Other(Kind),
}

impl Content {
    /// Reads what is behind the link layer's header, whose EtherType is `outer`.
    pub(super) fn read(
        packet: &LaxSlicedPacket<'_>,
        outer: Option<EtherType>,
        destination: Option<MacAddress>,
    ) -> Self {
        match &packet.net {
            Some(LaxNetSlice::Arp(arp)) => match Arp::read(arp) {
                Some(arp) if !matches!(arp.operation, ArpOperation::Other(_)) => Self::Arp(arp),
                _ => Self::Other(Kind::StrangeArp),
            },
            Some(LaxNetSlice::Ipv4(ip)) => ipv4(ip, packet.transport.as_ref()),
            Some(LaxNetSlice::Ipv6(ip)) => ipv6(ip, packet.transport.as_ref()),
            None => Self::Other(without_network_layer(packet, outer, destination)),
        }
    }
}

/// The VLAN identifiers of a frame's tags, the outer first.
pub(super) fn vlans(packet: &LaxSlicedPacket<'_>) -> Vec<u16> {
    let tags = packet.link_exts.iter().filter_map(|extension| match extension {
        LaxLinkExtSlice::Vlan(tag) => Some(tag.vlan_identifier().value()),
        LaxLinkExtSlice::Macsec(_) => None,
    });
    tags.collect()
}

fn ipv4(ip: &LaxIpv4Slice<'_>, transport: Option<&TransportSlice<'_>>) -> Content {
    let kind = match transport {
        Some(TransportSlice::Icmpv4(message)) => match Echo::read(&ip.header(), message) {
            Some(echo) => return Content::Echo(echo),
            None => Kind::IcmpError(message.type_u8(), message.code_u8()),
        },
        Some(TransportSlice::Igmp(_)) => Kind::Igmp,
        Some(TransportSlice::Udp(udp)) if udp.destination_port() == 5353 => Kind::Mdns,
        Some(TransportSlice::Udp(udp)) => return Content::Datagram(Datagram::read(&ip.header(), udp)),
        _ => Kind::Ipv4(ip.payload_ip_number().0),
    };
    Content::Other(kind)
}

fn ipv6(ip: &LaxIpv6Slice<'_>, transport: Option<&TransportSlice<'_>>) -> Content {
    let kind = match transport {
        Some(TransportSlice::Icmpv6(message)) => return icmpv6(ip, message),
        Some(TransportSlice::Udp(udp)) if udp.destination_port() == 5353 => Kind::Mdns,
        _ => Kind::Ipv6(ip.payload().ip_number.0),
    };
    Content::Other(kind)
}

fn icmpv6(ip: &LaxIpv6Slice<'_>, message: &Icmpv6Slice<'_>) -> Content {
    if let Some(echo) = Echo6::read(&ip.header(), message) {
        return Content::Echo6(echo);
    }
    if let Some(neighbour) = Neighbour::read(&ip.header(), message) {
        return Content::Neighbour(neighbour);
    }
    Content::Other(match message.icmp_type() {
        Icmpv6Type::RouterSolicitation => Kind::RouterSolicitation,
        Icmpv6Type::RouterAdvertisement(_) => Kind::RouterAdvertisement,
        Icmpv6Type::NeighborSolicitation => Kind::NeighbourSolicitation,
        Icmpv6Type::NeighborAdvertisement(_) => Kind::NeighbourAdvertisement,
        _ if MULTICAST_LISTENER_TYPES.contains(&message.type_u8()) => Kind::Mld,
        _ => Kind::Ipv6(ip.payload().ip_number.0),
    })
}

fn without_network_layer(
    packet: &LaxSlicedPacket<'_>,
    outer: Option<EtherType>,
    destination: Option<MacAddress>,
) -> Kind {
    let inner = packet.link_exts.last().and_then(|extension| match extension {
        LaxLinkExtSlice::Vlan(tag) => Some(tag.ether_type()),
        LaxLinkExtSlice::Macsec(_) => None,
    });
    match inner.or(outer) {
        Some(ether_type::ARP | ether_type::IPV4 | ether_type::IPV6) | None => Kind::CutOff,
        Some(other) => match other.0 {
            ETHERTYPE_LLDP => Kind::Lldp,
            ETHERTYPE_RARP => Kind::Rarp,
            length if length < ETHERTYPE_MIN && destination == Some(BRIDGE_GROUP) => Kind::Stp,
            length if length < ETHERTYPE_MIN => Kind::Ether(0),
            other => Kind::Ether(other),
        },
    }
}
