//! From the frames of all captures of a scenario to their transcripts.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use super::{
    Exchange, Line, Marker, Owners, Part,
    any_echo::AnyEcho,
    ends::Ends,
    words::{Names, PingKey, ping_key, tags, words},
};
use crate::{
    MacAddress,
    frame::{ArpOperation, Content, EchoDirection, Frame, Kind, NeighbourMessage},
    vantage_point::VantagePoint,
};

/// The frames of one capture, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// Where they were captured.
    pub point: VantagePoint,
    /// The frames in the order of the capture file.
    pub lines: Vec<Line>,
    /// How many frames there were of each kind that no scenario speaks.
    pub bystanders: BTreeMap<Kind, usize>,
}

/// Puts captures into words, naming all of them alike. The markers are left out.
///
/// Unknown MAC addresses are numbered, and ping's identifiers lettered, in the order in which the
/// captures, read one after another, show them.
pub fn transcribe(
    captures: &[(VantagePoint, Vec<Frame>)],
    owners: &Owners,
    markers: &[Marker],
) -> Vec<Transcript> {
    let mut teller = Teller::new(owners, Tags::Told);
    (captures.iter())
        .map(|(point, frames)| {
            let frames = frames.iter().filter(|frame| !markers.iter().any(|marker| marker.is(frame)));
            teller.transcript(point, frames)
        })
        .collect()
}

/// The same without a word of VLAN tags, which a frame gets and loses on its way.
pub(crate) fn transcribe_untagged(
    captures: &[(&VantagePoint, Vec<&Frame>)],
    owners: &Owners,
) -> Vec<Transcript> {
    let mut teller = Teller::new(owners, Tags::Untold);
    captures.iter().map(|(point, frames)| teller.transcript(point, frames.iter().copied())).collect()
}

/// Names that do not depend on the machine.
struct StableNames<'a> {
    owners: &'a Owners,
    strangers: Numbers<MacAddress>,
    pings: Numbers<PingKey>,
}

/// Things, by the order in which they were first seen.
struct Numbers<T>(HashMap<T, usize>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tags {
    Told,
    Untold,
}

struct Teller<'a> {
    names: StableNames<'a>,
    tags: Tags,
    /// The payload of each echo when it was first seen.
    payloads: HashMap<(PingKey, u16), &'a [u8]>,
}

impl<'a> Teller<'a> {
    fn new(owners: &'a Owners, tags: Tags) -> Self {
        let names = StableNames { owners, strangers: Numbers::default(), pings: Numbers::default() };
        Self { names, tags, payloads: HashMap::new() }
    }

    fn transcript(&mut self, point: &VantagePoint, frames: impl Iterator<Item = &'a Frame>) -> Transcript {
        let mut transcript =
            Transcript { point: point.clone(), lines: Vec::new(), bystanders: BTreeMap::new() };
        for frame in frames {
            self.tell(frame, &mut transcript);
        }
        transcript
    }

    fn tell(&mut self, frame: &'a Frame, transcript: &mut Transcript) {
        let Some((exchange, part)) = self.exchange(&frame.content) else {
            if let Content::Other(kind) = frame.content {
                *transcript.bystanders.entry(kind).or_default() += 1;
            }
            return;
        };
        let text = words(&frame.content, Ends::from(frame), &mut self.names) + self.altered(&frame.content);
        let vlans = if self.tags == Tags::Told { frame.vlans.as_slice() } else { &[] };
        transcript.lines.push(Line {
            at: frame.at,
            source: self.names.mac(frame.source),
            destination: self.names.mac(frame.destination),
            vlans: vlans.to_vec(),
            text: tags(vlans) + &text,
            exchange,
            part,
        });
    }

    /// What the frame is part of; `None` for bystanders.
    fn exchange(&mut self, content: &Content) -> Option<(Exchange, Part)> {
        if let Some(echo) = AnyEcho::of(content) {
            let id = self.names.letter(ping_key(&echo));
            let part = match echo.direction {
                EchoDirection::Request => Part::Question,
                EchoDirection::Reply => Part::Answer,
            };
            return Some((Exchange::Echo { id, sequence: echo.sequence }, part));
        }
        let owners = self.names.owners;
        match content {
            Content::Arp(arp) => {
                let (sender, target) =
                    (owners.of_address(arp.sender_protocol), owners.of_address(arp.target_protocol));
                Some(match arp.operation {
                    ArpOperation::Reply => (Exchange::Arp { asker: target, target: sender }, Part::Answer),
                    _ => (Exchange::Arp { asker: sender, target }, Part::Question),
                })
            }
            Content::Neighbour(neighbour) => {
                let target = owners.of_address(neighbour.target);
                let (asker, part) = match neighbour.message {
                    NeighbourMessage::Solicitation => (neighbour.source, Part::Question),
                    NeighbourMessage::Advertisement { .. } => (neighbour.destination, Part::Answer),
                };
                Some((Exchange::Neighbour { asker: owners.of_address(asker), target }, part))
            }
            Content::Datagram(datagram) => {
                let is_answer = datagram.dhcp.is_some_and(|dhcp| dhcp.is_of_server());
                let part = if is_answer { Part::Answer } else { Part::Question };
                let service = if datagram.dhcp.is_some() { "DHCP" } else { "UDP" };
                Some((Exchange::Alone(service.to_owned()), part))
            }
            Content::Other(kind @ Kind::IcmpError(..)) => {
                Some((Exchange::Alone(kind.to_string()), Part::Answer))
            }
            _ => None,
        }
    }

    /// Tells of an echo whose payload is not that which was first seen.
    fn altered(&mut self, content: &'a Content) -> &'static str {
        let Some(echo) = AnyEcho::of(content) else { return "" };
        let key = (ping_key(&echo), echo.sequence);
        let first = self.payloads.entry(key).or_insert(echo.payload);
        if *first == echo.payload { "" } else { ", payload altered" }
    }
}

impl StableNames<'_> {
    fn letter(&mut self, ping: PingKey) -> char {
        let number = u32::try_from(self.pings.of(ping)).unwrap_or(u32::MAX);
        char::from_u32(u32::from('A').saturating_add(number)).unwrap_or('?')
    }
}

impl Names for StableNames<'_> {
    fn owners(&self) -> &Owners {
        self.owners
    }

    fn mac(&mut self, mac: MacAddress) -> String {
        let unknown = |number| format!("unknown#{}", number + 1);
        self.owners.of_mac(mac).unwrap_or_else(|| unknown(self.strangers.of(mac)))
    }

    fn ping(&mut self, ping: PingKey) -> String {
        self.letter(ping).to_string()
    }
}

impl<T: Eq + Hash> Numbers<T> {
    /// How many others were seen before it.
    fn of(&mut self, thing: T) -> usize {
        let next = self.0.len();
        *self.0.entry(thing).or_insert(next)
    }
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}
