//! Why there is no image.

use std::io;

use camino::Utf8PathBuf;

use super::{NetworkCard, Release, UnknownNetworkCard, UnknownRelease};

/// An image that is not there or can't be built.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ImageError {
    /// It was never built, or its recipe has changed since.
    #[error("there is no image of {release} with {card} for this recipe at {path}")]
    #[diagnostic(help(
        "`lab image build --release {release} --nic {card}` builds it; `make e2e` does that too"
    ))]
    NotBuilt {
        /// What it would be made of.
        release: Release,
        /// The card that its kernel would have a driver for.
        card: NetworkCard,
        /// Where it would be.
        path: Utf8PathBuf,
    },
    /// There is no such release.
    #[error(transparent)]
    #[diagnostic(help("LAB_IMAGE names it, or --release"))]
    Release(#[from] UnknownRelease),
    /// There is no such network card.
    #[error(transparent)]
    #[diagnostic(help("LAB_NIC names it, or --nic"))]
    Card(#[from] UnknownNetworkCard),
    /// mmdebstrap failed.
    #[error(
        "mmdebstrap could not build the image of {release} ({status}); the end of what it said:\n{output}"
    )]
    Build {
        /// What it would be made of.
        release: Release,
        /// How mmdebstrap ended.
        status: String,
        /// The end of its output.
        output: String,
    },
    /// A file could not be made.
    #[error("failed to {action}")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: io::Error,
    },
    /// There is no place to keep images.
    #[error("there is no folder to keep images in: neither XDG_CACHE_HOME nor HOME is set")]
    #[diagnostic(help("set one of them to a folder's path"))]
    NoCache,
}

impl ImageError {
    pub(super) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action: action.into(), source }
    }
}
