//! VLAN interfaces as the macvlan's parents (`ens33.100`): where the tag is on, and where it is off.

use harness::{container::Containers, lab::Need};
use rstest::rstest;

use crate::common::{LeasedLab, assert_cut_off, assert_fails_by, assert_reached, lab};

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

/// The cards' own filter (virtio-net, e1000) keeps VLANs from an uplink that nobody on the node has asked for.
#[rstest]
#[case::the_other_end_in_none("vlan_and_none", Some(100), None, "host/port-node-2", "node-2/ens33")]
#[case::the_asker_in_none("none_and_vlan", None, Some(100), "node-2/ens33", "node-2/ens33.100")]
#[case::another_at_the_other_end("two_vlans", Some(100), Some(200), "host/port-node-2", "node-2/ens33")]
#[tokio::test]
#[ignore = "needs a VM lab: 8021q"]
async fn ends_in_different_vlans_do_not_meet(
    #[case] name: &str,
    #[case] docker1: Option<u16>,
    #[case] docker2: Option<u16>,
    #[case] last_seen: &str,
    #[case] missing_at: &str,
) -> miette::Result<()> {
    let (lab, containers) = lab_in([docker1, docker2], name).await?;
    assert_cut_off(&lab, &containers, "docker1", "docker2").await?;
    let found = assert_fails_by(&lab, "vlan-mismatch")?;
    let place = (found.last_seen.as_deref(), found.missing_at.as_deref());
    assert_eq!(place, (Some(last_seen), Some(missing_at)), "{found}");
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
