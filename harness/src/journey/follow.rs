//! From the captures of a scenario to the journeys of its frames.

use super::{
    Expectation, Station,
    parties::Parties,
    reflections,
    way::{are_parent_and_child, between},
};
use crate::{
    frame::{Content, EchoDirection, Frame, Kind},
    picture::{self, Row},
    topology::Topology,
    transcript::{Exchange, Marker, Owners, Part, Transcript, transcribe},
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
    let told: Vec<(VantagePoint, Vec<Frame>)> = (captures.iter())
        .map(|(point, frames)| {
            (point.clone(), frames.iter().filter(|frame| is_followed(frame, markers)).cloned().collect())
        })
        .collect();
    let transcripts = transcribe(&without_tags(&told), owners, &[]);
    let transcripts: Vec<&Transcript> = transcripts.iter().collect();
    let path = VantagePoint::along_the_path(topology);
    let rows = picture::as_agreed(picture::align(&transcripts, &path));
    let journey = |row: &Row| {
        let sightings = Sightings { row, captures: &told };
        sightings.journey(owners, topology, &path)
    };
    reflections::folded(rows.iter().filter_map(journey).collect())
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

fn without_tags(captures: &[(VantagePoint, Vec<Frame>)]) -> Vec<(VantagePoint, Vec<Frame>)> {
    let untagged = |frame: &Frame| Frame { vlans: Vec::new(), ..frame.clone() };
    captures.iter().map(|(point, frames)| (point.clone(), frames.iter().map(untagged).collect())).collect()
}

/// A row of the picture, with the captures that its columns stand for.
struct Sightings<'a> {
    row: &'a Row,
    captures: &'a [(VantagePoint, Vec<Frame>)],
}

impl Sightings<'_> {
    fn journey(&self, owners: &Owners, topology: &Topology, path: &[VantagePoint]) -> Option<Journey> {
        let row = self.row;
        let seen = (0..self.captures.len()).find_map(|column| self.first(column))?;
        let Parties { from, to } = Parties::of(seen, owners, topology);
        let ends = from.as_deref().zip(to.as_deref());
        let points = ends.and_then(|(from, to)| between(topology, from, to)).unwrap_or_default();
        let way: Vec<Station> =
            points.iter().map(|point| self.station(point, Expectation::Expected)).collect();
        let elsewhere = path.iter().filter(|point| !points.contains(point));
        let elsewhere = elsewhere
            .map(|point| self.station(point, expectation(point, seen, from.as_deref(), topology)))
            .collect();
        let nearest = way.iter().find_map(|station| station.first.clone());
        Some(Journey {
            frame: nearest.unwrap_or_else(|| seen.clone()),
            source: row.source.clone(),
            destination: row.destination.clone(),
            text: row.text.clone(),
            exchange: row.exchange.clone(),
            part: row.part,
            from,
            to,
            way,
            elsewhere,
        })
    }

    fn station(&self, point: &VantagePoint, expectation: Expectation) -> Station {
        let column = self.captures.iter().position(|(captured, _)| captured == point);
        Station {
            point: point.clone(),
            expectation,
            is_captured: column.is_some(),
            times: column.map_or(0, |column| self.row.seen[column]),
            first: column.and_then(|column| self.first(column)).cloned(),
            place: column.and_then(|column| self.row.place(column)),
        }
    }

    fn first(&self, column: usize) -> Option<&Frame> {
        self.captures[column].1.get(self.row.place(column)?)
    }
}

/// Whether a frame belongs at a point that is not on its way.
fn expectation(point: &VantagePoint, frame: &Frame, from: Option<&str>, topology: &Topology) -> Expectation {
    let is_child = topology.container(&point.machine).is_some();
    let is_bridge =
        topology.host.as_ref().is_some_and(|host| point.machine == "host" && point.interface == host.bridge);
    let of_parent = from.is_some_and(|from| are_parent_and_child(topology, from, &point.machine));
    match frame.destination.is_group() {
        // A parent's broadcast is never handed to its own children (`macvlan_handle_frame` is for what comes in).
        true if of_parent && is_child => Expectation::Excluded,
        true => Expectation::Expected,
        false if is_child || is_bridge => Expectation::Excluded,
        false => Expectation::Possible,
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::*;
    use crate::{MacAddress, vantage_point::Side};

    /// Where a frame from docker1 is looked for, beside its way.
    #[rstest]
    #[case::a_broadcast_at_its_parent("node-1", "ens33", true, Expectation::Expected)]
    #[case::a_broadcast_at_another_child("docker2", "macvlan1", true, Expectation::Expected)]
    #[case::a_frame_for_another("docker2", "macvlan1", false, Expectation::Excluded)]
    #[case::a_frame_that_the_bridge_is_not_meant_by("host", "bridge102", false, Expectation::Excluded)]
    #[case::a_frame_at_the_port_of_another("host", "port-node-2", false, Expectation::Possible)]
    #[case::a_frame_at_another_node("node-2", "ens33", false, Expectation::Possible)]
    fn a_frame_belongs(
        #[case] machine: &str,
        #[case] interface: &str,
        #[case] is_broadcast: bool,
        #[case] expected: Expectation,
    ) {
        assert_eq!(of("docker1", machine, interface, is_broadcast), expected);
    }

    #[rstest]
    #[case::its_own_child("docker1", Expectation::Excluded)]
    #[case::another_nodes("docker2", Expectation::Expected)]
    fn a_parents_broadcast_belongs(#[case] child: &str, #[case] expected: Expectation) {
        assert_eq!(of("node-1", child, "macvlan1", true), expected);
    }

    fn of(from: &str, machine: &str, interface: &str, is_broadcast: bool) -> Expectation {
        let text = include_str!("../../../fixtures/topologies/tutorial.toml");
        let topology = Topology::parse("tutorial.toml", text).unwrap();
        let destination = if is_broadcast { MacAddress::BROADCAST } else { MacAddress([2; 6]) };
        let frame = Frame {
            at: Duration::ZERO,
            source: MacAddress([2; 6]),
            destination,
            vlans: Vec::new(),
            content: Content::Other(Kind::Lldp),
        };
        let point = VantagePoint {
            machine: machine.to_owned(),
            interface: interface.to_owned(),
            side: Side::Machines,
        };
        expectation(&point, &frame, Some(from), &topology)
    }
}
