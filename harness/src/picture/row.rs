//! A row of a picture.

use crate::transcript::{Exchange, Part};

/// One frame and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How often each vantage point saw it, in the order of the columns. More than once, where the
    /// frame's origin saw it once, is a reflection.
    pub seen: Vec<usize>,
    /// The owner of the Ethernet source.
    pub source: String,
    /// The owner of the Ethernet destination.
    pub destination: String,
    /// Its VLAN tags, the outer first.
    pub vlans: Vec<u16>,
    /// What the frame says.
    pub text: String,
    /// The exchange that it is part of.
    pub exchange: Exchange,
    /// Its part in that.
    pub part: Part,
}

impl Row {
    /// Who speaks to whom.
    pub(super) fn direction(&self) -> String {
        format!("{} > {}", self.source, self.destination)
    }
}
