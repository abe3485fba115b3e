//! What is known about a lab's machines.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{MacAddress, machine::Patience, provider::Provider};

/// The facts of a running lab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// What made it.
    pub provider: Provider,
    /// What the machines run on, in words.
    pub machines: String,
    /// Each node's kernel release.
    pub kernels: BTreeMap<String, String>,
    /// The MAC addresses of the nodes' uplinks and of the host's bridge, by their owner.
    pub macs: BTreeMap<String, MacAddress>,
    /// How quick the lab is.
    pub patience: Patience,
}
