//! The order of rows that all vantage points agree on.

use foldhash::{HashMap, HashMapExt as _};

use super::{PictureError, rows::Rows};
use crate::transcript::{Exchange, Name, number};

/// Which frames a scenario orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// All of them: each follows from the one before.
    Whole,
    /// Those of one exchange; the exchanges themselves run at the same time.
    WithinExchanges,
}

impl Order {
    fn relates(self, one: usize, other: usize, rows: &Rows<'_>) -> bool {
        self.scope(one, rows) == self.scope(other, rows)
    }

    /// What a row has an order in: the same for all rows, or its exchange.
    fn scope(self, row: usize, rows: &Rows<'_>) -> Option<Exchange<Name>> {
        (self == Self::WithinExchanges).then(|| rows.told(row).exchange)
    }
}

/// Sorts rows topologically by the points' first sightings; what no point orders is sorted by what
/// it says, so that it is the same in each run.
pub(super) fn arrange(rows: &Rows<'_>, order: Order) -> Result<Vec<usize>, PictureError> {
    sorted(rows, order).map_err(|left| {
        disagreement(rows, order)
            .unwrap_or_else(|| PictureError::circular(&in_canonical_order(rows, left), rows))
    })
}

/// The rows in the strictest order that all points agree on; where they contradict each other even
/// inside an exchange, by what they say.
pub(crate) fn as_agreed(rows: &Rows<'_>) -> Vec<usize> {
    let sorted = sorted(rows, Order::Whole).or_else(|_| sorted(rows, Order::WithinExchanges));
    sorted.unwrap_or_else(|_| in_canonical_order(rows, 0..rows.len()))
}

/// The rows, each behind those that it waits for: what continues an exchange comes before what begins another.
///
/// # Errors
/// The rows that are in each other's way.
fn sorted(rows: &Rows<'_>, order: Order) -> Result<Vec<usize>, Vec<usize>> {
    let mut waiting = Waiting::of(rows, order);
    let mut sorted = Vec::with_capacity(rows.len());
    for scope in scopes(rows, order) {
        let mut ready: Vec<usize> = scope.into_iter().filter(|&row| waiting.is_ready(row)).collect();
        while let Some(place) = next(rows, &ready, sorted.last().copied()) {
            let row = ready.swap_remove(place);
            sorted.push(row);
            ready.extend(waiting.release(row));
        }
    }
    let left: Vec<usize> = (0..rows.len()).filter(|&row| !waiting.is_ready(row)).collect();
    if left.is_empty() { Ok(sorted) } else { Err(left) }
}

/// Rows that have an order among each other. Exchanges without one follow each other by what they say.
fn scopes(rows: &Rows<'_>, order: Order) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..rows.len()).collect();
    match order {
        Order::Whole => vec![all],
        Order::WithinExchanges => {
            let sorted = in_canonical_order(rows, all);
            sorted.chunk_by(|&one, &other| order.relates(one, other, rows)).map(<[usize]>::to_vec).collect()
        }
    }
}

/// Which of the rows that are ready comes next. They are no more than there are columns: each is the next of one.
fn next(rows: &Rows<'_>, ready: &[usize], last: Option<usize>) -> Option<usize> {
    let continues = |row: usize| last.is_some_and(|last| rows.told(row).exchange == rows.told(last).exchange);
    (0..ready.len()).min_by(|&one, &other| {
        let (one, other) = (ready[one], ready[other]);
        continues(other).cmp(&continues(one)).then_with(|| rows.compare(one, other))
    })
}

/// What the points say of the order: of the rows that one of them saw, each waits for the one before it.
struct Waiting {
    columns: usize,
    /// For each row and column the row that comes after it there.
    followers: Vec<Option<u32>>,
    /// For each row how many others it waits for.
    waits_for: Vec<u32>,
}

impl Waiting {
    fn of(rows: &Rows<'_>, order: Order) -> Self {
        let columns = rows.columns().len();
        let mut waiting =
            Self { columns, followers: vec![None; rows.len() * columns], waits_for: vec![0; rows.len()] };
        for column in 0..columns {
            let mut latest = HashMap::new();
            for row in seen(rows, column) {
                if let Some(before) = latest.insert(order.scope(row, rows), row) {
                    waiting.followers[before * columns + column] = Some(number(row));
                    waiting.waits_for[row] += 1;
                }
            }
        }
        waiting
    }

    fn is_ready(&self, row: usize) -> bool {
        self.waits_for[row] == 0
    }

    /// The rows that waited for this one last.
    fn release(&mut self, row: usize) -> impl Iterator<Item = usize> {
        let Self { columns, followers, waits_for } = self;
        let followers = followers[row * *columns..][..*columns].iter().flatten().map(|&row| row as usize);
        followers.filter(|&row| {
            waits_for[row] -= 1;
            waits_for[row] == 0
        })
    }
}

/// The rows that a column saw, by its first sightings.
fn seen(rows: &Rows<'_>, column: usize) -> impl Iterator<Item = usize> {
    let mut seen = vec![None; rows.columns()[column].told().len()];
    for row in 0..rows.len() {
        if let Some(place) = rows.place(row, column) {
            seen[place] = Some(number(row));
        }
    }
    seen.into_iter().flatten().map(|row| row as usize)
}

fn in_canonical_order(rows: &Rows<'_>, some: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut some: Vec<usize> = some.into_iter().collect();
    some.sort_by(|&one, &other| rows.compare(one, other));
    some
}

/// Whether a column saw the one before the other, if it saw both.
fn before(rows: &Rows<'_>, one: usize, other: usize, column: usize) -> Option<bool> {
    Some(rows.place(one, column)? < rows.place(other, column)?)
}

/// Two points that saw two rows in different orders.
fn disagreement(rows: &Rows<'_>, order: Order) -> Option<PictureError> {
    let canonical = in_canonical_order(rows, 0..rows.len());
    let pairs = canonical
        .iter()
        .enumerate()
        .flat_map(|(place, one)| canonical[..place].iter().map(move |other| (*one, *other)));
    for (one, other) in pairs.filter(|(one, other)| order.relates(*one, *other, rows)) {
        let column = |is_before: bool| {
            (0..rows.columns().len()).find(|&column| before(rows, one, other, column) == Some(is_before))
        };
        if let (Some(first), Some(second)) = (column(true), column(false)) {
            return Some(PictureError::disagree(one, other, first, second, rows));
        }
    }
    None
}
