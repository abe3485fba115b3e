//! One scenario's part of the page, as it is kept in its folder.

use std::{fs, io};

use camino::Utf8Path;
use maud::{Markup, PreEscaped};
use serde::{Deserialize, Serialize};

use super::{Outcome, ScenarioReport};

/// A scenario that has been judged and drawn.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Piece {
    /// The scenario's name.
    pub(super) name: String,
    /// How it ended.
    pub(super) outcome: Outcome,
    html: String,
}

impl Piece {
    const FILE_NAME: &str = "report-piece.json";

    pub(super) fn of(scenario: ScenarioReport) -> Self {
        let html = scenario.draw().into_string();
        Self { name: scenario.name, outcome: scenario.outcome, html }
    }

    pub(super) fn draw(&self) -> Markup {
        PreEscaped(self.html.clone())
    }

    /// Writes it into the scenario's folder, as a whole.
    pub(super) fn write(self, folder: &Utf8Path) -> io::Result<Self> {
        let path = folder.join(Self::FILE_NAME);
        let part = path.with_extension("json.part");
        fs::write(&part, serde_json::to_vec(&self)?)?;
        fs::rename(&part, &path)?;
        Ok(self)
    }

    /// `None` where there is none, or one of another version.
    pub(super) fn read(folder: &Utf8Path) -> io::Result<Option<Self>> {
        match fs::read(folder.join(Self::FILE_NAME)) {
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
