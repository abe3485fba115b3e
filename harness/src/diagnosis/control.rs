//! Further probes, whose outcomes tell causes apart that look alike in one failed probe.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Judgement, Verdict};
use crate::journey::{Journey, Probe};

/// A control and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// What was tried.
    pub kind: ControlKind,
    /// Between whom.
    pub probe: Probe,
    /// Whether it was answered.
    pub is_answered: bool,
    /// What its own captures say, where it was captured.
    #[serde(skip)]
    pub judgement: Option<Judgement>,
}

/// What is tried.
///
/// The first three, with the probe itself, are all combinations of a container's MAC address and its parent's, as the
/// sender's and as the receiver's. What is sent with the parent's is sent by the parent: nothing is changed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlKind {
    /// The asker's node to the other node, neither by its container.
    NodeToNode,
    /// The asker's node to the other node's container: the probe with the MAC address of the asker's parent.
    NodeToOtherChild,
    /// The asker to the other node itself: the probe with the MAC address of the asked one's parent.
    ChildToOtherNode,
    /// The asker to another container on its own node.
    SiblingToSibling,
    /// The host to the container that was asked.
    HostToChild,
    /// The same probe, with no capture running.
    WithoutCaptures,
}

impl ControlKind {
    /// Its name, as it is serialised.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

impl Control {
    /// The folder in a run's that has a folder for each control.
    pub const FOLDER: &str = "controls";

    /// A control of which only the outcome is known.
    pub fn uncaptured(kind: ControlKind, probe: Probe, is_answered: bool) -> Self {
        Self { kind, probe, is_answered, judgement: None }
    }

    /// Where its frames were seen.
    pub(super) fn journeys(&self) -> &[Journey] {
        self.judgement.as_ref().map_or(&[], |judgement| &judgement.journeys)
    }
}

impl fmt::Display for Control {
    /// What was tried, and what came of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: ", self.kind, self.probe)?;
        match self.judgement.as_ref().map(|judgement| &judgement.verdict) {
            _ if self.is_answered => f.write_str("answered"),
            Some(Verdict::Fail(failure)) => write!(f, "{}", failure.place),
            _ => f.write_str("not answered"),
        }
    }
}

impl fmt::Display for ControlKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NodeToNode => "a ping from node to node",
            Self::NodeToOtherChild => "a ping from the asker's node to the other node's container",
            Self::ChildToOtherNode => "a ping from the asker to the other node itself",
            Self::SiblingToSibling => "a ping between two containers of the asker's node",
            Self::HostToChild => "a ping from the host to the container that was asked",
            Self::WithoutCaptures => "the same ping while nothing captures",
        })
    }
}
