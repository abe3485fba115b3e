//! Why a scenario can't begin.

use std::io;

use camino::Utf8PathBuf;

use crate::lab::{LabError, SettingsError};

/// A scenario that has no lab.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The environment asks for something that is not there.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Settings(#[from] SettingsError),
    /// The lab can't be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Lab(#[from] LabError),
    /// Somebody has interrupted the run before the scenario had a lab.
    #[error("interrupted: no other scenario of this run gets a lab")]
    Interrupted,
    /// The scenario's folder can't be written.
    #[error("failed to write {path}")]
    Write {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The topology lacks a container that the scenario is about.
    #[error("{scenario} needs a container {container}, and the topology has none")]
    #[diagnostic(help("add it to the topology file, as in fixtures/topologies/lab.toml"))]
    NoContainer {
        /// The scenario.
        scenario: String,
        /// The container.
        container: String,
    },
}
