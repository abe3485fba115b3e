//! The same frame at several vantage points is one row.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

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
    /// Its VLAN tags, the outer first.
    pub vlans: Vec<u16>,
    /// What the frame says.
    pub text: String,
    /// The exchange that it is part of.
    pub exchange: Exchange,
    /// Its part in that.
    pub part: Part,
    /// Each column's first sighting.
    pub(super) sightings: Vec<Option<Sighting>>,
    /// How far each column is from the frame's origin.
    pub(super) distances: Vec<usize>,
}

/// A frame at a vantage point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sighting {
    /// Its place in the point's transcript.
    pub(super) place: usize,
    /// When it was there, by that machine's clock.
    pub(super) at: Duration,
}

impl Row {
    /// The place of a column's first sighting in its transcript.
    pub(crate) fn place(&self, column: usize) -> Option<usize> {
        self.sightings[column].map(|sighting| sighting.place)
    }

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
pub(crate) fn align(transcripts: &[&Transcript], path: &[VantagePoint]) -> Vec<Row> {
    let mut sightings: BTreeMap<Key<'_>, Sightings<'_>> = BTreeMap::new();
    for (column, transcript) in transcripts.iter().enumerate() {
        for (place, line) in transcript.lines.iter().enumerate() {
            let columns = sightings.entry(key(line)).or_insert_with(|| vec![Vec::new(); transcripts.len()]);
            columns[column].push((place, line));
        }
    }
    let places: Vec<Option<usize>> = (transcripts.iter())
        .map(|transcript| path.iter().position(|point| *point == transcript.point))
        .collect();
    let copies = |(key, columns): (Key<'_>, &Sightings<'_>)| {
        let origin = VantagePoint::origin(path, key.0);
        copies(columns, &distances(&places, origin))
    };
    sightings.iter().flat_map(|(key, columns)| copies((*key, columns))).collect()
}

/// Where each column saw a frame: the place in its transcript, and the line.
type Sightings<'a> = Vec<Vec<(usize, &'a Line)>>;

/// How many points lie between each column and the frame's origin; none are known to lie between
/// a column and a stranger.
fn distances(places: &[Option<usize>], origin: Option<usize>) -> Vec<usize> {
    let distance = |place: &Option<usize>| Some(place.as_ref()?.abs_diff(origin?));
    places.iter().map(|place| distance(place).unwrap_or(0)).collect()
}

/// One row for each time that the frame was sent: as often as the columns that are nearest to its
/// origin saw it at most.
fn copies(columns: &Sightings<'_>, distances: &[usize]) -> Vec<Row> {
    let saw = (0..columns.len()).filter(|&column| !columns[column].is_empty());
    let nearest = saw.min_by_key(|&column| (distances[column], Reverse(columns[column].len()), column));
    let Some(nearest) = nearest else { return Vec::new() };
    let sent = columns[nearest].len();
    (0..sent)
        .filter_map(|copy| {
            let shares: Vec<_> = columns.iter().map(|sightings| share(sightings, copy, sent)).collect();
            let (_, line) = shares[nearest].first()?;
            Some(Row {
                seen: shares.iter().map(|share| share.len()).collect(),
                source: line.source.clone(),
                destination: line.destination.clone(),
                vlans: line.vlans.clone(),
                text: line.text.clone(),
                exchange: line.exchange.clone(),
                part: line.part,
                sightings: shares.iter().map(|share| share.first().map(sighting)).collect(),
                distances: distances.to_vec(),
            })
        })
        .collect()
}

fn sighting((place, line): &(usize, &Line)) -> Sighting {
    Sighting { place: *place, at: line.at }
}

/// The sightings of one copy among `sent`: one each where a column saw no more than were sent, and
/// equal shares, the earlier copies first, where it saw reflections too.
fn share<'a, 'b>(sightings: &'a [(usize, &'b Line)], copy: usize, sent: usize) -> &'a [(usize, &'b Line)] {
    let (each, extra) = (sightings.len() / sent, sightings.len() % sent);
    let start = copy * each + copy.min(extra);
    let length = each + usize::from(copy < extra);
    &sightings[start..start + length]
}
