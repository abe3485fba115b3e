//! The frames that are around on a LAN and that no scenario of ours speaks.

use std::fmt;

use serde::Serialize;

/// What a frame is, where it is neither ARP nor ICMP echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
#[non_exhaustive]
pub enum Kind {
    /// Group membership, IPv4 (RFC 3376).
    Igmp,
    /// Group membership, IPv6 (RFC 3810).
    Mld,
    /// ICMPv6 router solicitation (RFC 4861).
    RouterSolicitation,
    /// ICMPv6 router advertisement (RFC 4861).
    RouterAdvertisement,
    /// ICMPv6 neighbour solicitation (RFC 4861).
    NeighbourSolicitation,
    /// ICMPv6 neighbour advertisement (RFC 4861).
    NeighbourAdvertisement,
    /// Spanning tree (IEEE 802.1D).
    Stp,
    /// Link layer discovery (IEEE 802.1AB).
    Lldp,
    /// Multicast DNS (RFC 6762).
    Mdns,
    /// Reverse ARP, as QEMU announces a migrated guest (RFC 903).
    Rarp,
    /// An ICMP error about an echo of ours or of somebody else's (type and code).
    IcmpError(u8, u8),
    /// Other IPv4, with its protocol number.
    Ipv4(u8),
    /// Other IPv6, with its next header.
    Ipv6(u8),
    /// Anything else, with its EtherType (0 for a frame with a length instead of one).
    Ether(u16),
    /// ARP about something else than IPv4 over Ethernet, or with an unknown operation.
    StrangeArp,
    /// Bytes that end before a header does.
    CutOff,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Igmp => f.write_str("IGMP"),
            Self::Mld => f.write_str("MLD"),
            Self::RouterSolicitation => f.write_str("ICMP6, router solicitation"),
            Self::RouterAdvertisement => f.write_str("ICMP6, router advertisement"),
            Self::NeighbourSolicitation => f.write_str("ICMP6, neighbor solicitation"),
            Self::NeighbourAdvertisement => f.write_str("ICMP6, neighbor advertisement"),
            Self::Stp => f.write_str("STP 802.1d"),
            Self::Lldp => f.write_str("LLDP"),
            Self::Mdns => f.write_str("mDNS"),
            Self::Rarp => f.write_str("RARP"),
            Self::IcmpError(kind, code) => write!(f, "ICMP type {kind}, code {code}"),
            Self::Ipv4(protocol) => write!(f, "IPv4, protocol {protocol}"),
            Self::Ipv6(next) => write!(f, "IPv6, next header {next}"),
            Self::Ether(ethertype) => write!(f, "ethertype 0x{ethertype:04x}"),
            Self::StrangeArp => f.write_str("ARP, not IPv4 over Ethernet"),
            Self::CutOff => f.write_str("cut off"),
        }
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.to_string()
    }
}
