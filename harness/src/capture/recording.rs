//! What a scenario's captures hold.

use std::{fmt, fs};

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::{
    CaptureError, Evidence,
    closing::{Closing, Sent},
};
use crate::{
    frame::Frame,
    lab::{Lab, LabError},
    picture::{Order, Picture},
    topology::Topology,
    transcript::{Marker, Owners, Transcript, transcribe},
    vantage_point::{Side, VantagePoint},
};

/// Drained captures that are good enough to judge by.
#[derive(Clone, Debug)]
pub struct Recording {
    topology: Topology,
    folder: Utf8PathBuf,
    captures: Vec<(VantagePoint, Vec<Frame>)>,
    markers: Vec<Marker>,
    lost_markers: Vec<String>,
}

/// What is left of the captures when all have ended.
pub(super) struct Drained {
    pub(super) captures: Vec<(VantagePoint, Vec<Frame>, Evidence)>,
    pub(super) not_ready: Vec<Evidence>,
}

/// The pictures of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// What the nodes and containers saw.
    pub machines: Picture,
    /// What the host's bridge and its ports saw.
    pub switch: Picture,
    /// Points that the end of the exchange did not reach: a path that is broken, even where the
    /// pictures are as they should be.
    pub lost_ends: Vec<String>,
}

impl fmt::Display for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for picture in [&self.machines, &self.switch] {
            writeln!(f, "{picture}")?;
            for (row, copies) in &picture.folded {
                writeln!(f, "sent {copies} times before its answer: {row}")?;
            }
        }
        self.lost_ends.iter().try_for_each(|end| writeln!(f, "{end}"))
    }
}

impl Recording {
    pub(super) fn new(
        lab: &Lab,
        owners: &Owners,
        drained: Drained,
        sent: Vec<Sent>,
    ) -> Result<Self, CaptureError> {
        let folder = lab.folder().to_owned();
        let (captures, mut evidence): (Vec<_>, Vec<_>) =
            drained.captures.into_iter().map(|(point, frames, evidence)| ((point, frames), evidence)).unzip();
        evidence.extend(drained.not_ready);
        let closing = Closing::of(&captures, &sent);
        let markers: Vec<Marker> = sent.iter().map(|sent| sent.marker).collect();
        write_notes(&folder, &Written { captures: &evidence, owners, markers: &markers })?;
        let weak = evidence.iter().filter_map(Evidence::weakness);
        let weaknesses: Vec<String> = weak.chain(closing.never_sent).collect();
        if !weaknesses.is_empty() {
            return Err(CaptureError::Inconclusive { weaknesses, folder });
        }
        let topology = lab.topology().clone();
        Ok(Self { topology, folder, captures, markers, lost_markers: closing.lost })
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
        let kinds: Vec<String> = transcripts.iter().flat_map(bystanders).collect();
        if !kinds.is_empty() {
            return Err(CaptureError::Bystanders { kinds, folder: self.folder.clone() });
        }
        let draw = |side| Picture::draw(&transcripts, side, order, &self.topology);
        let (machines, switch) = (draw(Side::Machines), draw(Side::Switch));
        let lost_ends = self.lost_markers.clone();
        let pictures = Pictures { machines: machines?, switch: switch?, lost_ends };
        write(&self.folder.join("pictures.txt"), pictures.to_string().as_bytes())?;
        Ok(pictures)
    }
}

fn bystanders(transcript: &Transcript) -> Vec<String> {
    let point = &transcript.point;
    transcript.bystanders.iter().map(|(kind, count)| format!("{count} x {kind} at {point}")).collect()
}

/// What is kept beside the captures, so that they can be read again without the lab.
#[derive(Serialize)]
struct Written<'a> {
    captures: &'a [Evidence],
    owners: &'a Owners,
    markers: &'a [Marker],
}

fn write_notes(folder: &Utf8Path, notes: &Written<'_>) -> Result<(), LabError> {
    let path = folder.join("recording.json");
    let json = serde_json::to_vec_pretty(notes)
        .map_err(|error| LabError::Write { path: path.clone(), source: error.into() })?;
    write(&path, &json)
}

fn write(path: &Utf8Path, contents: &[u8]) -> Result<(), LabError> {
    fs::write(path, contents).map_err(|source| LabError::Write { path: path.to_owned(), source })
}
