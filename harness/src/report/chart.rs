//! Where things are in a scenario's drawings: one lane a vantage point, in the order of the path.

use crate::{topology::Topology, vantage_point::VantagePoint};

/// The distance between two lanes, in the drawing's units.
const LANE: usize = 132;
const MARGIN: usize = 76;

/// The lanes of both drawings, so that they stand one below the other.
pub(super) struct Chart {
    points: Vec<VantagePoint>,
}

impl Chart {
    pub(super) fn of(topology: &Topology) -> Self {
        Self { points: VantagePoint::along_the_path(topology) }
    }

    /// Each vantage point with the middle of its lane.
    pub(super) fn lanes(&self) -> impl Iterator<Item = (usize, &VantagePoint)> {
        self.points.iter().enumerate().map(|(place, point)| (x(place), point))
    }

    /// The middle of a vantage point's lane.
    pub(super) fn lane_of(&self, point: &VantagePoint) -> Option<usize> {
        self.points.iter().position(|known| known == point).map(x)
    }

    pub(super) fn width(&self) -> usize {
        2 * MARGIN + LANE * self.points.len().saturating_sub(1)
    }
}

fn x(place: usize) -> usize {
    MARGIN + LANE * place
}
