//! A ladder diagram: one lane a vantage point, one rung a frame.

use maud::{Markup, html};

use super::chart::Chart;
use crate::{
    diagnosis::{Happening, Place},
    journey::{Journey, Station},
    topology::Topology,
};

const TOP: usize = 14;
const RUNG: usize = 46;
const DOT: usize = 5;
const ARROW_LENGTH: usize = 9;

/// Draws journeys one below the other, and what should have followed dashed.
pub(super) fn draw(topology: &Topology, journeys: &[Journey], place: Option<&Place>) -> Markup {
    let chart = Chart::of(topology);
    let missing = place.and_then(|place| expected_answer(place, &chart));
    let rungs = journeys.len() + usize::from(missing.is_some());
    let height = TOP + RUNG * rungs.max(1) + TOP;
    html! {
        svg.ladder role="img" aria-label={ "Ladder diagram of " (journeys.len()) " frames" }
            viewBox={ "0 0 " (chart.width()) " " (height) } {
            @for (x, point) in chart.lanes() {
                line.lane x1=(x) y1="0" x2=(x) y2=(height) { title { (point) } }
            }
            @for (number, journey) in journeys.iter().enumerate() {
                (rung(journey, copies_before(&journeys[..number], journey), &chart, TOP + RUNG * number))
            }
            @if let Some((from, to, text)) = missing {
                @let y = TOP + RUNG * journeys.len();
                g.rung.absent {
                    text.words x=((from + to) / 2) y=(y + 10) { (text) }
                    line x1=(from) y1=(y + 24) x2=(to) y2=(y + 24) {}
                    (arrow_head(to, y + 24, from < to))
                }
            }
            @if rungs == 0 {
                text.words x=(chart.width() / 2) y=(TOP + 24) { "no frame anywhere" }
            }
        }
    }
}

/// A frame: where it was seen, how far it came, and where it should have come.
fn rung(journey: &Journey, copies: usize, chart: &Chart, top: usize) -> Markup {
    let y = top + 24;
    let seen: Vec<(usize, Station<'_>)> = (journey.stations().filter(|station| station.saw()))
        .filter_map(|station| Some((chart.lane_of(station.point())?, station)))
        .collect();
    let origin = journey.way().next().and_then(|station| chart.lane_of(station.point()));
    let origin = origin.filter(|x| seen.iter().any(|(lane, _)| lane == x));
    let origin = origin.or_else(|| seen.first().map(|(x, _)| *x)).unwrap_or(0);
    let leftmost = seen.iter().map(|(x, _)| *x).min().unwrap_or(origin);
    let rightmost = seen.iter().map(|(x, _)| *x).max().unwrap_or(origin);
    let (lost_at, goal) = loss(journey, chart);
    let class = if lost_at.is_some() { "rung lost" } else { "rung" };
    html! {
        g class=(class) {
            title { (journey.source()) " > " (journey.destination()) "  " (journey.text()) }
            text.words x=((leftmost + rightmost.max(goal.unwrap_or(0))) / 2) y=(top + 10) { (words(journey, copies)) }
            @for end in [leftmost, rightmost] {
                @if end != origin {
                    line x1=(origin) y1=(y) x2=(end) y2=(y) {}
                    (arrow_head(end, y, origin < end))
                }
            }
            @if let (Some(last), Some(goal)) = (journey.last_seen().and_then(|station| chart.lane_of(station.point())), goal) {
                line.beyond x1=(last) y1=(y) x2=(goal) y2=(y) {}
            }
            @for (x, station) in &seen {
                circle cx=(x) cy=(y) r=(DOT) { title { (station.point()) " saw it " (times(station.times)) } }
                @if station.times > 1 { text.times x=(x + 8) y=(y + 16) { "×" (station.times) } }
            }
            @if let Some(x) = lost_at {
                path.cross d=(format!("M{} {} l14 14 m0 -14 l-14 14", x - 7, y - 7)) { title { "it was not seen here" } }
            }
        }
    }
}

/// The first point that missed a frame on its way, and the end of that way.
fn loss(journey: &Journey, chart: &Chart) -> (Option<usize>, Option<usize>) {
    let missed = journey.rest().find(|station| station.missed());
    let Some(missed) = missed else { return (None, None) };
    let goal = journey.way().next_back().and_then(|station| chart.lane_of(station.point()));
    (chart.lane_of(missed.point()), goal)
}

/// The answer that did not come: from where, to where, in words.
fn expected_answer(place: &Place, chart: &Chart) -> Option<(usize, usize, &'static str)> {
    if place.happening != Happening::Unanswered {
        return None;
    }
    let journey = place.journey.as_ref()?;
    let end = |station: Option<Station<'_>>| chart.lane_of(station?.point());
    Some((end(journey.way().next_back())?, end(journey.way().next())?, "expected: an answer"))
}

fn copies_before(earlier: &[Journey], journey: &Journey) -> usize {
    let same = |other: &&Journey| other.text() == journey.text() && other.source() == journey.source();
    earlier.iter().filter(same).count()
}

fn words(journey: &Journey, copies: usize) -> String {
    let copy = if copies > 0 { format!(" (copy {})", copies + 1) } else { String::new() };
    format!("{}{copy}", journey.text())
}

fn times(times: usize) -> String {
    if times == 1 { "once".to_owned() } else { format!("{times} times") }
}

fn arrow_head(x: usize, y: usize, points_right: bool) -> Markup {
    // Short of the dot that marks the sighting.
    let (tip, back) =
        if points_right { (x - DOT, x - DOT - ARROW_LENGTH) } else { (x + DOT, x + DOT + ARROW_LENGTH) };
    html! { path.head d=(format!("M{tip} {y} L{back} {} L{back} {} Z", y - 5, y + 5)) {} }
}
