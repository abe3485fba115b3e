//! How a scenario ended, as it is kept in its folder.

use std::{collections::BTreeMap, fs, io};

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::{Difference, Outcome};
use crate::provider::Provider;

/// A scenario's `result.json`. It is there from the scenario's beginning, so that one that was killed is seen to
/// have begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScenarioResult {
    /// How it ended.
    pub outcome: Outcome,
    /// What it ran on.
    pub machines: String,
    /// Texts that are not as their snapshots.
    pub differences: Vec<Difference>,
    /// What else there is to say, a sentence each.
    pub remarks: Vec<String>,
    /// What made its lab.
    #[serde(default)]
    pub lab: Option<Provider>,
    /// Where it is written.
    #[serde(default)]
    pub source: Option<Source>,
    /// The texts that were compared with snapshots, by the snapshots' names.
    #[serde(default)]
    pub seen: BTreeMap<String, String>,
}

/// A line of a scenario's source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The file's path from the package's folder.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl ScenarioResult {
    const FILE_NAME: &str = "result.json";

    /// A scenario that has begun on these machines.
    pub fn begun(machines: &str) -> Self {
        Self {
            outcome: Outcome::Unfinished,
            machines: machines.to_owned(),
            differences: Vec::new(),
            remarks: Vec::new(),
            lab: None,
            source: None,
            seen: BTreeMap::new(),
        }
    }

    /// The same, written there and running on that lab.
    pub fn at(self, lab: Provider, source: Source) -> Self {
        Self { lab: Some(lab), source: Some(source), ..self }
    }

    /// Writes it into the scenario's folder, in one piece.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn write(&self, folder: &Utf8Path) -> io::Result<()> {
        let path = folder.join(Self::FILE_NAME);
        let part = path.with_extension("json.part");
        fs::write(&part, serde_json::to_vec_pretty(self)?)?;
        fs::rename(&part, &path)
    }

    /// `None` where the folder is no scenario's.
    pub(crate) fn read(folder: &Utf8Path) -> io::Result<Option<Self>> {
        let path = folder.join(Self::FILE_NAME);
        if !path.is_file() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&fs::read(path)?)?))
    }
}
