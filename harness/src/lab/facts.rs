//! What is known about a lab's machines.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SshConnection;
use crate::{MacAddress, machine::Patience, provider::Provider};

/// The facts of a running lab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// What made it.
    pub provider: Provider,
    /// What the machines run on, in words.
    pub machines: String,
    /// How they came up, and how long that took, where there is more than one way: `restored in 0.9 s`.
    pub came_up: Option<String>,
    /// Each node's kernel release.
    pub kernels: BTreeMap<String, String>,
    /// The MAC addresses of the nodes' uplinks and of the host's bridge, by their owner.
    pub macs: BTreeMap<String, MacAddress>,
    /// The SSH connections that may run over the LAN under test, to be left out of captures.
    pub ssh_connections: Vec<SshConnection>,
    /// What on the machines may make a result unreliable, a sentence each: settings of theirs that
    /// are not the lab's to change.
    pub cautions: Vec<String>,
    /// How quick the lab is.
    pub patience: Patience,
}

impl Facts {
    /// Whether the nodes were made for the lab, so that their settings are the lab's to choose.
    pub fn own_nodes(&self) -> bool {
        self.provider.owns_nodes()
    }
}
