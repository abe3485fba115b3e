//! The header that Linux puts in place of the link layer's on the interface "any".

use std::fmt;

use etherparse::EtherType;

use super::LinkType;
use crate::MacAddress;

/// What a cooked header says (pcap-linktype(7): `LINKTYPE_LINUX_SLL`, `LINKTYPE_LINUX_SLL2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cooked {
    /// Which way the frame went.
    pub direction: Direction,
    /// The sender's link-layer address, if it is a MAC address.
    pub source: Option<MacAddress>,
    /// The interface, as the capturing machine numbered it; the first version does not say.
    pub interface_index: Option<u32>,
}

/// Which way a frame went, as seen by the capturing machine (packet(7): `sll_pkttype`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To this machine.
    In,
    /// To all.
    Broadcast,
    /// To a group.
    Multicast,
    /// From one other machine to another.
    OtherHost,
    /// From this machine.
    Out,
    /// Any other number.
    Unknown(u16),
}

impl Direction {
    pub(crate) fn new(number: u16) -> Self {
        match number {
            0 => Self::In,
            1 => Self::Broadcast,
            2 => Self::Multicast,
            3 => Self::OtherHost,
            4 => Self::Out,
            other => Self::Unknown(other),
        }
    }
}

impl fmt::Display for Direction {
    /// As tcpdump says it (print-sll.c).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::In => "In",
            Self::Broadcast => "B",
            Self::Multicast => "M",
            Self::OtherHost => "P",
            Self::Out => "Out",
            Self::Unknown(_) => "?",
        })
    }
}

impl Cooked {
    /// Splits a record into its header, its EtherType and what they head. `None` where it is cut
    /// off or has no such header.
    pub(super) fn split(link_type: LinkType, bytes: &[u8]) -> Option<(Self, EtherType, &[u8])> {
        match link_type {
            LinkType::Ethernet => None,
            LinkType::LinuxSll => first_version(bytes),
            LinkType::LinuxSll2 => second_version(bytes),
        }
    }
}

fn first_version(bytes: &[u8]) -> Option<(Cooked, EtherType, &[u8])> {
    let (header, rest) = bytes.split_first_chunk::<16>()?;
    let field = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
    let cooked = Cooked {
        direction: Direction::new(field(0)),
        source: mac(field(4), &header[6..]),
        interface_index: None,
    };
    Some((cooked, EtherType(field(14)), rest))
}

fn second_version(bytes: &[u8]) -> Option<(Cooked, EtherType, &[u8])> {
    let (header, rest) = bytes.split_first_chunk::<20>()?;
    let index = [header[4], header[5], header[6], header[7]];
    let cooked = Cooked {
        direction: Direction::new(header[10].into()),
        source: mac(header[11].into(), &header[12..]),
        interface_index: Some(u32::from_be_bytes(index)),
    };
    Some((cooked, EtherType(u16::from_be_bytes([header[0], header[1]])), rest))
}

fn mac(length: u16, address: &[u8]) -> Option<MacAddress> {
    address.first_chunk().filter(|_| length == 6).copied().map(MacAddress)
}
