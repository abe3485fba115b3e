//! What a captured record of any link layer is.

use std::time::Duration;

use etherparse::LaxSlicedPacket;

use super::{Content, Cooked, Direction, Frame, Kind, LinkType, Record, content};
use crate::MacAddress;

const ETHERNET_HEADER_LENGTH: usize = 14;

/// A decoded record of any link layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// When the kernel saw it, since the Unix epoch, by the capturing machine's clock.
    pub at: Duration,
    /// What is known of its way.
    pub link: Link,
    /// The VLAN identifiers of its IEEE 802.1Q tags, the outer first.
    pub vlans: Vec<u16>,
    /// What it carries.
    pub content: Content,
}

/// What a link layer's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// An Ethernet header.
    Ethernet {
        /// The sender.
        source: MacAddress,
        /// The receiver or receivers.
        destination: MacAddress,
    },
    /// Linux's replacement for any header.
    Cooked(Cooked),
    /// The bytes end before the header does.
    CutOff,
}

impl Packet {
    /// Decodes a record. Never fails: what can't be read is of the kind [`Kind::CutOff`].
    pub fn decode(record: &Record<'_>) -> Self {
        let at = record.at;
        if record.link_type == LinkType::Ethernet && record.bytes.len() >= ETHERNET_HEADER_LENGTH {
            let Frame { source, destination, vlans, content, .. } = Frame::decode(record);
            return Self { at, link: Link::Ethernet { source, destination }, vlans, content };
        }
        let Some((cooked, ether_type, bytes)) = Cooked::split(record.link_type, &record.bytes) else {
            return Self { at, link: Link::CutOff, vlans: Vec::new(), content: Content::Other(Kind::CutOff) };
        };
        let packet = LaxSlicedPacket::from_ether_type(ether_type, bytes);
        Self {
            at,
            link: Link::Cooked(cooked),
            vlans: content::vlans(&packet),
            content: Content::read(&packet, Some(ether_type), None),
        }
    }

    /// The sender's MAC address, if the link layer tells it.
    pub fn source(&self) -> Option<MacAddress> {
        match self.link {
            Link::Ethernet { source, .. } => Some(source),
            Link::Cooked(cooked) => cooked.source,
            Link::CutOff => None,
        }
    }

    /// The receiver's MAC address, if the link layer tells it: a cooked header tells of broadcasts
    /// only.
    pub fn destination(&self) -> Option<MacAddress> {
        match self.link {
            Link::Ethernet { destination, .. } => Some(destination),
            Link::Cooked(cooked) => {
                (cooked.direction == Direction::Broadcast).then_some(MacAddress::BROADCAST)
            }
            Link::CutOff => None,
        }
    }
}
