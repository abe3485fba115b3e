//! Why a folder can't be judged.

use camino::Utf8PathBuf;

use crate::topology::TopologyError;

/// A folder that nothing can be said about.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum RunFolderError {
    /// A file could not be read.
    #[error("failed to read {path}")]
    Unreadable {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of ours is no JSON, or not what it should be.
    #[error("failed to understand {path}")]
    Json {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The topology is not to be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Topology(#[from] TopologyError),
    /// Nobody says what the machines are.
    #[error("{folder} has no topology.toml")]
    #[diagnostic(help("give one with --topology FILE; fixtures/topologies has examples"))]
    NoTopology {
        /// The folder.
        folder: Utf8PathBuf,
    },
    /// No capture has the name of a vantage point.
    #[error("{folder} has no capture of this topology's vantage points")]
    #[diagnostic(help(
        "captures are named MACHINE.INTERFACE.pcap or .pcapng; expected is one of: {expected}"
    ))]
    NoCaptures {
        /// The folder.
        folder: Utf8PathBuf,
        /// The names that they could have.
        expected: String,
    },
    /// It is not known what was asked.
    #[error("it is not clear which probe the captures are of")]
    #[diagnostic(help("say it with --probe FROM:TO; the captures speak of: {candidates}"))]
    NoProbe {
        /// What could be meant.
        candidates: String,
    },
    /// The topology has no such endpoint.
    #[error("the topology has no endpoint {name:?}")]
    #[diagnostic(help("its endpoints are {known}"))]
    Endpoint {
        /// The name that was given.
        name: String,
        /// Those that there are.
        known: String,
    },
}
