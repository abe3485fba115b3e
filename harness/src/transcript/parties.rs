//! Whose frames a scenario is about.

use std::{collections::BTreeSet, net::IpAddr};

use super::Owners;
use crate::{
    MacAddress,
    frame::{Content, Frame},
};

/// The addresses of a scenario's containers. On a LAN with other users a frame is the scenario's if it is from,
/// to or about one of them, by either kind of address: an answer that a stranger gives for one of them is
/// the scenario's too.
#[derive(Clone, Debug, Default)]
pub struct Parties {
    hardware: BTreeSet<MacAddress>,
    protocol: BTreeSet<IpAddr>,
}

impl Parties {
    /// The parties of these names.
    pub fn named<'a>(owners: &Owners, names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut parties = Self::default();
        for name in names {
            parties.hardware.extend(owners.macs_of(name));
            parties.protocol.extend(owners.addresses_of(name));
        }
        parties
    }

    /// Whether a frame is theirs.
    pub fn are_of(&self, frame: &Frame) -> bool {
        let by_hardware = [frame.source, frame.destination].iter().any(|mac| self.hardware.contains(mac));
        by_hardware || named(&frame.content).iter().any(|address| self.protocol.contains(address))
    }

    /// The filter that lets their frames pass (pcap-filter(7)): `host` is also an ARP packet's.
    pub fn filter(&self) -> String {
        let hardware = self.hardware.iter().map(|mac| format!("ether host {mac}"));
        let protocol = self.protocol.iter().map(|address| format!("host {address}"));
        hardware.chain(protocol).collect::<Vec<_>>().join(" or ")
    }
}

/// The IP addresses that a frame is about.
fn named(content: &Content) -> Vec<IpAddr> {
    match content {
        Content::Arp(arp) => vec![arp.sender_protocol.into(), arp.target_protocol.into()],
        Content::Echo(echo) => vec![echo.source.into(), echo.destination.into()],
        Content::Echo6(echo) => vec![echo.source.into(), echo.destination.into()],
        Content::Neighbour(neighbour) => vec![neighbour.source.into(), neighbour.target.into()],
        Content::Datagram(datagram) => vec![datagram.source.into(), datagram.destination.into()],
        Content::Other(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;
    use crate::frame::{Arp, ArpOperation};

    const DOCKER2: Ipv4Addr = Ipv4Addr::new(192, 168, 245, 181);
    const NODE_1: Ipv4Addr = Ipv4Addr::new(192, 168, 245, 168);
    const HOST: Ipv4Addr = Ipv4Addr::new(192, 168, 245, 1);
    const STRANGER: MacAddress = MacAddress([2, 0, 0, 0, 0, 9]);

    fn parties() -> Parties {
        let mut owners = Owners::new();
        owners.owns_address("docker2", DOCKER2);
        owners.owns_mac("docker2", MacAddress([2, 0, 0, 0, 0, 2]));
        owners.owns_address("node-1", NODE_1);
        Parties::named(&owners, ["docker2"])
    }

    fn reply(sender: Ipv4Addr, target: Ipv4Addr) -> Frame {
        let arp = Arp {
            operation: ArpOperation::Reply,
            sender_hardware: STRANGER,
            sender_protocol: sender,
            target_hardware: STRANGER,
            target_protocol: target,
        };
        let at = Duration::ZERO;
        Frame { at, source: STRANGER, destination: STRANGER, vlans: Vec::new(), content: Content::Arp(arp) }
    }

    #[test]
    fn a_strangers_answer_for_a_party_is_the_partys() {
        assert!(parties().are_of(&reply(DOCKER2, NODE_1)));
    }

    #[test]
    fn what_others_say_to_each_other_is_not() {
        assert!(!parties().are_of(&reply(NODE_1, HOST)));
    }

    #[test]
    fn the_filter_has_both_kinds_of_address() {
        assert_eq!(parties().filter(), "ether host 02:00:00:00:00:02 or host 192.168.245.181");
    }
}
