//! Requests that were sent again because their answer was slow.

use std::{collections::BTreeMap, time::Duration};

use super::Row;
use crate::transcript::{Exchange, Part};

/// The kernel's `retrans_time_ms` (1 s, net/ipv4/arp.c), less what its timer may round away.
const RETRANSMISSION: Duration = Duration::from_millis(950);

/// Folds each ARP request that was repeated before its answer into one row, and its equally
/// repeated answers too. A copy that was lost anywhere, came too soon, or had no answer, stays a row.
/// Returns how many copies went into each folded row.
pub(super) fn retransmissions(rows: &mut Vec<Row>) -> BTreeMap<String, usize> {
    let mut folded = BTreeMap::new();
    let exchanges: Vec<Exchange> = rows.iter().map(|row| row.exchange.clone()).collect();
    for exchange in exchanges {
        let of_part = |part: Part| -> Vec<&Row> {
            rows.iter().filter(|row| row.exchange == exchange && row.part == part).collect()
        };
        let (questions, answers) = (of_part(Part::Question), of_part(Part::Answer));
        let arp = matches!(exchange, Exchange::Arp { .. });
        let repeated = questions.len() > 1 && all_alike(&questions) && spaced(&questions);
        let answered = answers.len() == 1 || (answers.len() == questions.len() && all_alike(&answers));
        if !(arp && repeated && answered && all_before(&questions, &answers)) {
            continue;
        }
        folded.insert(questions[0].text.clone(), questions.len());
        let mut kept = Vec::new();
        rows.retain(|row| {
            let first = row.exchange != exchange || !kept.contains(&row.part);
            kept.extend((row.exchange == exchange).then_some(row.part));
            first
        });
    }
    folded
}

fn all_alike(rows: &[&Row]) -> bool {
    rows.iter().all(|row| row.repeats(rows[0]) && row.seen == rows[0].seen)
}

/// Whether the asker sent all questions before it had an answer. Elsewhere their order may differ:
/// a slow machine answers the first when the second is already on its way.
fn all_before(questions: &[&Row], answers: &[&Row]) -> bool {
    let at_the_asker = |row: &&Row| row.places[questions[0].nearest];
    let first_answer = answers.iter().map(at_the_asker).min().flatten();
    first_answer.is_some_and(|answer| questions.iter().all(|row| at_the_asker(row) < Some(answer)))
}

fn spaced(rows: &[&Row]) -> bool {
    rows.windows(2).all(|pair| pair[1].at.saturating_sub(pair[0].at) >= RETRANSMISSION)
}
