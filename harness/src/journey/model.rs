//! One frame, and where it was seen.

use std::{fmt, sync::Arc};

use super::{Station, followed::Followed, route::Outlook};
use crate::{
    frame::Frame,
    transcript::{Exchange, Line, Part, Text},
};

/// One frame, and where it was seen.
#[derive(Clone)]
pub struct Journey {
    followed: Arc<Followed>,
    /// The frame's among all that were sent.
    number: usize,
}

impl Journey {
    pub(super) fn new(followed: Arc<Followed>, number: usize) -> Self {
        Self { followed, number }
    }

    /// The frame as it was first seen, nearest to its origin.
    pub fn frame(&self) -> &Frame {
        self.followed.frame(self.number)
    }

    fn line(&self) -> Line<'_> {
        self.followed.line(self.number)
    }

    /// The owner of the Ethernet source.
    pub fn source(&self) -> &str {
        self.line().source()
    }

    /// The owner of the Ethernet destination.
    pub fn destination(&self) -> &str {
        self.line().destination()
    }

    /// What it says, in tcpdump's terms.
    pub fn text(&self) -> Text<'_> {
        self.line().text()
    }

    /// The exchange that it is part of.
    pub fn exchange(&self) -> Exchange<&str> {
        self.line().exchange()
    }

    /// Its part in that.
    pub fn part(&self) -> Part {
        self.line().part()
    }

    /// Whether both say the same, between the same.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        (self.source(), self.destination(), self.text())
            == (other.source(), other.destination(), other.text())
    }

    /// The endpoint that sent it, if it is one of the topology's.
    pub fn from(&self) -> Option<&str> {
        self.followed.route(self.number).from.as_deref()
    }

    /// The endpoint that it is meant for, if it is one of the topology's.
    pub fn to(&self) -> Option<&str> {
        self.followed.route(self.number).to.as_deref()
    }

    /// Its way from the one to the other. Empty where an end is unknown.
    pub fn way(&self) -> impl DoubleEndedIterator<Item = Station<'_>> + ExactSizeIterator + Clone {
        self.followed.route(self.number).way.iter().map(|outlook| self.station(outlook))
    }

    /// All other points.
    pub fn elsewhere(&self) -> impl Iterator<Item = Station<'_>> {
        self.followed.route(self.number).elsewhere.iter().map(|outlook| self.station(outlook))
    }

    fn station<'a>(&'a self, outlook: &'a Outlook) -> Station<'a> {
        let times = |column| self.followed.seen(self.number, column).times as usize;
        Station {
            point: &outlook.point,
            expectation: outlook.expectation,
            is_captured: outlook.column.is_some(),
            times: outlook.column.map_or(0, times),
            first: outlook.column.and_then(|column| self.followed.sighting(self.number, column)),
        }
    }

    /// What the frame is called in a sentence.
    pub fn name(&self) -> String {
        let word = match self.part() {
            Part::Answer => "reply",
            _ => "request",
        };
        match self.exchange() {
            Exchange::Echo { sequence, .. } => format!("echo {word} seq {sequence}"),
            Exchange::Arp { .. } => self.text().to_string().replacen("ARP, Re", "ARP re", 1),
            _ => self.text().to_string(),
        }
    }

    /// The last point of its way that saw it.
    pub fn last_seen(&self) -> Option<Station<'_>> {
        self.way().rev().find(|station| station.saw())
    }

    /// How many points of its way it came past.
    pub fn progress(&self) -> usize {
        self.way().rposition(Station::saw).map_or(0, |place| place + 1)
    }

    /// The part of its way that no point saw it on.
    pub fn rest(&self) -> impl DoubleEndedIterator<Item = Station<'_>> + ExactSizeIterator + Clone {
        self.way().skip(self.progress())
    }

    /// Whether some point looked for it in vain, behind the last that saw it.
    pub fn is_lost(&self) -> bool {
        self.rest().any(Station::missed)
    }

    /// Points that did not see it although it came past them.
    pub fn gaps(&self) -> impl Iterator<Item = Station<'_>> {
        self.way().take(self.progress()).filter(|station| station.missed())
    }

    /// All points, in no order.
    pub fn stations(&self) -> impl Iterator<Item = Station<'_>> {
        self.way().chain(self.elsewhere())
    }

    /// Whether it is for everybody.
    pub fn is_broadcast(&self) -> bool {
        self.frame().destination.is_group()
    }

    /// Whether it asks for an address's owner, by ARP or neighbour discovery.
    pub fn is_about_an_address(&self) -> bool {
        matches!(self.exchange(), Exchange::Arp { .. } | Exchange::Neighbour { .. })
    }

    /// Whether it is an echo request.
    pub fn is_echo_request(&self) -> bool {
        self.frame().is_echo_request()
    }
}

/// The same frame, seen alike.
impl PartialEq for Journey {
    fn eq(&self, other: &Self) -> bool {
        (self.frame(), self.line()) == (other.frame(), other.line()) && self.stations().eq(other.stations())
    }
}

impl Eq for Journey {}

impl fmt::Debug for Journey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stations: Vec<Station<'_>> = self.stations().collect();
        f.debug_struct("Journey").field("frame", self.frame()).field("stations", &stations).finish()
    }
}
