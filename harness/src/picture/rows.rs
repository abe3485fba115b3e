//! The same frame at several vantage points is one row.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    transcript::{Exchange, Line, Part, Transcript},
    vantage_point::VantagePoint,
};

/// One frame and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How often each vantage point saw it, in the order of the columns. More than once, where the
    /// frame's origin saw it once, is a reflection.
    pub seen: Vec<usize>,
    /// The owner of the Ethernet source.
    pub source: String,
    /// The owner of the Ethernet destination.
    pub destination: String,
    /// What the frame says.
    pub text: String,
    /// The exchange that it is part of.
    pub exchange: Exchange,
    /// Its part in that.
    pub part: Part,
    /// The column nearest to the frame's origin.
    pub(super) nearest: usize,
    /// When that column's machine saw it, by its clock.
    pub(super) at: Duration,
    /// Its place among each point's first sightings, for ordering.
    pub(super) places: Vec<Option<usize>>,
}

impl Row {
    /// Who speaks to whom.
    pub(super) fn direction(&self) -> String {
        format!("{} > {}", self.source, self.destination)
    }

    /// Whether both are the same frame sent twice.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        (&self.source, &self.destination, &self.text) == (&other.source, &other.destination, &other.text)
    }
}

type Key<'a> = (&'a str, &'a str, &'a str);

fn key(line: &Line) -> Key<'_> {
    (&line.source, &line.destination, &line.text)
}

/// Finds each frame's sightings. The order of the rows means nothing yet.
pub(super) fn align(transcripts: &[&Transcript], path: &[VantagePoint]) -> Vec<Row> {
    let mut sightings: BTreeMap<Key<'_>, Vec<Vec<(usize, &Line)>>> = BTreeMap::new();
    for (column, transcript) in transcripts.iter().enumerate() {
        for (place, line) in transcript.lines.iter().enumerate() {
            let columns = sightings.entry(key(line)).or_insert_with(|| vec![Vec::new(); transcripts.len()]);
            columns[column].push((place, line));
        }
    }
    (sightings.values())
        .flat_map(|columns| copies(columns, nearest_column(columns, transcripts, path)))
        .collect()
}

/// The column nearest to the frame's origin that saw it.
fn nearest_column(
    columns: &[Vec<(usize, &Line)>],
    transcripts: &[&Transcript],
    path: &[VantagePoint],
) -> usize {
    let source = columns.iter().flatten().next().map_or("", |(_, line)| &line.source);
    let place = |point: &VantagePoint| path.iter().position(|other| other == point).unwrap_or(0);
    let origin = VantagePoint::origin(path, source);
    let saw = |column: &usize| !columns[*column].is_empty();
    (0..columns.len())
        .filter(saw)
        .min_by_key(|column| place(&transcripts[*column].point).abs_diff(origin))
        .unwrap_or(0)
}

/// One row for each time that the frame was sent: as often as the column nearest to its origin saw it.
fn copies(columns: &[Vec<(usize, &Line)>], nearest: usize) -> Vec<Row> {
    let sent = columns[nearest].len();
    (0..sent)
        .filter_map(|copy| {
            let shares: Vec<&[(usize, &Line)]> =
                columns.iter().map(|sightings| share(sightings, copy, sent)).collect();
            let (_, line) = shares[nearest].first()?;
            Some(Row {
                seen: shares.iter().map(|share| share.len()).collect(),
                source: line.source.clone(),
                destination: line.destination.clone(),
                text: line.text.clone(),
                exchange: line.exchange.clone(),
                part: line.part,
                nearest,
                at: line.at,
                places: shares.iter().map(|share| share.first().map(|(place, _)| *place)).collect(),
            })
        })
        .collect()
}

/// The sightings of one copy among `sent`: one each where a column saw no more than were sent, and
/// equal shares, the earlier copies first, where it saw reflections too.
fn share<'a, 'b>(sightings: &'a [(usize, &'b Line)], copy: usize, sent: usize) -> &'a [(usize, &'b Line)] {
    let (each, extra) = (sightings.len() / sent, sightings.len() % sent);
    let start = copy * each + copy.min(extra);
    let length = each + usize::from(copy < extra);
    &sightings[start..start + length]
}
