//! From the frames of all captures of a scenario to their transcripts.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};

use super::{Exchange, Line, Marker, Owners, Part};
use crate::{
    MacAddress,
    frame::{Arp, ArpOperation, Content, Echo, EchoDirection, Frame, Kind},
    vantage_point::VantagePoint,
};

/// What Linux sends (net.ipv4.ip_default_ttl); any other value tells of a router on the way.
const DEFAULT_TTL: u8 = 64;

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
    let mut names = Names { owners, strangers: Vec::new(), pings: Vec::new(), payloads: BTreeMap::new() };
    (captures.iter())
        .map(|(point, frames)| {
            let mut transcript =
                Transcript { point: point.clone(), lines: Vec::new(), bystanders: BTreeMap::new() };
            for frame in frames.iter().filter(|frame| !markers.iter().any(|marker| marker.is(frame))) {
                names.tell(frame, &mut transcript);
            }
            transcript
        })
        .collect()
}

/// Which ping an echo is of: its two ends, in either direction, and its identifier. The identifier
/// alone is a process id, and two clones of one image easily have the same.
type PingKey = (BTreeSet<Ipv4Addr>, u16);

struct Names<'a> {
    owners: &'a Owners,
    strangers: Vec<MacAddress>,
    pings: Vec<PingKey>,
    /// The payload of each echo when it was first seen.
    payloads: BTreeMap<(PingKey, u16), Vec<u8>>,
}

impl Names<'_> {
    fn tell(&mut self, frame: &Frame, transcript: &mut Transcript) {
        let told = match &frame.content {
            Content::Arp(arp) => self.arp(arp, frame),
            Content::Echo(echo) => self.echo(echo, frame),
            Content::Other(kind @ Kind::IcmpError(..)) => {
                (kind.to_string(), Exchange::Alone(kind.to_string()), Part::Answer)
            }
            Content::Other(kind) => {
                *transcript.bystanders.entry(*kind).or_default() += 1;
                return;
            }
        };
        let (text, exchange, part) = told;
        let tags: String = frame.vlans.iter().map(|vlan| format!("vlan {vlan}, ")).collect();
        transcript.lines.push(Line {
            at: frame.at,
            source: self.mac(frame.source),
            destination: self.mac(frame.destination),
            text: tags + &text,
            exchange,
            part,
        });
    }

    fn arp(&mut self, arp: &Arp, frame: &Frame) -> (String, Exchange, Part) {
        let sender = self.owners.of_address(arp.sender_protocol);
        let target = self.owners.of_address(arp.target_protocol);
        if arp.operation == ArpOperation::Reply {
            let text = format!("ARP, Reply {sender} is-at {}", self.mac(arp.sender_hardware));
            return (text, Exchange::Arp { asker: target, target: sender }, Part::Answer);
        }
        let mut text = format!("ARP, Request who-has {target}");
        if arp.target_hardware != MacAddress([0; 6]) {
            text += &format!(" ({})", self.mac(arp.target_hardware));
        }
        text += &format!(" tell {sender}");
        if arp.sender_hardware != frame.source {
            text += &format!(" at {}", self.mac(arp.sender_hardware));
        }
        (text, Exchange::Arp { asker: sender, target }, Part::Question)
    }

    fn echo(&mut self, echo: &Echo, frame: &Frame) -> (String, Exchange, Part) {
        let (word, part) = match echo.direction {
            EchoDirection::Request => ("request", Part::Question),
            EchoDirection::Reply => ("reply", Part::Answer),
        };
        let ping = (BTreeSet::from([echo.source, echo.destination]), echo.id);
        let letter = letter(number(&mut self.pings, ping.clone()));
        let mut text = self.other_ends(echo, frame);
        text += &format!("ICMP echo {word}, id {letter}, seq {}", echo.sequence);
        if echo.ttl != DEFAULT_TTL {
            text += &format!(", ttl {}", echo.ttl);
        }
        if !echo.checksum_holds {
            text += ", wrong checksum";
        }
        let first = self.payloads.entry((ping, echo.sequence)).or_insert_with(|| echo.payload.clone());
        if *first != echo.payload {
            text += ", payload altered";
        }
        (text, Exchange::Echo { id: letter, sequence: echo.sequence }, part)
    }

    /// The IPv4 ends, where they are not those that the Ethernet header names.
    fn other_ends(&mut self, echo: &Echo, frame: &Frame) -> String {
        let same = |names: &str, address: Ipv4Addr| {
            let owner = self.owners.of_address(address);
            names.split('=').any(|name| name == owner)
        };
        let source = self.owners.of_mac(frame.source).unwrap_or_default();
        let destination = self.owners.of_mac(frame.destination).unwrap_or_default();
        if same(&source, echo.source) && same(&destination, echo.destination) {
            return String::new();
        }
        let ends = [echo.source, echo.destination].map(|address| self.owners.of_address(address));
        format!("IP {} > {}: ", ends[0], ends[1])
    }

    fn mac(&mut self, mac: MacAddress) -> String {
        self.owners.of_mac(mac).unwrap_or_else(|| format!("unknown#{}", number(&mut self.strangers, mac) + 1))
    }
}

fn letter(number: usize) -> char {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    char::from_u32(u32::from('A').saturating_add(number)).unwrap_or('?')
}

/// The place of a thing among all that were seen before it.
fn number<T: PartialEq>(seen: &mut Vec<T>, thing: T) -> usize {
    seen.iter().position(|known| *known == thing).unwrap_or_else(|| {
        seen.push(thing);
        seen.len() - 1
    })
}
