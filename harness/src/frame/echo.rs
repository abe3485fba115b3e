//! ICMP echo (RFC 792).

use std::net::Ipv4Addr;

use etherparse::{Icmpv4Slice, Icmpv4Type, Ipv4HeaderSlice};

/// An echo request or reply with the IPv4 header that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echo {
    /// Request or reply.
    pub direction: EchoDirection,
    /// IPv4 source.
    pub source: Ipv4Addr,
    /// IPv4 destination.
    pub destination: Ipv4Addr,
    /// IPv4 time to live.
    pub ttl: u8,
    /// The identifier: one for each ping process.
    pub id: u16,
    /// The sequence number.
    pub sequence: u16,
    /// What the reply must repeat.
    pub payload: Vec<u8>,
    /// Whether the ICMP checksum is that of the message.
    pub checksum_holds: bool,
}

/// Which half of an echo exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EchoDirection {
    /// Type 8.
    Request,
    /// Type 0.
    Reply,
}

impl Echo {
    /// `None` where the message is no echo.
    pub(super) fn read(ip: &Ipv4HeaderSlice<'_>, message: &Icmpv4Slice<'_>) -> Option<Self> {
        let (direction, header) = match message.icmp_type() {
            Icmpv4Type::EchoRequest(header) => (EchoDirection::Request, header),
            Icmpv4Type::EchoReply(header) => (EchoDirection::Reply, header),
            _ => return None,
        };
        let expected = message.icmp_type().calc_checksum(message.payload());
        Some(Self {
            direction,
            source: ip.source_addr(),
            destination: ip.destination_addr(),
            ttl: ip.ttl(),
            id: header.id,
            sequence: header.seq,
            payload: message.payload().to_vec(),
            checksum_holds: expected == message.checksum(),
        })
    }
}
