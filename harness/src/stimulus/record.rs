//! What was sent, for the run folder.

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
    /// Whether every request had a reply.
    pub fn is_answered(&self) -> bool {
        self.outcome == Some(Outcome::Answered)
    }
}
