//! A frame at one vantage point.

use std::time::Duration;

use crate::vantage_point::VantagePoint;

/// A vantage point, and what it has of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Station<'a> {
    pub(super) point: &'a VantagePoint,
    /// Whether the topology lets the frame come by.
    pub expectation: Expectation,
    /// Whether there is a capture that would have it.
    pub is_captured: bool,
    /// How often it was seen: more than once is a reflection.
    pub times: usize,
    /// When it was first seen here.
    pub first: Option<Sighting<'a>>,
}

/// How a vantage point saw a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting<'a> {
    /// When, by the clock of the point's machine, since the Unix epoch.
    pub at: Duration,
    /// With which VLAN tags, the outer first.
    pub vlans: &'a [u16],
    /// Its place among all frames that were captured here and are followed; none where only a reflection was.
    pub place: Option<usize>,
}

/// Whether a frame belongs somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// It must come by: the point lies on its way, or it is for everybody.
    Expected,
    /// It may: a switch that does not know where an address is sends its frames everywhere.
    Possible,
    /// It must not: the point belongs to somebody who is not meant, or who is never handed such frames.
    Excluded,
}

impl<'a> Station<'a> {
    /// Where.
    pub fn point(self) -> &'a VantagePoint {
        self.point
    }

    /// Whether the frame was seen.
    pub fn saw(self) -> bool {
        self.times > 0
    }

    /// Whether the frame was looked for and not seen.
    pub fn missed(self) -> bool {
        self.is_captured && self.times == 0
    }
}
