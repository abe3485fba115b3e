//! Why nothing can be diagnosed.

use camino::Utf8PathBuf;

use crate::{
    capture::CaptureError, keeper::KeeperError, lab::LabError, machine::CommandError,
    provider::ProviderError, run_folder::RunFolderError,
};

/// A diagnosis that could not be made.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum DiagnoseError {
    /// A node could not be reached.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Reach(#[from] KeeperError),
    /// The `ssh_config` can't be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Provider(#[from] ProviderError),
    /// A command on a node failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Command(#[from] CommandError),
    /// A capture or a ping could not be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Capture(#[from] CaptureError),
    /// A machine could not be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Lab(#[from] LabError),
    /// What was recorded can't be judged.
    #[error(transparent)]
    #[diagnostic(transparent)]
    RunFolder(#[from] RunFolderError),
    /// A file could not be written.
    #[error("failed to write {path}")]
    Write {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Both ends are nodes.
    #[error("neither end is a container")]
    #[diagnostic(help("name one at least: node-1:docker1, node-1:PID, node-1:/path/of/a/namespace"))]
    NoContainer,
    /// Both ends are the same place.
    #[error("both ends are {0}")]
    #[diagnostic(help("name two places"))]
    SamePlace(String),
    /// There is no such container.
    #[error("{node} has not {container}")]
    #[diagnostic(help("its named network namespaces are: {known}"))]
    Absent {
        /// The node.
        node: String,
        /// What was asked for.
        container: String,
        /// What there is.
        known: String,
    },
    /// The container has no macvlan interface, or not the one that was asked for.
    #[error("{container} on {node} has no {wanted}; it has {known}")]
    NoMacvlan {
        /// The node.
        node: String,
        /// The container.
        container: String,
        /// What was looked for.
        wanted: String,
        /// Its interfaces, with their kinds.
        known: String,
    },
    /// The container has several macvlan interfaces.
    #[error("{container} on {node} has several macvlan interfaces: {known}")]
    #[diagnostic(help("say which: --interface NAME"))]
    Several {
        /// The node.
        node: String,
        /// The container.
        container: String,
        /// Their names.
        known: String,
    },
    /// An interface has a name that a shell would read as something else.
    #[error("an interface on {node} is called {name:?}, and nothing is done with a name like that")]
    #[diagnostic(help("a name of letters, digits, '.', '_' and '-' is taken: `ip link set OLD name NEW`"))]
    StrangeName {
        /// The node.
        node: String,
        /// The name, as the interface's owner has given it.
        name: String,
    },
    /// Something that a diagnosis needs is not there, or not understood.
    #[error("{what} on {node}")]
    Lacks {
        /// The node.
        node: String,
        /// What is missing.
        what: String,
    },
}
