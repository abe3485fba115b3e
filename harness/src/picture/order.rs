//! The order of rows that all vantage points agree on.

use std::{collections::BTreeSet, iter, ops::Range};

use super::{PictureError, Row};
use crate::transcript::Transcript;

/// Which frames a scenario orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// All of them: each follows from the one before.
    Whole,
    /// Those of one exchange; the exchanges themselves run at the same time.
    WithinExchanges,
}

impl Order {
    fn relates(self, one: &Row, other: &Row) -> bool {
        self == Self::Whole || one.exchange == other.exchange
    }
}

/// Sorts rows topologically by the points' first sightings; what no point orders is sorted by what
/// it says, so that it is the same in each run.
pub(super) fn arrange(
    rows: Vec<Row>,
    order: Order,
    transcripts: &[&Transcript],
) -> Result<Vec<Row>, PictureError> {
    let rows = in_canonical_order(rows);
    match sorted(&rows, order) {
        Ok(places) => Ok(in_order(rows, places)),
        Err(left) => Err(disagreement(&rows, order, transcripts).unwrap_or_else(|| {
            let left: Vec<Row> = left.into_iter().map(|place| rows[place].clone()).collect();
            PictureError::circular(&left, transcripts)
        })),
    }
}

/// Where in the canonical order each next row stands: what continues an exchange comes before what begins another.
///
/// # Errors
/// The rows that are in each other's way.
fn sorted(rows: &[Row], order: Order) -> Result<Vec<usize>, BTreeSet<usize>> {
    let Constraints { followers, mut waits_for } = Constraints::of(rows, order);
    let mut left: BTreeSet<usize> = (0..rows.len()).collect();
    let mut ready: BTreeSet<usize> = left.iter().copied().filter(|&row| waits_for[row] == 0).collect();
    let mut sorted: Vec<usize> = Vec::with_capacity(rows.len());
    let exchanges = exchanges(rows);
    while let Some(next) =
        sorted.last().and_then(|&last| ready.range(exchanges[last].clone()).next()).or(ready.first()).copied()
    {
        ready.remove(&next);
        left.remove(&next);
        sorted.push(next);
        for &follower in &followers[next] {
            waits_for[follower] -= 1;
            if waits_for[follower] == 0 {
                ready.insert(follower);
            }
        }
    }
    if left.is_empty() { Ok(sorted) } else { Err(left) }
}

/// For each row the places of those of its exchange. In the canonical order they stand together.
fn exchanges(rows: &[Row]) -> Vec<Range<usize>> {
    let chunks = rows.chunk_by(|one, other| one.exchange == other.exchange);
    let mut start = 0;
    let ranges = chunks.flat_map(|chunk| {
        let range = start..start + chunk.len();
        start = range.end;
        iter::repeat_n(range, chunk.len())
    });
    ranges.collect()
}

/// What the points say of the order: of the rows that one of them saw, each waits for the one before it.
struct Constraints {
    followers: Vec<Vec<usize>>,
    waits_for: Vec<usize>,
}

impl Constraints {
    fn of(rows: &[Row], order: Order) -> Self {
        let mut constraints =
            Self { followers: vec![Vec::new(); rows.len()], waits_for: vec![0; rows.len()] };
        let columns = rows.first().map_or(0, |row| row.sightings.len());
        for column in 0..columns {
            let mut seen: Vec<usize> =
                (0..rows.len()).filter(|&row| rows[row].place(column).is_some()).collect();
            seen.sort_by_key(|&row| rows[row].place(column));
            match order {
                Order::Whole => constraints.add(&seen),
                Order::WithinExchanges => {
                    seen.sort_by(|&one, &other| rows[one].exchange.cmp(&rows[other].exchange));
                    let exchanges = seen.chunk_by(|&one, &other| rows[one].exchange == rows[other].exchange);
                    exchanges.for_each(|exchange| constraints.add(exchange));
                }
            }
        }
        constraints
    }

    fn add(&mut self, seen: &[usize]) {
        for pair in seen.windows(2) {
            self.followers[pair[0]].push(pair[1]);
            self.waits_for[pair[1]] += 1;
        }
    }
}

fn in_order(rows: Vec<Row>, places: Vec<usize>) -> Vec<Row> {
    let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
    places.into_iter().filter_map(|place| rows[place].take()).collect()
}

/// The rows in the strictest order that all points agree on; where they contradict each other even
/// inside an exchange, by what they say.
pub(crate) fn as_agreed(rows: Vec<Row>) -> Vec<Row> {
    let rows = in_canonical_order(rows);
    let places = sorted(&rows, Order::Whole).or_else(|_| sorted(&rows, Order::WithinExchanges));
    match places {
        Ok(places) => in_order(rows, places),
        Err(_) => rows,
    }
}

/// Sorts places and not rows, which are large.
fn in_canonical_order(rows: Vec<Row>) -> Vec<Row> {
    let mut places: Vec<usize> = (0..rows.len()).collect();
    places.sort_by(|&one, &other| canonical(&rows[one]).cmp(&canonical(&rows[other])));
    in_order(rows, places)
}

/// Copies of one frame keep their order, by the clock of the machine nearest to its origin.
fn canonical(row: &Row) -> impl Ord + '_ {
    let seen = (0..row.sightings.len()).filter(|&column| row.sightings[column].is_some());
    let nearest = seen.min_by_key(|&column| row.distances[column]);
    let at = nearest.and_then(|column| row.sightings[column]).map(|sighting| sighting.at);
    (&row.exchange, row.part, &row.text, &row.source, &row.destination, at)
}

/// Whether a column saw the one before the other, if it saw both.
fn before(one: &Row, other: &Row, column: usize) -> Option<bool> {
    Some(one.sightings[column]?.place < other.sightings[column]?.place)
}

/// Two points that saw two rows in different orders.
fn disagreement(rows: &[Row], order: Order, transcripts: &[&Transcript]) -> Option<PictureError> {
    let pairs =
        rows.iter().enumerate().flat_map(|(index, one)| rows[..index].iter().map(move |other| (one, other)));
    for (one, other) in pairs.filter(|(one, other)| order.relates(one, other)) {
        let first = (0..transcripts.len()).find(|&column| before(one, other, column) == Some(true));
        let second = (0..transcripts.len()).find(|&column| before(one, other, column) == Some(false));
        if let (Some(first), Some(second)) = (first, second) {
            return Some(PictureError::disagree(one, other, transcripts[first], transcripts[second]));
        }
    }
    None
}
