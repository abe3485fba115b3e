//! Why a keeper can't keep a lab.

use std::io;

use camino::Utf8PathBuf;

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
    #[diagnostic(transparent)]
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
    #[error("ssh did not connect to {machine} by the alias {alias:?}: {output}")]
    #[diagnostic(help(
        "{advice}`ssh -F {ssh_config} {alias}` shows the same; LAB_SSH_CONFIG names another file"
    ))]
    NoConnection {
        /// The node, or `host`.
        machine: String,
        /// Its alias.
        alias: String,
        /// The configuration.
        ssh_config: Utf8PathBuf,
        /// What ssh said.
        output: String,
        /// What to do about that, where it is known; a sentence's end is at its end.
        advice: String,
    },
    /// An account that is not root's, and can't become it.
    #[error("{user} on {machine} can't run commands as root: {said}")]
    #[diagnostic(help(
        "macvlan interfaces, captures and namespaces need root: log in as root, or give {user} on {machine} the line \
         `{user} ALL=(ALL) NOPASSWD: ALL` with visudo (and `Defaults:{user} !requiretty`, where sudo wants a tty)"
    ))]
    NoRoot {
        /// The machine.
        machine: String,
        /// The account.
        user: String,
        /// What sudo said.
        said: String,
    },
    /// Another run uses the machine.
    #[error("{machine} can't be had: {said}")]
    #[diagnostic(help("a machine is used by one run at a time; wait for the other, or end it"))]
    Taken {
        /// The machine.
        machine: String,
        /// Who has it.
        said: String,
    },
    /// A machine that nothing can be undone on is not changed.
    #[error("{machine} can't be guarded against a run that dies: {said}")]
    NoGuard {
        /// The machine.
        machine: String,
        /// What its shell said.
        said: String,
    },
    /// A shell that speaks unasked would garble what commands say.
    #[error("{machine} prints {printed:?} before a command's own output")]
    #[diagnostic(help("silence the rc file of its login shell for sessions without a terminal"))]
    Noisy {
        /// The machine.
        machine: String,
        /// What it prints.
        printed: String,
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
