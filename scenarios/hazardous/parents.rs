//! What a parent's own state does to its children.

use harness::lab::{Lab, LabError};

use crate::common::{assert_reached_as, lab, until_it_has_a_carrier};

/// The parent needs no address: without it the very same frames pass as with it.
#[tokio::test]
async fn the_parents_own_address_does_not_matter() -> miette::Result<()> {
    let lab = lab("parents_without_address").await?;
    lab.may("takes the nodes' own addresses from their uplinks")?;
    let [node_1, node_2] = [0, 1].map(async |index: usize| {
        let node = &lab.topology().nodes[index];
        let restore = format!("ip address add {} brd + dev {}", node.address, node.uplink);
        let flush = format!("ip -4 address flush dev {}", node.uplink);
        lab.endpoint(&node.name)?.change(&flush, &restore).await?;
        Ok::<_, LabError>(())
    });
    tokio::try_join!(node_1, node_2)?;
    let containers = lab.set_up().await?;
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

/// Whether a child loses its carrier meanwhile is its parent's driver's business (veth loses it, virtio-net does not). What it
/// has itself, address and routes by way of a gateway too, outlives the parent's
/// being down.
#[tokio::test]
async fn a_parent_that_was_down_leaves_its_child_as_it_was() -> miette::Result<()> {
    let lab = lab("parent_down_and_up").await?;
    lab.may("sets a node's uplink down")?;
    let containers = lab.set_up().await?;
    let docker1 = lab.endpoint("docker1")?;
    let gateway = lab.topology().address("docker2").expect("the topology has docker2").addr();
    docker1.run(&format!("ip route add default via {gateway}")).await?;
    let before = addresses_and_routes(&lab).await?;

    let (node, uplink) = (lab.endpoint("node-1")?, lab.interface("node-1")?);
    let up = format!("ip link set {uplink} up");
    node.change(&format!("ip link set {uplink} down"), &up).await?;
    assert!(!lab.uplink("node-1").await?.is_up(), "the uplink is down");
    node.run(&up).await?;
    until_it_has_a_carrier(&lab, "docker1").await?;

    assert_eq!(addresses_and_routes(&lab).await?, before);
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

async fn addresses_and_routes(lab: &Lab) -> miette::Result<String> {
    let docker1 = lab.endpoint("docker1")?;
    let addresses = docker1.run("ip -4 -o address show").await?.stdout;
    Ok(addresses + &docker1.run("ip -4 route show").await?.stdout)
}
