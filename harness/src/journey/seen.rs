//! What a capture has of a frame.

use super::Sighting;

/// What a capture has of a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) times: usize,
    pub(super) first: Option<Sighting>,
}

impl Seen {
    /// Counts a reflection of the frame as one more sighting of it.
    pub(super) fn add(&mut self, reflection: &Self) {
        self.times += reflection.times;
        if self.first.is_none() {
            self.first = reflection.first.clone().map(|first| Sighting { place: None, ..first });
        }
    }
}
