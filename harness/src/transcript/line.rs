//! One frame in words.

use std::time::Duration;

/// A frame as a transcript tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When the vantage point's kernel saw it, since the Unix epoch. Clocks of different machines
    /// are never compared.
    pub at: Duration,
    /// The owner of the Ethernet source.
    pub source: String,
    /// The owner of the Ethernet destination.
    pub destination: String,
    /// Its VLAN tags, the outer first.
    pub vlans: Vec<u16>,
    /// What it says, in tcpdump's terms, and before that its tags.
    pub text: String,
    /// The exchange that it is part of.
    pub exchange: Exchange,
    /// Its part in that.
    pub part: Part,
}

/// Frames that belong together: a question and its answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exchange {
    /// One owner asks for the hardware address of another.
    Arp {
        /// Who asks.
        asker: String,
        /// Who is asked for.
        target: String,
    },
    /// One owner asks for the link-layer address of another's IPv6 address.
    Neighbour {
        /// Who asks; whom an advertisement is for.
        asker: String,
        /// Who is asked for.
        target: String,
    },
    /// One echo.
    Echo {
        /// The letter of its identifier: one for each ping process.
        id: char,
        /// Its sequence number.
        sequence: u16,
    },
    /// A frame that stands alone.
    Alone(String),
}

impl Exchange {
    /// Whether both are of one kind and between the same: two echoes of one ping.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Echo { id: one, .. }, Self::Echo { id: other, .. }) => one == other,
            _ => self == other,
        }
    }
}

/// A frame's part in its exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// It asks.
    Question,
    /// It answers.
    Answer,
    /// Neither.
    Statement,
}
