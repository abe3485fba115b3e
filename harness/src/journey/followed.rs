//! Where all frames of a scenario were seen.

use std::{sync::Arc, time::Duration};

use super::{Captured, Sighting, route::Route};
use crate::{
    frame::Frame,
    transcript::{Line, Told, Transcripts},
};

/// All frames that were followed. What is known of one are its numbers here, so that nothing is copied for it.
pub(super) struct Followed {
    pub(super) captured: Captured,
    /// For each capture, the places in it of the frames that are followed.
    pub(super) places: Vec<Vec<u32>>,
    /// What is told of those.
    pub(super) transcripts: Transcripts,
    /// In the order that the captures agree on.
    pub(super) sent: Vec<Sent>,
    /// For each that was sent, what each capture has of it.
    pub(super) seen: Vec<Seen>,
}

/// A frame that was sent.
pub(super) struct Sent {
    /// The number of what it says among all that was said.
    pub(super) words: usize,
    /// As the point tells it that is nearest to where its source has its home.
    pub(super) told: Spot,
    /// As it was first seen on its way.
    pub(super) frame: Spot,
    pub(super) route: Arc<Route>,
}

/// A frame in a capture.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub(super) column: u32,
    /// Its place among those that are followed.
    pub(super) place: u32,
}

/// What a capture has of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) times: u32,
    /// The first's place among the frames that are followed; means nothing if it was not seen.
    pub(super) first: u32,
    /// Whether only a reflection was seen.
    pub(super) is_reflection: bool,
}

impl Followed {
    fn columns(&self) -> usize {
        self.places.len()
    }

    pub(super) fn line(&self, number: usize) -> Line<'_> {
        Line::new(self.told(number), self.transcripts.vocabulary())
    }

    pub(super) fn told(&self, number: usize) -> &Told {
        let Spot { column, place } = self.sent[number].told;
        self.transcripts.told_at(column as usize, place as usize)
    }

    /// The frame as it was first seen, nearest to its origin.
    pub(super) fn frame(&self, number: usize) -> &Frame {
        self.frame_at(self.sent[number].frame)
    }

    pub(super) fn frame_at(&self, Spot { column, place }: Spot) -> &Frame {
        let place = self.places[column as usize][place as usize];
        &self.captured[column as usize].1[place as usize]
    }

    pub(super) fn route(&self, number: usize) -> &Route {
        &self.sent[number].route
    }

    pub(super) fn seen(&self, number: usize, column: usize) -> Seen {
        self.seen[number * self.columns() + column]
    }

    /// A capture's first sighting of a frame.
    pub(super) fn sighting(&self, number: usize, column: usize) -> Option<Sighting<'_>> {
        let Seen { times, first, is_reflection } = self.seen(number, column);
        let spot = (times > 0).then_some(Spot { column: u32::try_from(column).ok()?, place: first })?;
        let frame = self.frame_at(spot);
        let place = (!is_reflection).then_some(first as usize);
        Some(Sighting { at: frame.at, vlans: &frame.vlans, place })
    }

    /// When it was seen first on its way, by the clock of the first machine there that saw it.
    pub(super) fn sent_at(&self, number: usize) -> Option<Duration> {
        let mut columns = self.route(number).way.iter().filter_map(|outlook| outlook.column);
        columns.find_map(|column| self.sighting(number, column)).map(|first| first.at)
    }

    /// Counts a reflection of a frame as more sightings of it.
    pub(super) fn add_reflection(&mut self, original: usize, reflection: usize) {
        let columns = self.columns();
        for column in 0..columns {
            let reflected = self.seen(reflection, column);
            let seen = &mut self.seen[original * columns + column];
            if seen.times == 0 {
                (seen.first, seen.is_reflection) = (reflected.first, true);
            }
            seen.times += reflected.times;
        }
    }
}
