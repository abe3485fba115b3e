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
            .or_else(|| rows.iter().position(ready))
            .unwrap_or(0);
        arranged.push(rows.remove(next));
    }
    Ok(arranged)
}

fn canonical(row: &Row) -> impl Ord + '_ {
    (&row.exchange, row.part, &row.text, &row.source, &row.destination, row.at)
}

/// Whether some point saw the one before the other.
fn precedes(one: &Row, other: &Row) -> bool {
    (one.places.iter().zip(&other.places))
        .any(|(one, other)| matches!((one, other), (Some(one), Some(other)) if one < other))
}

/// Two points that saw two rows in different orders.
fn disagreement(rows: &[Row], order: Order, transcripts: &[&Transcript]) -> Option<PictureError> {
    let pairs =
        rows.iter().enumerate().flat_map(|(index, one)| rows[..index].iter().map(move |other| (one, other)));
    for (one, other) in pairs.filter(|(one, other)| order.relates(one, other)) {
        let before = |column: &usize| match (one.places[*column], other.places[*column]) {
            (Some(one), Some(other)) => Some(one < other),
            _ => None,
        };
        let first = (0..transcripts.len()).find(|column| before(column) == Some(true));
        let second = (0..transcripts.len()).find(|column| before(column) == Some(false));
        if let (Some(first), Some(second)) = (first, second) {
            return Some(PictureError::disagree(one, other, transcripts[first], transcripts[second]));
        }
    }
    None
}
