//! What a captured Ethernet record is.

use std::time::Duration;

use etherparse::{EtherType, LaxSlicedPacket, LinkSlice};

use super::{ArpOperation, Content, EchoDirection, Kind, Record, content};
use crate::MacAddress;

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

impl Frame {
    /// Whether it carries an echo request, of either version of IP.
    pub fn is_echo_request(&self) -> bool {
        let direction = match &self.content {
            Content::Echo(echo) => echo.direction,
            Content::Echo6(echo) => echo.direction,
            _ => return false,
        };
        direction == EchoDirection::Request
    }

    /// Whether it carries an ARP reply.
    pub fn is_arp_reply(&self) -> bool {
        matches!(&self.content, Content::Arp(arp) if arp.operation == ArpOperation::Reply)
    }

    /// Decodes a record of Ethernet bytes. Never fails: what can't be read is of the kind
    /// [`Kind::CutOff`].
    pub fn decode(record: &Record<'_>) -> Self {
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
            frame.vlans = content::vlans(&packet);
            frame.content = Content::read(&packet, ether_type(&packet), Some(frame.destination));
        }
        frame
    }
}

fn ether_type(packet: &LaxSlicedPacket<'_>) -> Option<EtherType> {
    match &packet.link {
        Some(LinkSlice::Ethernet2(ethernet)) => Some(ethernet.ether_type()),
        _ => None,
    }
}
