//! From the frames of all captures of a scenario to their transcripts.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Exchange, Marker, Owners, Part, Transcript, Transcripts,
    ends::Ends,
    letter::Letter,
    names::Names as _,
    say::say,
    saying::Saying,
    stable_names::StableNames,
    told::{Told, Words},
    vocabulary::Name,
};
use crate::{
    frame::{ArpOperation, Content, EchoDirection, Frame, Kind, NeighbourMessage},
    vantage_point::VantagePoint,
};

/// Puts captures into words, naming all of them alike. The markers are left out.
///
/// Unknown MAC addresses are numbered, and ping's identifiers lettered, in the order in which the
/// captures, read one after another, show them.
pub fn transcribe(
    captures: &[(VantagePoint, Vec<Frame>)],
    owners: &Owners,
    markers: &[Marker],
) -> Transcripts {
    let mut teller = Teller { names: StableNames::new(owners), tags: Tags::Told };
    let of_points = captures.iter().map(|(point, frames)| {
        let frames = frames.iter().filter(|frame| !markers.iter().any(|marker| marker.is(frame)));
        teller.transcript(point, frames)
    });
    let of_points = of_points.collect();
    teller.transcripts(of_points)
}

/// The same without a word of VLAN tags, which a frame gets and loses on its way.
pub(crate) fn transcribe_untagged<'a>(
    captures: impl Iterator<Item = (&'a VantagePoint, impl Iterator<Item = &'a Frame>)>,
    owners: &'a Owners,
) -> Transcripts {
    let mut teller = Teller { names: StableNames::new(owners), tags: Tags::Untold };
    let of_points = captures.map(|(point, frames)| teller.transcript(point, frames)).collect();
    teller.transcripts(of_points)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tags {
    Told,
    Untold,
}

struct Teller<'a> {
    names: StableNames<'a>,
    tags: Tags,
}

impl<'a> Teller<'a> {
    fn transcript(&mut self, point: &VantagePoint, frames: impl Iterator<Item = &'a Frame>) -> Transcript {
        let told = Vec::with_capacity(frames.size_hint().1.unwrap_or_default());
        let mut transcript = Transcript { point: point.clone(), bystanders: BTreeMap::new(), told };
        for frame in frames {
            self.tell(frame, &mut transcript);
        }
        transcript
    }

    fn transcripts(self, of_points: Vec<Transcript>) -> Transcripts {
        Transcripts { of_points, vocabulary: Arc::new(self.names.into_vocabulary()) }
    }

    fn tell(&mut self, frame: &'a Frame, transcript: &mut Transcript) {
        let saying = say(&frame.content, Ends::from(frame), &mut self.names);
        let Some((exchange, part)) = self.exchange(&frame.content, &saying) else {
            if let Content::Other(kind) = frame.content {
                *transcript.bystanders.entry(kind).or_default() += 1;
            }
            return;
        };
        let vlans = if self.tags == Tags::Told { frame.vlans.as_slice() } else { &[] };
        let words = Words {
            source: self.names.mac(frame.source),
            destination: self.names.mac(frame.destination),
            tags: self.names.vocabulary().tags(vlans),
            saying,
        };
        transcript.told.push(Told { at: frame.at, words, exchange, part });
    }

    /// What the frame is part of; `None` for bystanders.
    fn exchange(
        &mut self,
        content: &Content,
        saying: &Saying<Name, Letter>,
    ) -> Option<(Exchange<Name>, Part)> {
        let names = &mut self.names;
        match (content, saying) {
            (_, Saying::Echo { direction, ping, sequence, .. }) => {
                let part = match direction {
                    EchoDirection::Request => Part::Question,
                    EchoDirection::Reply => Part::Answer,
                };
                Some((Exchange::Echo { id: (*ping).into(), sequence: *sequence }, part))
            }
            (Content::Arp(arp), _) => {
                let [sender, target] =
                    [arp.sender_protocol, arp.target_protocol].map(|address| names.address(address.into()));
                Some(match arp.operation {
                    ArpOperation::Reply => (Exchange::Arp { asker: target, target: sender }, Part::Answer),
                    _ => (Exchange::Arp { asker: sender, target }, Part::Question),
                })
            }
            (Content::Neighbour(neighbour), _) => {
                let (asker, part) = match neighbour.message {
                    NeighbourMessage::Solicitation => (neighbour.source, Part::Question),
                    NeighbourMessage::Advertisement { .. } => (neighbour.destination, Part::Answer),
                };
                let [asker, target] = [asker, neighbour.target].map(|address| names.address(address.into()));
                Some((Exchange::Neighbour { asker, target }, part))
            }
            (Content::Datagram(datagram), _) => {
                let is_answer = datagram.dhcp.is_some_and(|dhcp| dhcp.is_of_server());
                let part = if is_answer { Part::Answer } else { Part::Question };
                let service = if datagram.dhcp.is_some() { "DHCP" } else { "UDP" };
                Some((Exchange::Alone(names.vocabulary().name(service)), part))
            }
            (Content::Other(kind @ Kind::IcmpError(..)), _) => {
                Some((Exchange::Alone(names.vocabulary().name(kind.to_string())), Part::Answer))
            }
            _ => None,
        }
    }
}
