//! From the captures of a scenario to the journeys of its frames.

use std::sync::Arc;

use super::{Journey, Sighting, parties::Parties, reflections, route::Routes, seen::Seen};
use crate::{
    frame::{Content, Frame, Kind},
    picture::{self, Rows},
    topology::Topology,
    transcript::{Marker, Owners, transcribe_untagged},
    vantage_point::VantagePoint,
};

/// Follows each ARP, echo and neighbour discovery frame through all captures, in the order that the
/// captures agree on. A frame keeps its identity where it gets or loses a VLAN tag.
pub fn follow(
    captures: &[(VantagePoint, Vec<Frame>)],
    owners: &Owners,
    markers: &[Marker],
    topology: &Topology,
) -> Vec<Journey> {
    let followed: Vec<(&VantagePoint, Vec<&Frame>)> = (captures.iter())
        .map(|(point, frames)| (point, frames.iter().filter(|frame| is_followed(frame, markers)).collect()))
        .collect();
    let transcripts = transcribe_untagged(&followed, owners);
    let path = VantagePoint::along_the_path(topology);
    let rows = Rows::align(&transcripts, |_| true, &path);
    let mut routes = Routes::new(topology, path, followed.iter().map(|(point, _)| *point).collect());
    let journeys = picture::as_agreed(&rows).into_iter().filter_map(|row| {
        let frame = |column: usize| followed[column].1.get(rows.place(row, column)?).copied();
        let seen = (0..followed.len()).find_map(frame)?;
        let route = routes.of(Parties::of(seen, owners, topology), seen.destination.is_group());
        let nearest = route.way.iter().find_map(|outlook| frame(outlook.column?));
        let seen_by = |column| Seen {
            times: rows.times(row, column),
            first: rows.place(row, column).zip(frame(column)).map(sighting),
        };
        let journey = Journey {
            frame: nearest.unwrap_or(seen).clone(),
            told: *rows.told(row),
            vocabulary: Arc::clone(transcripts.vocabulary()),
            seen: (0..followed.len()).map(seen_by).collect(),
            route,
        };
        Some((rows.words(row), journey))
    });
    reflections::folded(journeys)
}

/// Whether a transcript has a line for it, so that lines and frames can be counted alike.
fn is_followed(frame: &Frame, markers: &[Marker]) -> bool {
    let is_followed = match &frame.content {
        Content::Datagram(_) => false,
        Content::Other(kind) => matches!(kind, Kind::IcmpError(..)),
        _ => true,
    };
    is_followed && !markers.iter().any(|marker| marker.is(frame))
}

fn sighting((place, frame): (usize, &Frame)) -> Sighting {
    Sighting { at: frame.at, vlans: frame.vlans.clone(), place: Some(place) }
}
