//! What was sent, for the run folder.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Outcome;
use crate::journey::Probe;

/// A ping that was sent, and what became of it by the time that the captures ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stimulus {
    /// Who was to reach whom.
    pub probe: Probe,
    /// The command line.
    pub command: String,
    /// What ping made of it; `None` where it had not ended.
    pub outcome: Option<Outcome>,
    /// What it printed.
    pub output: String,
}

impl Stimulus {
    /// The address that was pinged: the command's last word, without the interface that a link-local one needs.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.command.split_whitespace().last()?.split('%').next()?.parse().ok()
    }

    /// Whether every request had a reply.
    pub fn is_answered(&self) -> bool {
        self.outcome == Some(Outcome::Answered)
    }
}
