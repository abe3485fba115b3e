//! The Address Resolution Protocol for IPv4 over Ethernet (RFC 826).

use std::net::Ipv4Addr;

use etherparse::ArpPacketSlice;

use crate::MacAddress;

/// An ARP packet's fields, named as in RFC 826.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arp {
    /// Request or reply.
    pub operation: ArpOperation,
    /// `ar$sha`: the sender's hardware address.
    pub sender_hardware: MacAddress,
    /// `ar$spa`: the sender's protocol address.
    pub sender_protocol: Ipv4Addr,
    /// `ar$tha`: the target's hardware address; zero in an ordinary request.
    pub target_hardware: MacAddress,
    /// `ar$tpa`: the target's protocol address.
    pub target_protocol: Ipv4Addr,
}

/// `ar$op`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArpOperation {
    /// 1
    Request,
    /// 2
    Reply,
    /// Any other.
    Other(u16),
}

impl Arp {
    /// `None` where the packet is not about IPv4 over Ethernet.
    pub(super) fn read(packet: &ArpPacketSlice<'_>) -> Option<Self> {
        let packet = packet.to_packet().try_eth_ipv4().ok()?;
        Some(Self {
            operation: match packet.operation {
                etherparse::ArpOperation::REQUEST => ArpOperation::Request,
                etherparse::ArpOperation::REPLY => ArpOperation::Reply,
                etherparse::ArpOperation(other) => ArpOperation::Other(other),
            },
            sender_hardware: MacAddress(packet.sender_mac),
            sender_protocol: packet.sender_ipv4.into(),
            target_hardware: MacAddress(packet.target_mac),
            target_protocol: packet.target_ipv4.into(),
        })
    }
}
