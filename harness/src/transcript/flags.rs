//! What an advertisement of a neighbour says of itself.

use std::{fmt, net::Ipv6Addr};

use crate::frame::NeighbourMessage;

/// A neighbour advertisement's flags (RFC 4861, section 4.4), in tcpdump's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Flags {
    router: bool,
    solicited: bool,
    overrides: bool,
}

impl Flags {
    /// Those that a host with one address of its kind does not set (RFC 4861, section 7.2.4): it is no router, overrides what is known, and has been
    /// asked unless it speaks to all.
    pub(super) fn unusual(message: NeighbourMessage, destination: Ipv6Addr) -> Option<Self> {
        let NeighbourMessage::Advertisement { router, solicited, overrides } = message else { return None };
        let is_usual = !router && overrides && solicited != destination.is_multicast();
        (!is_usual).then_some(Self { router, solicited, overrides })
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [(self.router, "router"), (self.solicited, "solicited"), (self.overrides, "override")];
        let set: Vec<&str> = all.into_iter().filter_map(|(is_set, word)| is_set.then_some(word)).collect();
        write!(f, "flags [{}]", if set.is_empty() { "none".to_owned() } else { set.join(", ") })
    }
}
