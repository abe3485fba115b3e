//! Requests that were sent again because their answer was slow.

use std::{collections::BTreeMap, time::Duration};

use super::{Row, rows::Sighting};
use crate::transcript::{Exchange, Part};

/// Half of the kernel's `retrans_time_ms` (1 s, net/ipv4/arp.c and net/ipv6/ndisc.c): on the way to the point where it is
/// measured, a frame may be late by the other half.
const RETRANSMISSION: Duration = Duration::from_millis(500);

/// Folds each ARP request or neighbour solicitation that was repeated before its answer into one row, and its answers, one
/// for each copy, into another. A copy that was lost anywhere, came too soon, or was not answered
/// stays a row. Returns how many copies went into each folded row.
pub(super) fn retransmissions(rows: &mut Vec<Row>) -> BTreeMap<String, usize> {
    let mut folded = BTreeMap::new();
    // With and without its VLAN tag a frame is in two rows, at different points.
    let exchanges: Vec<_> = rows.iter().map(|row| (row.exchange.clone(), row.vlans.clone())).collect();
    for (exchange, vlans) in exchanges {
        let is_of = |row: &Row| row.exchange == exchange && row.vlans == vlans;
        let of_part =
            |part: Part| -> Vec<&Row> { rows.iter().filter(|row| is_of(row) && row.part == part).collect() };
        let (questions, answers) = (of_part(Part::Question), of_part(Part::Answer));
        let is_about_an_address = matches!(exchange, Exchange::Arp { .. } | Exchange::Neighbour { .. });
        if !(is_about_an_address && is_one_slow_answer(&questions, &answers)) {
            continue;
        }
        folded.insert(questions[0].text.clone(), questions.len());
        let mut kept = Vec::new();
        rows.retain(|row| {
            let first = !is_of(row) || !kept.contains(&row.part);
            kept.extend(is_of(row).then_some(row.part));
            first
        });
    }
    folded
}

/// Whether these are copies of one question and, Linux answering every copy, as many of one answer.
fn is_one_slow_answer(questions: &[&Row], answers: &[&Row]) -> bool {
    questions.len() > 1
        && questions.len() == answers.len()
        && all_alike(questions)
        && all_alike(answers)
        && asker(questions[0], answers[0]).is_some_and(|column| {
            let sightings =
                |rows: &[&Row]| rows.iter().filter_map(|row| row.sightings[column]).collect::<Vec<_>>();
            let (questions, answers) = (sightings(questions), sightings(answers));
            all_before(&questions, &answers) && spaced(&questions)
        })
}

fn all_alike(rows: &[&Row]) -> bool {
    rows.iter().all(|row| row.repeats(rows[0]) && row.seen == rows[0].seen)
}

/// The column nearest to the asker of those that saw both the question and the answer.
fn asker(question: &Row, answer: &Row) -> Option<usize> {
    let saw = |row: &Row, column: usize| row.sightings[column].is_some();
    let both = (0..question.sightings.len()).filter(|&column| saw(question, column) && saw(answer, column));
    both.min_by_key(|&column| question.distances[column])
}

/// Whether the asker sent all questions before it had an answer. Elsewhere their order may differ:
/// a slow machine answers the first when the second is already on its way.
fn all_before(questions: &[Sighting], answers: &[Sighting]) -> bool {
    questions.iter().map(|sighting| sighting.place).max()
        < answers.iter().map(|sighting| sighting.place).min()
}

fn spaced(questions: &[Sighting]) -> bool {
    questions.windows(2).all(|pair| pair[1].at.saturating_sub(pair[0].at) >= RETRANSMISSION)
}
