//! The link layers, down to the protocol that they carry.

use super::{
    dissector::{Dissected, Dissector, Stop},
    interface_name::interface_name,
};
use crate::frame::Direction;

pub(super) const ETHERTYPE_IPV4: u16 = 0x0800;
const ETHERTYPE_ARP: u16 = 0x0806;
const ETHERTYPE_REVERSE_ARP: u16 = 0x8035;
const ETHERTYPE_IPV6: u16 = 0x86dd;
const ETHERTYPE_VLAN: u16 = 0x8100;
/// All that tcpdump takes for a tag: 802.1Q, 802.1ad, and two older ones.
const ETHERTYPES_VLAN: [u16; 4] = [ETHERTYPE_VLAN, 0x9100, 0x9200, 0x88a8];
/// A radiotap header follows.
const HARDWARE_RADIOTAP: u16 = 803;
const HEADER_LENGTH: usize = 14;
const TAG_LENGTH: usize = 4;
const SLL_LENGTH: usize = 16;
const SLL2_LENGTH: usize = 20;

impl Dissector<'_> {
    /// `length` is the frame's on the wire.
    pub(super) fn ethernet(&mut self, length: usize) -> Dissected {
        self.protocol = "ether";
        self.check(0, HEADER_LENGTH)?;
        let (mut kind, mut at) = (self.u16(12)?, HEADER_LENGTH);
        while ETHERTYPES_VLAN.contains(&kind) {
            self.protocol = "vlan";
            self.check(at, TAG_LENGTH)?;
            kind = self.u16(at + 2)?;
            at += TAG_LENGTH;
        }
        self.ether_type(kind, at, length - at)
    }

    pub(super) fn linux_sll(&mut self, length: usize) -> Dissected {
        self.protocol = "sll";
        self.check(0, SLL_LENGTH)?;
        if self.u16(2)? == HARDWARE_RADIOTAP {
            return Err(Stop::NotCovered);
        }
        self.cooked(self.u16(14)?, SLL_LENGTH, length - SLL_LENGTH)
    }

    pub(super) fn linux_sll2(&mut self, length: usize) -> Dissected {
        self.protocol = "sll2";
        self.check(0, SLL2_LENGTH)?;
        let name = interface_name(self.u32(4)?).unwrap_or_else(|| "?".to_owned());
        let direction = Direction::new(self.u8(10)?.into()).to_string();
        self.print(format_args!("{name:5} {direction:3} "));
        if self.u16(8)? == HARDWARE_RADIOTAP {
            return Err(Stop::NotCovered);
        }
        self.cooked(self.u16(0)?, SLL2_LENGTH, length - SLL2_LENGTH)
    }

    /// What a cooked header heads. Its tags are announced even without `-e`.
    fn cooked(&mut self, mut kind: u16, mut at: usize, mut length: usize) -> Dissected {
        while kind == ETHERTYPE_VLAN {
            self.protocol = "vlan";
            self.check(at, TAG_LENGTH)?;
            kind = self.u16(at + 2)?;
            self.print(format_args!("ethertype {}, ", ether_type_name(kind).unwrap_or("Unknown")));
            (at, length) = (at + TAG_LENGTH, length - TAG_LENGTH);
        }
        self.ether_type(kind, at, length)
    }

    fn ether_type(&mut self, kind: u16, at: usize, length: usize) -> Dissected {
        match kind {
            ETHERTYPE_IPV4 => self.ip(at, length),
            ETHERTYPE_IPV6 => self.ip6(at, length),
            ETHERTYPE_ARP | ETHERTYPE_REVERSE_ARP => self.arp(at, length),
            _ => Err(Stop::NotCovered),
        }
    }
}

/// tcpdump's name of an EtherType (`ethertype_values`, print-ether.c).
pub(super) fn ether_type_name(kind: u16) -> Option<&'static str> {
    Some(match kind {
        0x0800 => "IPv4",
        0x8847 => "MPLS unicast",
        0x8848 => "MPLS multicast",
        0x86dd => "IPv6",
        0x8100 => "802.1Q",
        0x9100 => "802.1Q-9100",
        0x88a8 => "802.1Q-QinQ",
        0x9200 => "802.1Q-9200",
        0x88e5 => "802.1AE MACsec",
        0x0200 => "PUP",
        0x0806 => "ARP",
        0x8035 => "Reverse ARP",
        0x0600 => "NS",
        0x0500 => "Sprite",
        0x1000 => "Trail",
        0x6001 => "MOP DL",
        0x6002 => "MOP RC",
        0x6003 => "DN",
        0x6004 => "LAT",
        0x6007 => "SCA",
        0x6558 => "TEB",
        0x8038 => "Lanbridge",
        0x803c => "DEC DNS",
        0x803e => "DEC DTS",
        0x805b => "VEXP",
        0x805c => "VPROD",
        0x809b => "Appletalk",
        0x80f3 => "Appletalk ARP",
        0x8137 => "IPX",
        0x880b => "PPP",
        0x8808 => "MPCP",
        0x8809 => "Slow Protocols",
        0x8863 => "PPPoE D",
        0x8864 => "PPPoE S",
        0x888e => "EAPOL",
        0x8899 => "Realtek protocols",
        0x886f => "MS NLB heartbeat",
        0x8870 => "Jumbo",
        0x894f => "NSH",
        0x9000 => "Loopback",
        0xfefe => "OSI",
        0x00fe => "GRE-OSI",
        0xabcd => "CFM (old)",
        0x8902 => "CFM",
        0x893a => "IEEE1905.1",
        0x88cc => "LLDP",
        0x88ca => "TIPC",
        0x0707 => "GeoNet (old)",
        0x8947 => "GeoNet",
        0x1111 => "CALM FAST",
        0x88a2 => "AoE",
        0x88f7 => "PTP",
        0xd28b => "Arista Vendor Specific Protocol",
        _ => return None,
    })
}
