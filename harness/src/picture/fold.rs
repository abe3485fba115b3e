//! Requests that were sent again because their answer was slow.

use std::{collections::BTreeMap, time::Duration};

use foldhash::{HashSet, HashSetExt as _};

use super::rows::Rows;
use crate::transcript::{Exchange, Part};

/// Half of the kernel's `retrans_time_ms` (1 s, net/ipv4/arp.c and net/ipv6/ndisc.c): on the way to the point where it is
/// measured, a frame may be late by the other half.
const RETRANSMISSION: Duration = Duration::from_millis(500);

/// Folds each ARP request or neighbour solicitation that was repeated before its answer into one row, and its answers, one
/// for each copy, into another. A copy that was lost anywhere, came too soon, or was not answered
/// stays a row. Returns how many copies went into each folded row.
pub(super) fn retransmissions(rows: &mut Rows<'_>) -> BTreeMap<String, usize> {
    let mut folded = BTreeMap::new();
    let mut copies: HashSet<usize> = HashSet::new();
    for exchange in about_addresses(rows) {
        let of_part = |part: Part| -> Vec<usize> {
            exchange.iter().copied().filter(|&row| rows.told(row).part == part).collect()
        };
        let (questions, answers) = (of_part(Part::Question), of_part(Part::Answer));
        if is_one_slow_answer(&questions, &answers, rows) {
            folded.insert(rows.line(questions[0]).text().to_string(), questions.len());
            copies.extend(questions.iter().skip(1).chain(answers.iter().skip(1)));
        }
    }
    rows.retain(|row| !copies.contains(&row));
    folded
}

/// The rows of each exchange about an address. With and without its VLAN tag a frame is in two rows, at different points.
fn about_addresses(rows: &Rows<'_>) -> Vec<Vec<usize>> {
    let mut exchanges: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for row in 0..rows.len() {
        let exchange = rows.exchange(row);
        if matches!(exchange, Exchange::Arp { .. } | Exchange::Neighbour { .. }) {
            exchanges.entry((exchange, rows.line(row).vlans())).or_default().push(row);
        }
    }
    exchanges.into_values().collect()
}

/// Whether these are copies of one question and, Linux answering every copy, as many of one answer.
fn is_one_slow_answer(questions: &[usize], answers: &[usize], rows: &Rows<'_>) -> bool {
    questions.len() > 1
        && questions.len() == answers.len()
        && all_alike(questions, rows)
        && all_alike(answers, rows)
        && asker(questions[0], answers[0], rows).is_some_and(|column| {
            all_before(questions, answers, column, rows) && spaced(questions, column, rows)
        })
}

fn all_alike(copies: &[usize], rows: &Rows<'_>) -> bool {
    let is_alike = |one: usize, other: usize| {
        let mut columns = 0..rows.columns().len();
        rows.words(one) == rows.words(other)
            && columns.all(|column| rows.times(one, column) == rows.times(other, column))
    };
    copies.iter().all(|&copy| is_alike(copy, copies[0]))
}

/// The column nearest to the asker of those that saw both the question and the answer.
fn asker(question: usize, answer: usize, rows: &Rows<'_>) -> Option<usize> {
    let saw = |row: usize, column: usize| rows.times(row, column) > 0;
    let both = (0..rows.columns().len()).filter(|&column| saw(question, column) && saw(answer, column));
    both.min_by_key(|&column| rows.distance(question, column))
}

/// Whether the asker sent all questions before it had an answer. Elsewhere their order may differ:
/// a slow machine answers the first when the second is already on its way.
fn all_before(questions: &[usize], answers: &[usize], column: usize, rows: &Rows<'_>) -> bool {
    let places = |copies: &[usize]| -> Vec<usize> {
        copies.iter().filter_map(|&copy| rows.place(copy, column)).collect()
    };
    places(questions).into_iter().max() < places(answers).into_iter().min()
}

fn spaced(questions: &[usize], column: usize, rows: &Rows<'_>) -> bool {
    let times: Vec<Duration> = questions.iter().filter_map(|&question| rows.at(question, column)).collect();
    times.windows(2).all(|pair| pair[1].saturating_sub(pair[0]) >= RETRANSMISSION)
}
