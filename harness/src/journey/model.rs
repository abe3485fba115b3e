//! One frame, and where it was seen.

use std::sync::Arc;

use super::{
    Station,
    route::{Outlook, Route},
    seen::Seen,
};
use crate::{
    frame::{Content, EchoDirection, Frame},
    transcript::{Exchange, Line, Part, Text, Told, Vocabulary},
};

/// One frame, and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// The frame as it was first seen, nearest to its origin.
    pub frame: Frame,
    pub(super) told: Told,
    pub(super) vocabulary: Arc<Vocabulary>,
    pub(super) route: Arc<Route>,
    /// What each capture has of it.
    pub(super) seen: Vec<Seen>,
}

impl Journey {
    fn line(&self) -> Line<'_> {
        Line::new(&self.told, &self.vocabulary)
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
        self.told.part
    }

    /// Whether both say the same, between the same.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        (self.source(), self.destination(), self.text())
            == (other.source(), other.destination(), other.text())
    }

    /// The endpoint that sent it, if it is one of the topology's.
    pub fn from(&self) -> Option<&str> {
        self.route.from.as_deref()
    }

    /// The endpoint that it is meant for, if it is one of the topology's.
    pub fn to(&self) -> Option<&str> {
        self.route.to.as_deref()
    }

    /// Its way from the one to the other. Empty where an end is unknown.
    pub fn way(&self) -> impl DoubleEndedIterator<Item = Station<'_>> + ExactSizeIterator + Clone {
        self.route.way.iter().map(|outlook| self.station(outlook))
    }

    /// All other points.
    pub fn elsewhere(&self) -> impl Iterator<Item = Station<'_>> {
        self.route.elsewhere.iter().map(|outlook| self.station(outlook))
    }

    fn station<'a>(&'a self, outlook: &'a Outlook) -> Station<'a> {
        let seen = outlook.column.map(|column| &self.seen[column]);
        Station {
            point: &outlook.point,
            expectation: outlook.expectation,
            is_captured: seen.is_some(),
            times: seen.map_or(0, |seen| seen.times),
            first: seen.and_then(|seen| seen.first.as_ref()),
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
        self.frame.destination.is_group()
    }

    /// Whether it asks for an address's owner, by ARP or neighbour discovery.
    pub fn is_about_an_address(&self) -> bool {
        matches!(self.told.exchange, Exchange::Arp { .. } | Exchange::Neighbour { .. })
    }

    /// Whether it is an echo request.
    pub fn is_echo_request(&self) -> bool {
        matches!(&self.frame.content, Content::Echo(echo) if echo.direction == EchoDirection::Request)
            || matches!(&self.frame.content, Content::Echo6(echo) if echo.direction == EchoDirection::Request)
    }
}
