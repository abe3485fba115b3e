//! The states of all machines, before an exchange and after it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::MachineState;

/// A run folder's `state.json`, by the endpoints' names.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct States {
    /// Before the stimulus: links, addresses, routes and queues alone.
    pub before: BTreeMap<String, MachineState>,
    /// After it; all of it where something was not as it should be.
    pub after: BTreeMap<String, MachineState>,
}

impl States {
    /// The name of the file in a run's folder.
    pub const FILE_NAME: &str = "state.json";

    /// The newest that is known of an endpoint.
    pub fn of(&self, endpoint: &str) -> Option<&MachineState> {
        self.after.get(endpoint).or_else(|| self.before.get(endpoint))
    }
}
