//! The transcripts of a scenario.

use std::{collections::BTreeMap, slice, sync::Arc};

use super::{Line, Vocabulary, told::Told};
use crate::{frame::Kind, vantage_point::VantagePoint};

/// The transcripts of all captures of a scenario, which name everything alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcripts {
    pub(super) of_points: Vec<Transcript>,
    pub(super) vocabulary: Arc<Vocabulary>,
}

/// The frames of one capture, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// Where they were captured.
    pub point: VantagePoint,
    /// How many frames there were of each kind that no scenario speaks.
    pub bystanders: BTreeMap<Kind, usize>,
    pub(super) told: Vec<Told>,
}

impl Transcripts {
    /// One after another, in the order of the captures.
    pub fn iter(&self) -> slice::Iter<'_, Transcript> {
        self.of_points.iter()
    }

    /// The frames of all captures, one capture after another, each in the order of its file.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.iter().flat_map(|transcript| transcript.told()).map(|told| Line::new(told, &self.vocabulary))
    }

    /// What is told of a frame of the capture with this number.
    pub(crate) fn told_at(&self, capture: usize, place: usize) -> &Told {
        &self.of_points[capture].told[place]
    }

    pub(crate) fn vocabulary(&self) -> &Arc<Vocabulary> {
        &self.vocabulary
    }
}

impl Transcript {
    /// The frames in the order of the capture file.
    pub(crate) fn told(&self) -> &[Told] {
        &self.told
    }
}
