//! UDP (RFC 768), and of its users DHCP.

use std::net::Ipv4Addr;

use etherparse::{Ipv4HeaderSlice, UdpSlice};

use super::Dhcp;

/// The ports of DHCP's server and client (RFC 2131, section 4.1).
const DHCP_PORTS: [u16; 2] = [67, 68];

/// A UDP datagram with the IPv4 header that carries it. Its checksum is not looked at: where the network card is to make
/// it, a capture at the sender has none yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// IPv4 source.
    pub source: Ipv4Addr,
    /// IPv4 destination.
    pub destination: Ipv4Addr,
    /// IPv4 time to live.
    pub ttl: u8,
    /// UDP source port.
    pub source_port: u16,
    /// UDP destination port.
    pub destination_port: u16,
    /// The payload's length, in bytes.
    pub length: usize,
    /// What it says, if that is DHCP.
    pub dhcp: Option<Dhcp>,
}

impl Datagram {
    pub(super) fn read(ip: &Ipv4HeaderSlice<'_>, udp: &UdpSlice<'_>) -> Self {
        let is_dhcp = DHCP_PORTS.contains(&udp.destination_port());
        Self {
            source: ip.source_addr(),
            destination: ip.destination_addr(),
            ttl: ip.ttl(),
            source_port: udp.source_port(),
            destination_port: udp.destination_port(),
            length: udp.payload().len(),
            dhcp: is_dhcp.then(|| Dhcp::read(udp.payload())).flatten(),
        }
    }
}
