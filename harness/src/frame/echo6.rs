//! ICMPv6 echo (RFC 4443, section 4).

use std::net::Ipv6Addr;

use etherparse::{Icmpv6Slice, Icmpv6Type, Ipv6HeaderSlice};

use super::EchoDirection;

/// An echo request or reply with the IPv6 header that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echo6 {
    /// Request or reply.
    pub direction: EchoDirection,
    /// IPv6 source.
    pub source: Ipv6Addr,
    /// IPv6 destination.
    pub destination: Ipv6Addr,
    /// IPv6 hop limit.
    pub hop_limit: u8,
    /// The identifier: one for each ping process.
    pub id: u16,
    /// The sequence number.
    pub sequence: u16,
    /// What the reply must repeat.
    pub payload: Vec<u8>,
    /// Whether the ICMPv6 checksum is that of the message.
    pub checksum_holds: bool,
}

impl Echo6 {
    /// `None` where the message is no echo.
    pub(super) fn read(ip: &Ipv6HeaderSlice<'_>, message: &Icmpv6Slice<'_>) -> Option<Self> {
        let (direction, header) = match message.icmp_type() {
            Icmpv6Type::EchoRequest(header) => (EchoDirection::Request, header),
            Icmpv6Type::EchoReply(header) => (EchoDirection::Reply, header),
            _ => return None,
        };
        Some(Self {
            direction,
            source: ip.source_addr(),
            destination: ip.destination_addr(),
            hop_limit: ip.hop_limit(),
            id: header.id,
            sequence: header.seq,
            payload: message.payload().to_vec(),
            checksum_holds: message.is_checksum_valid(ip.source(), ip.destination()),
        })
    }
}
