//! A parent and its own child never meet (`matrix`), unless they are given a way of their own. A switch that reflects is
//! one too (`hazardous`).

use harness::{
    MacAddress,
    lab::{Lab, LabError},
};
use rstest::rstest;

use crate::common::{assert_reached, lab};

/// The shim's address.
const SHIM: MacAddress = MacAddress([0x02, 0, 0, 0, 0, 0x51]);

/// The usual remedy: a sibling of the container's on the node itself, and a route by way of it. Only the question is
/// ever on the wire.
#[rstest]
#[case::the_node_reaches_its_container("node-1", "docker1")]
#[case::the_container_reaches_its_node("docker1", "node-1")]
#[tokio::test]
async fn by_a_shim(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab(&format!("shim_{from}_to_{to}")).await?;
    make_shim(&lab).await?;
    let mut containers = lab.set_up().await?;
    containers.owners.owns_mac("shim", SHIM);
    assert_reached(&lab, &containers, from, to).await
}

/// A macvlan interface of node-1's own that has the node's address too, as a host of containers is given one.
async fn make_shim(lab: &Lab) -> Result<(), LabError> {
    let node = lab.topology().node("node-1").expect("the topology has node-1");
    let docker1 = lab.topology().container("docker1").expect("the topology has docker1").address.addr();
    let make = format!(
        "ip link add shim link {} address {SHIM} type macvlan mode bridge && ip address add {}/32 dev shim && \
         ip link set shim up && ip route add {docker1}/32 dev shim src {1}",
        node.uplink,
        node.address.addr(),
    );
    lab.endpoint(&node.name)?.change(&make, "ip link del shim").await?;
    Ok(())
}
