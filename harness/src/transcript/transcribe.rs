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
    let mut teller = Teller {
        names: StableNames { owners, strangers: Numbers::default(), pings: Numbers::default() },
        payloads: HashMap::new(),
    };
    (captures.iter())
        .map(|(point, frames)| {
            let mut transcript =
                Transcript { point: point.clone(), lines: Vec::new(), bystanders: BTreeMap::new() };
            for frame in frames.iter().filter(|frame| !markers.iter().any(|marker| marker.is(frame))) {
                teller.tell(frame, &mut transcript);
            }
            transcript
        })
        .collect()
}

/// Names that do not depend on the machine.
struct StableNames<'a> {
    owners: &'a Owners,
    strangers: Numbers<MacAddress>,
    pings: Numbers<PingKey>,
}

/// Things, by the order in which they were first seen.
struct Numbers<T>(HashMap<T, usize>);

struct Teller<'a> {
    names: StableNames<'a>,
    /// The payload of each echo when it was first seen.
    payloads: HashMap<(PingKey, u16), Vec<u8>>,
}

impl Teller<'_> {
    fn tell(&mut self, frame: &Frame, transcript: &mut Transcript) {
        let Some((exchange, part)) = self.exchange(&frame.content) else {
            if let Content::Other(kind) = frame.content {
                *transcript.bystanders.entry(kind).or_default() += 1;
            }
            return;
        };
        let text = words(&frame.content, Ends::from(frame), &mut self.names) + self.altered(&frame.content);
        transcript.lines.push(Line {
            at: frame.at,
            source: self.names.mac(frame.source),
            destination: self.names.mac(frame.destination),
            vlans: frame.vlans.clone(),
            text: tags(&frame.vlans) + &text,
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
    fn altered(&mut self, content: &Content) -> &'static str {
        let Some(echo) = AnyEcho::of(content) else { return "" };
        let key = (ping_key(&echo), echo.sequence);
        let first = self.payloads.entry(key).or_insert_with(|| echo.payload.to_vec());
        if first == echo.payload { "" } else { ", payload altered" }
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
