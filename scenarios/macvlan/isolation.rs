//! A parent and its own child never meet, whatever the child's mode (`matrix` has mode bridge too), unless they are given a way of
//! their own. A switch that reflects is one too (`hazardous`).

use harness::{
    MacAddress,
    lab::{Lab, LabError},
    topology::Mode::{self, Bridge, Private, Vepa},
};
use rstest::rstest;

use crate::common::{Takes::Copies, assert_reached, assert_unreached_as, lab, list_sources};

/// The shim's address.
const SHIM: MacAddress = MacAddress([0x02, 0, 0, 0, 0, 0x51]);

/// What either sends leaves by the uplink, and nothing of it comes back.
#[rstest]
#[case::node_1_to_a_bridge("node-1", "docker1", Bridge)]
#[case::node_1_to_a_private_one("node-1", "docker1", Private)]
#[case::node_1_to_a_vepa("node-1", "docker1", Vepa)]
#[case::a_bridge_to_node_1("docker1", "node-1", Bridge)]
#[case::a_private_one_to_node_1("docker1", "node-1", Private)]
#[case::a_vepa_to_node_1("docker1", "node-1", Vepa)]
#[tokio::test]
async fn in_any_mode(#[case] from: &str, #[case] to: &str, #[case] docker1: Mode) -> miette::Result<()> {
    let lab = lab(&format!("{docker1}_{from}_pings_{to}")).await?.in_modes(&[("docker1", docker1)]);
    let containers = lab.set_up().await?;
    assert_unreached_as(&format!("{from}_pings_{to}"), &lab, &containers, from, to).await
}

/// No list helps: it is of those who come in by the uplink.
#[rstest]
#[case::node_1_to_one_that_lists_it("node-1", "docker1")]
#[case::one_that_lists_it_to_node_1("docker1", "node-1")]
#[tokio::test]
async fn in_mode_source(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab(&format!("source_{from}_pings_{to}")).await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker1", &["node-1"], Copies).await?;
    assert_unreached_as(&format!("{from}_pings_{to}"), &lab, &containers, from, to).await
}

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
