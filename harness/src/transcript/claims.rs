//! Whose a MAC address is, learned from what its owner says.

use std::{collections::BTreeMap, net::IpAddr};

use super::Owners;
use crate::{
    MacAddress,
    frame::{Content, NeighbourMessage, Packet},
};

/// The MAC addresses that claim the addresses whose owners are known.
#[derive(Clone, Debug)]
pub struct Claims {
    known: Owners,
    claims: BTreeMap<IpAddr, Claim>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    By(MacAddress),
    /// Several claim it. To name one of them after it would hide the fault.
    Contested,
}

impl Claims {
    /// Nothing was heard yet; `known` says whose the IP addresses are.
    pub fn new(known: Owners) -> Self {
        Self { known, claims: BTreeMap::new() }
    }

    /// Hears a frame: ARP's sender and neighbour discovery's say which address they have. Whether
    /// anything was learned from it.
    pub fn hear(&mut self, packet: &Packet) -> bool {
        let (address, mac): (IpAddr, _) = match &packet.content {
            Content::Arp(arp) => (arp.sender_protocol.into(), Some(arp.sender_hardware)),
            Content::Neighbour(neighbour) => match neighbour.message {
                NeighbourMessage::Advertisement { .. } => (neighbour.target.into(), neighbour.link_layer),
                NeighbourMessage::Solicitation => (neighbour.source.into(), neighbour.link_layer),
            },
            _ => return false,
        };
        let Some(mac) = mac.filter(|_| self.known.knows(address)) else { return false };
        let claim = match self.claims.get(&address) {
            None => Claim::By(mac),
            Some(Claim::By(other)) if *other != mac => Claim::Contested,
            Some(_) => return false,
        };
        self.claims.insert(address, claim);
        true
    }

    /// The owners of the addresses, and of the MAC addresses that alone claim one. A MAC address
    /// that claims several is named after all: `docker2=node-2`.
    pub fn owners(&self) -> Owners {
        let mut owners = self.known.clone();
        for (address, claim) in &self.claims {
            let name = self.known.of_address(*address);
            if let Claim::By(mac) = claim
                && !self.known.has_mac(&name)
            {
                owners.owns_mac(&name, *mac);
            }
        }
        owners
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;
    use crate::frame::{Arp, ArpOperation, Link, Neighbour};

    const DOCKER2: Ipv4Addr = Ipv4Addr::new(192, 168, 245, 181);

    fn mac(last: u8) -> MacAddress {
        MacAddress([2, 0, 0, 0, 0, last])
    }

    fn reply(sender: MacAddress, address: Ipv4Addr) -> Packet {
        let arp = Arp {
            operation: ArpOperation::Reply,
            sender_hardware: sender,
            sender_protocol: address,
            target_hardware: mac(9),
            target_protocol: Ipv4Addr::new(192, 168, 245, 1),
        };
        Packet {
            at: std::time::Duration::ZERO,
            link: Link::Ethernet { source: sender, destination: mac(9) },
            vlans: Vec::new(),
            content: Content::Arp(arp),
        }
    }

    fn claims() -> Claims {
        let mut known = Owners::new();
        known.owns_address("docker2", DOCKER2);
        Claims::new(known)
    }

    #[test]
    fn who_answers_alone_is_the_owner() {
        let mut claims = claims();
        claims.hear(&reply(mac(1), DOCKER2));
        claims.hear(&reply(mac(1), DOCKER2));
        assert_eq!(claims.owners().of_mac(mac(1)).as_deref(), Some("docker2"));
    }

    /// A solicitation tells of its source, an advertisement of its target.
    #[test]
    fn neighbour_discovery_tells_too() {
        let [asker, target] = [0x180, 0x181].map(|last| Ipv6Addr::new(0xfd00, 0x245, 0, 0, 0, 0, 0, last));
        let advertisement =
            NeighbourMessage::Advertisement { router: false, solicited: true, overrides: true };
        for (message, owner) in [(NeighbourMessage::Solicitation, "docker1"), (advertisement, "docker2")] {
            let mut known = Owners::new();
            known.owns_address("docker1", asker);
            known.owns_address("docker2", target);
            let mut claims = Claims::new(known);
            let neighbour = Neighbour {
                message,
                source: asker,
                destination: target,
                hop_limit: 255,
                target,
                link_layer: Some(mac(1)),
                checksum_holds: true,
            };
            let heard = Packet { content: Content::Neighbour(neighbour), ..reply(mac(1), DOCKER2) };
            assert!(claims.hear(&heard));
            assert_eq!(claims.owners().of_mac(mac(1)).as_deref(), Some(owner));
        }
    }

    #[test]
    fn of_two_who_answer_neither_is_named() {
        let mut claims = claims();
        claims.hear(&reply(mac(1), DOCKER2));
        claims.hear(&reply(mac(2), DOCKER2));
        claims.hear(&reply(mac(1), DOCKER2));
        assert_eq!([1, 2].map(|last| claims.owners().of_mac(mac(last))), [None, None]);
    }

    #[test]
    fn strangers_stay_strangers() {
        let mut claims = claims();
        claims.hear(&reply(mac(1), Ipv4Addr::new(10, 0, 0, 1)));
        assert_eq!(claims.owners().of_mac(mac(1)), None);
    }
}
