//! The whole ladder.

use std::fmt;

use super::{
    lane::{Lanes, WIDTH},
    rung::rung,
};
use crate::{journey::Journey, topology::Topology, vantage_point::VantagePoint};

/// A ladder diagram of at most 80 columns. Its [`Display`](fmt::Display) is the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    lines: Vec<String>,
}

impl Ladder {
    /// Draws journeys one below the other, each with its words above its arrow.
    pub fn draw(journeys: &[Journey], topology: &Topology) -> Self {
        let lanes = Lanes::new(VantagePoint::along_the_path(topology));
        let mut lines = lanes.headings();
        for journey in journeys {
            lines.push(words(journey));
            lines.push(rung(journey, &lanes));
        }
        if journeys.is_empty() {
            lines.push("no frame anywhere".to_owned());
        }
        Self { lines }
    }
}

fn words(journey: &Journey) -> String {
    let text = format!("{} > {}  {}", journey.source(), journey.destination(), journey.text());
    if text.chars().count() <= WIDTH {
        return text;
    }
    text.chars().take(WIDTH - 1).chain(['…']).collect()
}

impl fmt::Display for Ladder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
