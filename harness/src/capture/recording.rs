//! What a scenario's captures hold.

use std::{fmt, fs};

use camino::{Utf8Path, Utf8PathBuf};

use super::{
    CaptureError, Evidence, Notes,
    closing::{Closing, Sent},
    hearing::Hearing,
    judging::{Around, judge},
    scope::Scope,
};
use crate::{
    container::{Containers, Ipv6},
    frame::{Content, Frame, Kind},
    lab::{Lab, LabError},
    picture::{Order, Picture},
    state::understood,
    topology::Topology,
    transcript::{Marker, Owners, Parties, Transcript, transcribe},
    vantage_point::{Side, VantagePoint},
};

/// Drained captures that are good enough to judge by.
#[derive(Clone, Debug)]
pub struct Recording {
    topology: Topology,
    folder: Utf8PathBuf,
    captures: Vec<(VantagePoint, Vec<Frame>)>,
    markers: Vec<Marker>,
    markers_astray: Vec<String>,
    /// What may be around on a LAN that is the lab's alone.
    chatter: &'static [Kind],
    /// How many frames of others there were on a LAN that is not the lab's alone, where and of which kind.
    others: Option<Vec<String>>,
    /// The ladder and the verdict, in words.
    diagnosis: Option<String>,
}

/// What is left of the captures when all have ended.
pub(super) struct Drained {
    pub(super) captures: Vec<(VantagePoint, Vec<Frame>, Evidence)>,
    pub(super) not_ready: Vec<Evidence>,
    pub(super) scope: Scope,
    /// How many pings had been sent before they began.
    pub(super) earlier: usize,
}

/// What speakers of IPv6 say unasked.
const IPV6_CHATTER: &[Kind] = &[Kind::Mld];

/// The pictures of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// What the nodes and containers saw.
    pub machines: Picture,
    /// What the host's bridge and its ports saw, where there is a host.
    pub switch: Option<Picture>,
    /// What others said meanwhile on a LAN that is not the lab's alone.
    pub others: Vec<String>,
    /// Points that the end of the exchange did not reach, or that heard it and should not: a path that is not as it should
    /// be, even where the pictures are.
    pub lost_ends: Vec<String>,
    /// The ladder diagram, the verdict and its cause, where a probe was sent.
    pub diagnosis: Option<String>,
}

impl fmt::Display for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for picture in [Some(&self.machines), self.switch.as_ref()].into_iter().flatten() {
            writeln!(f, "{picture}")?;
            for (row, copies) in &picture.folded {
                writeln!(f, "sent {copies} times before its answer: {row}")?;
            }
        }
        self.others.iter().try_for_each(|others| writeln!(f, "of others: {others}"))?;
        self.lost_ends.iter().try_for_each(|end| writeln!(f, "{end}"))
    }
}

impl Recording {
    pub(super) async fn new(
        lab: &Lab,
        containers: &Containers,
        drained: Drained,
        sent: Vec<Sent>,
        states: Around,
    ) -> Result<Self, CaptureError> {
        let folder = lab.folder().to_owned();
        let Drained { captures, not_ready, scope, earlier } = drained;
        let (mut captures, mut evidence): (Vec<_>, Vec<_>) =
            captures.into_iter().map(|(point, frames, evidence)| ((point, frames), evidence)).unzip();
        let before = understood(&states.before);
        for ((point, _), evidence) in captures.iter().zip(&mut evidence) {
            let interface = before.get(&point.machine).and_then(|state| state.interface(&point.interface));
            interface.into_iter().for_each(|interface| evidence.explain_long_frames(interface.mtu));
        }
        let closing = Closing::of(&captures, &sent, &Hearing::new(lab.topology(), &before));
        for ((point, _), evidence) in captures.iter().zip(&mut evidence) {
            if closing.missed_at.contains(point) {
                evidence.lacks_the_end();
            }
        }
        evidence.extend(not_ready);
        let markers: Vec<Marker> = sent.iter().map(|sent| sent.marker).collect();
        let notes = Notes {
            captures: evidence,
            filter: scope.filter().map(str::to_owned),
            owners: containers.owners.clone(),
            markers: markers.clone(),
            marker_senders: sent.iter().map(|sent| sent.seen_at.clone()).collect(),
            stimuli: lab.stimuli().by_now().split_off(earlier),
            controls: Vec::new(),
        };
        write_notes(&folder, &notes)?;
        let judged = judge(lab, states, !closing.astray.is_empty()).await?;
        let weak = notes.captures.iter().filter_map(Evidence::weakness);
        let mut weaknesses: Vec<String> = weak.chain(closing.never_sent).collect();
        let (told, doubts) = judged.map(|judged| (judged.told, judged.weaknesses)).unzip();
        weaknesses.extend(
            doubts.into_iter().flatten().filter(|doubt| !weaknesses.contains(doubt)).collect::<Vec<_>>(),
        );
        if !weaknesses.is_empty() {
            let ladder = told.map(|told| told.ladder).unwrap_or_default();
            return Err(CaptureError::Inconclusive { weaknesses, ladder, folder });
        }
        let topology = lab.topology().clone();
        let diagnosis = told.map(|told| told.to_string());
        let others = scope.parties().map(|parties| set_aside(&mut captures, parties));
        let chatter = if containers.ipv6() == Ipv6::On { IPV6_CHATTER } else { &[] };
        let markers_astray = closing.astray;
        Ok(Self { topology, folder, captures, markers, markers_astray, chatter, others, diagnosis })
    }

    /// The same, where frames of a kind are the payload of a scenario: they are counted, and not drawn.
    pub fn carrying(self, payload: &'static [Kind]) -> Self {
        Self { chatter: payload, ..self }
    }

    /// The frames that a machine's vantage point saw, without the markers.
    pub fn frames_at(&self, machine: &str) -> Vec<&Frame> {
        let here = self.captures.iter().filter(|(point, _)| point.machine == machine);
        here.flat_map(|(_, frames)| frames)
            .filter(|frame| !self.markers.iter().any(|marker| marker.is(frame)))
            .collect()
    }

    /// Draws what was seen.
    ///
    /// # Errors
    /// Frames that a hermetic lab should not have, and transcripts that contradict each other.
    pub fn pictures(&self, owners: &Owners, order: Order) -> Result<Pictures, CaptureError> {
        let transcripts = transcribe(&self.captures, owners, &self.markers);
        let kinds: Vec<(Kind, String)> = transcripts.iter().flat_map(bystanders).collect();
        let unexpected = || kinds.iter().filter(|(kind, _)| !self.chatter.contains(kind));
        let told = |(_, text): &(Kind, String)| text.clone();
        if self.others.is_none() && unexpected().next().is_some() {
            let kinds = unexpected().map(told).collect();
            return Err(CaptureError::Bystanders { kinds, folder: self.folder.clone() });
        }
        let others = self.others.iter().flatten().cloned().chain(kinds.iter().map(told)).collect();
        let draw = |side| Picture::draw(&transcripts, side, order, &self.topology);
        let switch = self.topology.host.as_ref().map(|_| draw(Side::Switch)).transpose();
        let machines = draw(Side::Machines);
        let lost_ends = self.markers_astray.clone();
        let diagnosis = self.diagnosis.clone();
        let pictures = Pictures { machines: machines?, switch: switch?, others, lost_ends, diagnosis };
        write(&self.folder.join("pictures.txt"), pictures.to_string().as_bytes())?;
        Ok(pictures)
    }
}

fn bystanders(transcript: &Transcript) -> Vec<(Kind, String)> {
    let point = &transcript.point;
    transcript
        .bystanders
        .iter()
        .map(|(kind, count)| (*kind, format!("{count} x {kind} at {point}")))
        .collect()
}

/// Takes the frames of others out of the captures, and says how many there were.
fn set_aside(captures: &mut [(VantagePoint, Vec<Frame>)], parties: &Parties) -> Vec<String> {
    let mut counts = Vec::new();
    for (point, frames) in captures {
        let before = frames.len();
        frames.retain(|frame| parties.are_of(frame) || matches!(frame.content, Content::Other(_)));
        let others = before - frames.len();
        if others > 0 {
            counts.push(format!("{others} x ARP, ICMP echo or UDP at {point}"));
        }
    }
    counts
}

pub(super) fn write_notes(folder: &Utf8Path, notes: &Notes) -> Result<(), LabError> {
    let path = folder.join(Notes::FILE_NAME);
    let json = serde_json::to_vec_pretty(notes)
        .map_err(|error| LabError::Write { path: path.clone(), source: error.into() })?;
    write(&path, &json)
}

pub(super) fn write(path: &Utf8Path, contents: &[u8]) -> Result<(), LabError> {
    fs::write(path, contents).map_err(|source| LabError::Write { path: path.to_owned(), source })
}
