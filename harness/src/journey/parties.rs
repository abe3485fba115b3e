//! Between which endpoints a frame goes.

use std::net::IpAddr;

use crate::{
    MacAddress,
    frame::{Content, Frame, NeighbourMessage},
    topology::Topology,
    transcript::Owners,
};

/// What a frame says of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ends {
    source: MacAddress,
    destination: MacAddress,
    /// The addresses of whoever sends it, and of whom it is for.
    said: (Option<IpAddr>, Option<IpAddr>),
}

impl Ends {
    pub(super) fn of(frame: &Frame) -> Self {
        Self { source: frame.source, destination: frame.destination, said: said(&frame.content) }
    }
}

/// The endpoints that a frame is from and for, where they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Parties<'a> {
    pub(super) from: Option<&'a str>,
    pub(super) to: Option<&'a str>,
}

impl<'a> Parties<'a> {
    /// It is from whoever has its Ethernet source, since that is where it was sent; a stranger's is
    /// from whom it says. It is for whom it says, whatever its Ethernet destination.
    pub(super) fn of(ends: &Ends, owners: &'a Owners, topology: &Topology) -> Self {
        let (says_from, says_to) = ends.said;
        let endpoint = |address: Option<IpAddr>| {
            owners.name_of_address(address?).filter(|name| topology.has_endpoint(name))
        };
        let (says_from, says_to) = (endpoint(says_from), endpoint(says_to));
        let have_mac = |mac| owners.names_of_mac(mac).filter(|name| topology.has_endpoint(name));
        let mut senders = have_mac(ends.source).peekable();
        let from = match says_from {
            Some(name) if senders.peek().is_none() || senders.any(|sender| sender == name) => Some(name),
            _ => have_mac(ends.source).next(),
        };
        Self { from, to: says_to.or_else(|| have_mac(ends.destination).next()) }
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
