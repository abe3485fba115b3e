//! Frames that come back to where they were sent from.

use std::{collections::HashMap, time::Duration};

use super::{Journey, Sighting};

/// A frame that its sender's own tap sees again so soon was not sent again: the kernel asks again after a second
/// (`retrans_time_ms`, net/ipv4/arp.c), and ping never sends one request twice.
const REFLECTION: Duration = Duration::from_millis(50);

/// Counts each reflection as one more sighting of the frame that it is a reflection of. A parent whose switch port
/// reflects (hairpin) sees its own frames come back.
pub(super) fn folded(journeys: Vec<Journey>) -> Vec<Journey> {
    let originals = originals(&journeys);
    let mut folded: Vec<Journey> = Vec::with_capacity(journeys.len());
    let mut places = Vec::with_capacity(journeys.len());
    for (journey, original) in journeys.into_iter().zip(originals) {
        match original {
            Some(original) => {
                let place: usize = places[original];
                folded[place].add(&journey);
                places.push(place);
            }
            None => {
                places.push(folded.len());
                folded.push(journey);
            }
        }
    }
    folded
}

/// For each journey the place of the one that it is a reflection of.
fn originals(journeys: &[Journey]) -> Vec<Option<usize>> {
    let mut alike: HashMap<[&str; 3], Vec<usize>> = HashMap::new();
    let originals = journeys.iter().enumerate().map(|(place, journey)| {
        let earlier = alike.entry([&journey.source, &journey.destination, &journey.text]).or_default();
        let original = earlier.iter().rev().find(|&&earlier| is_reflection(journey, &journeys[earlier]));
        let original = original.copied();
        if original.is_none() {
            earlier.push(place);
        }
        original
    });
    originals.collect()
}

/// Of two frames that say the same.
fn is_reflection(journey: &Journey, earlier: &Journey) -> bool {
    let sent = |journey: &Journey| journey.way.iter().find_map(|station| Some(station.first.as_ref()?.at));
    let gap = sent(journey).zip(sent(earlier)).map(|(at, before)| at.abs_diff(before));
    gap.is_some_and(|gap| journey.is_echo_request() || gap < REFLECTION)
}

impl Journey {
    fn add(&mut self, reflection: &Self) {
        for station in self.way.iter_mut().chain(&mut self.elsewhere) {
            let seen = reflection.stations().find(|other| other.point == station.point);
            station.times += seen.map_or(0, |other| other.times);
            let reflected = || Some(Sighting { place: None, ..seen?.first.clone()? });
            station.first = station.first.take().or_else(reflected);
        }
    }
}
