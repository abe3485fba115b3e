//! Where frames from one endpoint to another are looked for.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt as _};

use super::{
    Expectation,
    parties::{Ends, Parties},
    way::{are_parent_and_child, between},
};
use crate::{frame::Frame, topology::Topology, transcript::Owners, vantage_point::VantagePoint};

/// All points, as the frames between two endpoints meet them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) way: Vec<Outlook>,
    pub(super) elsewhere: Vec<Outlook>,
}

/// What a point has to do with those frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outlook {
    pub(super) point: VantagePoint,
    pub(super) expectation: Expectation,
    /// The place of its capture among all, if it was captured.
    pub(super) column: Option<usize>,
}

/// The routes of a topology, each found once.
pub(super) struct Routes<'a> {
    topology: &'a Topology,
    owners: &'a Owners,
    path: Vec<VantagePoint>,
    captured: Vec<&'a VantagePoint>,
    known: HashMap<(Parties<'a>, bool), Arc<Route>>,
    /// The same by what frames say of their ends.
    by_ends: HashMap<Ends, Arc<Route>>,
}

impl<'a> Routes<'a> {
    pub(super) fn new(
        topology: &'a Topology,
        owners: &'a Owners,
        path: Vec<VantagePoint>,
        captured: Vec<&'a VantagePoint>,
    ) -> Self {
        Self { topology, owners, path, captured, known: HashMap::new(), by_ends: HashMap::new() }
    }

    /// The route of a frame to a group, or to one receiver. Its way is empty where an end is unknown.
    pub(super) fn of(&mut self, frame: &Frame) -> Arc<Route> {
        let ends = Ends::of(frame);
        if let Some(route) = self.by_ends.get(&ends) {
            return Arc::clone(route);
        }
        let key = (Parties::of(&ends, self.owners, self.topology), frame.destination.is_group());
        if !self.known.contains_key(&key) {
            let route = self.find(key.0, key.1);
            self.known.insert(key, Arc::new(route));
        }
        let route = Arc::clone(&self.known[&key]);
        self.by_ends.insert(ends, Arc::clone(&route));
        route
    }

    fn find(&self, parties: Parties<'_>, is_group: bool) -> Route {
        let ends = parties.from.zip(parties.to);
        let points = ends.and_then(|(from, to)| between(self.topology, from, to)).unwrap_or_default();
        let elsewhere = self.path.iter().filter(|point| !points.contains(point)).map(|point| {
            self.outlook(point.clone(), expectation(point, is_group, parties.from, self.topology))
        });
        let elsewhere = elsewhere.collect();
        let way = points.into_iter().map(|point| self.outlook(point, Expectation::Expected));
        let [from, to] = [parties.from, parties.to].map(|end| end.map(str::to_owned));
        Route { from, to, way: way.collect(), elsewhere }
    }

    fn outlook(&self, point: VantagePoint, expectation: Expectation) -> Outlook {
        let column = self.captured.iter().position(|captured| **captured == point);
        Outlook { point, expectation, column }
    }
}

/// Whether a frame belongs at a point that is not on its way.
fn expectation(point: &VantagePoint, is_group: bool, from: Option<&str>, topology: &Topology) -> Expectation {
    let is_child = topology.container(&point.machine).is_some();
    let is_bridge =
        topology.host.as_ref().is_some_and(|host| point.machine == "host" && point.interface == host.bridge);
    let of_parent = from.is_some_and(|from| are_parent_and_child(topology, from, &point.machine));
    match is_group {
        // A parent's broadcast is never handed to its own children (`macvlan_handle_frame` is for what comes in).
        true if of_parent && is_child => Expectation::Excluded,
        true => Expectation::Expected,
        false if is_child || is_bridge => Expectation::Excluded,
        false => Expectation::Possible,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::vantage_point::Side;

    /// Where a frame from docker1 is looked for, beside its way.
    #[rstest]
    #[case::a_broadcast_at_its_parent("node-1", "ens33", true, Expectation::Expected)]
    #[case::a_broadcast_at_another_child("docker2", "macvlan1", true, Expectation::Expected)]
    #[case::a_frame_for_another("docker2", "macvlan1", false, Expectation::Excluded)]
    #[case::a_frame_that_the_bridge_is_not_meant_by("host", "bridge102", false, Expectation::Excluded)]
    #[case::a_frame_at_the_port_of_another("host", "port-node-2", false, Expectation::Possible)]
    #[case::a_frame_at_another_node("node-2", "ens33", false, Expectation::Possible)]
    fn a_frame_belongs(
        #[case] machine: &str,
        #[case] interface: &str,
        #[case] is_broadcast: bool,
        #[case] expected: Expectation,
    ) {
        assert_eq!(of("docker1", machine, interface, is_broadcast), expected);
    }

    #[rstest]
    #[case::its_own_child("docker1", Expectation::Excluded)]
    #[case::another_nodes("docker2", Expectation::Expected)]
    fn a_parents_broadcast_belongs(#[case] child: &str, #[case] expected: Expectation) {
        assert_eq!(of("node-1", child, "macvlan1", true), expected);
    }

    fn of(from: &str, machine: &str, interface: &str, is_broadcast: bool) -> Expectation {
        let text = include_str!("../../../fixtures/topologies/tutorial.toml");
        let topology = Topology::parse("tutorial.toml", text).unwrap();
        let point = VantagePoint {
            machine: machine.to_owned(),
            interface: interface.to_owned(),
            side: Side::Machines,
        };
        expectation(&point, is_broadcast, Some(from), &topology)
    }
}
