//! The host and the nodes among themselves: that they have macvlan interfaces changes nothing for them. With these, and the
//! pairs in `macvlan::matrix`, every ordered pair of the lab is there.

use rstest::rstest;

use crate::common::{assert_reached, lab_with_siblings};

#[rstest]
#[case::the_host_to_node_1("host", "node-1")]
#[case::the_host_to_node_2("host", "node-2")]
#[case::node_1_to_the_host("node-1", "host")]
#[case::node_1_to_node_2("node-1", "node-2")]
#[case::node_2_to_the_host("node-2", "host")]
#[case::node_2_to_node_1("node-2", "node-1")]
#[tokio::test]
async fn reach(#[case] from: &str, #[case] to: &str) -> miette::Result<()> {
    let lab = lab_with_siblings(&format!("matrix_{from}_to_{to}")).await?;
    lab.may("records what the machines say to each other, which captures leave out there")?;
    let containers = lab.set_up().await?.with_machines();
    assert_reached(&lab, &containers, from, to).await
}
