//! Why a keeper can't keep a lab.

use std::io;

use crate::{machine::CommandError, provider::ProviderError, topology::TopologyError};

/// A keeper that has no lab to lend.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum KeeperError {
    /// The topology can't be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Topology(#[from] TopologyError),
    /// The lab did not come up.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Provider(#[from] ProviderError),
    /// A command on a machine failed.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A person started the keeper.
    #[error("`lab keep` is started by the scenarios, with a socket and a process to watch")]
    #[diagnostic(help("run `cargo test --test e2e`"))]
    NotByHand,
    /// The keeper's own surroundings could not be made.
    #[error("failed to {action}")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
    /// ssh did not connect to a node.
    #[error("ssh did not connect to {node}: {output}")]
    NoConnection {
        /// The node.
        node: String,
        /// What ssh said.
        output: String,
    },
    /// A machine lacks something that every lab has.
    #[error("{machine} has no {what}")]
    Lacks {
        /// The machine.
        machine: String,
        /// What it lacks.
        what: String,
    },
}

impl KeeperError {
    pub(super) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action: action.into(), source }
    }
}
