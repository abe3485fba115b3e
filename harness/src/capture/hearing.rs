//! Who hears a container's broadcast, by the modes that the kernel says its neighbours are in.

use std::collections::BTreeMap;

use crate::{
    container::{Interface, LinkInfo},
    journey::Expectation,
    state::MachineState,
    topology::{Container, Topology},
    vantage_point::VantagePoint,
};

/// What decides where a broadcast is delivered, as it was when the captures began.
#[derive(Debug)]
pub(crate) struct Hearing<'a> {
    topology: &'a Topology,
    states: &'a BTreeMap<String, MachineState>,
}

impl<'a> Hearing<'a> {
    pub(crate) fn new(topology: &'a Topology, states: &'a BTreeMap<String, MachineState>) -> Self {
        Self { topology, states }
    }

    /// Whether a container's broadcast comes to a point, if nothing is broken.
    pub(crate) fn expects(&self, sender: &str, point: &VantagePoint) -> Expectation {
        let Some(sender) = self.topology.container(sender) else { return Expectation::Expected };
        if !self.has_the_vlan_of(sender, point) {
            return Expectation::Possible;
        }
        match self.topology.container(&point.machine) {
            Some(hearer) if sender.name != hearer.name => self.between(sender, hearer),
            _ => Expectation::Expected,
        }
    }

    /// Whether a sender's VLAN is at a point. What other VLANs' frames do there is the cards' filters' to decide.
    fn has_the_vlan_of(&self, sender: &Container, point: &VantagePoint) -> bool {
        if let Some(hearer) = self.topology.container(&point.machine) {
            return hearer.vlan == sender.vlan;
        }
        let Some(node) = self.topology.node(&point.machine) else { return true };
        let is_uplink = point.interface == node.uplink;
        let mut here = self.topology.containers.iter().filter(|container| container.node == node.name);
        let is_asked_for = here.any(|container| {
            container.vlan == sender.vlan && (is_uplink || container.parent(node) == point.interface)
        });
        is_asked_for || (is_uplink && sender.vlan.is_none())
    }

    /// `macvlan_queue_xmit` (what a sender hands to its siblings) and `macvlan_handle_frame` (what comes in, or comes
    /// back from a switch that reflects), drivers/net/macvlan.c.
    fn between(&self, sender: &Container, hearer: &Container) -> Expectation {
        let modes = (self.mode(sender), self.mode(hearer));
        let is_heard = match (modes.0.as_str(), modes.1.as_str()) {
            // It has a list of those whom it hears.
            (_, "source") => return Expectation::Possible,
            _ if sender.node != hearer.node => true,
            ("bridge", "bridge") => true,
            ("vepa", "vepa" | "bridge") | ("bridge", "vepa") => self.is_reflected(&sender.node),
            _ => false,
        };
        if is_heard { Expectation::Expected } else { Expectation::Excluded }
    }

    /// What `ip` says; what the topology says, where `ip` said nothing.
    fn mode(&self, container: &Container) -> String {
        let told = self.interface(&container.name, &container.interface);
        let told = told.map(|interface| interface.linkinfo.info_data.mode.clone());
        told.filter(|mode| !mode.is_empty()).unwrap_or_else(|| container.mode.to_string())
    }

    /// Whether the switch's port to a node sends frames back to where they came from.
    fn is_reflected(&self, node: &str) -> bool {
        let port = self.topology.node(node).and_then(|node| self.interface("host", &node.port));
        port.is_some_and(|Interface { linkinfo: LinkInfo { info_slave_data, .. }, .. }| {
            info_slave_data.hairpin
        })
    }

    fn interface(&self, machine: &str, name: &str) -> Option<&'a Interface> {
        self.states.get(machine)?.interface(name)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::container::{LinkData, PortData};

    fn state(interface: &str, linkinfo: LinkInfo) -> MachineState {
        let ifname = interface.to_owned();
        let interfaces = Some(vec![Interface { ifname, linkinfo, ..Interface::default() }]);
        MachineState { interfaces, ..MachineState::default() }
    }

    fn in_mode(mode: &str) -> MachineState {
        let info_data = LinkData { mode: mode.to_owned(), ..LinkData::default() };
        state("macvlan1", LinkInfo { info_data, ..LinkInfo::default() })
    }

    fn expected(sender: (&str, &str), hearer: (&str, &str), hairpin: bool) -> Expectation {
        let text = include_str!("../../../fixtures/topologies/lab.toml");
        let topology = Topology::parse("lab.toml", text).unwrap();
        let info_slave_data = PortData { hairpin };
        let port = state("port-node-1", LinkInfo { info_slave_data, ..LinkInfo::default() });
        let containers = [sender, hearer].map(|(name, mode)| (name.to_owned(), in_mode(mode)));
        let states = containers.into_iter().chain([("host".to_owned(), port)]).collect();
        let points = VantagePoint::along_the_path(&topology);
        let point = points.iter().find(|point| point.machine == hearer.0).unwrap();
        Hearing::new(&topology, &states).expects(sender.0, point)
    }

    #[rstest]
    #[case::bridge("bridge", "bridge", false, Expectation::Expected)]
    #[case::private("private", "bridge", false, Expectation::Excluded)]
    #[case::vepa("vepa", "vepa", false, Expectation::Excluded)]
    #[case::mixed("bridge", "vepa", false, Expectation::Excluded)]
    #[case::reflected_vepa("vepa", "vepa", true, Expectation::Expected)]
    #[case::reflected_mixed("bridge", "vepa", true, Expectation::Expected)]
    #[case::reflected_private("private", "private", true, Expectation::Excluded)]
    #[case::listed("bridge", "source", false, Expectation::Possible)]
    fn a_sibling_hears_by_mode(
        #[case] sender: &str,
        #[case] hearer: &str,
        #[case] hairpin: bool,
        #[case] expectation: Expectation,
    ) {
        assert_eq!(expected(("docker1", sender), ("docker3", hearer), hairpin), expectation);
    }

    #[rstest]
    #[case::the_same([Some(100), Some(100)], "docker2/macvlan1")]
    #[case::in_none_at_the_other_end([Some(100), None], "host/port-node-2")]
    #[case::another_at_the_other_end([Some(100), Some(200)], "host/port-node-2")]
    #[case::in_none([None, Some(100)], "node-2/ens33")]
    fn a_broadcast_is_awaited_as_far_as_its_vlan_is(#[case] vlans: [Option<u16>; 2], #[case] last: &str) {
        let text = include_str!("../../../fixtures/topologies/tutorial.toml");
        let mut topology = Topology::parse("tutorial.toml", text).unwrap();
        topology.containers.iter_mut().zip(vlans).for_each(|(container, vlan)| container.vlan = vlan);
        let states = BTreeMap::new();
        let hearing = Hearing::new(&topology, &states);
        let points = VantagePoint::along_the_path(&topology);
        let is_awaited = |point: &&VantagePoint| hearing.expects("docker1", point) == Expectation::Expected;
        let awaited: Vec<String> = points.iter().filter(is_awaited).map(ToString::to_string).collect();
        let path: Vec<String> = points.iter().map(ToString::to_string).collect();
        let behind = path.iter().position(|point| point == last).unwrap() + 1;
        assert_eq!(awaited, path[..behind]);
    }

    #[rstest]
    #[case::private("private", Expectation::Expected)]
    #[case::passthru("passthru", Expectation::Expected)]
    #[case::listed("source", Expectation::Possible)]
    fn another_node_hears_whatever_the_senders_mode(#[case] hearer: &str, #[case] expectation: Expectation) {
        assert_eq!(expected(("docker1", "private"), ("docker2", hearer), false), expectation);
    }
}
