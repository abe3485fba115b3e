//! Between which endpoints a frame goes.

use std::net::IpAddr;

use crate::{
    frame::{Content, Frame, NeighbourMessage},
    topology::Topology,
    transcript::Owners,
};

/// The endpoints that a frame is from and for, where they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parties {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

impl Parties {
    /// It is from whoever has its Ethernet source, since that is where it was sent; a stranger's is
    /// from whom it says. It is for whom it says, whatever its Ethernet destination.
    pub(super) fn of(frame: &Frame, owners: &Owners, topology: &Topology) -> Self {
        let (says_from, says_to) = said(&frame.content);
        let endpoint = |address: Option<IpAddr>| {
            let name = owners.of_address(address?);
            topology.has_endpoint(&name).then_some(name)
        };
        let (says_from, says_to) = (endpoint(says_from), endpoint(says_to));
        let has_mac = |mac| -> Vec<String> {
            let names = owners.of_mac(mac).unwrap_or_default();
            names.split('=').filter(|name| topology.has_endpoint(name)).map(str::to_owned).collect()
        };
        let (senders, receivers) = (has_mac(frame.source), has_mac(frame.destination));
        let from = match says_from {
            Some(name) if senders.is_empty() || senders.contains(&name) => Some(name),
            _ => senders.into_iter().next(),
        };
        Self { from, to: says_to.or_else(|| receivers.into_iter().next()) }
    }
}

/// The addresses of whoever sends a frame, and of whom it is for. What announces an address is for
/// nobody in particular.
fn said(content: &Content) -> (Option<IpAddr>, Option<IpAddr>) {
    match content {
        Content::Arp(arp) => {
            let target = (arp.sender_protocol != arp.target_protocol).then_some(arp.target_protocol);
            (Some(arp.sender_protocol.into()), target.map(IpAddr::from))
        }
        Content::Echo(echo) => (Some(echo.source.into()), Some(echo.destination.into())),
        Content::Echo6(echo) => (Some(echo.source.into()), Some(echo.destination.into())),
        Content::Neighbour(neighbour) => {
            let to = match neighbour.message {
                NeighbourMessage::Solicitation => neighbour.target,
                NeighbourMessage::Advertisement { .. } => neighbour.destination,
            };
            (Some(neighbour.source.into()), Some(to.into()))
        }
        Content::Datagram(_) | Content::Other(_) => (None, None),
    }
}
