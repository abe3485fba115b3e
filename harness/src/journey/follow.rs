//! From the captures of a scenario to the journeys of its frames.

use std::sync::Arc;

use super::{
    Sighting, Station,
    parties::Parties,
    reflections,
    route::{Outlook, Route, Routes},
};
use crate::{
    frame::{Content, EchoDirection, Frame, Kind},
    picture::{self, Row},
    topology::Topology,
    transcript::{Exchange, Marker, Owners, Part, Transcript, transcribe_untagged},
    vantage_point::VantagePoint,
};

/// One frame, and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// The frame as it was first seen, nearest to its origin.
    pub frame: Frame,
    /// The owner of the Ethernet source.
    pub source: String,
    /// The owner of the Ethernet destination.
    pub destination: String,
    /// What it says, in tcpdump's terms.
    pub text: String,
    /// The exchange that it is part of.
    pub exchange: Exchange,
    /// Its part in that.
    pub part: Part,
    /// The endpoint that sent it, if it is one of the topology's.
    pub from: Option<String>,
    /// The endpoint that it is meant for, if it is one of the topology's.
    pub to: Option<String>,
    /// Its way from the one to the other. Empty where an end is unknown.
    pub way: Vec<Station>,
    /// All other points.
    pub elsewhere: Vec<Station>,
}

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
    let transcripts: Vec<&Transcript> = transcripts.iter().collect();
    let path = VantagePoint::along_the_path(topology);
    let rows = picture::as_agreed(picture::align(&transcripts, &path));
    let columns = followed.iter().map(|(point, _)| *point);
    let mut routes = Routes::new(topology, path, columns.collect());
    let journeys = rows.into_iter().filter_map(|row| {
        let seen = (0..followed.len()).find_map(|column| first(&followed, &row, column))?;
        let parties = Parties::of(seen, owners, topology);
        let route = routes.of(parties, seen.destination.is_group());
        Some(journey(row, route, parties, &followed, seen))
    });
    reflections::folded(journeys.collect())
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

type Followed<'a> = [(&'a VantagePoint, Vec<&'a Frame>)];

/// The frame of a row as a column first saw it.
fn first<'a>(followed: &Followed<'a>, row: &Row, column: usize) -> Option<&'a Frame> {
    followed[column].1.get(row.place(column)?).copied()
}

fn journey(row: Row, route: &Route, parties: Parties<'_>, followed: &Followed<'_>, seen: &Frame) -> Journey {
    let station = |outlook: &Outlook| {
        let sighting = |column| {
            let (place, frame) = (row.place(column)?, first(followed, &row, column)?);
            Some(Sighting { at: frame.at, vlans: frame.vlans.clone(), place: Some(place) })
        };
        Station {
            point: Arc::clone(&outlook.point),
            expectation: outlook.expectation,
            is_captured: outlook.column.is_some(),
            times: outlook.column.map_or(0, |column| row.seen[column]),
            first: outlook.column.and_then(sighting),
        }
    };
    let way: Vec<Station> = route.way.iter().map(station).collect();
    let elsewhere = route.elsewhere.iter().map(station).collect();
    let nearest = route.way.iter().find_map(|outlook| first(followed, &row, outlook.column?));
    Journey {
        frame: nearest.unwrap_or(seen).clone(),
        from: parties.from.map(str::to_owned),
        to: parties.to.map(str::to_owned),
        way,
        elsewhere,
        source: row.source,
        destination: row.destination,
        text: row.text,
        exchange: row.exchange,
        part: row.part,
    }
}

impl Journey {
    /// What the frame is called in a sentence.
    pub fn name(&self) -> String {
        let word = match self.part {
            Part::Answer => "reply",
            _ => "request",
        };
        match &self.exchange {
            Exchange::Echo { sequence, .. } => format!("echo {word} seq {sequence}"),
            Exchange::Arp { .. } => self.text.replacen("ARP, Re", "ARP re", 1),
            _ => self.text.clone(),
        }
    }

    /// The last point of its way that saw it.
    pub fn last_seen(&self) -> Option<&Station> {
        self.way.iter().rev().find(|station| station.saw())
    }

    /// How many points of its way it came past.
    pub fn progress(&self) -> usize {
        self.way.iter().rposition(Station::saw).map_or(0, |place| place + 1)
    }

    /// The part of its way that no point saw it on.
    pub fn rest(&self) -> &[Station] {
        &self.way[self.progress()..]
    }

    /// Whether some point looked for it in vain, behind the last that saw it.
    pub fn is_lost(&self) -> bool {
        self.rest().iter().any(Station::missed)
    }

    /// Points that did not see it although it came past them.
    pub fn gaps(&self) -> impl Iterator<Item = &Station> {
        self.way[..self.progress()].iter().filter(|station| station.missed())
    }

    /// All points, in no order.
    pub fn stations(&self) -> impl Iterator<Item = &Station> {
        self.way.iter().chain(&self.elsewhere)
    }

    /// Whether it is for everybody.
    pub fn is_broadcast(&self) -> bool {
        self.frame.destination.is_group()
    }

    /// Whether it asks for an address's owner, by ARP or neighbour discovery.
    pub fn is_about_an_address(&self) -> bool {
        matches!(self.exchange, Exchange::Arp { .. } | Exchange::Neighbour { .. })
    }

    /// Whether it is an echo request.
    pub fn is_echo_request(&self) -> bool {
        matches!(&self.frame.content, Content::Echo(echo) if echo.direction == EchoDirection::Request)
            || matches!(&self.frame.content, Content::Echo6(echo) if echo.direction == EchoDirection::Request)
    }
}
