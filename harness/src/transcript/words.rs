//! A frame's content in tcpdump's words, with names in place of addresses.

use std::net::IpAddr;

use super::{Owners, any_echo::AnyEcho, ends::Ends};
use crate::{
    MacAddress,
    frame::{Arp, ArpOperation, Content, Datagram, EchoDirection, Neighbour, NeighbourMessage},
};

/// What Linux sends (net.ipv4.ip_default_ttl, net.ipv6.conf.all.hop_limit); any other value tells
/// of a router on the way.
const DEFAULT_HOPS: u8 = 64;
/// What neighbour discovery must be sent with, so that no router can have passed it on (RFC 4861).
const NEIGHBOUR_HOPS: u8 = 255;

/// Which ping an echo is of: its two ends, the lower address first, and its identifier. The identifier
/// alone is a process id, and two clones of one image easily have the same.
pub(super) type PingKey = ([IpAddr; 2], u16);

/// How things are called.
pub(super) trait Names {
    fn owners(&self) -> &Owners;
    fn mac(&mut self, mac: MacAddress) -> String;
    fn ping(&mut self, ping: PingKey) -> String;
}

/// What a frame says. What is usual is not said.
pub(super) fn words(content: &Content, ends: Ends, names: &mut impl Names) -> String {
    if let Some(message) = AnyEcho::of(content) {
        return echo(&message, ends, names);
    }
    match content {
        Content::Arp(message) => arp(message, ends, names),
        Content::Neighbour(message) => neighbour(message, ends, names),
        Content::Datagram(message) => datagram(message, ends, names),
        Content::Other(kind) => kind.to_string(),
        Content::Echo(_) | Content::Echo6(_) => String::new(),
    }
}

pub(super) fn tags(vlans: &[u16]) -> String {
    vlans.iter().map(|vlan| format!("vlan {vlan}, ")).collect()
}

pub(super) fn ping_key(echo: &AnyEcho<'_>) -> PingKey {
    ([echo.source.min(echo.destination), echo.source.max(echo.destination)], echo.id)
}

fn arp(arp: &Arp, ends: Ends, names: &mut impl Names) -> String {
    let sender = names.owners().of_address(arp.sender_protocol);
    let target = names.owners().of_address(arp.target_protocol);
    if arp.operation == ArpOperation::Reply {
        return format!("ARP, Reply {sender} is-at {}", names.mac(arp.sender_hardware));
    }
    let mut text = format!("ARP, Request who-has {target}");
    if arp.target_hardware != MacAddress([0; 6]) {
        text += &format!(" ({})", names.mac(arp.target_hardware));
    }
    text += &format!(" tell {sender}");
    if Some(arp.sender_hardware) != ends.source {
        text += &format!(" at {}", names.mac(arp.sender_hardware));
    }
    text
}

fn echo(echo: &AnyEcho<'_>, ends: Ends, names: &mut impl Names) -> String {
    let word = match echo.direction {
        EchoDirection::Request => "request",
        EchoDirection::Reply => "reply",
    };
    let (protocol, hops) = if echo.source.is_ipv4() { ("ICMP", "ttl") } else { ("ICMP6,", "hlim") };
    let mut text = other_ends(echo.source, echo.destination, ends, names);
    let id = names.ping(ping_key(echo));
    text += &format!("{protocol} echo {word}, id {id}, seq {}", echo.sequence);
    if echo.hops_left != DEFAULT_HOPS {
        text += &format!(", {hops} {}", echo.hops_left);
    }
    if !echo.checksum_holds {
        text += ", wrong checksum";
    }
    text
}

/// What a datagram says; its ports where nobody here understands it, as tcpdump prints them.
fn datagram(datagram: &Datagram, ends: Ends, names: &mut impl Names) -> String {
    let Datagram { source, destination, source_port, destination_port, .. } = datagram;
    let owners = names.owners();
    let mut text = match datagram.dhcp {
        Some(_) => other_ends((*source).into(), (*destination).into(), ends, names),
        None => {
            let ends = [source, destination].map(|address| owners.of_address(*address));
            format!("IP {}.{source_port} > {}.{destination_port}: ", ends[0], ends[1])
        }
    };
    text += &match datagram.dhcp {
        Some(dhcp) => {
            let about = if dhcp.is_of_server() { Some(dhcp.yours) } else { dhcp.requested };
            let about = about.map(|address| format!(" {}", owners.of_address(address)));
            format!("DHCP, {}{}", dhcp.name(), about.unwrap_or_default())
        }
        None => format!("UDP, length {}", datagram.length),
    };
    if datagram.ttl != DEFAULT_HOPS {
        text += &format!(", ttl {}", datagram.ttl);
    }
    text
}

fn neighbour(neighbour: &Neighbour, ends: Ends, names: &mut impl Names) -> String {
    let target = names.owners().of_address(neighbour.target);
    let mut text = other_ends(neighbour.source.into(), neighbour.destination.into(), ends, names);
    text += &match neighbour.message {
        NeighbourMessage::Solicitation => format!("ICMP6, neighbor solicitation, who has {target}"),
        NeighbourMessage::Advertisement { .. } => format!("ICMP6, neighbor advertisement, tgt is {target}"),
    };
    if let Some(mac) = neighbour.link_layer.filter(|mac| Some(*mac) != ends.source) {
        text += &format!(" at {}", names.mac(mac));
    }
    if neighbour.hop_limit != NEIGHBOUR_HOPS {
        text += &format!(", hlim {}", neighbour.hop_limit);
    }
    if !neighbour.checksum_holds {
        text += ", wrong checksum";
    }
    text
}

/// The IP ends, where they are not those that the link layer's header names.
fn other_ends(source: IpAddr, destination: IpAddr, ends: Ends, names: &impl Names) -> String {
    let owners = names.owners();
    if is_of(source, ends.source, owners) && is_of(destination, ends.destination, owners) {
        return String::new();
    }
    let version = if source.is_ipv4() { "IP" } else { "IP6" };
    format!("{version} {} > {}: ", owners.of_address(source), owners.of_address(destination))
}

/// Whether a MAC address is that of the owner of an IP address, or of the group that it stands for.
fn is_of(address: IpAddr, mac: Option<MacAddress>, owners: &Owners) -> bool {
    let owner = owners.of_address(address);
    let names = mac.and_then(|mac| owners.of_mac(mac)).unwrap_or_default();
    names.split('=').any(|name| name == owner) || (mac.is_some() && mac == group_mac(address))
}

/// Where an IPv6 group's frames are sent (RFC 2464, section 7).
fn group_mac(address: IpAddr) -> Option<MacAddress> {
    match address {
        IpAddr::V6(address) if address.is_multicast() => {
            let [.., a, b, c, d] = address.octets();
            Some(MacAddress([0x33, 0x33, a, b, c, d]))
        }
        _ => None,
    }
}
