//! What is kept beside a run's captures.

use std::fs;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::Evidence;
use crate::{
    diagnosis::Control,
    stimulus::Stimulus,
    transcript::{Marker, Owners},
};

/// What a run's `recording.json` says that captures alone do not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// How good each capture is.
    #[serde(default)]
    pub captures: Vec<Evidence>,
    /// Only frames that pass it were captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Whose the addresses were.
    pub owners: Owners,
    /// The frames that closed the captures.
    pub markers: Vec<Marker>,
    /// Who sent them, in the same order: the container, or its node where nobody captured at the container.
    #[serde(default)]
    pub marker_senders: Vec<String>,
    /// What was sent before them.
    #[serde(default)]
    pub stimuli: Vec<Stimulus>,
    /// The outcomes of further probes.
    #[serde(default)]
    pub controls: Vec<Control>,
}

impl Notes {
    /// The name of the file.
    pub const FILE_NAME: &str = "recording.json";

    /// The notes in the folder that holds a capture (a link to one is followed). `None` where there
    /// are none, or where a file of that name is somebody else's.
    pub fn beside(capture: &Utf8Path) -> Option<Self> {
        let capture = capture.canonicalize_utf8().ok()?;
        let text = fs::read(capture.with_file_name(Self::FILE_NAME)).ok()?;
        serde_json::from_slice(&text).ok()
    }
}
