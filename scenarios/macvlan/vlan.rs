//! VLAN interfaces as the macvlan's parents (`ens33.100`): where the tag is on, and where it is off.

use std::collections::BTreeSet;

use harness::{
    MacAddress, container::Containers, frame::Record, lab::Need, topology::Topology,
    vantage_point::VantagePoint,
};
use rstest::rstest;

use crate::common::{
    LeasedLab, assert_cut_off, assert_fails_by, assert_reached, assert_reached_as, lab, mac, records_at,
};

/// A priority's code point (PCP, IEEE 802.1Q) that is nobody's by itself.
const PRIORITY: u8 = 5;
const TAGGED: [u8; 2] = [0x81, 0x00];

/// The tutorial's containers, each in a VLAN or in none.
async fn lab_in(vlans: [Option<u16>; 2], scenario: &str) -> miette::Result<(LeasedLab, Containers)> {
    let lab = lab(scenario).await?.in_vlans(vlans);
    lab.needs(Need::Vlan).await?;
    let containers = lab.set_up().await?;
    Ok((lab, containers))
}

#[tokio::test]
#[ignore = "needs a VM lab: 8021q"]
async fn the_tag_is_on_between_the_parents() -> miette::Result<()> {
    let (lab, containers) = lab_in([Some(100), Some(100)], "vlan_on_both_nodes").await?;
    assert_reached(&lab, &containers, "docker1", "docker2").await
}

/// The sender's VLAN interface says which priority its frames have; that stands in the tag as far as the tag goes. Nobody has said so
/// for the answers.
#[tokio::test]
#[ignore = "needs a VM lab: 8021q"]
async fn a_priority_is_kept_up_to_the_other_parent() -> miette::Result<()> {
    let (lab, containers) = lab_in([Some(100), Some(100)], "vlan_priority").await?;
    let topology = lab.topology();
    let parent = topology.containers[0].parent(&topology.nodes[0]);
    let map = |priority: u8| format!("ip link set {parent} type vlan egress 0:{priority}");
    lab.endpoint("node-1")?.change(&map(PRIORITY), &map(0)).await?;
    assert_reached_as("vlan_on_both_nodes", &lab, &containers, "docker1", "docker2").await?;

    let is_tagged = |point: &VantagePoint| {
        topology.nodes.iter().any(|node| [&node.uplink, &node.port].contains(&&point.interface))
    };
    for point in VantagePoint::along_the_path(topology).into_iter().filter(is_tagged) {
        let records = records_at(&lab, &point)?;
        for (sender, priority) in [("docker1", PRIORITY), ("docker2", 0)] {
            let seen = priorities(&records, mac(&lab, &containers, sender));
            assert_eq!(seen, [Some(priority)].into(), "{sender}'s frames at {point}");
        }
    }
    Ok(())
}

/// The priorities of a sender's frames; none, of those without a tag.
fn priorities(records: &[Record<'_>], sender: MacAddress) -> BTreeSet<Option<u8>> {
    let sent = records.iter().filter(|record| record.bytes[6..12] == sender.0);
    sent.map(|record| (record.bytes[12..14] == TAGGED).then(|| record.bytes[14] >> 5)).collect()
}

/// A point on docker2's side.
#[derive(Clone, Copy, Debug)]
enum Place {
    Port,
    Uplink,
    VlanInterface,
}

impl Place {
    fn name(self, topology: &Topology) -> String {
        let docker2 = topology.container("docker2").expect("the topology has docker2");
        let node = topology.node(&docker2.node).expect("the topology has its node");
        match self {
            Self::Port => format!("host/{}", node.port),
            Self::Uplink => format!("{}/{}", node.name, node.uplink),
            Self::VlanInterface => format!("{}/{}", node.name, docker2.parent(node)),
        }
    }
}

/// The cards' own filter (virtio-net, e1000) keeps VLANs from an uplink that nobody on the node has asked for.
#[rstest]
#[case::the_other_end_in_none("vlan_and_none", Some(100), None, Place::Port, Place::Uplink)]
#[case::the_asker_in_none("none_and_vlan", None, Some(100), Place::Uplink, Place::VlanInterface)]
#[case::another_at_the_other_end("two_vlans", Some(100), Some(200), Place::Port, Place::Uplink)]
#[tokio::test]
#[ignore = "needs a VM lab: 8021q"]
async fn ends_in_different_vlans_do_not_meet(
    #[case] name: &str,
    #[case] docker1: Option<u16>,
    #[case] docker2: Option<u16>,
    #[case] last_seen: Place,
    #[case] missing_at: Place,
) -> miette::Result<()> {
    let (lab, containers) = lab_in([docker1, docker2], name).await?;
    assert_cut_off(&lab, &containers, "docker1", "docker2").await?;
    let found = assert_fails_by(&lab, "vlan-mismatch")?;
    let [last_seen, missing_at] = [last_seen, missing_at].map(|place| Some(place.name(lab.topology())));
    assert_eq!((&found.last_seen, &found.missing_at), (&last_seen, &missing_at), "{found}");
    Ok(())
}

/// A tag with a priority and no VLAN (VID 0) is none to a receiver without VLANs: it answers, without a tag, and
/// that is not for the VLAN interface.
#[tokio::test]
#[ignore = "needs a VM lab: 8021q"]
async fn a_priority_tag_is_answered_without_one() -> miette::Result<()> {
    let (lab, containers) = lab_in([Some(0), None], "priority_tag").await?;
    assert_cut_off(&lab, &containers, "docker1", "docker2").await
}
