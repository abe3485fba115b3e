//! What `tc` says of an interface's queue.

use serde::Deserialize;

/// A queueing discipline (tc(8), `tc -s qdisc`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Queue {
    /// `pfifo_fast`, `noqueue`, …
    pub kind: String,
    /// Its interface.
    pub dev: String,
    /// How many frames it threw away since it was made.
    pub drops: u64,
}

impl Queue {
    /// Whether frames wait in it: tc's hooks for filters are qdiscs that hold none.
    pub(super) fn is_queue(&self) -> bool {
        !["clsact", "ingress"].contains(&self.kind.as_str())
    }
}
