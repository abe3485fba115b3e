//! One frame's arrow.

use super::lane::Lanes;
use crate::journey::{Expectation, Journey, Station};

/// The frame's arrow along its way: `●` where it was seen (a number, where more than once), `✗` where it was lost,
/// dashed where it should have gone on, `?` where nothing was captured, `○` where else it should have come by.
pub(super) fn rung(journey: &Journey, lanes: &Lanes) -> String {
    let mut line = lanes.empty();
    let arrived = journey.progress();
    for (index, pair) in journey.way().zip(journey.way().skip(1)).enumerate() {
        let columns = [lanes.column(pair.0.point()), lanes.column(pair.1.point())];
        if let [Some(from), Some(to)] = columns {
            stroke(&mut line, from, to, if index + 1 < arrived { '─' } else { '╌' });
        }
    }
    for station in journey.elsewhere() {
        let mark = elsewhere_mark(station);
        put(&mut line, lanes, station, mark);
    }
    let lost = journey.way().skip(arrived).position(Station::missed).map(|place| place + arrived);
    for (index, station) in journey.way().enumerate() {
        put(&mut line, lanes, station, Some(way_mark(station, lost == Some(index))));
    }
    line.into_iter().collect::<String>().trim_end().to_owned()
}

/// A stroke between two lanes, with its head before the second.
fn stroke(line: &mut [char], from: usize, to: usize, dash: char) {
    let (low, high) = (from.min(to), from.max(to));
    line[low + 1..high].fill(dash);
    match from < to {
        true => line[high - 1] = '>',
        false => line[low + 1] = '<',
    }
}

fn way_mark(station: Station<'_>, is_lost_here: bool) -> char {
    match station.times {
        _ if is_lost_here => '✗',
        0 if !station.is_captured => '?',
        0 => '○',
        times => seen_mark(times),
    }
}

fn elsewhere_mark(station: Station<'_>) -> Option<char> {
    match station.times {
        0 if station.missed() && station.expectation == Expectation::Expected => Some('○'),
        0 => None,
        times => Some(seen_mark(times)),
    }
}

fn seen_mark(times: usize) -> char {
    let digit = u32::try_from(times).ok().and_then(|times| char::from_digit(times, 10));
    if times == 1 { '●' } else { digit.unwrap_or('*') }
}

fn put(line: &mut [char], lanes: &Lanes, station: Station<'_>, mark: Option<char>) {
    if let (Some(column), Some(mark)) = (lanes.column(station.point()), mark) {
        line[column] = mark;
    }
}
