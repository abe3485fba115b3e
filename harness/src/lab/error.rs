//! Why a scenario has no lab.

use std::{io, time::Duration};

use camino::{Utf8Path, Utf8PathBuf};

use super::{FromKeeper, Refusal};
use crate::{machine::CommandError, provider::ProviderError};

/// A lab that could not be leased or used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum LabError {
    /// The lab did not come up.
    #[error("there is no lab: {reason}")]
    Refused {
        /// Why.
        reason: String,
        /// What to do about it, and where the keeper's log is.
        #[help]
        help: String,
    },
    /// The machine lacks what the lab needs.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Provider(#[from] ProviderError),
    /// The process that holds the lab is gone and said nothing.
    #[error("the lab's keeper ended without a word; the end of its log {log}:\n{tail}")]
    KeeperEnded {
        /// Its log.
        log: Utf8PathBuf,
        /// The end of that.
        tail: String,
    },
    /// The process that holds the lab could not be started or spoken to.
    #[error("failed to {action}")]
    Keeper {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A command on one of the machines failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Command(#[from] CommandError),
    /// The scenario names something that the topology does not have.
    #[error("the topology has no {kind} {name:?}")]
    Unknown {
        /// `container`, `endpoint`, …
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A scenario needs the host, and the topology has none.
    #[error("this scenario needs the host, and the topology has no [host]")]
    #[diagnostic(help(
        "add `[host]` to the topology if there is one, or leave the scenario out: \
         `cargo test --test e2e -- --skip the_host`"
    ))]
    NoHost,
    /// A scenario would hurt the other users of machines that exist already.
    #[error("{scenario} is not run on machines that exist already: it {hazard}")]
    #[diagnostic(help("if that hurts nobody there, arm it by its name: LAB_ARM={scenario}"))]
    Hazardous {
        /// The scenario.
        scenario: String,
        /// What it does, in words that follow "it".
        hazard: String,
    },
    /// A machine of the lab can't do what the scenario is about.
    #[error("this scenario needs {need}, and {machine} lacks it: {seen}")]
    #[diagnostic(help("{help}"))]
    Lacks {
        /// What is needed.
        need: &'static str,
        /// The machine that was tried.
        machine: String,
        /// What it said.
        seen: String,
        /// Where to get it.
        help: &'static str,
    },
    /// A state that was waited for did not come.
    #[error("waited {} s for {awaited}; seen by then: {seen}", waited.as_secs_f32())]
    Deadline {
        /// What was waited for.
        awaited: String,
        /// What there was instead.
        seen: String,
        /// For how long.
        waited: Duration,
    },
    /// Another scenario of this run has the name, and its evidence the folder.
    #[error("another scenario of this run had this one's name: {folder} is there")]
    #[diagnostic(help("give each scenario a name of its own"))]
    NameTaken {
        /// The folder.
        folder: Utf8PathBuf,
    },
    /// A file of the run could not be written.
    #[error("failed to write {path}")]
    #[diagnostic(help(
        "`df -h {path}` tells whether its disk is full; LAB_RUNS names another folder for what runs leave"
    ))]
    Write {
        /// The file.
        path: Utf8PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl LabError {
    /// The error of a keeper that gives no lab.
    pub(super) fn refused(answer: FromKeeper, log: Option<&Utf8Path>) -> Self {
        let (reason, help) = match answer {
            FromKeeper::Refused(Refusal { reason, help }) => (reason, help),
            FromKeeper::Differs(why) | FromKeeper::Replaced(why) => (why, None),
            other => (format!("its keeper gave another answer than was asked for: {other:?}"), None),
        };
        let log = log.map(|log| format!("the keeper's log is {log}"));
        let help: Vec<String> = help.into_iter().chain(log).collect();
        Self::Refused { reason, help: help.join("; ") }
    }

    pub(super) fn keeper(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Keeper { action: action.into(), source }
    }
}
