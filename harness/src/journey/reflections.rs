//! Frames that come back to where they were sent from.

use std::{iter, time::Duration};

use foldhash::{HashMap, HashMapExt as _};

use super::Journey;

/// A frame that its sender's own tap sees again so soon was not sent again: the kernel asks again after a second
/// (`retrans_time_ms`, net/ipv4/arp.c), and ping never sends one request twice.
const REFLECTION: Duration = Duration::from_millis(50);

/// Counts each reflection as one more sighting of the frame that it is a reflection of. A parent whose switch port
/// reflects (hairpin) sees its own frames come back. Each journey comes with the number of what its frame says.
pub(super) fn folded(journeys: impl Iterator<Item = (usize, Journey)>) -> Vec<Journey> {
    let mut folded: Vec<Journey> = Vec::with_capacity(journeys.size_hint().1.unwrap_or_default());
    let mut originals = Originals { latest: HashMap::new(), all: Vec::new() };
    for (words, journey) in journeys {
        // A frame that was not seen on its way was sent nobody knows when.
        let sent = journey.way().find_map(|station| Some(station.first?.at));
        match sent.and_then(|sent| originals.of(&journey, words, sent)) {
            Some(original) => folded[original].add(&journey),
            None => {
                if let Some(sent) = sent {
                    originals.add(words, sent, folded.len());
                }
                folded.push(journey);
            }
        }
    }
    folded
}

/// The frames so far that are no reflections.
struct Originals {
    /// The last that says something, by the number of that.
    latest: HashMap<usize, usize>,
    all: Vec<Original>,
}

struct Original {
    sent: Duration,
    /// Its place among the journeys.
    journey: usize,
    /// The one before that says the same.
    before: Option<usize>,
}

impl Originals {
    /// The place of the journey that this one is a reflection of: the last of those that say the same.
    fn of(&self, journey: &Journey, words: usize, sent: Duration) -> Option<usize> {
        let latest = self.latest.get(&words).map(|&place| &self.all[place]);
        let mut alike = iter::successors(latest, |original| Some(&self.all[original.before?]));
        let is_reflection =
            |original: &&Original| journey.is_echo_request() || sent.abs_diff(original.sent) < REFLECTION;
        alike.find(is_reflection).map(|original| original.journey)
    }

    fn add(&mut self, words: usize, sent: Duration, journey: usize) {
        let before = self.latest.insert(words, self.all.len());
        self.all.push(Original { sent, journey, before });
    }
}

impl Journey {
    fn add(&mut self, reflection: &Self) {
        self.seen.iter_mut().zip(&reflection.seen).for_each(|(seen, reflected)| seen.add(reflected));
    }
}
