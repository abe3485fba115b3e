//! The order of rows that all vantage points agree on.

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
    mut rows: Vec<Row>,
    order: Order,
    transcripts: &[&Transcript],
) -> Result<Vec<Row>, PictureError> {
    rows.sort_by(|one, other| canonical(one).cmp(&canonical(other)));
    if let Some(error) = disagreement(&rows, order, transcripts) {
        return Err(error);
    }
    let mut arranged: Vec<Row> = Vec::with_capacity(rows.len());
    while !rows.is_empty() {
        let ready = |row: &Row| !rows.iter().any(|other| order.relates(row, other) && precedes(other, row));
        let continues = |row: &Row| arranged.last().is_some_and(|last| last.exchange == row.exchange);
        let next = (rows.iter().position(|row| ready(row) && continues(row)))
            .or_else(|| rows.iter().position(ready));
        let Some(next) = next else { return Err(PictureError::circular(&rows, transcripts)) };
        arranged.push(rows.remove(next));
    }
    Ok(arranged)
}

/// The rows in the strictest order that all points agree on; where they contradict each other even
/// inside an exchange, by what they say.
pub(crate) fn as_agreed(rows: Vec<Row>, transcripts: &[&Transcript]) -> Vec<Row> {
    let arranged = arrange(rows.clone(), Order::Whole, transcripts);
    arranged.or_else(|_| arrange(rows.clone(), Order::WithinExchanges, transcripts)).unwrap_or(rows)
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

/// Whether some point saw the one before the other.
fn precedes(one: &Row, other: &Row) -> bool {
    (0..one.sightings.len()).any(|column| before(one, other, column) == Some(true))
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
