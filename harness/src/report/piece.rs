//! One scenario's part of the page, as it is kept in its folder.

use std::{fs, io};

use camino::Utf8Path;
use maud::{Markup, PreEscaped};
use serde::{Deserialize, Serialize};

use super::{Outcome, ScenarioReport};
use crate::visible;

/// A scenario that has been judged and drawn. All of it can be seen.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) head: Head,
    html: String,
}

/// What the page tells of a scenario outside its part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Head {
    /// The scenario's name.
    pub(super) name: String,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// What it ran on, in words.
    pub(super) machines: String,
}

impl Piece {
    /// A line of JSON, and behind it the drawing: each scenario that ends reads all others'.
    const FILE_NAME: &str = "report-piece";

    pub(super) fn of(scenario: &ScenarioReport) -> Self {
        let html = visible(&scenario.draw().into_string());
        let [name, machines] = [&scenario.name, &scenario.machines].map(|text| visible(text));
        Self { head: Head { name, machines, outcome: scenario.outcome }, html }
    }

    pub(super) fn draw(&self) -> Markup {
        PreEscaped(self.html.clone())
    }

    /// Writes it into the scenario's folder, as a whole.
    pub(super) fn write(self, folder: &Utf8Path) -> io::Result<Self> {
        let path = folder.join(Self::FILE_NAME);
        let part = path.with_extension("part");
        fs::write(&part, format!("{}\n{}", serde_json::to_string(&self.head)?, self.html))?;
        fs::rename(&part, &path)?;
        Ok(self)
    }

    /// `None` where there is none, or one of another version.
    pub(super) fn read(folder: &Utf8Path) -> io::Result<Option<Self>> {
        let text = match fs::read(folder.join(Self::FILE_NAME)) {
            Ok(text) => String::from_utf8(text).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let piece = text.split_once('\n').and_then(|(head, html)| {
            Some(Self { head: serde_json::from_str(head).ok()?, html: html.to_owned() })
        });
        Ok(piece)
    }
}
