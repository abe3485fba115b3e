//! The same frame at several vantage points is one row.

use std::{
    cmp::{Ordering, Reverse},
    time::Duration,
};

use foldhash::{HashMap, HashMapExt as _};

use super::{Row, sightings::Sightings};
use crate::{
    transcript::{Exchange, Line, Name, Told, Transcript, Transcripts, Vocabulary, number},
    vantage_point::VantagePoint,
};

/// The frames of some transcripts, a row for each time that one was sent, and where each was seen. They have no order yet.
pub(crate) struct Rows<'a> {
    transcripts: Vec<&'a Transcript>,
    vocabulary: &'a Vocabulary,
    rows: Vec<Sent>,
    /// Each row's, one for each column.
    cells: Vec<Cell>,
    /// How far each column is from the origin of frames, by their source.
    distances: HashMap<Name, Vec<usize>>,
}

/// A frame that was sent.
struct Sent {
    /// The column that is nearest to its origin of those that saw it.
    nearest: usize,
    /// The number of what it says among all that was said.
    words: usize,
    /// Where its cells begin.
    cells: usize,
}

/// What a column has of a row.
#[derive(Clone, Copy)]
struct Cell {
    times: u32,
    /// Where in the column's transcript it is for the first time; means nothing if it is not there.
    first: u32,
}

impl<'a> Rows<'a> {
    /// Finds each frame's sightings in the transcripts of some points, which are the columns.
    pub(crate) fn align(
        transcripts: &'a Transcripts,
        is_column: impl Fn(&VantagePoint) -> bool,
        path: &[VantagePoint],
    ) -> Self {
        let columns: Vec<&Transcript> =
            transcripts.iter().filter(|transcript| is_column(&transcript.point)).collect();
        let places: Vec<Option<usize>> =
            (columns.iter()).map(|column| path.iter().position(|point| *point == column.point)).collect();
        let sightings = Sightings::of(&columns);
        let mut rows = Self {
            transcripts: columns,
            vocabulary: transcripts.vocabulary(),
            rows: Vec::new(),
            cells: Vec::new(),
            distances: HashMap::new(),
        };
        for (words, said) in sightings.words() {
            rows.distances.entry(said.source).or_insert_with(|| {
                let origin = VantagePoint::origin(path, rows.vocabulary.text(said.source));
                distances(&places, origin)
            });
            rows.add_copies(words, said.source, &sightings);
        }
        rows
    }

    /// Adds a row for each time that a frame was sent: as often as the columns that are nearest to its
    /// origin saw it at most.
    fn add_copies(&mut self, words: usize, source: Name, sightings: &Sightings<'_>) {
        let distances = &self.distances[&source];
        let seen = |column: usize| sightings.places(words, column);
        let saw = (0..self.transcripts.len()).filter(|&column| !seen(column).is_empty());
        let nearest = saw.min_by_key(|&column| (distances[column], Reverse(seen(column).len()), column));
        let Some(nearest) = nearest else { return };
        let sent = seen(nearest).len();
        for copy in 0..sent {
            let cells = self.cells.len();
            let columns = 0..self.transcripts.len();
            self.cells.extend(columns.map(|column| Cell::of(share(seen(column), copy, sent))));
            self.rows.push(Sent { nearest, words, cells });
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The transcripts, one for each column.
    pub(crate) fn columns(&self) -> &[&'a Transcript] {
        &self.transcripts
    }

    /// What is told of a row's frame, by the column that is nearest to its origin.
    pub(crate) fn told(&self, row: usize) -> &'a Told {
        let Sent { nearest, cells, .. } = self.rows[row];
        &self.transcripts[nearest].told()[self.cells[cells + nearest].first as usize]
    }

    /// The column that is nearest to the origin of a row's frame, of those that saw it.
    pub(crate) fn nearest(&self, row: usize) -> usize {
        self.rows[row].nearest
    }

    /// The number of what a row's frame says: that of its copies is the same.
    pub(crate) fn words(&self, row: usize) -> usize {
        self.rows[row].words
    }

    /// How often a column saw a row's frame.
    pub(crate) fn times(&self, row: usize, column: usize) -> usize {
        self.cell(row, column).times as usize
    }

    /// The place of a column's first sighting in its transcript.
    pub(crate) fn place(&self, row: usize, column: usize) -> Option<usize> {
        let cell = self.cell(row, column);
        (cell.times > 0).then_some(cell.first as usize)
    }

    /// When that was, by the clock of the column's machine.
    pub(super) fn at(&self, row: usize, column: usize) -> Option<Duration> {
        self.place(row, column).map(|place| self.transcripts[column].told()[place].at)
    }

    /// When it was sent, by the column that is nearest to its origin of those that saw it.
    fn sent_at(&self, row: usize) -> Option<Duration> {
        let saw = (0..self.transcripts.len()).filter(|&column| self.times(row, column) > 0);
        self.at(row, saw.min_by_key(|&column| self.distance(row, column))?)
    }

    /// How many points lie between a column and the origin of a row's frame.
    pub(super) fn distance(&self, row: usize, column: usize) -> usize {
        self.distances[&self.told(row).words.source][column]
    }

    fn cell(&self, row: usize, column: usize) -> Cell {
        self.cells[self.rows[row].cells + column]
    }

    /// A column's transcript.
    pub(super) fn lines(&self, column: usize) -> impl Iterator<Item = Line<'a>> {
        self.transcripts[column].told().iter().map(|told| Line::new(told, self.vocabulary))
    }

    pub(super) fn line(&self, row: usize) -> Line<'a> {
        Line::new(self.told(row), self.vocabulary)
    }

    pub(super) fn exchange(&self, row: usize) -> Exchange<&'a str> {
        self.line(row).exchange()
    }

    /// Leaves out rows.
    pub(super) fn retain(&mut self, mut is_kept: impl FnMut(usize) -> bool) {
        let mut row = 0;
        self.rows.retain(|_| {
            row += 1;
            is_kept(row - 1)
        });
    }

    /// Compares rows by what they say, so that what no point orders has the same order in each run. Copies of one frame keep
    /// theirs, by the clock of the machine nearest to its origin.
    pub(super) fn compare(&self, one: usize, other: usize) -> Ordering {
        let (told, beside) = (self.told(one), self.told(other));
        let by_words = || {
            let words = |row| {
                let line = self.line(row);
                (line.text().to_string(), line.source(), line.destination())
            };
            if told.words == beside.words { Ordering::Equal } else { words(one).cmp(&words(other)) }
        };
        (self.exchange(one).cmp(&self.exchange(other)))
            .then(told.part.cmp(&beside.part))
            .then_with(by_words)
            .then_with(|| self.sent_at(one).cmp(&self.sent_at(other)))
            .then(one.cmp(&other))
    }

    /// The row for a person.
    pub(super) fn row(&self, row: usize) -> Row {
        let line = self.line(row);
        Row {
            seen: (0..self.transcripts.len()).map(|column| self.times(row, column)).collect(),
            source: line.source().to_owned(),
            destination: line.destination().to_owned(),
            vlans: line.vlans().to_vec(),
            text: line.text().to_string(),
            exchange: line.exchange().map(str::to_owned),
            part: line.part(),
        }
    }
}

impl Cell {
    fn of(share: &[u32]) -> Self {
        Self { times: number(share.len()), first: share.first().copied().unwrap_or_default() }
    }
}

/// How many points lie between each column and the frame's origin; none are known to lie between
/// a column and a stranger.
fn distances(places: &[Option<usize>], origin: Option<usize>) -> Vec<usize> {
    let distance = |place: &Option<usize>| Some(place.as_ref()?.abs_diff(origin?));
    places.iter().map(|place| distance(place).unwrap_or(0)).collect()
}

/// The sightings of one copy among `sent`: one each where a column saw no more than were sent, and
/// equal shares, the earlier copies first, where it saw reflections too.
fn share(sightings: &[u32], copy: usize, sent: usize) -> &[u32] {
    let (each, extra) = (sightings.len() / sent, sightings.len() % sent);
    let start = copy * each + copy.min(extra);
    let length = each + usize::from(copy < extra);
    &sightings[start..start + length]
}
