//! Frames that belong together.

/// Frames that belong together: a question and its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exchange<Name = String> {
    /// One owner asks for the hardware address of another.
    Arp {
        /// Who asks.
        asker: Name,
        /// Who is asked for.
        target: Name,
    },
    /// One owner asks for the link-layer address of another's IPv6 address.
    Neighbour {
        /// Who asks; whom an advertisement is for.
        asker: Name,
        /// Who is asked for.
        target: Name,
    },
    /// One echo.
    Echo {
        /// The letter of its identifier: one for each ping process.
        id: char,
        /// Its sequence number.
        sequence: u16,
    },
    /// A frame that stands alone.
    Alone(Name),
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

impl<Name: PartialEq> Exchange<Name> {
    /// Whether both are of one kind and between the same: two echoes of one ping.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Echo { id: one, .. }, Self::Echo { id: other, .. }) => one == other,
            _ => self == other,
        }
    }
}

impl<Name> Exchange<Name> {
    /// The same with other names.
    pub(crate) fn map<Other>(self, mut name: impl FnMut(Name) -> Other) -> Exchange<Other> {
        match self {
            Self::Arp { asker, target } => Exchange::Arp { asker: name(asker), target: name(target) },
            Self::Neighbour { asker, target } => {
                Exchange::Neighbour { asker: name(asker), target: name(target) }
            }
            Self::Echo { id, sequence } => Exchange::Echo { id, sequence },
            Self::Alone(alone) => Exchange::Alone(name(alone)),
        }
    }
}
