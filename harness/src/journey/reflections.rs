//! Frames that come back to where they were sent from.

use std::{collections::HashMap, time::Duration};

use super::Journey;

/// A frame that its sender's own tap sees again so soon was not sent again: the kernel asks again after a second
/// (`retrans_time_ms`, net/ipv4/arp.c), and ping never sends one request twice.
const REFLECTION: Duration = Duration::from_millis(50);

/// Counts each reflection as one more sighting of the frame that it is a reflection of. A parent whose switch port
/// reflects (hairpin) sees its own frames come back.
pub(super) fn folded(journeys: impl Iterator<Item = Journey>) -> Vec<Journey> {
    let mut folded: Vec<Journey> = Vec::new();
    let mut alike: HashMap<[String; 3], Vec<usize>> = HashMap::new();
    for journey in journeys {
        let key = [journey.source.clone(), journey.destination.clone(), journey.text.clone()];
        let earlier = alike.entry(key).or_default();
        match earlier.iter().rev().find(|&&place| is_reflection(&journey, &folded[place])) {
            Some(&original) => folded[original].add(&journey),
            None => {
                earlier.push(folded.len());
                folded.push(journey);
            }
        }
    }
    folded
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
            station.first = station.first.take().or_else(|| seen.and_then(|other| other.first.clone()));
        }
    }
}
