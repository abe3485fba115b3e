//! What is kept beside a run's captures.

use std::fs;

use camino::Utf8Path;
use serde::Deserialize;

use crate::transcript::{Marker, Owners};

/// What a run's `recording.json` says that captures alone do not.
#[derive(Clone, Debug, Deserialize)]
pub struct Notes {
    /// Whose the addresses were.
    pub owners: Owners,
    /// The frames that closed the captures.
    pub markers: Vec<Marker>,
}

impl Notes {
    /// The notes in the folder that holds a capture (a link to one is followed). `None` where there
    /// are none, or where a file of that name is somebody else's.
    pub fn beside(capture: &Utf8Path) -> Option<Self> {
        let capture = capture.canonicalize_utf8().ok()?;
        let text = fs::read(capture.with_file_name("recording.json")).ok()?;
        serde_json::from_slice(&text).ok()
    }
}
