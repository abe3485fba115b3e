//! A lab as its provider hands it over.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Provider, ProviderError, netns, qemu, vagrant};
use crate::{lab::Event, topology::Topology};

/// A running lab: an `ssh_config` with an alias a node, and what is known about its machines. It
/// lives as long as this does, and as long as the namespaces of the process that made it.
pub(crate) struct Provided {
    /// The nodes' aliases and the way to them.
    pub ssh_config: Utf8PathBuf,
    /// What the machines run on, in words: `network namespaces`, `QEMU, emulated`.
    pub machines: String,
    /// The processes that are the nodes.
    pub nodes: Vec<tokio::process::Child>,
}

/// Makes a lab, whose requirements are met, inside this process's own namespaces, with its files in `directory` and its
/// machines' logs in `run`.
pub(crate) async fn bring_up(
    provider: Provider,
    topology: &Topology,
    directory: &Utf8Path,
    run: &Utf8Path,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Provided, ProviderError> {
    match provider {
        Provider::Netns => netns::bring_up(topology, directory, tell).await,
        Provider::Qemu => qemu::bring_up(topology, directory, run, tell).await,
        Provider::Vagrant => vagrant::bring_up(topology, directory, run, tell).await,
    }
}
