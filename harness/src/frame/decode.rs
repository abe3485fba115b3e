//! What a captured record is.

use std::time::Duration;

use etherparse::{
    Icmpv6Type, LaxIpv4Slice, LaxIpv6Slice, LaxLinkExtSlice, LaxNetSlice, LaxSlicedPacket, LinkSlice,
    TransportSlice, ether_type,
};

use super::{Arp, ArpOperation, Echo, EchoDirection, Kind, Record};
use crate::MacAddress;

const ETHERTYPE_LLDP: u16 = 0x88cc;
const ETHERTYPE_RARP: u16 = 0x8035;
/// Query, report, done (RFC 2710) and the second version's report (RFC 3810).
const MULTICAST_LISTENER_TYPES: [u8; 4] = [130, 131, 132, 143];
/// Below this an EtherType field holds a length (IEEE 802.3, clause 3.2.6), as spanning tree's does.
const ETHERTYPE_MIN: u16 = 0x0600;
/// The group address of IEEE 802.1D bridges.
const BRIDGE_GROUP: MacAddress = MacAddress([0x01, 0x80, 0xc2, 0x00, 0x00, 0x00]);

/// A decoded frame. Padding and lengths are not part of it: a 42-byte and a 60-byte ARP request
/// are the same frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// When the kernel saw it, since the Unix epoch, by the capturing machine's clock.
    pub at: Duration,
    /// The Ethernet source.
    pub source: MacAddress,
    /// The Ethernet destination.
    pub destination: MacAddress,
    /// The VLAN identifiers of its IEEE 802.1Q tags, the outer first.
    pub vlans: Vec<u16>,
    /// What it carries.
    pub content: Content,
}

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// An ARP request or reply about IPv4 addresses.
    Arp(Arp),
    /// An ICMP echo request or reply.
    Echo(Echo),
    /// Anything else.
    Other(Kind),
}

impl Frame {
    /// Whether it carries an echo request.
    pub fn is_echo_request(&self) -> bool {
        matches!(&self.content, Content::Echo(echo) if echo.direction == EchoDirection::Request)
    }

    /// Whether it carries an ARP reply.
    pub fn is_arp_reply(&self) -> bool {
        matches!(&self.content, Content::Arp(arp) if arp.operation == ArpOperation::Reply)
    }

    /// Decodes a record of Ethernet bytes. Never fails: what can't be read is of the kind
    /// [`Kind::CutOff`].
    pub fn decode(record: &Record) -> Self {
        let address = |at: usize| {
            let bytes = record.bytes.get(at..).and_then(|bytes| bytes.first_chunk().copied());
            MacAddress(bytes.unwrap_or_default())
        };
        let mut frame = Self {
            at: record.at,
            destination: address(0),
            source: address(6),
            vlans: Vec::new(),
            content: Content::Other(Kind::CutOff),
        };
        if let Ok(packet) = LaxSlicedPacket::from_ethernet(&record.bytes) {
            frame.vlans = vlans(&packet);
            frame.content = content(&packet, frame.destination);
        }
        frame
    }
}

fn vlans(packet: &LaxSlicedPacket<'_>) -> Vec<u16> {
    let tags = packet.link_exts.iter().filter_map(|extension| match extension {
        LaxLinkExtSlice::Vlan(tag) => Some(tag.vlan_identifier().value()),
        LaxLinkExtSlice::Macsec(_) => None,
    });
    tags.collect()
}

fn content(packet: &LaxSlicedPacket<'_>, destination: MacAddress) -> Content {
    match &packet.net {
        Some(LaxNetSlice::Arp(arp)) => match Arp::read(arp) {
            Some(arp) if !matches!(arp.operation, ArpOperation::Other(_)) => Content::Arp(arp),
            _ => Content::Other(Kind::StrangeArp),
        },
        Some(LaxNetSlice::Ipv4(ip)) => ipv4(ip, packet.transport.as_ref()),
        Some(LaxNetSlice::Ipv6(ip)) => Content::Other(ipv6(ip, packet.transport.as_ref())),
        None => Content::Other(without_network_layer(packet, destination)),
    }
}

fn ipv4(ip: &LaxIpv4Slice<'_>, transport: Option<&TransportSlice<'_>>) -> Content {
    let kind = match transport {
        Some(TransportSlice::Icmpv4(message)) => match Echo::read(&ip.header(), message) {
            Some(echo) => return Content::Echo(echo),
            None => Kind::IcmpError(message.type_u8(), message.code_u8()),
        },
        Some(TransportSlice::Igmp(_)) => Kind::Igmp,
        Some(TransportSlice::Udp(udp)) => match udp.destination_port() {
            67 | 68 => Kind::Dhcp,
            5353 => Kind::Mdns,
            _ => Kind::Ipv4(ip.payload_ip_number().0),
        },
        _ => Kind::Ipv4(ip.payload_ip_number().0),
    };
    Content::Other(kind)
}

fn ipv6(ip: &LaxIpv6Slice<'_>, transport: Option<&TransportSlice<'_>>) -> Kind {
    match transport {
        Some(TransportSlice::Icmpv6(message)) => match message.icmp_type() {
            Icmpv6Type::RouterSolicitation => Kind::RouterSolicitation,
            Icmpv6Type::RouterAdvertisement(_) => Kind::RouterAdvertisement,
            Icmpv6Type::NeighborSolicitation => Kind::NeighbourSolicitation,
            Icmpv6Type::NeighborAdvertisement(_) => Kind::NeighbourAdvertisement,
            _ if MULTICAST_LISTENER_TYPES.contains(&message.type_u8()) => Kind::Mld,
            _ => Kind::Ipv6(ip.payload().ip_number.0),
        },
        Some(TransportSlice::Udp(udp)) if udp.destination_port() == 5353 => Kind::Mdns,
        _ => Kind::Ipv6(ip.payload().ip_number.0),
    }
}

fn without_network_layer(packet: &LaxSlicedPacket<'_>, destination: MacAddress) -> Kind {
    let inner = packet.link_exts.last().and_then(|extension| match extension {
        LaxLinkExtSlice::Vlan(tag) => Some(tag.ether_type()),
        LaxLinkExtSlice::Macsec(_) => None,
    });
    let outer = match &packet.link {
        Some(LinkSlice::Ethernet2(ethernet)) => Some(ethernet.ether_type()),
        _ => None,
    };
    match inner.or(outer) {
        Some(ether_type::ARP | ether_type::IPV4 | ether_type::IPV6) | None => Kind::CutOff,
        Some(other) => match other.0 {
            ETHERTYPE_LLDP => Kind::Lldp,
            ETHERTYPE_RARP => Kind::Rarp,
            length if length < ETHERTYPE_MIN && destination == BRIDGE_GROUP => Kind::Stp,
            length if length < ETHERTYPE_MIN => Kind::Ether(0),
            other => Kind::Ether(other),
        },
    }
}
