//! From a folder to a case.

use std::{collections::BTreeMap, fs, io};

use camino::{Utf8Path, Utf8PathBuf};
use serde::de::DeserializeOwned;

use super::{
    RunFolderError,
    captures::{self, Read},
    probe,
};
use crate::{
    capture::{Notes, Sent},
    diagnosis::{Case, Control},
    frame::Frame,
    journey::{Captured, Probe, follow},
    state::States,
    topology::Topology,
    transcript::{Claims, Owners},
    vantage_point::VantagePoint,
};

/// A folder's captures, with whatever was recorded beside them.
#[derive(Clone, Debug)]
pub struct RunFolder {
    topology: Topology,
    captures: Captured,
    weaknesses: Vec<String>,
    owners: Owners,
    notes: Notes,
    states: States,
    controls: Vec<Control>,
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
        states.teach(&mut known, &topology);
        let mut claims = Claims::new(known);
        read.iter().for_each(|capture| capture.teach(&mut claims));
        let weak = weak_points(&notes, &read);
        let captures = Captured::from(good_captures(&topology, &states, &read, &weak));
        let weaknesses = weak.into_values().chain(never_closed(&notes, &captures)).collect();
        let controls = notes.controls.iter().map(|control| with_captures(control, folder)).collect();
        Ok(Self { topology, captures, weaknesses, owners: claims.owners(), notes, states, controls })
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
            controls: self.controls.clone(),
            probe,
        })
    }

    /// The machines.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }
}

/// A control with what its own folder says, if it has one that can be read.
fn with_captures(control: &Control, folder: &Utf8Path) -> Control {
    let own = folder.join(Control::FOLDER).join(control.kind.name());
    let case = RunFolder::open(&own, None).and_then(|own| own.case(Some(control.probe.clone())));
    Control { judgement: case.ok().map(|case| case.judge()), ..control.clone() }
}

/// What is wrong with captures, by their points: as it was recorded, else as it is found.
fn weak_points(notes: &Notes, read: &[Read]) -> BTreeMap<String, String> {
    let found =
        read.iter().filter_map(|capture| Some((capture.point.to_string(), capture.weakness.clone()?)));
    let recorded = notes.captures.iter();
    let recorded = recorded.filter_map(|evidence| Some((evidence.point.clone(), evidence.weakness()?)));
    found.chain(recorded).collect()
}

/// The frames of each point whose capture is good enough. Nothing can be captured at an interface that is down, and
/// nothing passes it: it saw nothing.
fn good_captures(
    topology: &Topology,
    states: &States,
    read: &[Read],
    weak: &BTreeMap<String, String>,
) -> Vec<(VantagePoint, Vec<Frame>)> {
    let frames = |point: &VantagePoint| {
        let mut good = read.iter().filter(|capture| !weak.contains_key(&capture.point.to_string()));
        good.find(|capture| capture.point == *point).map(Read::frames)
    };
    let points = VantagePoint::along_the_path(topology).into_iter();
    points
        .filter_map(|point| {
            let frames = if states.was_down(&point) { Some(Vec::new()) } else { frames(&point) };
            Some((point, frames?))
        })
        .collect()
}

/// Ends of the exchange that were not even seen where they were sent.
fn never_closed(notes: &Notes, captures: &[(VantagePoint, Vec<Frame>)]) -> Vec<String> {
    let sent: Vec<Sent> = (notes.marker_senders.iter().zip(&notes.markers))
        .map(|(sender, marker)| Sent { sender: sender.clone(), seen_at: sender.clone(), marker: *marker })
        .collect();
    sent.iter().filter_map(|sent| sent.unseen(captures)).collect()
}

fn own_topology(folder: &Utf8Path) -> Result<Topology, RunFolderError> {
    let path = folder.join(Topology::FILE_NAME);
    if !path.is_file() {
        return Err(RunFolderError::NoTopology { folder: folder.to_owned() });
    }
    Ok(Topology::load_recorded(&path)?)
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
