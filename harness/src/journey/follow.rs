//! From the captures of a scenario to the journeys of its frames.

use std::sync::Arc;

use super::{
    Captured, Journey,
    followed::{Followed, Seen, Sent, Spot},
    reflections,
    route::Routes,
};
use crate::{
    frame::{Content, Frame, Kind},
    picture::{self, Rows},
    topology::Topology,
    transcript::{Marker, Owners, number, transcribe_untagged},
    vantage_point::VantagePoint,
};

/// Follows each ARP, echo and neighbour discovery frame through all captures, in the order that the
/// captures agree on. A frame keeps its identity where it gets or loses a VLAN tag.
pub fn follow(captured: &Captured, owners: &Owners, markers: &[Marker], topology: &Topology) -> Vec<Journey> {
    let mut followed = all(captured, owners, markers, topology);
    let numbers = reflections::folded(&mut followed);
    let followed = Arc::new(followed);
    numbers.into_iter().map(|number| Journey::new(Arc::clone(&followed), number)).collect()
}

/// All frames that were sent, reflections among them.
fn all(captured: &Captured, owners: &Owners, markers: &[Marker], topology: &Topology) -> Followed {
    let places: Vec<Vec<u32>> =
        captured.iter().map(|(_, frames)| places_of_followed(frames, markers)).collect();
    let columns = captured
        .iter()
        .zip(&places)
        .map(|((point, frames), places)| (point, places.iter().map(move |&place| &frames[place as usize])));
    let transcripts = transcribe_untagged(columns, owners);
    let columns = places.len();
    let captured = captured.clone();
    let mut followed = Followed { captured, places, transcripts, sent: Vec::new(), seen: Vec::new() };
    let path = VantagePoint::along_the_path(topology);
    let rows = Rows::align(&followed.transcripts, |_| true, &path);
    let points = followed.captured.iter().map(|(point, _)| point).collect();
    let mut routes = Routes::new(topology, owners, path, points);
    let order = picture::as_agreed(&rows);
    followed.sent.reserve(order.len());
    followed.seen.reserve(order.len() * columns);
    for row in order {
        let spot = |column: usize| {
            let place = rows.place(row, column)?;
            Some(Spot { column: number(column), place: number(place) })
        };
        let Some(first) = (0..columns).find_map(spot) else { continue };
        let route = routes.of(followed.frame_at(first));
        let nearest = route.way.iter().find_map(|outlook| spot(outlook.column?));
        let told = spot(rows.nearest(row)).unwrap_or(first);
        followed.sent.push(Sent { words: rows.words(row), told, frame: nearest.unwrap_or(first), route });
        followed.seen.extend((0..columns).map(|column| Seen {
            times: number(rows.times(row, column)),
            first: rows.place(row, column).map(number).unwrap_or_default(),
            is_reflection: false,
        }));
    }
    followed
}

/// The places of the frames that a transcript has a line for, so that lines and frames can be counted alike.
fn places_of_followed(frames: &[Frame], markers: &[Marker]) -> Vec<u32> {
    let places = frames.iter().enumerate().filter(|(_, frame)| is_followed(frame, markers));
    places.map(|(place, _)| number(place)).collect()
}

fn is_followed(frame: &Frame, markers: &[Marker]) -> bool {
    let is_followed = match &frame.content {
        Content::Datagram(_) => false,
        Content::Other(kind) => matches!(kind, Kind::IcmpError(..)),
        _ => true,
    };
    is_followed && !markers.iter().any(|marker| marker.is(frame))
}
