//! Frames that come back to where they were sent from.

use std::{iter, time::Duration};

use super::followed::Followed;

/// A frame that its sender's own tap sees again so soon was not sent again: the kernel asks again after a second
/// (`retrans_time_ms`, net/ipv4/arp.c), and ping never sends one request twice.
const REFLECTION: Duration = Duration::from_millis(50);

/// Counts each reflection as one more sighting of the frame that it is a reflection of, and returns the numbers of the
/// others. A parent whose switch port reflects (hairpin) sees its own frames come back.
pub(super) fn folded(followed: &mut Followed) -> Vec<usize> {
    let mut folded = Vec::with_capacity(followed.sent.len());
    let mut originals = Originals::default();
    for number in 0..followed.sent.len() {
        // A frame that was not seen on its way was sent nobody knows when.
        let sent = followed.sent_at(number);
        match sent.and_then(|sent| originals.of(followed, number, sent)) {
            Some(original) => followed.add_reflection(original, number),
            None => {
                if let Some(sent) = sent {
                    originals.add(followed.sent[number].words, sent, number);
                }
                folded.push(number);
            }
        }
    }
    folded
}

/// The frames so far that are no reflections.
#[derive(Default)]
struct Originals {
    /// The last that says something, by the number of that.
    latest: Vec<Option<usize>>,
    all: Vec<Original>,
}

struct Original {
    sent: Duration,
    /// Its number among all that were sent.
    number: usize,
    /// The one before that says the same.
    before: Option<usize>,
}

impl Originals {
    /// The frame that this one is a reflection of: the last of those that say the same.
    fn of(&self, followed: &Followed, number: usize, sent: Duration) -> Option<usize> {
        let latest = self.latest.get(followed.sent[number].words).copied().flatten();
        let mut alike = iter::successors(Some(&self.all[latest?]), |one| Some(&self.all[one.before?]));
        let is_echo_request = followed.frame(number).is_echo_request();
        let is_reflection =
            |original: &&Original| is_echo_request || sent.abs_diff(original.sent) < REFLECTION;
        alike.find(is_reflection).map(|original| original.number)
    }

    fn add(&mut self, words: usize, sent: Duration, number: usize) {
        self.latest.resize(self.latest.len().max(words + 1), None);
        let before = self.latest[words].replace(self.all.len());
        self.all.push(Original { sent, number, before });
    }
}
