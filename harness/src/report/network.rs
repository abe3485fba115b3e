//! The topology as a drawing, each interface coloured by what it saw.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::chart::Chart;
use crate::{
    journey::{Expectation, Journey, Station},
    topology::Topology,
    vantage_point::VantagePoint,
};

const BOX_WIDTH: usize = 116;
const BOX_HEIGHT: usize = 44;
const TOP: usize = 16;
const HEIGHT: usize = BOX_HEIGHT + 2 * TOP;

/// What an interface saw of all that it should have seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sight {
    /// Nothing was to be seen there.
    Quiet,
    /// Nothing was captured there.
    Unwatched,
    /// All of it.
    All,
    /// It missed a frame that came its way.
    Missed,
    /// It saw a frame that is not for it.
    Stray,
}

impl Sight {
    fn of(station: Station<'_>, is_lost: bool) -> Self {
        match (station.is_captured, station.times > 0, station.expectation) {
            (false, ..) => Self::Unwatched,
            (true, true, Expectation::Excluded) => Self::Stray,
            (true, true, _) => Self::All,
            (true, false, Expectation::Expected) if is_lost => Self::Missed,
            (true, false, _) => Self::Quiet,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Unwatched => "unwatched",
            Self::All => "all",
            Self::Missed => "missed",
            Self::Stray => "stray",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Quiet => "saw nothing, and nothing was for it",
            Self::Unwatched => "was not captured",
            Self::All => "saw what came its way",
            Self::Missed => "missed what should have come its way",
            Self::Stray => "saw what was not for it",
        }
    }
}

/// Draws the path from the first machine's containers to the second's.
pub(super) fn draw(topology: &Topology, journeys: &[Journey]) -> Markup {
    let chart = Chart::of(topology);
    let sights = sights(journeys);
    let middle = TOP + BOX_HEIGHT / 2;
    let ends: Vec<usize> = chart.lanes().map(|(x, _)| x).collect();
    let label = format!("The vantage points of {} machines, in the order of the path", topology.nodes.len());
    html! {
        svg.network role="img" aria-label=(label) viewBox={ "0 0 " (chart.width()) " " (HEIGHT) } {
            @if let (Some(first), Some(last)) = (ends.first(), ends.last()) {
                line.cable x1=(first) y1=(middle) x2=(last) y2=(middle) {}
            }
            @for (x, point) in chart.lanes() {
                (interface(x, point, sights.get(point).copied().unwrap_or(Sight::Quiet)))
            }
        }
    }
}

fn interface(x: usize, point: &VantagePoint, sight: Sight) -> Markup {
    html! {
        g class={ "interface " (sight.class()) } {
            title { (point) " " (sight.in_words()) }
            rect x=(x - BOX_WIDTH / 2) y=(TOP) width=(BOX_WIDTH) height=(BOX_HEIGHT) rx="6" {}
            text.machine x=(x) y=(TOP + 18) { (point.machine) }
            text.name x=(x) y=(TOP + 34) { (point.interface) }
        }
    }
}

/// The worst that each point has seen.
fn sights(journeys: &[Journey]) -> BTreeMap<VantagePoint, Sight> {
    let mut sights = BTreeMap::new();
    for journey in journeys {
        for station in journey.stations() {
            let sight = Sight::of(station, journey.is_lost());
            let worst = sights.entry(station.point().clone()).or_insert(sight);
            *worst = sight.max(*worst);
        }
    }
    sights
}
