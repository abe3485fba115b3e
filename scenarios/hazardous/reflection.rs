//! A switch whose port sends frames back to where they came from (hairpin, "reflective relay" in IEEE 802.1Qbg): siblings of
//! mode vepa meet by way of it, and so do a parent and its own child. Whatever it sends back is seen twice on its cable.

use harness::{
    lab::LabError,
    topology::Mode::{self, Bridge, Private, Vepa},
};
use rstest::rstest;

use crate::common::{LeasedLab, assert_reached, assert_unreached, lab_with_siblings};

#[rstest]
#[case::both_vepa("both_vepa", Vepa, Vepa)]
#[case::bridge_to_vepa("bridge_to_vepa", Bridge, Vepa)]
#[case::vepa_to_bridge("vepa_to_bridge", Vepa, Bridge)]
// They need no switch: what it sends back is of no use.
#[case::both_bridge("both_bridge", Bridge, Bridge)]
#[tokio::test]
async fn siblings_meet(
    #[case] name: &str,
    #[case] docker1: Mode,
    #[case] docker3: Mode,
) -> miette::Result<()> {
    let lab = reflecting_lab(&format!("reflected_{name}")).await?;
    let lab = lab.in_modes(&[("docker1", docker1), ("docker3", docker3)]);
    let containers = lab.set_up().await?;
    assert_reached(&lab, &containers, "docker1", "docker3").await
}

/// Private means that: not even the switch helps.
#[rstest]
#[case::both_private("both_private", Private, Private)]
#[case::bridge_to_private("bridge_to_private", Bridge, Private)]
#[case::private_to_bridge("private_to_bridge", Private, Bridge)]
#[case::private_to_vepa("private_to_vepa", Private, Vepa)]
#[case::vepa_to_private("vepa_to_private", Vepa, Private)]
#[tokio::test]
async fn siblings_do_not_meet(
    #[case] name: &str,
    #[case] docker1: Mode,
    #[case] docker3: Mode,
) -> miette::Result<()> {
    let lab = reflecting_lab(&format!("reflected_{name}")).await?;
    let lab = lab.in_modes(&[("docker1", docker1), ("docker3", docker3)]);
    let containers = lab.set_up().await?;
    assert_unreached(&lab, &containers, "docker1", "docker3").await
}

#[rstest]
#[case::the_parent_first("node-1", "docker1")]
#[case::the_child_first("docker1", "node-1")]
#[tokio::test]
async fn a_parent_and_its_child_meet(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = reflecting_lab(&format!("reflected_{from}_to_{to}")).await?;
    let containers = lab.set_up().await?;
    assert_reached(&lab, &containers, from, to).await
}

/// A lab whose switch sends back what comes from node-1.
async fn reflecting_lab(scenario: &str) -> miette::Result<LeasedLab> {
    let lab = lab_with_siblings(scenario).await?;
    lab.may("makes the switch send a node's frames back to it")?;
    reflect(&lab).await?;
    Ok(lab)
}

async fn reflect(lab: &LeasedLab) -> Result<(), LabError> {
    let port = &lab.topology().node("node-1").expect("the topology has node-1").port;
    let set = |state: &str| format!("bridge link set dev {port} hairpin {state}");
    lab.endpoint("host")?.change(&set("on"), &set("off")).await?;
    Ok(())
}
