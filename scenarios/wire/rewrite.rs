//! Frames changed on their way, byte by byte: what does it must not be what is tested by it.

use std::net::Ipv4Addr;

use harness::MacAddress;

const ETHERNET_HEADER: usize = 14;
/// Without the frame check sequence.
const LEAST_LENGTH: usize = 60;
const ETHERTYPE_IPV4: [u8; 2] = [0x08, 0x00];
const ETHERTYPE_ARP: [u8; 2] = [0x08, 0x06];
const TPID: [u8; 2] = [0x81, 0x00];

/// Flips the bits of the last byte.
pub fn corrupt(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(last) = bytes.last_mut() {
        *last = !*last;
    }
    bytes
}

/// Puts a VLAN tag behind the addresses.
pub fn tag(mut bytes: Vec<u8>, vlan: u16) -> Vec<u8> {
    let tag = [TPID, vlan.to_be_bytes()].concat();
    bytes.splice(12..12, tag);
    bytes
}

/// Fills a frame up with zeros.
pub fn pad(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().max(LEAST_LENGTH), 0);
    bytes
}

/// What a router does: one hop less, and its own MAC address as the source.
pub fn route(mut bytes: Vec<u8>, mac: MacAddress) -> Vec<u8> {
    if is_ipv4(&bytes) {
        bytes[6..12].copy_from_slice(&mac.0);
        bytes[ETHERNET_HEADER + 8] -= 1;
        renew_checksum(&mut bytes);
    }
    bytes
}

/// What a machine that translates addresses does, in either direction. ICMP's checksum has no part of them.
pub fn translate(mut bytes: Vec<u8>, from: Ipv4Addr, to: Ipv4Addr) -> Vec<u8> {
    if is_ipv4(&bytes) {
        for (at, old, new) in [(12, from, to), (16, to, from)] {
            let field = &mut bytes[ETHERNET_HEADER + at..ETHERNET_HEADER + at + 4];
            if *field == old.octets() {
                field.copy_from_slice(&new.octets());
            }
        }
        renew_checksum(&mut bytes);
    }
    bytes
}

/// The answer to an ARP request that a MAC address gives; `None` where it is none.
pub fn arp_reply(request: &[u8], mac: MacAddress) -> Option<Vec<u8>> {
    let arp = request.get(ETHERNET_HEADER..ETHERNET_HEADER + 28)?;
    if request[12..14] != ETHERTYPE_ARP || arp[6..8] != [0, 1] {
        return None;
    }
    let (sender_hardware, sender_protocol, target_protocol) = (&arp[8..14], &arp[14..18], &arp[24..28]);
    let header = [sender_hardware, &mac.0, &ETHERTYPE_ARP].concat();
    let reply = [&arp[..6], &[0, 2], &mac.0, target_protocol, sender_hardware, sender_protocol].concat();
    Some([header, reply].concat())
}

/// The same ARP packet with another sender's hardware address.
pub fn speak_as(mut bytes: Vec<u8>, mac: MacAddress) -> Vec<u8> {
    if bytes.len() >= ETHERNET_HEADER + 28 && bytes[12..14] == ETHERTYPE_ARP {
        bytes[6..12].copy_from_slice(&mac.0);
        bytes[ETHERNET_HEADER + 8..ETHERNET_HEADER + 14].copy_from_slice(&mac.0);
    }
    bytes
}

fn is_ipv4(bytes: &[u8]) -> bool {
    bytes.len() >= ETHERNET_HEADER + 20 && bytes[12..14] == ETHERTYPE_IPV4
}

/// The IPv4 header's checksum (RFC 1071).
fn renew_checksum(bytes: &mut [u8]) {
    let length = usize::from(bytes[ETHERNET_HEADER] & 0x0f) * 4;
    let header = &mut bytes[ETHERNET_HEADER..ETHERNET_HEADER + length];
    header[10..12].fill(0);
    let sum: u32 = header.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    let sum = (sum & 0xffff) + (sum >> 16);
    header[10..12].copy_from_slice(&(!(sum as u16)).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use harness::frame::Content;

    use super::*;
    use crate::behaviour::decoded;

    const HEADER: [u8; 20] =
        [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 192, 168, 245, 180, 192, 168, 245, 181];

    fn echo() -> Vec<u8> {
        let icmp = [8, 0, 0xf7, 0xfd, 0, 1, 0, 1];
        let mut bytes = [[2; 12].as_slice(), &ETHERTYPE_IPV4, &HEADER, &icmp].concat();
        renew_checksum(&mut bytes);
        bytes
    }

    fn header_sum(bytes: &[u8]) -> u32 {
        let header = bytes[ETHERNET_HEADER..ETHERNET_HEADER + 20].chunks_exact(2);
        let sum: u32 = header.map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
        (sum & 0xffff) + (sum >> 16)
    }

    #[test]
    fn a_routed_frame_is_right_and_one_hop_older() {
        let routed = route(echo(), MacAddress([9; 6]));
        assert_eq!(header_sum(&routed), 0xffff);
        let Content::Echo(echo) = decoded(&routed).content else { panic!("it is no echo") };
        assert_eq!(echo.ttl, 63);
    }

    #[test]
    fn a_translated_frame_is_right_and_from_elsewhere() {
        let there = translate(echo(), [192, 168, 245, 180].into(), [192, 168, 245, 9].into());
        assert_eq!(header_sum(&there), 0xffff);
        let Content::Echo(moved) = decoded(&there).content else { panic!("it is no echo") };
        assert_eq!(moved.source, Ipv4Addr::from([192, 168, 245, 9]));
    }

    #[test]
    fn a_tag_is_seen_and_nothing_else_changes() {
        let tagged = decoded(&tag(echo(), 100));
        assert_eq!(tagged.vlans, [100]);
        assert_eq!(tagged.content, decoded(&echo()).content);
    }
}
