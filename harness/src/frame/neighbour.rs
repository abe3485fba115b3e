//! IPv6 neighbour discovery's question and answer (RFC 4861, sections 4.3 and 4.4).

use std::net::Ipv6Addr;

use etherparse::{
    Icmpv6Slice, Icmpv6Type, Ipv6HeaderSlice,
    icmpv6::{
        Icmpv6PayloadSlice::{NeighborAdvertisement, NeighborSolicitation},
        NdpOptionSlice, NdpOptionsIterator,
    },
};

use crate::MacAddress;

/// A neighbour solicitation or advertisement with the IPv6 header that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Which of the two, and an advertisement's flags.
    pub message: NeighbourMessage,
    /// IPv6 source; unspecified where it asks whether its own future address is taken (RFC 4862).
    pub source: Ipv6Addr,
    /// IPv6 destination.
    pub destination: Ipv6Addr,
    /// IPv6 hop limit; with any other than 255 the message counts for nothing.
    pub hop_limit: u8,
    /// The address that the message is about.
    pub target: Ipv6Addr,
    /// The source's link-layer address option in a solicitation, the target's in an advertisement.
    pub link_layer: Option<MacAddress>,
    /// Whether the ICMPv6 checksum is that of the message.
    pub checksum_holds: bool,
}

/// Which half of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeighbourMessage {
    /// Type 135.
    Solicitation,
    /// Type 136.
    Advertisement {
        /// R: the sender is a router.
        router: bool,
        /// S: it answers a solicitation.
        solicited: bool,
        /// O: it overrides what is known.
        overrides: bool,
    },
}

impl Neighbour {
    /// `None` where the message is of another type or ends before its target does.
    pub(super) fn read(ip: &Ipv6HeaderSlice<'_>, message: &Icmpv6Slice<'_>) -> Option<Self> {
        let payload = message.payload_slice().ok()?;
        let (kind, target, link_layer) = match (message.icmp_type(), &payload) {
            (Icmpv6Type::NeighborSolicitation, NeighborSolicitation(payload)) => {
                let source = source_link_layer(payload.options_iterator());
                (NeighbourMessage::Solicitation, payload.target_address(), source)
            }
            (Icmpv6Type::NeighborAdvertisement(header), NeighborAdvertisement(payload)) => {
                let kind = NeighbourMessage::Advertisement {
                    router: header.router,
                    solicited: header.solicited,
                    overrides: header.r#override,
                };
                (kind, payload.target_address(), target_link_layer(payload.options_iterator()))
            }
            _ => return None,
        };
        Some(Self {
            message: kind,
            source: ip.source_addr(),
            destination: ip.destination_addr(),
            hop_limit: ip.hop_limit(),
            target,
            link_layer,
            checksum_holds: message.is_checksum_valid(ip.source(), ip.destination()),
        })
    }
}

fn source_link_layer(mut options: NdpOptionsIterator<'_>) -> Option<MacAddress> {
    options.find_map(|option| match option {
        Ok(NdpOptionSlice::SourceLinkLayerAddress(address)) => mac(address.link_layer_address()),
        _ => None,
    })
}

fn target_link_layer(mut options: NdpOptionsIterator<'_>) -> Option<MacAddress> {
    options.find_map(|option| match option {
        Ok(NdpOptionSlice::TargetLinkLayerAddress(address)) => mac(address.link_layer_address()),
        _ => None,
    })
}

fn mac(bytes: &[u8]) -> Option<MacAddress> {
    bytes.try_into().ok().map(MacAddress)
}
