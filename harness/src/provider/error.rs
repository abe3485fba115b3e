//! Why there is no lab.

use std::{io, time::Duration};

use camino::Utf8PathBuf;

use super::{
    ImageError, Provider, UnknownBoot, VagrantError,
    requirement::{self, Requirement},
};
use crate::machine::CommandError;

/// A lab that did not come up.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ProviderError {
    /// The machine lacks what the provider needs.
    #[error("the {provider} lab can't run here: {}", requirement::list(missing))]
    #[diagnostic(help("`lab doctor --lab {provider} --fix` installs what apt has"))]
    Missing {
        /// The provider asked for.
        provider: Provider,
        /// What is not there.
        missing: Vec<Requirement>,
    },
    /// The topology leaves out what the lab is made of.
    #[error("the topology has no [host], and this lab is made of a host's bridge and two nodes")]
    #[diagnostic(help(
        "add `[host]` with `bridge` and `address`; only existing machines (LAB=ssh) do without"
    ))]
    NoHost,
    /// Machines that exist already can't be used as they are.
    #[error("the machines can't be used as they are:\n- {}", problems.join("\n- "))]
    #[diagnostic(help("nothing was changed on them"))]
    Unfit {
        /// All that stands in the way, a sentence each.
        problems: Vec<String>,
        /// Whether no machine has anything left of a run that was killed.
        is_swept: bool,
    },
    /// ssh would read a file's path as a pattern.
    #[error("ssh can't include {path}: it takes *, ?, [ and quotes for a pattern")]
    #[diagnostic(help("give the file a path without them"))]
    Pattern {
        /// The file.
        path: Utf8PathBuf,
    },
    /// A step of the bring-up failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Command(#[from] CommandError),
    /// A file or a process of the lab's own could not be made.
    #[error("failed to {action}")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A program of the lab's ended when it should not have.
    #[error("{program} ended too early: {output}")]
    Ended {
        /// The program.
        program: String,
        /// The last that it said.
        output: String,
    },
    /// A machine did not come up in time.
    #[error("{machine} was not ready after {} s: waited for {awaited}; the last it said:\n{seen}", waited.as_secs())]
    NotReady {
        /// The machine.
        machine: String,
        /// What was waited for.
        awaited: String,
        /// The time that it was given.
        waited: Duration,
        /// The end of what it printed.
        seen: String,
    },
    /// Machines can't come up in the way that is asked for.
    #[error(transparent)]
    Boot(#[from] UnknownBoot),
    /// There is no image to start the machines from.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Image(#[from] ImageError),
    /// Vagrant or libvirt could not make the machines.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Vagrant(#[from] VagrantError),
}

impl ProviderError {
    pub(super) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action: action.into(), source }
    }
}
