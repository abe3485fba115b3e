//! The modes, between siblings on one node and across nodes. Passthru takes the whole parent, and a switch that reflects
//! changes what others see: both are in `hazardous`.

use harness::{
    container::Containers,
    lab::{LabError, Need},
    topology::Mode::{self, Bridge, Private, Vepa},
};
use rstest::rstest;

use crate::common::{LeasedLab, assert_reached, assert_reached_as, assert_unreached, lab, lab_with_siblings};

/// Only two of mode bridge meet on their node itself. What the others send goes to the switch, and it does not send back.
#[rstest]
#[case::both_private("both_private", Private, Private)]
#[case::both_vepa("both_vepa", Vepa, Vepa)]
#[case::bridge_to_vepa("bridge_to_vepa", Bridge, Vepa)]
#[case::vepa_to_bridge("vepa_to_bridge", Vepa, Bridge)]
#[case::bridge_to_private("bridge_to_private", Bridge, Private)]
#[case::private_to_bridge("private_to_bridge", Private, Bridge)]
#[case::vepa_to_private("vepa_to_private", Vepa, Private)]
#[case::private_to_vepa("private_to_vepa", Private, Vepa)]
#[tokio::test]
async fn siblings_do_not_meet(
    #[case] name: &str,
    #[case] docker1: Mode,
    #[case] docker3: Mode,
) -> miette::Result<()> {
    let lab = lab_with_siblings(&format!("siblings_{name}")).await?;
    let lab = lab.in_modes(&[("docker1", docker1), ("docker3", docker3)]);
    let containers = lab.set_up().await?;
    assert_unreached(&lab, &containers, "docker1", "docker3").await
}

/// Across nodes the modes make no difference: the frames are the tutorial's.
#[rstest]
#[case::private("private", Private, Private)]
#[case::vepa("vepa", Vepa, Vepa)]
#[case::private_to_vepa("private_to_vepa", Private, Vepa)]
#[tokio::test]
async fn nodes_apart(#[case] name: &str, #[case] docker1: Mode, #[case] docker2: Mode) -> miette::Result<()> {
    let lab = lab(&format!("across_{name}")).await?;
    let lab = lab.in_modes(&[("docker1", docker1), ("docker2", docker2)]);
    let containers = lab.set_up().await?;
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

/// docker2 in mode source hears whom it has on its list, and nobody else.
#[rstest]
#[case::nobody_is_listed("source_empty", &[], "docker1")]
#[case::another_is_listed("source_other", &["docker1"], "docker3")]
#[case::a_node_is_not("source_node", &["docker1"], "node-1")]
#[tokio::test]
async fn a_source_list_keeps_out(
    #[case] name: &str,
    #[case] listed: &[&str],
    #[case] from: &str,
) -> miette::Result<()> {
    let lab = lab_with_siblings(name).await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, listed).await?;
    assert_unreached(&lab, &containers, from, "docker2").await
}

#[tokio::test]
async fn a_source_list_lets_in() -> miette::Result<()> {
    let lab = lab("source_listed").await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, &["docker1"]).await?;
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

/// It gets a copy of whatever those on its list say to others on its node.
#[tokio::test]
async fn a_source_list_gives_copies() -> miette::Result<()> {
    let lab = lab("source_copies").await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, &["docker1"]).await?;
    assert_reached(&lab, &containers, "docker1", "node-2").await
}

/// With `nodst` it takes all of that for itself: not even its parent hears of it.
#[tokio::test]
async fn a_source_list_takes_all() -> miette::Result<()> {
    let lab = lab("source_nodst").await?;
    lab.needs(Need::SourceNodst).await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, &["docker1"]).await?;
    let interface = lab.interface("docker2")?;
    let set = format!("ip link set {interface} type macvlan mode source nodst");
    lab.endpoint("docker2")?.run(&set).await?;
    assert_unreached(&lab, &containers, "docker1", "node-2").await
}

/// Puts docker2 into mode source, with the MAC addresses of `listed`.
async fn list_sources(lab: &LeasedLab, containers: &Containers, listed: &[&str]) -> Result<(), LabError> {
    let (docker2, interface) = (lab.endpoint("docker2")?, lab.interface("docker2")?);
    docker2.run(&format!("ip link set {interface} type macvlan mode source")).await?;
    for name in listed {
        let mac = containers.interface(name)?.address.expect("an Ethernet interface has an address");
        docker2.run(&format!("ip link set {interface} type macvlan macaddr add {mac}")).await?;
    }
    Ok(())
}
