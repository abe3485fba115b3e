//! How many of a probe's echoes came how far.

use std::fmt;

use serde::Serialize;

use crate::{
    journey::{Journey, Probe, Station},
    transcript::{Exchange, Part},
};

/// The loss of a probe's echoes, point by point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// Who asked whom.
    pub probe: String,
    /// How many requests were sent.
    pub sent: usize,
    /// The requests at each point, in the order of their way.
    pub requests: Vec<Sightings>,
    /// The replies at each point, in the order of theirs.
    pub replies: Vec<Sightings>,
}

/// How many of several frames a point saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sightings {
    /// The vantage point.
    pub point: String,
    /// How many it saw; `None` where nothing was captured.
    pub seen: Option<usize>,
}

impl Loss {
    /// Counts a probe's echoes; `sent` is how many requests there were.
    pub fn of(probe: &Probe, sent: usize, journeys: &[Journey]) -> Self {
        let between = |from: &str, to: &str, part: Part| {
            let of_part = journeys.iter().filter(|journey| {
                let ends = (journey.from(), journey.to());
                let is_echo = matches!(journey.exchange(), Exchange::Echo { .. });
                is_echo && journey.part() == part && ends == (Some(from), Some(to))
            });
            sightings(&of_part.collect::<Vec<_>>())
        };
        Self {
            probe: probe.to_string(),
            sent,
            requests: between(&probe.from, &probe.to, Part::Question),
            replies: between(&probe.to, &probe.from, Part::Answer),
        }
    }
}

/// All have the same way.
fn sightings(journeys: &[&Journey]) -> Vec<Sightings> {
    let Some(first) = journeys.first() else { return Vec::new() };
    let at = |place: usize| {
        journeys.iter().filter(|journey| journey.way().nth(place).is_some_and(Station::saw)).count()
    };
    let stations = first.way().enumerate();
    stations
        .map(|(place, station)| Sightings {
            point: station.point().to_string(),
            seen: station.is_captured.then(|| at(place)),
        })
        .collect()
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, of {} requests:", self.probe, self.sent)?;
        for (name, sightings) in [("request", &self.requests), ("reply", &self.replies)] {
            if sightings.is_empty() {
                writeln!(f, "  {name:7}  seen nowhere")?;
            }
            for Sightings { point, seen } in sightings {
                let seen = seen.map_or("?".to_owned(), |seen| seen.to_string());
                writeln!(f, "  {name:7}  {seen:>4}  {point}")?;
            }
        }
        Ok(())
    }
}
