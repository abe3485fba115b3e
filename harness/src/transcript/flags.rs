//! What an advertisement of a neighbour says of itself.

use std::fmt;

use crate::frame::{Neighbour, NeighbourMessage};

/// A neighbour advertisement's flags (RFC 4861, section 4.4), in tcpdump's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Flags {
    router: bool,
    solicited: bool,
    overrides: bool,
}

impl Flags {
    /// Those that a host would not set (RFC 4861, section 7.2.4; `ndisc_recv_ns`, net/ipv6/ndisc.c): it is no router, has been asked
    /// unless it speaks to all, and overrides what is known if it says what is to be known.
    pub(super) fn unusual(neighbour: &Neighbour) -> Option<Self> {
        let NeighbourMessage::Advertisement { router, solicited, overrides } = neighbour.message else {
            return None;
        };
        let is_usual = !router
            && solicited != neighbour.destination.is_multicast()
            && overrides == neighbour.link_layer.is_some();
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
