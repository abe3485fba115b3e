//! Further probes, whose outcomes tell causes apart that look alike in one failed probe.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A control and its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// What was tried.
    pub kind: ControlKind,
    /// Whether it was answered.
    pub is_answered: bool,
}

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlKind {
    /// The asker's node to the other node, neither by its container.
    NodeToNode,
    /// The asker's node to the other node's container.
    NodeToOtherChild,
    /// The asker to another container on its own node.
    SiblingToSibling,
    /// The host to the container that was asked.
    HostToChild,
    /// The same probe, sent with the MAC address of the asker's parent.
    WithParentsMac,
    /// The same probe, with no capture running.
    WithoutCaptures,
}

impl fmt::Display for ControlKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NodeToNode => "a ping from node to node",
            Self::NodeToOtherChild => "a ping from the asker's node to the other node's container",
            Self::SiblingToSibling => "a ping between two containers of the asker's node",
            Self::HostToChild => "a ping from the host to the container that was asked",
            Self::WithParentsMac => "the same ping with the MAC address of the asker's parent",
            Self::WithoutCaptures => "the same ping while nothing captures",
        })
    }
}
