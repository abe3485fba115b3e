//! Where frames that say the same were seen.

use foldhash::fast::RandomState;

use crate::transcript::{Numbered, Transcript, Words, number};

/// The places in each transcript where the same words are.
pub(super) struct Sightings<'a> {
    words: Numbered<&'a Words>,
    columns: usize,
    /// For all words one after another, and there for each column: where its places begin, up to where the next ones do.
    starts: Vec<usize>,
    places: Vec<u32>,
}

impl<'a> Sightings<'a> {
    pub(super) fn of(transcripts: &[&'a Transcript]) -> Self {
        let columns = transcripts.len();
        let longest = transcripts.iter().map(|transcript| transcript.told().len()).max().unwrap_or_default();
        let mut words = Numbered::with_capacity_and_hasher(longest, RandomState::default());
        let mut cells = Vec::new();
        for (column, transcript) in transcripts.iter().enumerate() {
            let numbers = transcript.told().iter().map(|told| words.insert_full(&told.words).0);
            cells.extend(numbers.map(|number| number * columns + column));
        }
        let starts = starts(&cells, words.len() * columns);
        let mut free = starts.clone();
        let mut places = vec![0; cells.len()];
        let all_places = transcripts.iter().flat_map(|transcript| 0..transcript.told().len());
        for (cell, place) in cells.into_iter().zip(all_places) {
            places[free[cell]] = number(place);
            free[cell] += 1;
        }
        Self { words, columns, starts, places }
    }

    /// All that was said, each once.
    pub(super) fn words(&self) -> impl Iterator<Item = (usize, &'a Words)> {
        self.words.iter().copied().enumerate()
    }

    /// Where in a column's transcript words are.
    pub(super) fn places(&self, words: usize, column: usize) -> &[u32] {
        let cell = words * self.columns + column;
        &self.places[self.starts[cell]..self.starts[cell + 1]]
    }
}

/// Where each cell's share begins, of as many as name that cell.
fn starts(cells: &[usize], count: usize) -> Vec<usize> {
    let mut starts = vec![0; count + 1];
    cells.iter().for_each(|cell| starts[cell + 1] += 1);
    for cell in 0..count {
        starts[cell + 1] += starts[cell];
    }
    starts
}
