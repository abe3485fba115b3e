//! A lab as its provider hands it over.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::{
    Provider, ProviderError, netns,
    qemu::{self, Frozen, Restored},
    ssh, vagrant,
};
use crate::{lab::Event, machine::Answers, topology::Topology};

/// A running lab: an `ssh_config` with an alias a node, and what is known about its machines. It
/// lives as long as this does, and as long as the namespaces of the process that made it.
pub(crate) struct Provided {
    /// The nodes' aliases and the way to them.
    pub ssh_config: Utf8PathBuf,
    /// What the machines run on, in words: `network namespaces`, `QEMU, emulated`.
    pub machines: String,
    /// How the machines came to be, where there is more than one way: `booted`, `restored`.
    pub came_up: Option<&'static str>,
    /// What it has to do with machines that were saved.
    pub saved: Saved,
    /// The processes that are the nodes, where they are processes of ours.
    pub nodes: Vec<tokio::process::Child>,
    /// The way to the host.
    pub host: HostWay,
    /// Its alias in the `ssh_config`, where it is not the topology's.
    pub host_alias: Option<String>,
    /// Held for as long as the lab uses machines that somebody else could take away.
    pub lock: Option<super::FileLock>,
}

/// What a lab has to do with machines that were saved: nothing, where a provider saves none.
#[derive(Default)]
pub(crate) struct Saved {
    /// What is to be done before restored machines are used.
    pub restored: Option<Restored>,
    /// What is to be done once it is known what machines say that were saved just now.
    pub frozen: Option<Frozen>,
    /// What the nodes have said, or are heard for.
    pub answers: Answers,
}

/// Where the host of a lab is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HostWay {
    /// In the namespaces of the lab's keeper.
    Namespaces,
    /// It is this machine.
    Here,
    /// Behind the alias that the topology gives.
    Ssh,
    /// There is none that can be watched.
    Nowhere,
}

/// Where a lab's files go, and where some come from.
pub(crate) struct Places<'a> {
    /// Its own files.
    pub directory: &'a Utf8Path,
    /// Its machines' logs.
    pub run: &'a Utf8Path,
    /// Whether machines may be restored as they were saved.
    pub may_restore: bool,
    /// What nodes will be asked first: the answers are saved with them.
    pub questions: Vec<String>,
    /// The user's aliases, where it is not the usual files that have them.
    pub ssh_config: Option<&'a Utf8Path>,
}

impl<'a> Places<'a> {
    /// For machines that are there already: nothing of theirs is kept.
    pub(crate) fn to_look_from(folder: &'a Utf8Path, ssh_config: Option<&'a Utf8Path>) -> Self {
        Self { directory: folder, run: folder, may_restore: false, questions: Vec::new(), ssh_config }
    }
}

/// Makes a lab, whose requirements are met. A hermetic one is made inside this process's own namespaces.
pub(crate) async fn bring_up(
    provider: Provider,
    topology: &Topology,
    places: &Places<'_>,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Provided, ProviderError> {
    match provider {
        Provider::Netns => netns::bring_up(topology, places.directory, tell).await,
        Provider::Qemu => qemu::bring_up(topology, places, tell).await,
        Provider::Vagrant => vagrant::bring_up(topology, places.directory, places.run, tell).await,
        Provider::Ssh => ssh::find(topology, places).await,
    }
}

/// The machines of a lab that outlive it, as they are; `None` where a lab's machines end with it or are not up.
pub(crate) async fn find_machines(
    provider: Provider,
    topology: &Topology,
    places: &Places<'_>,
) -> Result<Option<Provided>, ProviderError> {
    match provider {
        Provider::Netns | Provider::Qemu => Ok(None),
        Provider::Vagrant => vagrant::find(topology, places.directory).await,
        Provider::Ssh => ssh::find(topology, places).await.map(Some),
    }
}
