//! From a folder to a case.

use std::{collections::BTreeSet, fs, io};

use camino::{Utf8Path, Utf8PathBuf};
use serde::de::DeserializeOwned;

use super::{RunFolderError, captures, probe};
use crate::{
    capture::{Closing, Evidence, Notes, Sent},
    diagnosis::Case,
    frame::Frame,
    journey::{Probe, follow},
    state::States,
    topology::Topology,
    transcript::{Claims, Owners},
    vantage_point::VantagePoint,
};

/// A folder's captures, with whatever was recorded beside them.
#[derive(Clone, Debug)]
pub struct RunFolder {
    topology: Topology,
    captures: Vec<(VantagePoint, Vec<Frame>)>,
    weaknesses: Vec<String>,
    owners: Owners,
    notes: Notes,
    states: States,
}

impl RunFolder {
    /// Reads a folder. `topology` comes before the folder's own `topology.toml`; MAC addresses that neither it nor
    /// `recording.json` knows are learned from the frames. A capture that is not good enough to judge by counts as none.
    ///
    /// # Errors
    /// Whatever keeps it from being read, with what to do.
    pub fn open(folder: &Utf8Path, topology: Option<Topology>) -> Result<Self, RunFolderError> {
        let topology = match topology {
            Some(topology) => topology,
            None => own_topology(folder)?,
        };
        let notes: Notes = json(&folder.join(Notes::FILE_NAME))?.unwrap_or_default();
        let states: States = json(&folder.join(States::FILE_NAME))?.unwrap_or_default();
        let read = captures::read_all(folder, &topology)?;
        let mut known = Owners::from(&topology);
        known.extend(notes.owners.clone());
        let mut claims = Claims::new(known);
        read.iter().for_each(|capture| capture.teach(&mut claims));
        let weak: Vec<(&str, String)> = notes
            .captures
            .iter()
            .filter_map(|evidence: &Evidence| Some((evidence.point.as_str(), evidence.weakness()?)))
            .collect();
        let mut weak_points: BTreeSet<String> = weak.iter().map(|(point, _)| (*point).to_owned()).collect();
        let mut weaknesses: Vec<String> = weak.into_iter().map(|(_, weakness)| weakness).collect();
        for capture in &read {
            if let Some(weakness) = &capture.weakness
                && weak_points.insert(capture.point.to_string())
            {
                weaknesses.push(weakness.clone());
            }
        }
        let is_weak = |point: &VantagePoint| weak_points.contains(&point.to_string());
        let frames = |point: &VantagePoint| {
            read.iter().find(|capture| capture.point == *point).map(|capture| capture.frames())
        };
        let captures: Vec<_> = (VantagePoint::along_the_path(&topology).into_iter())
            .filter_map(|point| {
                // Nothing can be captured at an interface that is down, and nothing passes it.
                let frames = if states.was_down(&point) {
                    Some(Vec::new())
                } else {
                    frames(&point).filter(|_| !is_weak(&point))
                };
                Some((point, frames?))
            })
            .collect();
        weaknesses.extend(never_closed(&notes, &captures));
        Ok(Self { topology, captures, weaknesses, owners: claims.owners(), notes, states })
    }

    /// The case of a probe: of the one that is asked for, else the one that was recorded, else the only one that
    /// the captures speak of.
    ///
    /// # Errors
    /// Where it is not clear which, or it is between strangers.
    pub fn case(&self, asked: Option<Probe>) -> Result<Case, RunFolderError> {
        let probe = match asked.or_else(|| probe::recorded(&self.notes.stimuli)) {
            Some(probe) => probe,
            None => {
                probe::spoken_of(&follow(&self.captures, &self.owners, &self.notes.markers, &self.topology))?
            }
        };
        probe::check(&probe, &self.topology)?;
        Ok(Case {
            topology: self.topology.clone(),
            captures: self.captures.clone(),
            weaknesses: self.weaknesses.clone(),
            owners: self.owners.clone(),
            markers: self.notes.markers.clone(),
            stimulus: self.notes.stimuli.iter().find(|stimulus| stimulus.probe == probe).cloned(),
            states: self.states.clone(),
            controls: self.notes.controls.clone(),
            probe,
        })
    }

    /// The machines.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }
}

/// Ends of the exchange that were not even seen where they were sent.
fn never_closed(notes: &Notes, captures: &[(VantagePoint, Vec<Frame>)]) -> Vec<String> {
    let sent: Vec<Sent> = (notes.marker_senders.iter().zip(&notes.markers))
        .map(|(sender, marker)| Sent { sender: sender.clone(), marker: *marker })
        .collect();
    Closing::of(captures, &sent).never_sent
}

fn own_topology(folder: &Utf8Path) -> Result<Topology, RunFolderError> {
    let path = folder.join(Topology::FILE_NAME);
    if !path.is_file() {
        return Err(RunFolderError::NoTopology { folder: folder.to_owned() });
    }
    Ok(Topology::load(&path)?)
}

/// A file's content; `None` where there is no such file.
fn json<T: DeserializeOwned>(path: &Utf8PathBuf) -> Result<Option<T>, RunFolderError> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|source| RunFolderError::Unreadable { path: path.clone(), source })?,
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|source| RunFolderError::Json { path: path.clone(), source })
}
