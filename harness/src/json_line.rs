//! A frame as one line of JSON.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    MacAddress,
    frame::{
        Arp, ArpOperation, Content, Direction, Echo, Echo6, EchoDirection, Link, Neighbour, NeighbourMessage,
        Packet, Record,
    },
};

/// A captured frame's JSON object. What is not known is not there.
#[derive(Debug, Serialize)]
pub struct JsonLine<'a> {
    /// The capture file, as it was named.
    file: &'a str,
    /// When the kernel saw it: RFC 3339 with nanoseconds, in UTC. `null` beyond the year 9999.
    time: Option<String>,
    /// Bytes on the wire, with the link layer's header.
    length: u32,
    /// Bytes captured.
    captured_length: usize,
    /// pcapng's name of the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<&'a str>,
    /// The interface's index on the capturing machine (`LINKTYPE_LINUX_SLL2`).
    #[serde(skip_serializing_if = "Option::is_none")]
    interface_index: Option<u32>,
    /// `in`, `out`, `broadcast`, `multicast`, `other_host` or `unknown` (both of Linux's cooked link types).
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    /// The sender's MAC address.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<MacAddress>,
    /// The receiver's MAC address.
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<MacAddress>,
    /// VLAN identifiers, the outer first.
    vlans: &'a [u16],
    /// `kind` and `fields`.
    #[serde(flatten)]
    content: Fields,
}

/// `kind`, and the `fields` of that kind, named as in the kind's RFC.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", content = "fields", rename_all = "snake_case")]
enum Fields {
    Arp {
        /// 1 asks, 2 answers.
        operation: u16,
        sender_hardware: MacAddress,
        sender_protocol: Ipv4Addr,
        target_hardware: MacAddress,
        target_protocol: Ipv4Addr,
    },
    EchoRequest(EchoFields),
    EchoReply(EchoFields),
    NeighbourSolicitation(NeighbourFields),
    NeighbourAdvertisement(NeighbourFields),
    Other {
        description: String,
    },
}

#[derive(Debug, Serialize)]
struct EchoFields {
    source: IpAddr,
    destination: IpAddr,
    /// IPv4's time to live, IPv6's hop limit.
    ttl: u8,
    id: u16,
    sequence: u16,
    /// In bytes.
    payload_length: usize,
    checksum_holds: bool,
}

#[derive(Debug, Serialize)]
struct NeighbourFields {
    source: Ipv6Addr,
    destination: Ipv6Addr,
    hop_limit: u8,
    target: Ipv6Addr,
    #[serde(skip_serializing_if = "Option::is_none")]
    link_layer: Option<MacAddress>,
    /// An advertisement's: `router`, `solicited`, `override`.
    flags: Vec<&'static str>,
    checksum_holds: bool,
}

impl<'a> JsonLine<'a> {
    /// The object of a frame; `file` is what its capture is called.
    pub fn new(file: &'a str, record: &'a Record<'_>, packet: &'a Packet) -> Self {
        let cooked = match packet.link {
            Link::Cooked(cooked) => Some(cooked),
            Link::Ethernet { .. } | Link::CutOff => None,
        };
        Self {
            file,
            time: time(record),
            length: record.original_length,
            captured_length: record.bytes.len(),
            interface: record.interface.as_deref(),
            interface_index: cooked.and_then(|cooked| cooked.interface_index),
            direction: cooked.map(|cooked| direction(cooked.direction)),
            source: packet.source(),
            destination: packet.destination(),
            vlans: &packet.vlans,
            content: Fields::from(&packet.content),
        }
    }
}

fn time(record: &Record<'_>) -> Option<String> {
    let seconds = i64::try_from(record.at.as_secs()).ok()?;
    let timestamp = Timestamp::new(seconds, record.at.subsec_nanos().try_into().ok()?).ok()?;
    Some(format!("{timestamp:.9}"))
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Broadcast => "broadcast",
        Direction::Multicast => "multicast",
        Direction::OtherHost => "other_host",
        Direction::Out => "out",
        Direction::Unknown(_) => "unknown",
    }
}

impl From<&Content> for Fields {
    fn from(content: &Content) -> Self {
        match content {
            Content::Arp(arp) => arp_fields(arp),
            Content::Echo(echo) => echo_fields(echo.direction, EchoFields::from(echo)),
            Content::Echo6(echo) => echo_fields(echo.direction, EchoFields::from(echo)),
            Content::Neighbour(neighbour) => neighbour_fields(neighbour),
            Content::Datagram(_) => Self::Other { description: "UDP".to_owned() },
            Content::Other(kind) => Self::Other { description: kind.to_string() },
        }
    }
}

fn arp_fields(arp: &Arp) -> Fields {
    Fields::Arp {
        operation: match arp.operation {
            ArpOperation::Request => 1,
            ArpOperation::Reply => 2,
            ArpOperation::Other(other) => other,
        },
        sender_hardware: arp.sender_hardware,
        sender_protocol: arp.sender_protocol,
        target_hardware: arp.target_hardware,
        target_protocol: arp.target_protocol,
    }
}

fn echo_fields(direction: EchoDirection, fields: EchoFields) -> Fields {
    match direction {
        EchoDirection::Request => Fields::EchoRequest(fields),
        EchoDirection::Reply => Fields::EchoReply(fields),
    }
}

impl From<&Echo> for EchoFields {
    fn from(echo: &Echo) -> Self {
        Self {
            source: echo.source.into(),
            destination: echo.destination.into(),
            ttl: echo.ttl,
            id: echo.id,
            sequence: echo.sequence,
            payload_length: echo.payload.len(),
            checksum_holds: echo.checksum_holds,
        }
    }
}

impl From<&Echo6> for EchoFields {
    fn from(echo: &Echo6) -> Self {
        Self {
            source: echo.source.into(),
            destination: echo.destination.into(),
            ttl: echo.hop_limit,
            id: echo.id,
            sequence: echo.sequence,
            payload_length: echo.payload.len(),
            checksum_holds: echo.checksum_holds,
        }
    }
}

fn neighbour_fields(neighbour: &Neighbour) -> Fields {
    let fields = |flags| NeighbourFields {
        source: neighbour.source,
        destination: neighbour.destination,
        hop_limit: neighbour.hop_limit,
        target: neighbour.target,
        link_layer: neighbour.link_layer,
        flags,
        checksum_holds: neighbour.checksum_holds,
    };
    match neighbour.message {
        NeighbourMessage::Solicitation => Fields::NeighbourSolicitation(fields(Vec::new())),
        NeighbourMessage::Advertisement { router, solicited, overrides } => {
            let flags = [(router, "router"), (solicited, "solicited"), (overrides, "override")];
            let set = flags.into_iter().filter(|(set, _)| *set).map(|(_, name)| name);
            Fields::NeighbourAdvertisement(fields(set.collect()))
        }
    }
}
