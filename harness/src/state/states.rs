//! The states of all machines, before an exchange and after it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::MachineState;
use crate::{topology::Topology, transcript::Owners, vantage_point::VantagePoint};

/// A run folder's `state.json`, by the endpoints' names.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct States {
    /// Before the stimulus: links, addresses, routes and queues alone.
    pub before: BTreeMap<String, MachineState>,
    /// After it; all of it where something was not as it should be.
    pub after: BTreeMap<String, MachineState>,
}

/// The states of machines as [`gather`](super::gather) reads them, as far as they are understood.
pub(crate) fn understood(states: &Map<String, Value>) -> BTreeMap<String, MachineState> {
    let understood = |(name, state): (&String, &Value)| {
        let state = serde_json::from_value(state.clone()).ok()?;
        Some((name.clone(), state))
    };
    states.iter().filter_map(understood).collect()
}

impl States {
    /// The name of the file in a run's folder.
    pub const FILE_NAME: &str = "state.json";

    /// Whether a point's interface is known to have been down all the time.
    pub fn was_down(&self, point: &VantagePoint) -> bool {
        let is_down = |states: &BTreeMap<String, MachineState>| {
            let interface = states.get(&point.machine)?.interface(&point.interface)?;
            Some(!interface.is_up())
        };
        is_down(&self.before) == Some(true) && is_down(&self.after) == Some(true)
    }

    /// Learns whose addresses are that nobody owns yet: a machine may have more interfaces than the topology's.
    pub(crate) fn teach(&self, owners: &mut Owners, topology: &Topology) {
        for (name, state) in
            self.before.iter().chain(&self.after).filter(|(name, _)| topology.has_endpoint(name))
        {
            let interfaces = state.interfaces.iter().flatten().filter(|interface| interface.ifname != "lo");
            for interface in interfaces {
                if let Some(mac) = interface.address.filter(|mac| owners.of_mac(*mac).is_none()) {
                    owners.owns_mac(name, mac);
                }
                for address in &interface.addr_info {
                    if !owners.knows(address.local) {
                        owners.owns_address(name, address.local);
                    }
                }
            }
        }
    }

    /// The newest that is known of an endpoint.
    pub fn of(&self, endpoint: &str) -> Option<&MachineState> {
        self.after.get(endpoint).or_else(|| self.before.get(endpoint))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::vantage_point::Side;

    fn states(flags: &[&str]) -> BTreeMap<String, MachineState> {
        let interfaces = json!([{"ifname": "ens33", "flags": flags}]);
        let told = json!({"node-1": {"interfaces": interfaces}, "node-2": "nothing"});
        understood(told.as_object().expect("it is an object"))
    }

    #[test]
    fn what_can_be_read_is_understood() {
        let states = states(&["UP"]);
        assert_eq!(states.keys().collect::<Vec<_>>(), ["node-1"]);
        assert!(states["node-1"].interface("ens33").is_some());
    }

    #[rstest]
    #[case::all_the_time(&[], &[], true)]
    #[case::at_first(&[], &["UP"], false)]
    #[case::in_the_end(&["UP"], &[], false)]
    fn an_interface_was_down(#[case] before: &[&str], #[case] after: &[&str], #[case] was_down: bool) {
        let states = States { before: states(before), after: states(after) };
        let point = VantagePoint {
            machine: "node-1".to_owned(),
            interface: "ens33".to_owned(),
            side: Side::Machines,
        };
        assert_eq!(states.was_down(&point), was_down);
    }
}
