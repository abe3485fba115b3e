//! The way that a frame takes.

use crate::{
    topology::{Mode, Topology},
    vantage_point::VantagePoint,
};

/// The vantage points from one endpoint to another, in the order in which a frame passes them. The
/// bridge's own interface is none of them, unless the host is an end: captures are not promiscuous.
pub(super) fn between(topology: &Topology, from: &str, to: &str) -> Option<Vec<VantagePoint>> {
    let up = VantagePoint::towards_the_switch(topology, from)?;
    let down = VantagePoint::towards_the_switch(topology, to)?;
    if from == to {
        return Some(up.into_iter().take(1).collect());
    }
    // What both have in common is the node that both are on; only what the switch has to reflect passes its port.
    let shared = up.iter().rev().zip(down.iter().rev()).take_while(|(one, other)| one == other).count();
    let turn = if shared > 0 && !is_reflected(topology, from, to) { 1 } else { shared };
    let climbed = up.len() - shared + turn;
    let rest = down.len() - shared;
    Some(up.into_iter().take(climbed).chain(down.into_iter().take(rest).rev()).collect())
}

/// Whether frames between two containers of one node leave it: only those between two of mode bridge
/// do not (`macvlan_queue_xmit`, drivers/net/macvlan.c).
fn is_reflected(topology: &Topology, from: &str, to: &str) -> bool {
    let modes = [from, to].map(|name| topology.container(name).map(|container| container.mode));
    matches!(modes, [Some(one), Some(other)] if (one, other) != (Mode::Bridge, Mode::Bridge))
}

/// Whether one is a node and the other a container on it: between those there is no way at all, in
/// neither direction, unless the switch reflects.
pub(super) fn are_parent_and_child(topology: &Topology, one: &str, other: &str) -> bool {
    let lives_on =
        |child: &str, node: &str| topology.container(child).is_some_and(|container| container.node == node);
    lives_on(one, other) || lives_on(other, one)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The tutorial's lab with a second container, `docker3`, on node-1.
    fn topology(mode: Mode) -> Topology {
        let text = include_str!("../../../fixtures/topologies/tutorial.toml");
        let mut topology = Topology::parse("tutorial.toml", text).unwrap();
        let mut sibling = topology.containers[0].clone();
        (sibling.name, sibling.mode) = ("docker3".to_owned(), mode);
        topology.containers.push(sibling);
        topology
    }

    fn way(mode: Mode, from: &str, to: &str) -> String {
        let points = between(&topology(mode), from, to).unwrap();
        points.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[rstest]
    #[case::across(
        "docker1",
        "docker2",
        "docker1/macvlan1 node-1/ens33 host/port-node-1 host/port-node-2 node-2/ens33 docker2/macvlan1"
    )]
    #[case::to_the_host("docker1", "host", "docker1/macvlan1 node-1/ens33 host/port-node-1 host/bridge102")]
    #[case::from_the_host("host", "node-2", "host/bridge102 host/port-node-2 node-2/ens33")]
    #[case::parent_and_child("node-1", "docker1", "node-1/ens33 docker1/macvlan1")]
    #[case::child_and_parent("docker1", "node-1", "docker1/macvlan1 node-1/ens33")]
    #[case::siblings("docker1", "docker3", "docker1/macvlan1 node-1/ens33 docker3/macvlan1")]
    #[case::oneself("docker1", "docker1", "docker1/macvlan1")]
    fn a_frame_passes(#[case] from: &str, #[case] to: &str, #[case] points: &str) {
        assert_eq!(way(Mode::Bridge, from, to), points);
    }

    #[test]
    fn siblings_of_another_mode_need_the_switch() {
        let points = "docker1/macvlan1 node-1/ens33 host/port-node-1 docker3/macvlan1";
        assert_eq!(way(Mode::Vepa, "docker1", "docker3"), points);
    }
}
